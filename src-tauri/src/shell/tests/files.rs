//! Files from the desktop and the page into a message, and from a message to the person's downloads.

use std::fs;
use std::path::{Path, PathBuf};

use confab_client::MediaOf;
use confab_core::command::{Command, FileToSend};
use confab_core::view::{MessageRow, MessageState, ViewDiff};
use tauri::{DragDropEvent, PhysicalPosition};

use super::{Bench, make_conversation, synced};
use crate::bridge::{AppEvent, OfferedFile, SaveState};
use crate::problem;
use crate::saves::Wanted;

const POSITION: PhysicalPosition<f64> = PhysicalPosition::new(1.0, 1.0);

/// Drops files on the window. Gives what the page is told.
async fn dropped(bench: &mut Bench, paths: Vec<PathBuf>) -> Vec<OfferedFile> {
    bench.shell.dragged(&DragDropEvent::Enter { paths: paths.clone(), position: POSITION });
    bench.until(|event| (*event == AppEvent::Drag { over: true }).then_some(())).await;
    bench.shell.dragged(&DragDropEvent::Drop { paths, position: POSITION });
    bench.until(|event| (*event == AppEvent::Drag { over: false }).then_some(())).await;
    let files = |event: &AppEvent| match event {
        AppEvent::Dropped { files } => Some(files.clone()),
        _ => None,
    };
    bench.until(files).await
}

async fn from_page(bench: &Bench, bytes: &[u8]) -> FileToSend {
    let (name, content_type) = (Some("page.txt".to_owned()), "text/plain".to_owned());
    let number = bench.shell.stage_file(name, content_type, bytes.len() as u64).unwrap();
    for piece in bytes.chunks(3) {
        bench.shell.incoming().piece(number, piece.to_vec()).await.unwrap();
    }
    bench.shell.incoming().finish(number).await.unwrap()
}

fn arrived(diff: &ViewDiff) -> Option<MessageRow> {
    let ViewDiff::Timeline { upsert, .. } = diff else { return None };
    upsert.iter().find(|row| row.state == MessageState::Sent && !row.media.is_empty()).cloned()
}

async fn until_saved(bench: &mut Bench, media: &str) {
    bench
        .until(|event| match event {
            AppEvent::Save { save } if save.media == media => {
                (save.state == SaveState::Saved && save.received == save.size).then_some(())
            }
            _ => None,
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_dropped_and_come_from_the_page_are_sent_and_saved() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("data");
    let mut bench = Bench::start(&root).await;
    bench.start_workspace().await.unwrap();
    bench.until_connected().await;
    let conversation = make_conversation(&bench.shell, "Pier 4").await;
    let sid = bench.until_diff(|diff| sid_of(diff, &conversation)).await;
    let path = place.path().join("quay plan.txt");
    fs::write(&path, "the plan").unwrap();

    let offered = dropped(&mut bench, vec![path.clone(), place.path().to_owned()]).await;
    assert_eq!((offered.len(), offered[0].name.as_str(), offered[0].size), (1, "quay plan.txt", 8));
    let plan = bench.shell.stage_offered(offered[0].number).await.unwrap();
    assert_eq!(bench.shell.stage_offered(offered[0].number).await.unwrap_err().code, problem::NOT_FOUND);
    let page = from_page(&bench, b"hello from the page").await;
    assert_eq!((page.size, page.name.as_deref()), (19, Some("page.txt")));

    let send = Command::SendFiles { conversation, body: String::new(), files: vec![plan, page] };
    bench.shell.dispatch(send).await.unwrap();
    let message = bench.until_diff(arrived).await;
    for (media, text) in message.media.iter().zip(["the plan", "hello from the page"]) {
        let of = MediaOf {
            conversation: sid.parse().unwrap(),
            message: message.sid.as_ref().unwrap().parse().unwrap(),
            media: media.sid.parse().unwrap(),
        };
        let name = media.name.clone();
        bench.shell.save_media(&Wanted { of, name: name.clone(), size: media.size }).unwrap();
        until_saved(&mut bench, &media.sid).await;
        let saved = root.join("Downloads").join(name.unwrap());
        assert_eq!(fs::read_to_string(saved).unwrap(), text);
    }
    choose_a_place(&mut bench, place.path(), &sid, &message).await;
    let (_events, info) = super::subscribe(&bench.shell).await;
    assert_eq!(info.saves.len(), 2, "a window that begins anew knows of them");
    bench.shell.shutdown().await;
}

/// Saves the first file of a message where the person says; before, they change their mind.
async fn choose_a_place(bench: &mut Bench, place: &Path, conversation: &str, message: &MessageRow) {
    let media = &message.media[0];
    let of = MediaOf {
        conversation: conversation.parse().unwrap(),
        message: message.sid.as_ref().unwrap().parse().unwrap(),
        media: media.sid.parse().unwrap(),
    };
    let wanted = Wanted { of, name: Some("quay/plan.txt".to_owned()), size: media.size };
    bench.shell.save_media_as(&wanted).await.unwrap();
    let suggested = bench.desktop.suggested.lock().unwrap().pop().unwrap();
    assert_eq!((suggested.name.as_str(), suggested.folder.is_some()), ("quay_plan.txt", true));
    let chosen = place.join("mine.txt");
    assert!(!chosen.exists());
    fs::write(&chosen, "what was there").unwrap();
    *bench.desktop.chosen.lock().unwrap() = Some(chosen.clone());
    bench.shell.save_media_as(&wanted).await.unwrap();
    until_saved(bench, &media.sid).await;
    assert_eq!(fs::read_to_string(&chosen).unwrap(), "the plan");
    assert_eq!(bench.shell.play(of, 0..9).await.unwrap_err().code, problem::NOT_FOUND, "it is no sound");
}

fn sid_of(diff: &ViewDiff, key: &str) -> Option<String> {
    synced(diff, key)?;
    let ViewDiff::Conversations { upsert, .. } = diff else { return None };
    upsert.iter().find(|row| row.key == key)?.sid.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_alone_is_no_file_and_what_breaks_off_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    let mut bench = Bench::start(place.path()).await;
    bench.start_workspace().await.unwrap();
    bench.until_connected().await;
    bench.shell.dragged(&DragDropEvent::Drop { paths: vec![place.path().to_owned()], position: POSITION });
    let told = |event: &AppEvent| match event {
        AppEvent::Notice { problem, .. } if problem.code == problem::NO_FILES => Some(()),
        _ => None,
    };
    bench.until(told).await;
    let number = bench.shell.stage_file(None, "text/plain".into(), 10).unwrap();
    bench.shell.incoming().piece(number, vec![b'x'; 4]).await.unwrap();
    assert_eq!(bench.shell.incoming().finish(number).await.unwrap_err().code, problem::FILE_UNREADABLE);
    bench.shell.shutdown().await;
}
