//! Users, their own rows and the intervals of their memberships, and those that belong to nobody.

use std::collections::BTreeSet;

use confab_protocol::{ParticipantSid, UserSid};

use super::cursor::Cursor;
use super::log::MAKER_JOINED;
use super::{Check, Finding, Findings};
use crate::name;
use crate::row::{EventKind, IntervalRow, MembershipRow, UserRow};

/// Reads everything that is keyed by a user.
pub(super) fn walk(check: &mut Check<'_>) {
    let scan = check.scan;
    let mut users = Cursor::new(scan, "users", |scan, after, limit| scan.scan_users(after, limit));
    let mut own = Cursor::new(scan, "memberships", |scan, after, limit| scan.scan_memberships(after, limit));
    let mut stays = Cursor::new(scan, "intervals", |scan, after, limit| scan.scan_intervals(after, limit));
    while let Some(user) = users.next(&mut check.findings) {
        check.totals.users += 1;
        skip(&mut own, Some(user.sid), |row| row.user, &mut check.findings);
        skip(&mut stays, Some(user.sid), |row| row.user, &mut check.findings);
        check.names(&user);
        check.own_rows(&user, &mut own);
        while let Some(row) = stays.next_if(&mut check.findings, |row| row.user == user.sid) {
            check.interval(&row);
        }
    }
    skip(&mut own, None, |row| row.user, &mut check.findings);
    skip(&mut stays, None, |row| row.user, &mut check.findings);
}

/// Steps over rows of users who are not there.
fn skip<R: Clone>(
    rows: &mut Cursor<'_, R>,
    next: Option<UserSid>,
    of: impl Fn(&R) -> UserSid,
    findings: &mut Findings,
) {
    while let Some(row) = rows.next_if(findings, |row| next.is_none_or(|next| of(row) < next)) {
        findings.add(Finding::NoUser { table: rows.table(), user: of(&row) });
    }
}

impl Check<'_> {
    fn user_field(&mut self, user: &UserRow, field: &'static str) {
        self.findings.add(Finding::User { user: user.sid, field });
    }

    /// An identity leads to its user, by the form that is unique.
    fn names(&mut self, user: &UserRow) {
        let found = self.look("users", |scan| scan.user_by_key(&user.identity_key));
        let is_found = found.is_some_and(|found| found.sid == user.sid);
        if !is_found || name::identity_key(&user.identity) != user.identity_key {
            self.user_field(user, "identity_key");
        }
    }

    fn own_rows(&mut self, user: &UserRow, rows: &mut Cursor<'_, MembershipRow>) {
        let mut versions = BTreeSet::new();
        let mut joined = 0;
        while let Some(row) = rows.next_if(&mut self.findings, |row| row.user == user.sid) {
            let (conversation, user_sid) = (row.conversation, row.user);
            joined += u64::from(row.is_joined());
            let is_new = row.version > 0 && versions.insert(row.version);
            if !is_new || row.version > user.state_version {
                self.findings.add(Finding::OwnRow { conversation, user: user_sid, field: "version" });
            }
            if row.moved > self.commit {
                self.findings.add(Finding::OwnRow { conversation, user: user_sid, field: "moved" });
            }
            self.has_a_stay(&row);
        }
        if joined != user.joined_count {
            self.user_field(user, "joined_count");
        }
    }

    /// What an own row says was compared with the roster from there; here is seen that there is a roster that knows of it.
    fn has_a_stay(&mut self, row: &MembershipRow) {
        let conversation = row.conversation;
        if self.look("conversations", |scan| scan.conversation(conversation)).is_none() {
            return self.findings.add(Finding::NoConversation { table: "memberships", conversation });
        }
        let stay = self.look("intervals", |scan| Ok(scan.intervals(row.user, conversation, 1)?.pop()));
        if stay.is_none() {
            let user = row.user;
            self.findings.add(Finding::OwnRow { conversation, user, field: "joined_seq" });
        }
    }

    /// An interval begins with an event by which this user came in.
    fn interval(&mut self, row: &IntervalRow) {
        let IntervalRow { conversation, user, .. } = *row;
        if self.look("conversations", |scan| scan.conversation(conversation)).is_none() {
            return self.findings.add(Finding::NoConversation { table: "intervals", conversation });
        }
        let came = self.event(conversation, row.joined_seq.max(MAKER_JOINED));
        let seat = came.filter(|event| event.kind == EventKind::ParticipantJoined).and_then(|event| {
            self.look("participants", |scan| scan.participant(conversation, ParticipantSid(event.subject)))
        });
        if seat.is_none_or(|seat| seat.user != user) {
            self.findings.add(Finding::Intervals { conversation, user });
        }
    }
}
