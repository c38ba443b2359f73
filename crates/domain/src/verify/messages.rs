//! The messages of a conversation beside its log, its mentions and its counters.

use std::collections::BTreeSet;

use confab_protocol::UserSid;

use super::tally::Tally;
use super::{Check, Finding, Walk};
use crate::row::{ConversationRow, EventKind, MentionRow, MessageRow, Seen};
use crate::{contact, name};

/// Reads the messages of a conversation.
pub(super) fn walk(check: &mut Check<'_>, walk: &mut Walk<'_>, conversation: &ConversationRow) {
    let mut tally = Tally::new(check, conversation);
    let (mut due, mut newest) = (0, None);
    while let Some(row) =
        walk.messages.next_if(&mut check.findings, |row| row.conversation == conversation.sid)
    {
        check.totals.messages += 1;
        let (sid, found) = (row.conversation, row.index);
        if found != due {
            check.findings.add(Finding::Index { conversation: sid, due, found });
        }
        due = found + 1;
        newest = Some(row.date_created);
        let mentioned = check.mentions(walk, &row);
        check.message(&row, &mentioned, is_emptied(conversation, row.index));
        tally.add(&row, &mentioned);
    }
    while let Some(row) = next_mention(check, walk, |row| row.conversation == conversation.sid) {
        check.left_over(&row);
    }
    if conversation.head.last_message_at != newest {
        let millis = |at: Option<confab_protocol::Timestamp>| at.map_or(0, |at| at.0);
        check.head(
            conversation,
            "last_message_at",
            millis(conversation.head.last_message_at),
            millis(newest),
        );
    }
    tally.compare(check, walk, conversation);
}

/// A message of a deleted conversation of which only the envelope may be left, though no event of its own says so.
fn is_emptied(conversation: &ConversationRow, index: u64) -> bool {
    conversation.deleted_at.is_some() && conversation.erase_from.is_none_or(|from| index < from)
}

fn next_mention(
    check: &mut Check<'_>,
    walk: &mut Walk<'_>,
    wanted: impl FnOnce(&MentionRow) -> bool,
) -> Option<MentionRow> {
    walk.mentions.next_if(&mut check.findings, wanted)
}

impl Check<'_> {
    /// Reads the rows of mentions up to a message and compares those of the message with it.
    fn mentions(&mut self, walk: &mut Walk<'_>, row: &MessageRow) -> BTreeSet<UserSid> {
        let place = (row.conversation, row.index);
        let mut kept = BTreeSet::new();
        while let Some(mention) = next_mention(self, walk, |it| (it.conversation, it.index) <= place) {
            if mention.index == row.index {
                kept.insert(mention.user);
            } else {
                self.left_over(&mention);
            }
        }
        let given: BTreeSet<UserSid> =
            row.mentions.iter().filter_map(|identity| self.named(identity)).collect();
        if given != kept || given.len() != row.mentions.len() {
            self.wrong(row, "mentions");
        }
        kept
    }

    fn named(&mut self, identity: &str) -> Option<UserSid> {
        self.look("users", |scan| scan.user_by_key(&name::identity_key(identity))).map(|user| user.sid)
    }

    fn left_over(&mut self, row: &MentionRow) {
        let MentionRow { conversation, index, user } = *row;
        self.findings.add(Finding::Mention { conversation, index, user });
    }

    fn wrong(&mut self, row: &MessageRow, field: &'static str) {
        self.findings.add(Finding::Message { message: row.sid, field });
    }

    fn message(&mut self, row: &MessageRow, mentioned: &BTreeSet<UserSid>, emptied: bool) {
        self.place_in_log(row, emptied);
        self.content(row, mentioned, emptied);
        self.files(row);
        let author = self.look("users", |scan| scan.user(row.user));
        let is_own = author.as_ref().is_some_and(|user| user.identity == row.author) && self.was_in_it(row);
        if author.is_none() || !(is_own || self.is_spoken_for(row)) {
            self.wrong(row, "author");
        }
        let seen = self.look("messages", |scan| scan.seen(row.user, row.client_id));
        if !matches!(seen, Some(Seen::Message(it)) if it.sid == row.sid) {
            self.wrong(row, "client_id");
        }
    }

    /// The participation named is one of its author's.
    fn was_in_it(&mut self, row: &MessageRow) -> bool {
        let Some(sid) = row.participant else { return true };
        let seat = self.look("participants", |scan| scan.participant(row.conversation, sid));
        seat.is_some_and(|seat| seat.user == row.user)
    }

    /// It is of somebody who takes part by other means. Of one who was removed the address is gone.
    fn is_spoken_for(&mut self, row: &MessageRow) -> bool {
        let Some(sid) = row.participant else { return false };
        let found = self.look("non_chat", |scan| contact::ever(scan, row.conversation, sid));
        found.is_some_and(|contact| contact.removed || contact.address == row.author)
    }

    /// The event that added it and the last one of it stand where it says. That none stands behind that, the fold of the log
    /// has seen.
    fn place_in_log(&mut self, row: &MessageRow, emptied: bool) {
        let added = self.event(row.conversation, row.seq);
        if added.is_none_or(|event| event.kind != EventKind::MessageAdded || event.subject != row.sid.0) {
            self.wrong(row, "seq");
        }
        if emptied || row.version == row.seq && !row.removed {
            return;
        }
        let last = self.event(row.conversation, row.version);
        let Some(last) = last.filter(|event| event.subject == row.sid.0) else {
            return self.wrong(row, "version");
        };
        let due = if row.removed { EventKind::MessageRemoved } else { EventKind::MessageEdited };
        if last.kind != due {
            self.wrong(row, "removed");
        }
    }

    fn content(&mut self, row: &MessageRow, mentioned: &BTreeSet<UserSid>, emptied: bool) {
        if row.removed || emptied {
            let is_bare = row.body.is_none()
                && row.subject.is_none()
                && row.media.is_empty()
                && row.attributes == "{}"
                && row.relates_to.is_none();
            if !is_bare || !row.mentions.is_empty() || !mentioned.is_empty() {
                self.findings.add(Finding::Tombstone { message: row.sid });
            }
            return;
        }
        if row.body.is_none() {
            self.wrong(row, "body");
        }
        if let Some(sid) = row.relates_to {
            let other = self.look("messages", |scan| scan.message(sid));
            if other.is_none_or(|other| other.conversation != row.conversation || other.index >= row.index) {
                self.wrong(row, "relates_to");
            }
        }
    }
}
