//! Commands: what the person asks for.

use confab_protocol::method::{
    ConversationParams, HorizonMode, InviteCreateParams, MediaUrlsParams, MessageRef, Nothing,
    UserSetPasswordParams,
};
use confab_protocol::model::{Role, UserStatus};
use confab_protocol::{Call, ClientId, WireError, limits};
use uuid::Uuid;

use super::{Machine, offline, problem, refused};
use crate::command::{Command, CommandAnswer};
use crate::cx::Cx;
use crate::drafts;
use crate::effect::Timer;
use crate::key::Key;
use crate::requests::Asked;
use crate::stored::{Action, Envelope, StagedFile};
use crate::view::Problem;
use crate::waiting::Asks;

/// What a command gives; none when the answer comes from the server.
pub(super) type Given = Result<Option<CommandAnswer>, Problem>;

const DONE: Given = Ok(Some(CommandAnswer::Done));

impl Machine {
    pub(super) fn command(&mut self, ticket: u64, command: Command, cx: &mut Cx<'_>) {
        match self.carry_out(ticket, command, cx) {
            Ok(Some(answer)) => self.out.answer(ticket, Ok(answer)),
            Ok(None) => {}
            Err(problem) => self.out.answer(ticket, Err(problem)),
        }
    }

    fn carry_out(&mut self, ticket: u64, command: Command, cx: &mut Cx<'_>) -> Given {
        match command {
            Command::Open { conversation } => {
                let key = conversation.map(|text| self.known(&text)).transpose()?;
                self.open_conversation(key);
            }
            Command::Focus { focused } => {
                self.looking.focused = focused;
                if !focused {
                    self.leave_drafts();
                }
            }
            Command::Interest { rows, people } => self.look_at(&rows, people),
            Command::LoadOlder => self.load_older(),
            Command::LoadNewer => self.load_newer(),
            Command::LoadLatest => self.load_latest(),
            Command::CreateConversation { name, unique_name, options } => {
                return self.create(&name, unique_name, options, cx);
            }
            Command::OpenDirect { identity } => return self.open_direct(&identity, cx),
            Command::JoinConversation { .. }
            | Command::Peek { .. }
            | Command::ListPublic { .. }
            | Command::ListLeft { .. }
            | Command::ListPeople { .. } => return self.look_around(ticket, command, cx),
            Command::Send { conversation, body } => return self.send(&conversation, body, cx),
            Command::SendFiles { conversation, body, files } => {
                let files = self.files(files)?;
                return self.send_with(&conversation, body, files, cx);
            }
            Command::Attach { conversation, file } => self.attach(&conversation, file)?,
            Command::Detach { conversation, file } => self.detach(&conversation, &file)?,
            Command::Edit { conversation, message, body } => {
                return self.edit(&conversation, &message, body, cx);
            }
            Command::Remove { conversation, message } => return self.remove(&conversation, &message, cx),
            Command::Retry { conversation, message } => return self.retry(&conversation, &message),
            Command::Discard { conversation, message } => return self.discard(&conversation, &message),
            Command::Draft { conversation, body } => self.draft(&conversation, &body, cx)?,
            Command::RetryStuck { entry } => self.retry_stuck(&entry)?,
            Command::DiscardStuck { entry } => self.discard_stuck(&entry)?,
            Command::Typing { conversation } => self.say_typing(&conversation, cx)?,
            Command::Read { conversation, index } => self.read(&conversation, index, cx)?,
            Command::MarkUnread { conversation, index } => {
                let key = self.known(&conversation)?;
                let newest = || Some(self.book.get(key)?.last.as_ref()?.index);
                if let Some(index) = index.or_else(newest) {
                    self.move_horizon(key, index.checked_sub(1), HorizonMode::Set, cx);
                }
            }
            Command::Reconnect => self.reconnect_wanted(),
            Command::SetPassword { current, password } => {
                return self.set_password(ticket, current, password, cx);
            }
            Command::CreateInvite { expires_in_ms, max_uses } => {
                let params = InviteCreateParams { client_id: cx.client_id(), expires_in_ms, max_uses };
                return self.ask_now(ticket, Call::InviteCreate(params));
            }
            Command::MediaUrls { media } => {
                let unknown = |_| problem("not_found", "what", "media");
                let media = media.iter().map(|sid| sid.parse().map_err(unknown)).collect::<Result<_, _>>()?;
                return self.ask_now(ticket, Call::MediaUrls(MediaUrlsParams { media }));
            }
            Command::FileLimits => return self.ask_now(ticket, Call::MediaLimits(Nothing {})),
            Command::ListDevices => return self.ask_now(ticket, Call::DeviceList(Nothing {})),
            Command::ListFiles { conversation, before } => {
                return self.list_files(ticket, &conversation, before);
            }
            Command::ListReceipts { .. }
            | Command::ListOutsiders { .. }
            | Command::CreateRole { .. }
            | Command::UpdateRole { .. }
            | Command::DeleteRole { .. }
            | Command::SetUserRole { .. } => return self.ask_of_people(ticket, command, cx),
            Command::MarkRead { conversation } => {
                let key = self.known(&conversation)?;
                self.mark_read(key, cx);
            }
            Command::MarkAllRead => self.mark_all_read(cx),
            Command::SetSetting { key, value } => self.set_setting(key, value, cx)?,
            Command::RevokeInvite { .. }
            | Command::Rename { .. }
            | Command::Configure { .. }
            | Command::DeleteConversation { .. }
            | Command::SetRole { .. }
            | Command::GiveRole { .. }
            | Command::SetFlags { .. }
            | Command::SetStatus { .. }
            | Command::RevokeDevice { .. }
            | Command::SetNotificationLevel { .. }
            | Command::AddParticipant { .. }
            | Command::RemoveParticipant { .. }
            | Command::SetFriendlyName { .. } => return self.mutate(command, cx),
        }
        DONE
    }

