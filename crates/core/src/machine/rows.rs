//! From what is known to what is shown.

use confab_probe::{Fault, is_broken};
use confab_protocol::model::{Message, Participant, Role, UserStatus};
use confab_protocol::permission::{Permission, Permissions};
use confab_protocol::{ClientId, RoleSid, Timestamp};

use super::Machine;
use crate::book::Conversation;
use crate::key::Key;
use crate::outbox::Entry;
use crate::stored::Action;
use crate::view::{
    ConversationRow, FilesPreview, MediaView, MessageRow, MessageState, ParticipantRow, SessionView,
    StuckView, TimelineEnds,
};

/// Characters of a message in the list.
const PREVIEW_CHARS: usize = 200;

impl Machine {
    /// Tells the interface whatever differs from what it was told.
    pub(super) fn show(&mut self, now: Timestamp) {
        let dirty = std::mem::take(&mut self.dirty);
        let session = self.session_view();
        self.shown.session(session);
        let (state, retry_at) = self.link.view();
        self.shown.connection(state, retry_at);
        self.shown.storage(self.outbox.want_of_room().or(self.link.no_room.as_ref()));
        let stuck = self.stuck();
        self.shown.stuck(stuck);
        self.show_people(&dirty);
        if dirty.roles || dirty.everything {
            self.shown.roles(self.roles.all());
        }
        if dirty.settings || dirty.everything {
            self.shown.settings(self.settings_shown());
        }
        self.show_conversations(&dirty, now);
        self.show_open(&dirty);
    }

    fn show_people(&mut self, dirty: &super::Dirty) {
        let all =
            if dirty.everything { self.people.known().map(str::to_owned).collect() } else { Vec::new() };
        let people = dirty.people.iter().chain(&all).map(|identity| self.people.view(identity));
        self.shown.people(people.collect());
    }

    fn show_conversations(&mut self, dirty: &super::Dirty, now: Timestamp) {
        let mut keys = dirty.conversations.clone();
        if dirty.everything {
            keys.extend(self.book.keys());
        }
        let rows = keys.into_iter().map(|key| {
            // What was only heard of is not shown before something is known of it, or something is to be sent there.
            let held = self.book.get(key).filter(|held| {
                let known = held.row.is_some() || held.sid.is_none() || held.is_left();
                known || self.outbox.open_in(key).next().is_some()
            });
            (key.to_string(), held.map(|held| self.conversation_row(key, held, now)))
        });
        let rows = rows.collect();
        self.shown.conversations(rows, self.standing.listed);
    }

    fn show_open(&mut self, dirty: &super::Dirty) {
        let Some(open) = &mut self.open else { return };
        let (key, jumped) = (open.key, std::mem::take(&mut open.jumped));
        let concerned = dirty.everything || dirty.conversations.contains(&key);
        if concerned {
            let rights = self.rights(key);
            self.shown.rights(rights);
        }
        if concerned || dirty.timeline || jumped {
            let (rows, ends) = (self.message_rows(key), self.ends(key));
            self.shown.timeline(rows, ends, jumped);
        }
        if concerned || dirty.roster {
            let (rows, complete) = self.participant_rows();
            self.shown.roster(rows, complete);
        }
    }

    fn session_view(&self) -> SessionView {
        let me = self.account.me.as_ref();
        let wished = self.outbox.entries().rev().find_map(|entry| match &entry.stored.action {
            Action::SetFriendlyName { name } if entry.is_live() => Some(name.clone()),
            _ => None,
        });
        let known = || me.map_or_else(|| self.account.identity.clone(), |me| me.friendly_name.clone());
        SessionView {
            workspace: self.account.workspace.to_string(),
            workspace_name: self.account.workspace_name.clone(),
            identity: self.account.identity.clone(),
            friendly_name: wished.unwrap_or_else(known),
            role: me.map(|me| me.role).unwrap_or_default(),
            rights: self.workspace_rights(),
            status: self.status(),
        }
    }

