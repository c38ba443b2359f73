//! Writes to the maps and to those that serve as indexes.

use std::ops::Range;

use confab_domain::row::{
    AuditRow, ConversationRow, DeviceRow, DraftRow, EventRow, HeadRow, IntervalRow, InviteRow, MediaRow,
    MediaState, MembershipRow, MessageRow, NonChatRow, OutcomeRow, ParticipantRow, PushRow, ReceiptRow,
    RedemptionRow, RoleRow, SettingRow, SigningKeyRow, UserRow, WorkspaceRow,
};
use confab_domain::store::{BlockSize, Counted};
use confab_domain::{StoreError, StoreResult, Tx};
use confab_protocol::{ClientId, ConversationSid, MediaSid, ParticipantSid, RoleSid, Timestamp, UserSid};
use uuid::Uuid;

use super::{BlockKey, MemoryStore};

/// What is left of a message.
fn emptied(row: MessageRow) -> MessageRow {
    MessageRow {
        subject: None,
        body: None,
        media: Vec::new(),
        attributes: "{}".to_owned(),
        relates_to: None,
        mentions: Vec::new(),
        removed: true,
        ..row
    }
}

fn missing(what: &str) -> StoreError {
    StoreError::Conflict(format!("{what} is missing"))
}

impl MemoryStore {
    fn bump(
        &mut self,
        conversation: ConversationSid,
        counted: Counted,
        index: u64,
        delta: i64,
    ) -> StoreResult<()> {
        for size in BlockSize::ALL {
            let key = BlockKey { conversation, counted, size, block: index / size.messages() };
            let live = self.blocks.get(&key).copied().unwrap_or_default();
            let live = live.checked_add_signed(delta).ok_or_else(|| missing("a counted message"))?;
            self.blocks.put(key, live);
        }
        Ok(())
    }
}

impl MemoryStore {
    /// Refuses a second device that is pushed to under one token.
    fn refuse_pushed(&self, row: &DeviceRow) -> StoreResult<()> {
        let same = |push: &PushRow| {
            Some((&push.kind, &push.token)) == row.push.as_ref().map(|it| (&it.kind, &it.token))
        };
        if self.devices.values().any(|other| other.sid != row.sid && other.push.as_ref().is_some_and(same)) {
            return Err(StoreError::Conflict("a token stands already".to_owned()));
        }
        Ok(())
    }

    fn forget_receipts(&mut self, conversation: ConversationSid, indexes: Range<u64>) {
        let nobody = ParticipantSid(Uuid::nil());
        let rows =
            self.receipts.range((conversation, indexes.start, nobody)..(conversation, indexes.end, nobody));
        let keys: Vec<_> = rows.map(|(key, _)| *key).collect();
        keys.iter().for_each(|key| self.receipts.remove(key));
    }
}

impl Tx for MemoryStore {
    fn insert_workspace(&mut self, row: &WorkspaceRow) -> StoreResult<()> {
        self.workspace.insert((), row.clone())
    }

    fn update_workspace(&mut self, row: &WorkspaceRow) -> StoreResult<()> {
        let commit = self.workspace.get(&()).ok_or_else(|| missing("the workspace"))?.commit;
        self.workspace.update((), WorkspaceRow { commit, ..row.clone() })
    }

    fn next_commit(&mut self) -> StoreResult<u64> {
        let mut row = self.workspace.get(&()).ok_or_else(|| missing("the workspace"))?.clone();
        row.commit += 1;
        let commit = row.commit;
        self.workspace.put((), row);
        Ok(commit)
    }

    fn insert_signing_key(&mut self, row: &SigningKeyRow) -> StoreResult<()> {
        self.signing_keys.insert(row.kid, row.clone())
    }

    fn insert_role(&mut self, row: &RoleRow) -> StoreResult<()> {
        self.roles.insert(row.sid, row.clone())
    }

    fn update_role(&mut self, row: &RoleRow) -> StoreResult<()> {
        self.roles.update(row.sid, row.clone())
    }

    fn delete_role(&mut self, role: RoleSid) -> StoreResult<()> {
        self.roles.remove(&role);
        Ok(())
    }

    fn insert_user(&mut self, row: &UserRow) -> StoreResult<()> {
        self.user_keys.insert(row.identity_key.clone(), row.sid)?;
        self.users.insert(row.sid, row.clone())
    }