    /// What is done by an entry of the outbox and nothing else.
    fn mutate(&mut self, command: Command, cx: &mut Cx<'_>) -> Given {
        let action = match command {
            Command::Rename { conversation, name } => {
                Action::Rename { place: self.known(&conversation)?, name: friendly_name(&name)? }
            }
            Command::Configure { conversation, change } => self.configuring(&conversation, change)?,
            Command::DeleteConversation { conversation } => {
                Action::Delete { place: self.known(&conversation)? }
            }
            Command::SetNotificationLevel { conversation, level } => {
                Action::SetLevel { place: self.known(&conversation)?, level }
            }
            Command::AddParticipant { conversation, identity } => Action::AddParticipant {
                place: self.known(&conversation)?,
                identity: self::identity(&identity)?,
            },
            Command::RemoveParticipant { conversation, identity } => Action::RemoveParticipant {
                place: self.known(&conversation)?,
                identity: self::identity(&identity)?,
            },
            Command::SetRole { conversation, identity, role } => Action::SetRole {
                place: self.known(&conversation)?,
                identity: self::identity(&identity)?,
                role: known_role(role)?,
            },
            Command::GiveRole { .. } | Command::SetFlags { .. } => self.rights_action(command)?,
            Command::SetStatus { status: Some(UserStatus::Unknown) } => {
                return Err(refused(WireError::invalid("status", "no such status")));
            }
            Command::SetStatus { status } => Action::SetStatus { status },
            Command::RevokeDevice { device } => {
                let device = device.parse().map_err(|_| problem("not_found", "what", "device"))?;
                Action::RevokeDevice { device }
            }
            Command::SetFriendlyName { name } => {
                let name = friendly_name(&name)?;
                if name.is_empty() {
                    return Err(refused(WireError::invalid("friendly_name", "empty")));
                }
                Action::SetFriendlyName { name }
            }
            Command::RevokeInvite { invite } => Action::RevokeInvite {
                invite: invite.parse().map_err(|_| problem("not_found", "what", "invite"))?,
            },
            _ => return DONE,
        };
        let place = action.place();
        self.outbox.add(cx.client_id(), action, cx.now);
        if let Some(key) = place {
            self.changed(key);
            self.withdraw_read(key);
        }
        DONE
    }

    fn send(&mut self, conversation: &str, body: String, cx: &mut Cx<'_>) -> Given {
        self.send_with(conversation, message_body(body)?, Vec::new(), cx)
    }