    /// What one says of being there, as one wants it now.
    fn status(&self) -> Option<UserStatus> {
        let wished = self.outbox.entries().rev().find_map(|entry| match &entry.stored.action {
            Action::SetStatus { status } if entry.is_live() => Some(*status),
            _ => None,
        });
        wished.unwrap_or_else(|| self.account.me.as_ref().and_then(|me| me.status))
    }

    /// What is stuck and has no row to show it.
    fn stuck(&self) -> Vec<StuckView> {
        let stuck = self.outbox.entries().filter(|entry| entry.problem().is_some() && !self.has_row(entry));
        let stuck = stuck.filter(|_| !is_broken(Fault::ShownRefusal));
        let view = |entry: &Entry| {
            let place = entry.place();
            let name = place.map(|place| self.name_of(place)).unwrap_or_default();
            Some(StuckView {
                key: entry.id().to_string(),
                action: entry.stored.action.name().to_owned(),
                conversation: name,
                subject: entry.stored.action.subject().to_owned(),
                problem: entry.problem()?.clone(),
            })
        };
        stuck.filter_map(view).collect()
    }

    /// Whether a row of a conversation is where an entry is shown. A change of a message has one while that message is in sight, or
    /// waits here itself: whether a message that is out of sight still stands, and may be read, is not known.
    fn has_row(&self, entry: &Entry) -> bool {
        match &entry.stored.action {
            Action::Send { .. } | Action::Horizon { .. } => true,
            Action::Edit { row, .. } | Action::Remove { row, .. } => {
                let waits =
                    self.outbox.get(*row).is_some_and(|message| message.is_open() && message.is_send());
                let in_sight = |message: &Message| message.client_id == *row && !message.removed;
                waits || self.open.as_ref().is_some_and(|open| open.window.shown().any(in_sight))
            }
            _ => false,
        }
    }

    /// The name of a conversation, as the person wants it now; empty when it has none.
    pub(super) fn name_of(&self, key: Key) -> String {
        let wished = self.outbox.open_in(key).rev().find_map(|entry| match &entry.stored.action {
            Action::Rename { name, .. } if entry.is_live() => Some(name.clone()),
            Action::Create { name, .. } => Some(name.clone()),
            _ => None,
        });
        let Some(held) = self.book.get(key) else { return String::new() };
        let peer = self.kind(key, held).peer.map(|peer| self.people.name(&peer));
        let known = || held.row.as_ref().map_or(held.known_as.clone(), |row| row.friendly_name.clone());
        held.left.clone().or(peer).or(wished).or_else(known).unwrap_or_default()
    }

    fn conversation_row(&self, key: Key, held: &Conversation, now: Timestamp) -> ConversationRow {
        let row = held.row.as_ref();
        let (unread, mentions) = held.tracker.counts();
        let (unread, mentions) = if held.is_joined() { (unread, mentions) } else { (0, 0) };
        let (preview, kind) = (self.preview(key, held), self.kind(key, held));
        let posted = row.and_then(|row| row.last_message).map(|last| last.date_created);
        let begun = row.map(|row| row.date_created).or_else(|| self.created_at(key));
        let left_at = held.me.as_ref().and_then(|me| me.left_at);
        let known =
            preview.as_ref().map(|preview| preview.at).into_iter().chain(posted).chain(begun).chain(left_at);
        ConversationRow {
            key: key.to_string(),
            sid: held.sid.map(|sid| sid.to_string()),
            name: self.name_of(key),
            unique_name: kind.unique_name,
            peer: kind.peer,
            public_join: kind.public_join,
            uber: kind.uber,
            state: kind.state,
            timers: kind.timers,
            activity_at: known.max().unwrap_or(now),
            preview_author: preview.as_ref().map(|preview| self.people.name(&preview.author)),
            preview_own: preview.as_ref().is_some_and(|preview| preview.author == self.account.identity),
            preview_files: preview.as_ref().and_then(|preview| preview.files.clone()),
            preview: preview.map(|preview| preview.line),
            unread,
            mentions,
            notification_level: self.level(key),
            role: held.role(),
            participants_count: row.map_or(u64::from(held.sid.is_none()), |row| row.participants_count),
            draft: self.drafts.text(key).to_owned(),
            attached: self.attached.of(key).to_vec(),
            typing: self.typing.typists(key).map(|identity| self.people.name(identity)).collect(),
            going: self.is_going(key),
            failed: self.outbox.open_in(key).any(|entry| entry.problem().is_some() && entry.is_shown_here()),
            left: held.is_left(),
        }
    }

