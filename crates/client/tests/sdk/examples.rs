//! The examples, run against a real server.

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, duplex};

use crate::world::{World, find, say, talk, within};

#[expect(dead_code, reason = "a program's own beginning")]
#[path = "../../examples/echo_bot.rs"]
mod echo_bot;
#[expect(dead_code, reason = "a program's own beginning")]
#[path = "../../examples/export_history.rs"]
mod export_history;
#[expect(dead_code, reason = "a program's own beginning")]
#[path = "../../examples/terminal_chat.rs"]
mod terminal_chat;

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_answers() {
    let world = World::new().await;
    let ada = world.ada().await;
    let (echo, directory) = (world.guest("Echo").await, world.directory());
    let bot = tokio::spawn(async move { echo_bot::run(&directory, echo, 1).await });
    let with_echo = ada.create_conversation().direct().participant("Echo").create().await.unwrap();
    let (mut inside, mut events) = (with_echo.subscribe_with_replay(), ada.subscribe());
    let echo = ada.user_by_identity("Echo").await.unwrap();
    find(&mut events, |_| (echo.is_online() == Some(true)).then_some(())).await;
    say(&with_echo, "are you there?").await;
    let answer = find(&mut inside, |event| match event {
        confab_client::sdk::ConversationEvent::MessageAdded(message) if message.author() == "Echo" => {
            message.body()
        }
        _ => None,
    })
    .await;
    assert_eq!(answer, "Ada said: are you there?");
    assert_eq!(within(bot).await.unwrap(), Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_goes_on_where_it_broke_off() {
    let world = World::new().await;
    let ada = world.ada().await;
    let here = ada.create_conversation().create().await.unwrap();
    for round in 0..3 {
        say(&here, &format!("line {round}")).await;
    }
    let (path, mut progress) = (world.directory(), Vec::new());
    assert_eq!(export_history::export(&here, &path, &mut progress).await.unwrap(), 3);
    assert_eq!(String::from_utf8(progress).unwrap(), "3 of 3 messages\n");
    // Torn in the middle of the third line.
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    say(&here, "line 3").await;
    assert_eq!(export_history::export(&here, &path, &mut Vec::new()).await.unwrap(), 2);
    let again = std::fs::read_to_string(&path).unwrap();
    let bodies: Vec<String> = again
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["body"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(bodies, ["line 0", "line 1", "line 2", "line 3"]);
    assert_eq!(export_history::export(&here, &path, &mut Vec::new()).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_in_a_terminal() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    say(&here, "before").await;
    let (mut keyboard, input) = duplex(1_024);
    let (screen, output) = duplex(16 * 1_024);
    let chat = tokio::spawn(async move { terminal_chat::chat(&there, BufReader::new(input), output).await });
    let mut lines = BufReader::new(screen).lines();
    let mut shown = async |wanted: &str| loop {
        let line = within(lines.next_line()).await.unwrap().expect("the chat ended");
        if line.contains(wanted) {
            return line;
        }
    };
    assert_eq!(shown("before").await, "   0 Ada: before");
    keyboard.write_all(b"hello\n").await.unwrap();
    assert_eq!(shown("hello").await, "   1 Ben: hello");
    say(&here, "bell \u{7}").await;
    assert_eq!(shown("bell").await, "   2 Ada: bell \u{fffd}");
    keyboard.write_all(b"/names\n/quit\n").await.unwrap();
    assert_eq!(shown("*").await, "* Ada, Ben");
    assert!(within(chat).await.unwrap().is_ok());
    assert_eq!(here.messages_count().await, Ok(3));
}
