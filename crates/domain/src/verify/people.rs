//! Users, their own rows and the intervals of their memberships, and those that belong to nobody.

use std::collections::BTreeSet;

use confab_protocol::{ParticipantSid, UserSid, limits};

use super::cursor::Cursor;
use super::log::MAKER_JOINED;
use super::{Check, Finding, Findings};
use crate::row::{DraftRow, EventKind, IntervalRow, MembershipRow, SettingRow, UserRow};
use crate::{Scan, name};

/// The tables whose keys begin with a user, all at the same one.
struct Walk<'a> {
    own: Cursor<'a, MembershipRow>,
    drafts: Cursor<'a, DraftRow>,
    settings: Cursor<'a, SettingRow>,
    stays: Cursor<'a, IntervalRow>,
}

impl<'a> Walk<'a> {
    fn new(scan: &'a dyn Scan) -> Self {
        Self {
            own: Cursor::new(scan, "memberships", |scan, after, limit| scan.scan_memberships(after, limit)),
            drafts: Cursor::new(scan, "drafts", |scan, after, limit| scan.scan_drafts(after, limit)),
            settings: Cursor::new(scan, "settings", |scan, after, limit| scan.scan_settings(after, limit)),
            stays: Cursor::new(scan, "intervals", |scan, after, limit| scan.scan_intervals(after, limit)),
        }
    }

    /// Steps over rows of users who are not there, up to one who is; without one, over all that are left.
    fn skip_to(&mut self, next: Option<UserSid>, findings: &mut Findings) {
        skip(&mut self.own, next, |row| row.user, findings);
        skip(&mut self.drafts, next, |row| row.user, findings);
        skip(&mut self.settings, next, |row| row.user, findings);
        skip(&mut self.stays, next, |row| row.user, findings);
    }
}

/// Reads everything that is keyed by a user.
pub(super) fn walk(check: &mut Check<'_>) {
    let scan = check.scan;
    let mut users = Cursor::new(scan, "users", |scan, after, limit| scan.scan_users(after, limit));
    let mut walk = Walk::new(scan);
    while let Some(user) = users.next(&mut check.findings) {
        check.totals.users += 1;
        walk.skip_to(Some(user.sid), &mut check.findings);
        check.names(&user);
        check.notifiable(&user);
        let mut versions = BTreeSet::new();
        check.own_rows(&user, &mut walk.own, &mut versions);
        check.own_state(&user, &mut walk, &mut versions);
        while let Some(row) = walk.stays.next_if(&mut check.findings, |row| row.user == user.sid) {
            check.interval(&row);
        }
    }
    walk.skip_to(None, &mut check.findings);
}

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

    /// Push notifications reach a user by a device of theirs that is signed in, and by no other.
    fn notifiable(&mut self, user: &UserRow) {
        let devices = self.look("devices", |scan| Ok(Some(scan.live_devices(user.sid, limits::DEVICES)?)));
        let reached = devices.is_some_and(|devices| devices.iter().any(|row| row.push.is_some()));
        if reached != user.notifiable {
            self.user_field(user, "notifiable");
        }
    }

    /// What is a user's own has one version for all of it: whatever is newer than that was never told to anybody.
    fn fits(&self, user: &UserRow, (version, moved): (u64, u64), versions: &mut BTreeSet<u64>) -> bool {
        let is_new = version > 0 && versions.insert(version);
        is_new && version <= user.state_version && moved <= self.commit
    }

    fn own_state(&mut self, user: &UserRow, walk: &mut Walk<'_>, versions: &mut BTreeSet<u64>) {
        while let Some(row) = walk.drafts.next_if(&mut self.findings, |row| row.user == user.sid) {
            if !self.fits(user, (row.version, row.moved), versions) {
                self.user_field(user, "a draft");
            }
            let conversation = row.conversation;
            if self.look("conversations", |scan| scan.conversation(conversation)).is_none() {
                self.findings.add(Finding::NoConversation { table: "drafts", conversation });
            }
        }
        while let Some(row) = walk.settings.next_if(&mut self.findings, |row| row.user == user.sid) {
            if !self.fits(user, (row.version, row.moved), versions) {
                self.user_field(user, "a setting");
            }
        }
    }

    fn own_rows(
        &mut self,
        user: &UserRow,
        rows: &mut Cursor<'_, MembershipRow>,
        versions: &mut BTreeSet<u64>,
    ) {
        let mut joined = 0;
        while let Some(row) = rows.next_if(&mut self.findings, |row| row.user == user.sid) {
            let (conversation, user_sid) = (row.conversation, row.user);
            joined += u64::from(row.is_joined());
            if !self.fits(user, (row.version, row.moved), versions) {
                self.findings.add(Finding::OwnRow { conversation, user: user_sid, field: "version" });
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
