//! A workspace with sample people who have talked: what the demo and the picture of the README show.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use confab_client::join;
use confab_client::sdk::{Client, Config, Conversation, MediaToSend};

use crate::server::Server;

/// The password of all sample people.
pub const PASSWORD: &str = "seven grey herons";

/// Identity and friendly name; the first is the owner.
pub const PEOPLE: [(&str, &str); 5] = [
    ("ingrid", "Ingrid Solheim"),
    ("aiko", "Aiko Tanaka"),
    ("bo", "Bo Lindqvist"),
    ("samira", "Samira Haddad"),
    ("tomas", "Tomás Rey"),
];

/// A conversation: its name, none when it is one of two, who is in it beside its maker, and who said what. The first who speaks
/// made it.
struct Talk {
    name: Option<&'static str>,
    with: &'static [&'static str],
    said: &'static [(&'static str, &'static str)],
}

/// What goes along with one of the texts: its beginning, a name and a picture.
const PICTURE: (&str, &str, &[u8]) =
    ("It does, since yesterday", "pier 4.png", include_bytes!("../demo/departure-board.png"));

/// Oldest first: the last one stands at the top of the list.
const TALKS: &[Talk] = &[
    Talk {
        name: Some("Lost and found"),
        with: &["aiko", "bo", "samira", "tomas"],
        said: &[
            (
                "ingrid",
                "A blue umbrella was left on the ten o'clock boat. It is behind the counter at pier 4.",
            ),
            ("tomas", "Mine! I owe whoever found it a cinnamon bun."),
        ],
    },
    Talk {
        name: Some("Weekend walk"),
        with: &["aiko", "samira"],
        said: &[
            ("bo", "Sunday looks dry. The ridge, or along the water?"),
            ("samira", "The ridge, if we start before nine."),
            ("aiko", "I bring the thermos 🍵"),
            ("bo", "Half past eight at the lighthouse, then."),
        ],
    },
    Talk {
        name: Some("Kitchen"),
        with: &["ingrid", "aiko", "bo", "tomas"],
        said: &[
            (
                "samira",
                "The dishwasher is fixed. Please stop washing up by hand, it sulks when nobody needs it.",
            ),
            ("tomas", "Soup on Thursday? I have far too many leeks."),
            ("bo", "Always soup on Thursday."),
        ],
    },
    Talk {
        name: Some("Timetable, winter"),
        with: &["ingrid", "tomas"],
        said: &[
            (
                "aiko",
                "First draft is done. The late boat moves from 22:40 to 22:25, so that it meets the last bus.",
            ),
            ("ingrid", "Then nobody waits in the rain. Does the crew still get their break?"),
            ("aiko", "Eleven minutes at the north pier. I asked them, it is enough."),
            ("tomas", "I can print on Friday if the numbers stand by noon."),
        ],
    },
    Talk {
        name: None,
        with: &["ingrid"],
        said: &[
            ("samira", "Do you still have the key of the print room?"),
            ("ingrid", "In the blue tin, as ever."),
            ("samira", "Found it. And the last of the good biscuits, sorry."),
        ],
    },
    Talk {
        name: Some("Release 2.4"),
        with: &["aiko", "samira", "bo"],
        said: &[
            ("ingrid", "Morning! The new departure board runs on all three piers since six."),
            ("aiko", "I stood at pier 7 with a coffee and watched it. Not one flicker in half an hour."),
            (
                "aiko",
                "One thing: in low sun the board is hard to read from the quay. The grey on white is too faint.",
            ),
            (
                "samira",
                "The contrast setting goes up to 7:1, we ship it at 4.5:1. I can turn it up for the outdoor boards only.",
            ),
            ("ingrid", "Please do. And the delay text, does it wrap now?"),
            (
                "bo",
                "It does, since yesterday:\n\"Ferry 12 to Nordvik is about 25 minutes late because of fog.\" Two lines, nothing cut off.",
            ),
            ("bo", "Screenshots of every length are in the folder. The longest one is in Welsh, of course."),
            ("ingrid", "Lovely. Then let us call it done when Samira's change is on the boards."),
            ("samira", "On its way. Pier 4 has it already, 7 and 9 follow at the next quarter."),
            ("aiko", "Pier 4 looks great from here. I can read it from the café 👀"),
        ],
    },
];

/// Makes the people and lets them talk.
///
/// # Errors
/// When the server refuses something.
pub async fn fill(server: &Server) -> Result<()> {
    let directory = tempfile::Builder::new().prefix("confab-sample-").tempdir()?;
    let invite = server.invite(&[])?;
    let mut people = BTreeMap::new();
    for (identity, name) in PEOPLE {
        let client = come_in(&directory.path().join(identity), &invite, identity).await?;
        client.user().context("somebody has a profile")?.update_friendly_name(name).await?;
        people.insert(identity, client);
    }
    for talk in TALKS {
        hold(talk, &people).await?;
    }
    for client in people.into_values() {
        client.shutdown().await;
    }
    Ok(())
}

async fn come_in(directory: &Path, invite: &str, identity: &str) -> Result<Client> {
    let signed_in = join(invite, identity, PASSWORD, "sample").await;
    let signed_in = signed_in.map_err(|problem| anyhow!("{identity} cannot join: {}", problem.code))?;
    let client = Client::start(Config::signed_in(directory, signed_in)).await?;
    client.ready().await?;
    Ok(client)
}

async fn hold(talk: &Talk, people: &BTreeMap<&str, Client>) -> Result<()> {
    let (maker, _) = talk.said.first().context("somebody speaks first")?;
    let make = client_of(people, maker)?.create_conversation();
    let make = match talk.name {
        Some(name) => make.friendly_name(name),
        None => make.direct(),
    };
    let made = talk.with.iter().fold(make, |make, identity| make.participant(identity)).create().await?;
    for (author, text) in talk.said {
        say(&client_of(people, author)?.conversation(made.sid()).await?, text).await?;
    }
    Ok(())
}

async fn say(conversation: &Conversation, text: &str) -> Result<()> {
    let message = conversation.prepare_message().set_body(text);
    let (beginning, name, picture) = PICTURE;
    let message = match text.starts_with(beginning) {
        true => message.add_media(MediaToSend::bytes("image/png", picture).named(name)),
        false => message,
    };
    message.build_and_send().await?.await?;
    Ok(())
}

fn client_of<'a>(people: &'a BTreeMap<&str, Client>, identity: &str) -> Result<&'a Client> {
    people.get(identity).with_context(|| format!("{identity} is one of the sample people"))
}