    fn update_user(&mut self, row: &UserRow) -> StoreResult<()> {
        self.users.update(row.sid, row.clone())
    }

    fn insert_device(&mut self, row: &DeviceRow) -> StoreResult<()> {
        if self.devices.values().any(|other| other.family_hash == row.family_hash) {
            return Err(StoreError::Conflict("a family of tokens stands already".to_owned()));
        }
        self.refuse_pushed(row)?;
        self.devices.insert(row.sid, row.clone())
    }

    fn update_device(&mut self, row: &DeviceRow) -> StoreResult<()> {
        self.refuse_pushed(row)?;
        self.devices.update(row.sid, row.clone())
    }

    fn insert_invite(&mut self, row: &InviteRow) -> StoreResult<()> {
        if self.invites.values().any(|other| other.secret_hash == row.secret_hash) {
            return Err(StoreError::Conflict("a secret stands already".to_owned()));
        }
        self.invites.insert(row.sid, row.clone())
    }

    fn update_invite(&mut self, row: &InviteRow) -> StoreResult<()> {
        self.invites.update(row.sid, row.clone())
    }

    fn insert_redemption(&mut self, row: &RedemptionRow) -> StoreResult<()> {
        self.redemptions.insert((row.invite, row.client_id), row.clone())
    }

    fn insert_audit(&mut self, row: &AuditRow) -> StoreResult<()> {
        self.audit.insert(self.audit.len() as u64, row.clone())
    }

    fn insert_conversation(&mut self, row: &ConversationRow) -> StoreResult<()> {
        if let Some(name) = &row.unique_name {
            self.unique_names.insert(name.clone(), row.sid)?;
        }
        self.conversations.insert(row.sid, row.clone())
    }

    fn update_conversation(&mut self, row: &ConversationRow) -> StoreResult<()> {
        let before = self.conversations.get(&row.sid).ok_or_else(|| missing("a conversation"))?;
        let before = before.unique_name.clone();
        if before != row.unique_name {
            if let Some(name) = before {
                self.unique_names.remove(&name);
            }
            if let Some(name) = &row.unique_name {
                self.unique_names.insert(name.clone(), row.sid)?;
            }
        }
        self.conversations.update(row.sid, row.clone())
    }

    fn update_head(&mut self, conversation: ConversationSid, head: &HeadRow) -> StoreResult<()> {
        let row = self.conversations.get(&conversation).ok_or_else(|| missing("a conversation"))?;
        let row = ConversationRow { head: *head, ..row.clone() };
        self.conversations.update(conversation, row)
    }

    fn insert_event(&mut self, row: &EventRow) -> StoreResult<()> {
        self.events.insert((row.conversation, row.seq), row.clone())
    }

    fn insert_message(&mut self, row: &MessageRow) -> StoreResult<()> {
        let key = (row.conversation, row.index);
        self.message_sids.insert(row.sid, key)?;
        self.message_client_ids.insert((row.user, row.client_id), key)?;
        self.messages.insert(key, row.clone())
    }

    fn update_message(&mut self, row: &MessageRow) -> StoreResult<()> {
        self.messages.update((row.conversation, row.index), row.clone())
    }

    fn count_message(
        &mut self,
        conversation: ConversationSid,
        index: u64,
        author: UserSid,
        delta: i64,
    ) -> StoreResult<()> {
        self.bump(conversation, Counted::All, index, delta)?;
        self.bump(conversation, Counted::By(author), index, delta)
    }

    fn insert_mention(
        &mut self,
        conversation: ConversationSid,
        index: u64,
        user: UserSid,
    ) -> StoreResult<()> {
        self.mentions.insert((conversation, index, user), ())?;
        self.bump(conversation, Counted::Mentioning(user), index, 1)
    }

    fn delete_mentions(&mut self, conversation: ConversationSid, index: u64) -> StoreResult<()> {
        let first = (conversation, index, UserSid(Uuid::nil()));
        let rows = self.mentions.range(first..=(conversation, index, UserSid(Uuid::max())));
        let keys: Vec<_> = rows.map(|(key, ())| *key).collect();
        for key in keys {
            self.mentions.remove(&key);
            self.bump(conversation, Counted::Mentioning(key.2), index, -1)?;
        }
        Ok(())
    }