    fn send_with(
        &mut self,
        conversation: &str,
        body: String,
        files: Vec<StagedFile>,
        cx: &mut Cx<'_>,
    ) -> Given {
        let place = self.known(conversation)?;
        if body.len() > limits::BODY_BYTES {
            return Err(refused(WireError::too_large("body", limits::BODY_BYTES, body.len())));
        }
        for file in &files {
            self.attached.remove(place, &file.client_id.to_string());
        }
        self.outbox.add(
            cx.client_id(),
            Action::Send { place, body, files, envelope: Envelope::default(), after: None },
            cx.now,
        );
        self.drafts.change(place, "");
        // In the same write as the message: neither may be without the other.
        self.leave_drafts();
        self.typing.sent(place);
        self.load_latest_of(place);
        if self.book.get(place).is_some_and(crate::book::Conversation::is_left) {
            self.outbox.refuse_all_in(place, &problem("not_found", "what", "conversation"));
        }
        self.changed(place);
        DONE
    }

    /// Whoever writes wants to see it.
    fn load_latest_of(&mut self, key: Key) {
        if self.open_at(key).is_some() {
            self.load_latest();
        }
    }

    fn edit(&mut self, conversation: &str, message: &str, body: String, cx: &mut Cx<'_>) -> Given {
        let (place, row) = (self.known(conversation)?, message_key(message)?);
        let body = message_body(body)?;
        if !self.outbox.fold_edit(row, &body) {
            let message = self.message_ref(place, row)?;
            self.outbox.add(cx.client_id(), Action::Edit { place, message, row, body }, cx.now);
        }
        self.changed(place);
        DONE
    }

    fn remove(&mut self, conversation: &str, message: &str, cx: &mut Cx<'_>) -> Given {
        let (place, row) = (self.known(conversation)?, message_key(message)?);
        let refused = self.outbox.get(row).is_some_and(|entry| entry.problem().is_some());
        if refused {
            return self.discard(conversation, message);
        }
        if !self.outbox.fold_remove(row) {
            let message = self.message_ref(place, row)?;
            self.outbox.add(cx.client_id(), Action::Remove { place, message, row }, cx.now);
        }
        self.changed(place);
        DONE
    }

    /// How the server is told of a message: one's own by the id under which it was sent, also before it has arrived.
    fn message_ref(&self, key: Key, row: ClientId) -> Result<MessageRef, Problem> {
        if self.outbox.get(row).is_some() {
            return Ok(MessageRef::ClientId(row));
        }
        let open = self.open.as_ref().filter(|open| open.key == key);
        let message = open.and_then(|open| open.window.get(row));
        let Some(message) = message else { return Err(problem("not_found", "what", "message")) };
        let own = message.author == self.account.identity;
        Ok(if own { MessageRef::ClientId(row) } else { MessageRef::Sid(message.sid) })
    }

    fn retry(&mut self, conversation: &str, message: &str) -> Given {
        let (place, row) = (self.known(conversation)?, message_key(message)?);
        if !self.outbox.retry(row) {
            return Err(problem("not_found", "what", "message"));
        }
        self.changed(place);
        DONE
    }

    fn discard(&mut self, conversation: &str, message: &str) -> Given {
        let (place, row) = (self.known(conversation)?, message_key(message)?);
        if !self.outbox.discard(row) {
            return Err(problem("not_found", "what", "message"));
        }
        self.changed(place);
        self.drop_if_empty(place);
        DONE
    }

    fn retry_stuck(&mut self, entry: &str) -> Result<(), Problem> {
        let id = entry_key(entry)?;
        let place = self.outbox.get(id).and_then(crate::outbox::Entry::place);
        if !self.outbox.retry_entry(id) {
            return Err(problem("not_found", "what", "entry"));
        }
        if let Some(place) = place {
            self.changed(place);
            self.drop_if_empty(place);
        }
        Ok(())
    }

    fn discard_stuck(&mut self, entry: &str) -> Result<(), Problem> {
        let id = entry_key(entry)?;
        let place = self.outbox.get(id).and_then(crate::outbox::Entry::place);
        if !self.outbox.discard_entry(id) {
            return Err(problem("not_found", "what", "entry"));
        }
        if let Some(place) = place {
            if place == Key::Made(id) {
                // There will be no such conversation: what was being written in it goes with it.
                self.drafts.change(place, "");
                self.write_drafts();
            }
            self.changed(place);
            self.drop_if_empty(place);
        }
        Ok(())
    }

    fn draft(&mut self, conversation: &str, body: &str, cx: &mut Cx<'_>) -> Result<(), Problem> {
        let key = self.known(conversation)?;
        if self.drafts.text(key) == body {
            return Ok(());
        }
        if self.drafts.change(key, body) {
            self.out.timer(Timer::Drafts, drafts::DEBOUNCE_MS);
        }
        self.draft_typed(key);
        self.dirty.conversations.insert(key);
        if body.is_empty() && self.book.get(key).is_some_and(crate::book::Conversation::is_left) {
            self.send_drafts(cx);
        }
        if body.is_empty() {
            self.drop_if_empty(key);
        }
        Ok(())
    }

