//! Files: fetched, saved, and by addresses that need no token.

use confab_client::sdk::{Error, ErrorCode, Media, MediaCategory, MediaSid, MediaToSend};
use confab_testkit::{Once, Proxy, noise};
use tokio::sync::watch;

use crate::world::{World, find, talk, until, within};

/// T046 T047 T112 T116 T125 T126 T127 T128 T165 T170: addresses of files, one by one and in batches.
#[tokio::test(flavor = "multi_thread")]
async fn addresses_need_no_token() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    let two = here
        .prepare_message()
        .add_media(MediaToSend::bytes("text/plain", "low water 12:04"))
        .add_media(MediaToSend::bytes("text/plain", "high water 18:10"));
    let message = within(two.build_and_send().await.unwrap()).await.unwrap();
    let got = there.message(message.index()).await.unwrap();
    let files = got.attached_media();
    let sids: Vec<MediaSid> = files.iter().map(Media::sid).collect();
    let url = files[0].temporary_url().await.unwrap();
    assert!(url.starts_with("https://127.0.0.1:") && url.contains(&sids[0].to_string()), "{url}");
    assert_eq!(got.media().unwrap(), files[0]);
    assert_eq!(got.media_by_category(MediaCategory::Media).unwrap(), files[0]);
    assert!(got.media_by_category(MediaCategory::Body).is_none());
    for urls in [
        ben.temporary_urls_for_sids(&sids).await.unwrap(),
        ben.temporary_urls(&files).await.unwrap(),
        got.temporary_urls_for_attached_media().await.unwrap(),
        got.temporary_urls(&sids).await.unwrap(),
    ] {
        assert_eq!(urls.keys().copied().collect::<Vec<_>>(), sids);
    }
    let unknown = MediaSid(uuid::Uuid::nil());
    let refused = ben.temporary_urls_for_sids(&[sids[0], unknown]).await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::NotFound), "one that may not be seen refuses all");
    assert!(matches!(ben.temporary_urls_for_sids(&[]).await, Err(Error::InvalidArgument { .. })));
    assert!(matches!(got.temporary_urls(&[unknown]).await, Err(Error::InvalidArgument { .. })));
}

/// T088 T168 T170: the bytes, as they come, in part, and into a file; not for those who have left.
#[tokio::test(flavor = "multi_thread")]
async fn bytes_are_fetched_with_progress() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    let bytes = "low water 12:04 ".repeat(100_000).into_bytes();
    let sending = here.send_media("text/plain", bytes.clone()).await.unwrap();
    let message = within(sending).await.unwrap();
    let file = there.message(message.index()).await.unwrap().media().unwrap();
    let mut download = file.download(Some(10..15)).await.unwrap();
    assert_eq!(download.next().await.unwrap().unwrap(), &bytes[10..15]);
    let (path, mut told) = (world.directory(), Vec::new());
    file.save(&path, |there| told.push(there)).await.unwrap();
    assert!(std::fs::read(&path).unwrap() == bytes);
    assert!(told.is_sorted() && told.last() == Some(&file.size()));
    assert!(file.thumbnail().await.is_err() && file.dimensions().is_none() && file.sniffed_type().is_none());
    let mut events = ben.subscribe();
    there.leave().await.unwrap();
    find(&mut events, |event| matches!(event, confab_client::sdk::Event::ConversationLeft(_)).then_some(()))
        .await;
    assert_eq!(file.temporary_url().await.unwrap_err().code(), Some(ErrorCode::NotFound));
    assert_eq!(file.download(None).await.unwrap_err().status(), Some(404));
}

/// T168: of a file that is given up while it is saved nothing is left, and what was there before is there still.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_saved_whole_or_not_at_all() {
    let world = World::new().await;
    let mut signed_in = world.guest("Ben").await;
    let mut proxy = Proxy::before(world.config.listen, Once::Held, 1_000_000).await;
    signed_in.account.addresses = vec![proxy.address.to_string()];
    let (ada, ben) = (world.ada().await, world.client(signed_in).await);
    let (here, there) = talk(&ada, &ben).await;
    let sending = here.send_media("application/x-plan", noise(1_600_000)).await.unwrap();
    let message = within(sending).await.unwrap();
    let file = there.message(message.index()).await.unwrap().media().unwrap();
    let (path, (tell, mut told)) = (world.directory(), watch::channel(0));
    let partial = path.with_extension("partial");
    std::fs::write(&path, "before").unwrap();
    let to = path.clone();
    let told_of = move |come| {
        tell.send_replace(come);
    };
    let saving = tokio::spawn(async move { file.save(to, told_of).await });
    proxy.breaks_in().await;
    within(told.wait_for(|come| *come > 0)).await.unwrap();
    assert!(partial.exists());
    saving.abort();
    assert!(saving.await.unwrap_err().is_cancelled());
    until(|| !partial.exists()).await;
    assert_eq!(std::fs::read(&path).unwrap(), b"before");
}
