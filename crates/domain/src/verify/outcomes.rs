//! What is known as applied: each of it once, and each with what it made or changed.

use confab_protocol::{ConversationSid, DeviceSid, InviteSid, MessageSid, ParticipantSid, UserSid};

use super::cursor::Cursor;
use super::{Check, Finding};
use crate::row::{OutcomeRow, Seen};

/// Reads the outcomes.
pub(super) fn walk(check: &mut Check<'_>) {
    let mut rows = Cursor::new(check.scan, "outcomes", |scan, after, limit| scan.scan_outcomes(after, limit));
    while let Some(row) = rows.next(&mut check.findings) {
        check.totals.outcomes += 1;
        if check.look("users", |scan| scan.user(row.user)).is_none() {
            check.findings.add(Finding::NoUser { table: "outcomes", user: row.user });
        }
        let seen = check.look("outcomes", |scan| scan.seen(row.user, row.client_id));
        if !matches!(seen, Some(Seen::Outcome(it)) if it == row) {
            check.outcome(&row, "twice: as a message too");
        }
        if !check.has_subject(&row) {
            check.outcome(&row, "without what it made or changed");
        }
    }
}

impl Check<'_> {
    fn outcome(&mut self, row: &OutcomeRow, how: &'static str) {
        let (user, client_id) = (row.user, row.client_id);
        self.findings.add(Finding::Outcome { user, client_id, how });
    }

    fn has_subject(&mut self, row: &OutcomeRow) -> bool {
        let subject = row.subject;
        let kind = row.method.split_once('.').map_or(&row.method[..], |(kind, _)| kind);
        // A record of somebody who takes part by other means may be gone, and nothing remembers it.
        if row.method.ends_with("_non_chat") {
            return true;
        }
        match kind {
            "conversation" | "horizon" | "draft" => {
                self.look("conversations", |scan| scan.conversation(ConversationSid(subject))).is_some()
            }
            "participant" => self.participants.contains(&ParticipantSid(subject)),
            "message" => self.look("messages", |scan| scan.message(MessageSid(subject))).is_some(),
            "user" | "setting" => self.look("users", |scan| scan.user(UserSid(subject))).is_some(),
            "invite" => self.look("invites", |scan| scan.invite(InviteSid(subject))).is_some(),
            "device" | "sign_in" => self.look("devices", |scan| scan.device(DeviceSid(subject))).is_some(),
            // A role may be deleted, and nothing remembers it.
            "role" => true,
            // Of a method that is newer than this.
            _ => true,
        }
    }
}