    fn say_typing(&mut self, conversation: &str, cx: &mut Cx<'_>) -> Result<(), Problem> {
        let key = self.known(conversation)?;
        let Some(held) = self.book.get(key).filter(|held| held.is_joined()) else { return Ok(()) };
        let Some(conversation) = held.sid.filter(|_| self.link.is_online()) else { return Ok(()) };
        if self.typing.say(key, cx.now) {
            self.ask(Call::TypingStart(ConversationParams { conversation }), Asked::Signal);
        }
        Ok(())
    }

    fn read(&mut self, conversation: &str, index: u64, cx: &mut Cx<'_>) -> Result<(), Problem> {
        let key = self.known(conversation)?;
        let Some(held) = self.book.get(key).filter(|held| held.is_joined()) else { return Ok(()) };
        if held.tracker.horizon() < Some(index)
            && self.outbox.wished(key).and_then(|wish| wish.index) < Some(index)
        {
            self.move_horizon(key, Some(index), HorizonMode::Advance, cx);
        }
        Ok(())
    }

    fn look_at(&mut self, rows: &[String], people: Vec<String>) {
        let rows = rows.iter().filter_map(|text| self.known(text).ok()).take(limits::INTEREST);
        self.looking.rows = rows.collect();
        for identity in &people {
            self.people.meet(identity, 0);
        }
        self.looking.people = people;
    }

    fn set_password(
        &mut self,
        ticket: u64,
        current: Option<String>,
        password: String,
        cx: &mut Cx<'_>,
    ) -> Given {
        let params = UserSetPasswordParams { client_id: cx.client_id(), current, password };
        self.ask_now(ticket, Call::UserSetPassword(params))
    }

    /// What makes sense only while the person waits for its answer: never stored, and asked for again under the same id when
    /// the connection breaks meanwhile.
    pub(super) fn ask_now(&mut self, ticket: u64, call: Call) -> Given {
        if self.link.is_online() && self.ask(call.clone(), Asked::Command { ticket }) {
            self.wait_for_answer(ticket, call, Asks::Person);
            Ok(None)
        } else {
            Err(offline())
        }
    }

    /// The conversation that a text names.
    pub(super) fn known(&self, text: &str) -> Result<Key, Problem> {
        let key = text.parse().ok().map(|key| self.book.key_of(key));
        key.filter(|key| self.book.get(*key).is_some())
            .ok_or_else(|| problem("not_found", "what", "conversation"))
    }
}

pub(super) fn message_key(text: &str) -> Result<ClientId, Problem> {
    Uuid::try_parse(text).map(ClientId).map_err(|_| problem("not_found", "what", "message"))
}

fn entry_key(text: &str) -> Result<ClientId, Problem> {
    Uuid::try_parse(text).map(ClientId).map_err(|_| problem("not_found", "what", "entry"))
}

fn message_body(body: String) -> Result<String, Problem> {
    if body.trim().is_empty() {
        return Err(refused(WireError::invalid("body", "empty")));
    }
    if body.len() > limits::BODY_BYTES {
        return Err(refused(WireError::too_large("body", limits::BODY_BYTES, body.len())));
    }
    Ok(body)
}

fn known_role(role: Role) -> Result<Role, Problem> {
    match role {
        Role::Owner | Role::Participant => Ok(role),
        Role::Unknown => Err(refused(WireError::invalid("role", "no such role"))),
    }
}

pub(super) fn friendly_name(name: &str) -> Result<String, Problem> {
    let (name, actual) = (name.trim(), name.trim().chars().count());
    if actual > limits::FRIENDLY_NAME_CHARS {
        return Err(refused(WireError::too_large("friendly_name", limits::FRIENDLY_NAME_CHARS, actual)));
    }
    Ok(name.to_owned())
}

pub(super) fn identity(text: &str) -> Result<String, Problem> {
    let (text, actual) = (text.trim(), text.trim().chars().count());
    if text.is_empty() {
        return Err(refused(WireError::invalid("identity", "empty")));
    }
    if actual > limits::IDENTITY_CHARS {
        return Err(refused(WireError::too_large("identity", limits::IDENTITY_CHARS, actual)));
    }
    Ok(text.to_owned())
}