    fn created_at(&self, key: Key) -> Option<Timestamp> {
        self.outbox.open_in(key).next().map(|entry| entry.stored.at)
    }

    /// The newest message: one of one's own that is on its way, or the newest one known.
    fn preview(&self, key: Key, held: &Conversation) -> Option<Preview> {
        let own = self.outbox.open_in(key).rev().find_map(|entry| match &entry.stored.action {
            Action::Send { body, files, .. } if entry.problem().is_none() => {
                let author = self.account.identity.clone();
                Some(Preview::new(author, body, FilesPreview::of_staged(files), entry.stored.at))
            }
            _ => None,
        });
        own.or_else(|| {
            let last = held.last.as_ref()?;
            let files = FilesPreview::of_media(&last.media);
            Some(Preview::new(last.author.clone(), last.body.as_deref()?, files, last.date_created))
        })
    }

    fn ends(&self, key: Key) -> TimelineEnds {
        let Some(open) = self.open.as_ref() else { return TimelineEnds::default() };
        let expected = self.book.get(key).is_some_and(|held| held.sid.is_some() && !held.is_left());
        TimelineEnds {
            has_older: open.window.has_older(),
            has_newer: open.window.has_newer(),
            loading: expected && !open.window.is_known(),
        }
    }

    fn message_rows(&self, key: Key) -> Vec<MessageRow> {
        let Some(open) = self.open.as_ref() else { return Vec::new() };
        let pending: Vec<&Entry> = self.outbox.open_in(key).filter(|entry| entry.row().is_some()).collect();
        let held = open.window.shown().filter(|message| !message.removed);
        let mut rows: Vec<MessageRow> = held.map(|message| self.message_row(key, message)).collect();
        if !open.window.has_newer() {
            let new = pending.iter().filter(|entry| open.window.get(entry.id()).is_none());
            rows.extend(new.filter_map(|entry| self.echo(entry)));
        }
        rows.retain_mut(|row| !self.change(row, &pending));
        rows
    }

    /// Messages of a conversation that are not in the window, as they would stand there.
    pub(super) fn rows_of(&self, key: Key, messages: &[&Message]) -> Vec<MessageRow> {
        let pending: Vec<&Entry> = self.outbox.open_in(key).filter(|entry| entry.row().is_some()).collect();
        let mut rows: Vec<MessageRow> =
            messages.iter().map(|message| self.message_row(key, message)).collect();
        rows.retain_mut(|row| !self.change(row, &pending));
        rows
    }

    /// Shows what is on its way to a message. True when that is its removal.
    fn change(&self, row: &mut MessageRow, pending: &[&Entry]) -> bool {
        let own = |entry: &&&Entry| entry.row().is_some_and(|id: ClientId| row.key == id.to_string());
        let changes: Vec<&&Entry> = pending.iter().filter(own).collect();
        let mut removing = false;
        for entry in changes {
            match &entry.stored.action {
                Action::Edit { body, .. } => {
                    body.clone_into(&mut row.body);
                    row.edited = true;
                }
                Action::Remove { .. } => removing = entry.problem().is_none(),
                _ => continue,
            }
            row.problem = entry.problem().cloned();
            row.state = match row.problem {
                Some(_) => MessageState::Failed,
                None if self.outbox.is_unsaved(entry) => MessageState::Unsaved,
                None => MessageState::Sending,
            };
        }
        removing
    }

