//! What people do and what happens to them, by name: the lists that a run draws from.

use serde::{Deserialize, Serialize};

macro_rules! drawn {
    ($(#[$doc:meta])* $name:ident { $($(#[$line:meta])* $variant:ident = $weight:literal, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$line])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in a report.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }

            fn weight(self) -> u64 {
                match self { $(Self::$variant => $weight,)* }
            }

            /// One of them, by weight.
            pub(crate) fn draw(number: u64) -> Self {
                let all: u64 = Self::ALL.iter().map(|one| one.weight()).sum();
                let mut left = number % all;
                for one in Self::ALL {
                    match left.checked_sub(one.weight()) {
                        Some(less) => left = less,
                        None => return *one,
                    }
                }
                unreachable!("the weights add up")
            }
        }
    };
}

drawn! {
    /// What a person does.
    Act {
        /// Opens a conversation, or closes the open one.
        Open = 40, "open";
        /// Sends a message.
        Send = 130, "send";
        /// Sends several at once.
        Burst = 12, "send a burst";
        /// Changes an own message.
        Edit = 30, "edit";
        /// Removes an own message, or as an owner any.
        Remove = 24, "remove";
        /// Reads up to something on the screen.
        Read = 40, "read";
        /// Puts the horizon back.
        MarkUnread = 12, "mark unread";
        /// Puts the horizon behind the newest message, of any conversation.
        MarkRead = 6, "mark as read";
        /// Does so wherever anything is unread.
        MarkAllRead = 3, "mark all as read";
        /// Sends files, with a text or without.
        SendFiles = 10, "send files";
        /// Makes a conversation, of any kind.
        Create = 10, "create a conversation";
        /// Opens the conversation with one other person, or makes it.
        OpenDirect = 6, "open a conversation of two";
        /// Changes who may come in, the unique name, the state or when that changes by itself.
        Configure = 10, "change a conversation";
        /// Deletes a conversation for everyone.
        DeleteConversation = 2, "delete a conversation";
        /// Looks through the directories.
        LookAround = 6, "look around";
        /// Comes into a conversation of the directory.
        Join = 10, "join";
        /// Renames one.
        Rename = 8, "rename";
        /// Sets the notification level.
        SetLevel = 8, "set the level";
        /// Adds someone.
        Add = 24, "add a participant";
        /// Removes someone.
        RemoveParticipant = 10, "remove a participant";
        /// Leaves.
        Leave = 4, "leave";
        /// Makes someone an owner, or no longer.
        SetRole = 6, "set a role";
        /// Gives a participant a role, a built-in one or one that somebody made.
        GiveRole = 8, "give a role";
        /// Says by flags what a participant may do.
        SetFlags = 6, "set flags";
        /// Makes a role.
        CreateRole = 6, "make a role";
        /// Changes a role.
        UpdateRole = 6, "change a role";
        /// Deletes a role.
        DeleteRole = 6, "delete a role";
        /// Gives somebody a role in the workspace.
        SetUserRole = 4, "give a role in the workspace";
        /// Says whether they are there.
        SetStatus = 8, "say whether one is there";
        /// Has rows and people on the screen.
        LookAt = 6, "look at rows and people";
        /// Has a program post a message.
        Post = 8, "post by a program";
        /// Has it take back what was not sent.
        Unpost = 3, "take back by a program";
        /// Has it call somebody in a message.
        Mention = 8, "mention somebody";
        /// Has it change free JSON of a conversation, a participant, a message or a profile.
        SetAttributes = 14, "change attributes";
        /// Has it add, change or remove somebody who takes part by other means.
        Outsider = 10, "change who takes part by other means";
        /// Has it say how far a message has come with them.
        Report = 10, "report a receipt";
        /// Has it say where push notifications go, or that they end.
        Push = 6, "register for push notifications";
        /// Writes a draft.
        Draft = 16, "write a draft";
        /// Empties a draft.
        EmptyDraft = 5, "empty a draft";
        /// Changes a setting of one's own.
        SetSetting = 6, "change a setting";
        /// Changes the own name.
        SetFriendlyName = 6, "change the own name";
        /// Sends what was refused again.
        Retry = 8, "retry";
        /// Gives up what was refused.
        Discard = 8, "discard";
        /// Scrolls.
        Load = 14, "load a page";
        /// Types.
        Typing = 6, "type";
        /// Looks here, or elsewhere.
        Focus = 5, "focus";
        /// Makes an invite.
        CreateInvite = 3, "make an invite";
        /// Ends one.
        RevokeInvite = 3, "end an invite";
        /// Signs another of the own devices out.
        RevokeDevice = 1, "sign a device out";
        /// Signs this device out, and in again a while later.
        SignOut = 1, "sign out";
        /// Signs in again where one was signed out.
        SignIn = 10, "sign in again";
        /// Sets the own password, knowing the present one or not.
        SetPassword = 3, "set a password";
        /// Wants to connect now.
        Reconnect = 3, "reconnect by hand";
    }
}

drawn! {
    /// What happens to a device, to the network, or to the server.
    Weather {
        /// The program crashes, and is started again.
        CrashClient = 14, "client crashed";
        /// The program is ended in order, and started again.
        RestartClient = 8, "client restarted";
        /// The program crashes, and its cache is lost.
        LoseCache = 4, "cache lost";
        /// The connection breaks, and the client notices.
        Cut = 16, "connection cut";
        /// The connection is dead for a time, and nobody notices by itself.
        BlackHole = 8, "connection dead without a word";
        /// There is no network for a time.
        Offline = 10, "offline";
        /// The network changed.
        Nudge = 5, "network changed";
        /// The clock of the device is put.
        JumpClock = 5, "clock of a device put";
        /// The disk of the device is full for a time.
        FullDisk = 4, "disk full for a time";
        /// The server crashes.
        CrashServer = 8, "server crashed";
        /// The server does nothing for a time.
        PauseServer = 5, "server paused";
        /// The server's clock is put.
        JumpServerClock = 3, "clock of the server put";
        /// The access token of the device ends.
        ExpireToken = 8, "token expired";
        /// A backup is made.
        Backup = 8, "backup made";
        /// The last backup is restored.
        Restore = 4, "backup restored";
        /// Whoever runs the server lets somebody go.
        LetGo = 1, "operator lets somebody go";
        /// They take back in whom they let go.
        TakeBack = 2, "operator takes somebody back";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everything_is_drawn_sooner_or_later() {
        let acts: BTreeSet<Act> = (0..2_000).map(Act::draw).collect();
        let weather: BTreeSet<Weather> = (0..2_000).map(Weather::draw).collect();
        assert_eq!((acts.len(), weather.len()), (Act::ALL.len(), Weather::ALL.len()));
    }
}
