//! A workspace with sample people who have talked: what the demo and the picture of the README show.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use confab_protocol::method::{ConversationCreateParams, ParticipantAddParams, UserUpdateParams};
use confab_protocol::{Answer, Call, ConversationSid};

use crate::server::Server;
use crate::wire::{self, Wire};

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

/// A conversation: its name, who is in it beside its maker, and who said what. The first who speaks made it.
struct Talk {
    name: &'static str,
    with: &'static [&'static str],
    said: &'static [(&'static str, &'static str)],
}

/// Oldest first: the last one stands at the top of the list.
const TALKS: &[Talk] = &[
    Talk {
        name: "Lost and found",
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
        name: "Weekend walk",
        with: &["aiko", "samira"],
        said: &[
            ("bo", "Sunday looks dry. The ridge, or along the water?"),
            ("samira", "The ridge, if we start before nine."),
            ("aiko", "I bring the thermos 🍵"),
            ("bo", "Half past eight at the lighthouse, then."),
        ],
    },
    Talk {
        name: "Kitchen",
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
        name: "Timetable, winter",
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
        name: "Release 2.4",
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
    let invite = server.invite(&[])?;
    let mut wires = BTreeMap::new();
    for (identity, name) in PEOPLE {
        let mut wire = Wire::connect(server.address(), &wire::join(&invite, identity)?).await?;
        let friendly_name = Some(name.to_owned());
        let update = UserUpdateParams { friendly_name, ..UserUpdateParams::new(wire::client_id()) };
        wire.call(Call::UserUpdate(update)).await?;
        wires.insert(identity, wire);
    }
    for talk in TALKS {
        hold(talk, &mut wires).await?;
    }
    Ok(())
}

async fn hold(talk: &Talk, wires: &mut BTreeMap<&str, Wire>) -> Result<()> {
    let (maker, _) = talk.said.first().context("somebody speaks first")?;
    let conversation = create(wire_of(wires, maker)?, talk.name).await?;
    for identity in talk.with {
        let add = ParticipantAddParams {
            client_id: wire::client_id(),
            conversation,
            identity: (*identity).to_owned(),
            attributes: None,
        };
        wire_of(wires, maker)?.call(Call::ParticipantAdd(add)).await?;
    }
    for (author, text) in talk.said {
        wire_of(wires, author)?.call(wire::send(wire::client_id(), conversation, text)).await?;
    }
    Ok(())
}

fn wire_of<'a>(wires: &'a mut BTreeMap<&str, Wire>, identity: &str) -> Result<&'a mut Wire> {
    wires.get_mut(identity).with_context(|| format!("{identity} is one of the sample people"))
}

/// Makes a conversation with a friendly name.
///
/// # Errors
/// When the server refuses it.
pub async fn create(wire: &mut Wire, name: &str) -> Result<ConversationSid> {
    let create = ConversationCreateParams {
        friendly_name: Some(name.to_owned()),
        ..ConversationCreateParams::new(wire::client_id())
    };
    let Answer::ConversationCreate(made) = wire.call(Call::ConversationCreate(create)).await? else {
        bail!("another answer than asked for")
    };
    Ok(made.summary.conversation.context("the maker is in it")?.sid)
}