    fn message_row(&self, key: Key, message: &Message) -> MessageRow {
        let own = message.author == self.account.identity;
        let (can_edit, can_remove) = self.may_change_message(key, own);
        MessageRow {
            key: message.client_id.to_string(),
            sid: Some(message.sid.to_string()),
            index: Some(message.index),
            author: message.author.clone(),
            author_name: self.people.name(&message.author),
            own,
            subject: message.subject.clone(),
            body: message.body.clone().unwrap_or_default(),
            media: message.media.iter().map(MediaView::of).collect(),
            at: message.date_created,
            state: MessageState::Sent,
            problem: None,
            edited: message.last_updated_by.is_some(),
            can_edit,
            can_remove,
        }
    }

    /// A message of one's own that the server has not confirmed.
    fn echo(&self, entry: &Entry) -> Option<MessageRow> {
        let Action::Send { body, files, envelope, .. } = &entry.stored.action else { return None };
        let problem = entry.problem().cloned();
        let live = problem.is_none();
        Some(MessageRow {
            key: entry.id().to_string(),
            sid: None,
            index: None,
            author: self.account.identity.clone(),
            author_name: self.people.name(&self.account.identity),
            own: true,
            subject: envelope.subject.clone(),
            body: body.clone(),
            media: files.iter().map(|file| MediaView::staged(file, entry.uploaded(file))).collect(),
            at: entry.stored.at,
            state: match live {
                true if self.outbox.is_unsaved(entry) => MessageState::Unsaved,
                true => MessageState::Sending,
                false => MessageState::Failed,
            },
            problem,
            edited: false,
            can_edit: live,
            can_remove: live,
        })
    }

    fn participant_rows(&self) -> (Vec<ParticipantRow>, bool) {
        let Some(roster) = self.open.as_ref().and_then(|open| open.roster.as_ref()) else {
            return (Vec::new(), false);
        };
        let place = self.open.as_ref().map(|open| open.key);
        let mine = place.map(|place| self.may_change(place)).unwrap_or_default();
        let rows = roster.present().map(|row| self.participant_row(place, mine, row));
        (rows.collect(), roster.is_complete())
    }

    fn participant_row(&self, place: Option<Key>, mine: Permissions, row: &Participant) -> ParticipantRow {
        let (role, sid, flags) = self.rights_of(place, row);
        let theirs = self.roles.give(role, sid, flags);
        ParticipantRow {
            sid: row.sid.to_string(),
            identity: row.identity.clone(),
            name: self.people.name(&row.identity),
            role,
            role_sid: sid.unwrap_or_else(|| built_in_sid(role)).to_string(),
            flags: theirs.flags(),
            flags_set: flags.is_some(),
            can_change: mine.hold(Permission::EditAnyParticipantAttributes) && mine.hold_all(theirs),
            own: row.identity == self.account.identity,
            presence: self.people.presence_of(&row.identity),
            last_read_index: row.last_read_message_index,
            last_read_at: row.last_read_timestamp,
        }
    }
}

fn built_in_sid(role: Role) -> RoleSid {
    if role == Role::Owner { RoleSid::OWNER } else { RoleSid::PARTICIPANT }
}

struct Preview {
    author: String,
    line: String,
    /// Of a message without a text.
    files: Option<FilesPreview>,
    at: Timestamp,
}

impl Preview {
    fn new(author: String, body: &str, files: Option<FilesPreview>, at: Timestamp) -> Self {
        let files = files.filter(|_| body.trim().is_empty());
        let name = files.as_ref().and_then(|files| files.name.as_deref());
        Self { author, line: first_line(body, name), files, at }
    }
}

/// What stands for a message in one line: its first one, or else the name of its first file.
fn first_line(body: &str, file_name: Option<&str>) -> String {
    let line = body.lines().map(str::trim).find(|line| !line.is_empty()).or(file_name).unwrap_or_default();
    line.chars().take(PREVIEW_CHARS).collect()
}