    fn erase_messages(&mut self, conversation: ConversationSid, indexes: Range<u64>) -> StoreResult<()> {
        let rows = self.messages.range((conversation, indexes.start)..(conversation, indexes.end));
        let rows: Vec<MessageRow> = rows.map(|(_, row)| row.clone()).collect();
        let is_in = |file: &MediaRow| rows.iter().any(|row| Some(row.sid) == file.message);
        let files = self.media.range(..).map(|(_, file)| file).filter(|file| is_in(file));
        let files: Vec<MediaRow> = files.cloned().collect();
        for file in files {
            self.media.put(file.sid, MediaRow { state: MediaState::Gone, message: None, ..file });
        }
        for row in rows {
            self.messages.put((conversation, row.index), emptied(row));
        }
        self.forget_receipts(conversation, indexes.clone());
        let nobody = UserSid(Uuid::nil());
        let first = (conversation, indexes.start, nobody);
        let mentions = self.mentions.range(first..(conversation, indexes.end, nobody));
        let keys: Vec<_> = mentions.map(|(key, ())| *key).collect();
        keys.iter().for_each(|key| self.mentions.remove(key));
        Ok(())
    }

    fn erase_counters(&mut self, conversation: ConversationSid, limit: usize) -> StoreResult<usize> {
        let all = self.blocks.range(..).map(|(key, _)| *key);
        let keys: Vec<BlockKey> = all.filter(|key| key.conversation == conversation).take(limit).collect();
        keys.iter().for_each(|key| self.blocks.remove(key));
        Ok(keys.len())
    }

    fn insert_participant(&mut self, row: &ParticipantRow) -> StoreResult<()> {
        self.participants.insert((row.conversation, row.sid), row.clone())
    }

    fn update_participant(&mut self, row: &ParticipantRow) -> StoreResult<()> {
        self.participants.update((row.conversation, row.sid), row.clone())
    }

    fn put_non_chat(&mut self, row: &NonChatRow) -> StoreResult<()> {
        self.non_chat.put((row.conversation, row.sid), row.clone());
        Ok(())
    }

    fn put_receipt(&mut self, row: &ReceiptRow) -> StoreResult<()> {
        self.receipts.put((row.conversation, row.index, row.participant), row.clone());
        Ok(())
    }

    fn delete_receipts(&mut self, conversation: ConversationSid, index: u64) -> StoreResult<()> {
        self.forget_receipts(conversation, index..index + 1);
        Ok(())
    }

    fn put_membership(&mut self, row: &MembershipRow) -> StoreResult<()> {
        self.memberships.put((row.user, row.conversation), row.clone());
        Ok(())
    }

    fn insert_interval(&mut self, row: &IntervalRow) -> StoreResult<()> {
        self.intervals.insert((row.conversation, row.user, row.joined_seq), *row)
    }

    fn update_interval(&mut self, row: &IntervalRow) -> StoreResult<()> {
        self.intervals.update((row.conversation, row.user, row.joined_seq), *row)
    }

    fn put_draft(&mut self, row: &DraftRow) -> StoreResult<()> {
        self.drafts.put((row.user, row.conversation), row.clone());
        Ok(())
    }

    fn put_setting(&mut self, row: &SettingRow) -> StoreResult<()> {
        self.settings.put((row.user, row.key.clone()), row.clone());
        Ok(())
    }

    fn insert_outcome(&mut self, row: &OutcomeRow) -> StoreResult<()> {
        self.outcomes.insert((row.user, row.client_id), row.clone())?;
        self.outcome_times.insert((row.at, row.user, row.client_id), ())
    }

    fn delete_outcomes(&mut self, before: Timestamp, limit: usize) -> StoreResult<usize> {
        let end = (before, UserSid(Uuid::nil()), ClientId(Uuid::nil()));
        let keys: Vec<_> = self.outcome_times.range(..end).take(limit).map(|(key, ())| *key).collect();
        for key in &keys {
            self.outcome_times.remove(key);
            self.outcomes.remove(&(key.1, key.2));
        }
        Ok(keys.len())
    }

    fn insert_media(&mut self, row: &MediaRow) -> StoreResult<()> {
        self.media.insert(row.sid, row.clone())
    }

    fn update_media(&mut self, row: &MediaRow) -> StoreResult<()> {
        self.media.update(row.sid, row.clone())
    }

    fn delete_media(&mut self, media: MediaSid) -> StoreResult<()> {
        self.media.remove(&media);
        Ok(())
    }
}
