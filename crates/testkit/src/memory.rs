//! A store in memory: ordered maps with a journal, so that a transaction, or a part of it, can be taken back.
//!
//! A clone is a backup. What was written since the last commit is lost by [`MemoryStore::crash`], as a power cut would do it.

mod gateway;
mod journal;
mod read;
mod scan;
mod table;
mod write;

use confab_domain::gateway::{GatewayKind, GatewayRow};
use confab_domain::row::{
    AuditRow, ConversationRow, DeviceRow, DraftRow, EventRow, IntervalRow, InviteRow, MediaRow,
    MembershipRow, MessageRow, NonChatRow, OutcomeRow, ParticipantRow, ReceiptRow, RedemptionRow, RoleRow,
    SettingRow, SigningKeyRow, UserRow, WorkspaceRow,
};
use confab_domain::store::BlockSize;
use confab_protocol::{
    ClientId, ConversationSid, DeviceSid, InviteSid, MediaSid, MessageSid, ParticipantSid, RoleSid,
    Timestamp, UserSid, WorkspaceSid,
};
use uuid::Uuid;

use table::Table;

/// The counters of one block: of all messages, of those of an author, or of those that mention someone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct BlockKey {
    conversation: ConversationSid,
    counted: confab_domain::store::Counted,
    size: BlockSize,
    block: u64,
}

macro_rules! tables {
    ($($name:ident: $key:ty => $row:ty,)*) => {
        /// A store in memory, confined to one workspace. Two are equal when they hold the same rows.
        #[derive(Debug, Clone, PartialEq)]
        pub struct MemoryStore {
            scope: WorkspaceSid,
            /// The savepoint of the piece of work that is under way.
            savepoint: Option<Savepoint>,
            $($name: Table<$key, $row>,)*
        }

        /// A place in the journal of every table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Savepoint {
            $($name: usize,)*
        }

        impl MemoryStore {
            /// An empty store for one workspace.
            #[must_use]
            pub fn new(scope: WorkspaceSid) -> Self {
                Self { scope, savepoint: None, $($name: Table::default(),)* }
            }

            /// Where the transaction stands.
            #[must_use]
            pub fn savepoint(&self) -> Savepoint {
                Savepoint { $($name: self.$name.mark(),)* }
            }

            /// Takes back what was written since a savepoint of the same transaction.
            pub fn rollback_to(&mut self, savepoint: Savepoint) {
                $(self.$name.undo_to(savepoint.$name);)*
            }

            /// Keeps what was written.
            pub fn commit(&mut self) {
                self.savepoint = None;
                $(self.$name.forget_journal();)*
            }

            /// Takes back what was written since the last commit.
            pub fn crash(&mut self) {
                self.savepoint = None;
                $(self.$name.undo_to(0);)*
            }

            /// Changes since the last commit.
            fn changes(&self) -> usize {
                [$(self.$name.mark()),*].iter().sum()
            }
        }
    };
}

tables! {
    workspace: () => WorkspaceRow,
    signing_keys: Uuid => SigningKeyRow,
    roles: RoleSid => RoleRow,
    users: UserSid => UserRow,
    user_keys: String => UserSid,
    devices: DeviceSid => DeviceRow,
    invites: InviteSid => InviteRow,
    redemptions: (InviteSid, ClientId) => RedemptionRow,
    audit: u64 => AuditRow,
    conversations: ConversationSid => ConversationRow,
    unique_names: String => ConversationSid,
    events: (ConversationSid, u64) => EventRow,
    messages: (ConversationSid, u64) => MessageRow,
    message_sids: MessageSid => (ConversationSid, u64),
    message_client_ids: (UserSid, ClientId) => (ConversationSid, u64),
    mentions: (ConversationSid, u64, UserSid) => (),
    blocks: BlockKey => u64,
    participants: (ConversationSid, ParticipantSid) => ParticipantRow,
    non_chat: (ConversationSid, ParticipantSid) => NonChatRow,
    receipts: (ConversationSid, u64, ParticipantSid) => ReceiptRow,
    memberships: (UserSid, ConversationSid) => MembershipRow,
    intervals: (ConversationSid, UserSid, u64) => IntervalRow,
    drafts: (UserSid, ConversationSid) => DraftRow,
    settings: (UserSid, String) => SettingRow,
    media: MediaSid => MediaRow,
    gateway_rows: (GatewayKind, String) => GatewayRow,
    outcomes: (UserSid, ClientId) => OutcomeRow,
    outcome_times: (Timestamp, UserSid, ClientId) => (),
}

#[cfg(test)]
mod tests {
    use confab_domain::account;

    use super::*;
    use crate::{SeededIds, TestClock};

    #[test]
    fn a_crash_takes_back_what_was_not_committed_and_a_clone_is_a_backup() {
        let mut store = MemoryStore::new(WorkspaceSid(Uuid::from_u128(1)));
        let (mut ids, now) = (SeededIds::new(1), TestClock::default().now());
        account::create_workspace("Fjordline", now, &mut ids, &mut store).expect("a workspace");
        store.commit();
        let backup = store.clone();
        account::create_owner("Olga", None, "Laptop", now, &mut ids, &mut store).expect("an owner");
        let savepoint = store.savepoint();
        account::owner_device("Desk", now, &mut ids, &mut store).expect("a device");
        assert!(store != backup);
        store.rollback_to(savepoint);
        assert_eq!(store.devices.len(), 1);
        store.crash();
        assert!(store == backup);
    }
}
