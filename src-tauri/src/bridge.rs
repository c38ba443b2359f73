//! What the shell says to the interface, beside the view of the core. Plain data: the types of the interface are made from it.

use std::collections::BTreeMap;

use confab_core::view::{Problem, ViewDiff};
use serde::{Deserialize, Serialize};

/// Who can reach the workspace that this computer serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Programs on this computer only.
    Computer,
    /// Whoever is on the same network and has an invite.
    Network,
}

/// This computer serves the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Hosting {
    /// Who can reach it.
    pub reach: Reach,
    /// `host:port`, as it stands in links.
    pub addresses: Vec<String>,
}

/// What the interface has to know before its first paint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AppInfo {
    /// Version of the app.
    pub version: String,
    /// `linux`, `macos` or `windows`.
    pub platform: String,
    /// What the person chose, as stored by `set_setting`.
    pub settings: BTreeMap<String, String>,
    /// Null when this computer serves nothing, or does not yet.
    pub hosting: Option<Hosting>,
    /// Someone is signed in; the view follows as the first event.
    pub signed_in: bool,
    /// Files of messages that are being saved or were, since the app began.
    pub saves: Vec<SaveView>,
}

/// A file that was dropped or pasted, to be taken by its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct OfferedFile {
    /// By which it is taken.
    pub number: u32,
    /// Its name, without a path.
    pub name: String,
    /// What it is, as far as its name says.
    pub content_type: String,
    /// How long it is, in bytes.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub size: u64,
}

/// Where the saving of a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SaveState {
    /// On its way.
    Running,
    /// There, among the person's downloads.
    Saved,
    /// Given up or failed; nothing is left of it.
    Stopped,
}

/// A file of a message that is saved on this computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SaveView {
    /// SID of the file.
    pub media: String,
    /// Where it stands.
    pub state: SaveState,
    /// Bytes that have come.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub received: u64,
    /// How long it is, in bytes.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub size: u64,
}

/// One thing that the shell says. Events come in batches, in order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AppEvent {
    /// Changes of what is shown.
    View {
        /// In order.
        diffs: Vec<ViewDiff>,
    },
    /// A link was opened outside the window.
    JoinLink {
        /// As it came; whether it is one of ours is found out when it is used.
        link: String,
    },
    /// Something to say that no command has answered.
    Notice {
        /// What happened.
        problem: Problem,
        /// It stays until it is dismissed.
        sticky: bool,
    },
    /// Files are dragged over the window, or no longer.
    Drag {
        /// They are.
        over: bool,
    },
    /// Files were dropped on the window.
    Dropped {
        /// Which.
        files: Vec<OfferedFile>,
    },
    /// The saving of a file goes on, or has ended.
    Save {
        /// How it stands.
        save: SaveView,
    },
    /// This computer serves a workspace, or no longer does.
    Hosting {
        /// Null when it does not.
        hosting: Option<Hosting>,
    },
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_have_the_form_that_the_interface_reads() {
        let hosting = Hosting { reach: Reach::Network, addresses: vec!["192.168.1.20:7420".into()] };
        let cases = [
            (
                AppEvent::View { diffs: vec![ViewDiff::Reset] },
                json!({"kind": "view", "diffs": [{"kind": "reset"}]}),
            ),
            (
                AppEvent::JoinLink { link: "confab://join/1/e30".into() },
                json!({"kind": "join_link", "link": "confab://join/1/e30"}),
            ),
            (
                AppEvent::Hosting { hosting: Some(hosting) },
                json!({"kind": "hosting", "hosting": {"reach": "network", "addresses": ["192.168.1.20:7420"]}}),
            ),
            (
                AppEvent::Save {
                    save: SaveView { media: "ME1".into(), state: SaveState::Running, received: 1, size: 2 },
                },
                json!({"kind": "save", "save": {"media": "ME1", "state": "running", "received": 1, "size": 2}}),
            ),
            (AppEvent::Hosting { hosting: None }, json!({"kind": "hosting", "hosting": null})),
        ];
        for (event, expected) in cases {
            assert_eq!(serde_json::to_value(event).unwrap(), expected);
        }
    }
}
