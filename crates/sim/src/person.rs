//! What people do, from what is on their screen.

mod kinds;
mod program;
mod rights;

use confab_core::command::Command;
use confab_core::news::Post;
use confab_core::stored::Action;
use confab_core::view::{ConversationRow, MessageRow, MessageState};
use confab_protocol::model::{NotificationLevel, Role};
use confab_protocol::{Call, ClientId};
use serde_json::Value;

use crate::act::Act;
use crate::server::password_of;
use crate::world::World;

/// One device, what it shows, and what the person chooses by.
struct Person<'a> {
    world: &'a mut World,
    device: usize,
    pick: u64,
    /// Conversations that the person is in.
    rows: Vec<ConversationRow>,
    /// The one that is open.
    open: Option<String>,
}

/// What comes of an act.
pub(crate) enum Wish {
    /// A person asks for something in the window.
    Command(Command),
    /// A program on the device asks the server something.
    Call(Call),
    /// It posts a message.
    Post(Post),
    /// It takes one back that was not sent.
    Unpost(ClientId),
    /// The person signs this device out.
    SignOut,
    /// They sign in again.
    SignIn,
}

/// What is wished for by an act, if it can be done here now.
pub(crate) fn does(world: &mut World, device: usize, act: Act, pick: u64) -> Vec<Wish> {
    let screen = &world.clients[device].screen;
    let rows: Vec<ConversationRow> = screen.rows.values().filter(|row| !row.left).cloned().collect();
    let open = screen.open.clone();
    Person { world, device, pick, rows, open }.does(act)
}

impl Person<'_> {
    fn does(&mut self, act: Act) -> Vec<Wish> {
        let one = match act {
            Act::Burst => return (0..4).filter_map(|_| self.send()).map(Wish::Command).collect(),
            Act::Post => return self.post().into_iter().collect(),
            Act::Unpost => return self.unpost().into_iter().collect(),
            Act::Mention => return self.mention().into_iter().collect(),
            Act::SetAttributes => return self.set_attributes().into_iter().collect(),
            Act::Outsider => return self.change_outsiders().into_iter().collect(),
            Act::Report => return self.report().into_iter().collect(),
            Act::Push => return vec![self.register_for_push()],
            Act::SignOut => return vec![Wish::SignOut],
            Act::SignIn => {
                return if self.world.is_signed_out(self.device) { vec![Wish::SignIn] } else { vec![] };
            }
            Act::Open => self.open(),
            Act::Send => self.send(),
            Act::Edit => self.edit(),
            Act::Remove => self.remove(),
            Act::Read => self.read(),
            Act::MarkUnread => self.mark_unread(),
            Act::Create => self.create(),
            Act::SendFiles => self.send_files(),
            Act::OpenDirect => Some(self.open_direct()),
            Act::Configure => self.configure(),
            Act::DeleteConversation => self.delete(),
            Act::LookAround => Some(self.look_around()),
            Act::Join => Some(self.join()),
            Act::Rename => self.rename(),
            Act::SetLevel => self.set_level(),
            Act::Add => self.add(),
            Act::RemoveParticipant => self.remove_participant(),
            Act::Leave => self.leave(),
            Act::SetRole => self.set_role(),
            Act::GiveRole => self.give_role(),
            Act::SetFlags => self.set_flags(),
            Act::CreateRole => Some(self.create_role()),
            Act::UpdateRole => self.update_role(),
            Act::DeleteRole => self.delete_role(),
            Act::SetUserRole => self.set_user_role(),
            Act::SetStatus => Some(self.set_status()),
            Act::LookAt => Some(self.look_at()),
            Act::MarkRead => self.row().map(|row| Command::MarkRead { conversation: row.key }),
            Act::MarkAllRead => Some(Command::MarkAllRead),
            Act::Draft => self.draft(),
            Act::EmptyDraft => self.empty_draft(),
            Act::SetSetting => self.set_setting(),
            Act::SetFriendlyName => Some(Command::SetFriendlyName { name: self.text("person") }),
            Act::Retry => self.retry(),
            Act::Discard => self.discard(),
            Act::Load => Some(self.load()),
            Act::Typing => self.here().map(|conversation| Command::Typing { conversation }),
            Act::Focus => Some(Command::Focus { focused: self.choose(2) == 0 }),
            Act::CreateInvite => Some(Command::CreateInvite { expires_in_ms: None, max_uses: None }),
            Act::RevokeInvite => self.revoke_invite(),
            Act::RevokeDevice => self.revoke_device(),
            Act::SetPassword => Some(self.set_password()),
            Act::Reconnect => Some(Command::Reconnect),
        };
        one.into_iter().map(Wish::Command).collect()
    }

    /// Whoever is not sure of the present password says another one.
    fn set_password(&mut self) -> Command {
        let user = self.world.clients[self.device].account.user.sid;
        let row = self.world.server.read().user(user).expect("the store can be read");
        let present = row.and_then(|row| row.password_hash).map(|hash| password_of(&hash).to_owned());
        let current = if self.choose(4) == 0 { Some(self.text("a guess at")) } else { present };
        Command::SetPassword { current, password: self.text("password") }
    }

    /// Chooses one of `n`, another one each time.
    fn choose(&mut self, n: usize) -> usize {
        let chosen = self.pick as usize % n.max(1);
        self.pick = self.pick.rotate_right(7) ^ 0x9e37;
        chosen
    }

    /// A text that nobody else writes.
    fn text(&mut self, what: &str) -> String {
        format!("{what} {}", self.world.unique())
    }

    fn row(&mut self) -> Option<ConversationRow> {
        let at = self.choose(self.rows.len());
        self.rows.get(at).cloned()
    }

    /// The open conversation, while the person is in it.
    fn here(&self) -> Option<String> {
        self.open.clone().filter(|key| self.rows.iter().any(|row| row.key == *key))
    }

    fn open(&mut self) -> Option<Command> {
        if self.choose(12) == 0 {
            return Some(Command::Open { conversation: None });
        }
        Some(Command::Open { conversation: Some(self.row()?.key) })
    }

    fn send(&mut self) -> Option<Command> {
        let Some(conversation) = self.here() else { return self.open() };
        Some(Command::Send { conversation, body: self.text("message") })
    }

    fn message(&mut self, wanted: impl Fn(&MessageRow) -> bool) -> Option<MessageRow> {
        let shown = self.world.clients[self.device].screen.messages.values();
        let messages: Vec<MessageRow> = shown.filter(|row| wanted(row)).cloned().collect();
        let at = self.choose(messages.len());
        messages.into_iter().nth(at)
    }

    fn edit(&mut self) -> Option<Command> {
        let conversation = self.here()?;
        let Some(row) = self.message(|row| row.can_edit && row.own) else { return self.send() };
        Some(Command::Edit { conversation, message: row.key, body: self.text("edited") })
    }

    fn remove(&mut self) -> Option<Command> {
        let conversation = self.here()?;
        let row = self.message(|row| row.can_remove && row.state != MessageState::Failed)?;
        self.world.withdrawn.insert(message_id(&row.key));
        Some(Command::Remove { conversation, message: row.key })
    }

    fn read(&mut self) -> Option<Command> {
        let conversation = self.here()?;
        let sent = self.world.clients[self.device].screen.sent();
        let indexes: Vec<u64> = sent.iter().filter_map(|row| row.index).collect();
        let last = indexes.len().checked_sub(1)?;
        let at = if self.choose(3) > 0 { last } else { self.choose(indexes.len()) };
        Some(Command::Read { conversation, index: indexes[at] })
    }

    fn mark_unread(&mut self) -> Option<Command> {
        let conversation = self.here()?;
        let index = self.message(|row| row.index.is_some())?.index?;
        Some(Command::MarkUnread { conversation, index: Some(index) })
    }

    fn rename(&mut self) -> Option<Command> {
        Some(Command::Rename { conversation: self.row()?.key, name: self.text("name") })
    }

    fn set_level(&mut self) -> Option<Command> {
        let level = if self.choose(2) == 0 { NotificationLevel::Muted } else { NotificationLevel::Default };
        Some(Command::SetNotificationLevel { conversation: self.row()?.key, level })
    }

    fn somebody(&mut self) -> String {
        let own = self.world.clients[self.device].account.user.identity.clone();
        let others: Vec<&str> =
            ["ann", "BEN", "Cleo"].into_iter().filter(|name| !own.eq_ignore_ascii_case(name)).collect();
        others[self.choose(others.len())].to_owned()
    }

    fn add(&mut self) -> Option<Command> {
        Some(Command::AddParticipant { conversation: self.row()?.key, identity: self.somebody() })
    }

    fn remove_participant(&mut self) -> Option<Command> {
        Some(Command::RemoveParticipant { conversation: self.row()?.key, identity: self.somebody() })
    }

    fn leave(&mut self) -> Option<Command> {
        let identity = self.world.clients[self.device].account.user.identity.clone();
        Some(Command::RemoveParticipant { conversation: self.row()?.key, identity })
    }

    fn set_role(&mut self) -> Option<Command> {
        let role = if self.choose(2) == 0 { Role::Owner } else { Role::Participant };
        Some(Command::SetRole { conversation: self.row()?.key, identity: self.somebody(), role })
    }

    fn draft(&mut self) -> Option<Command> {
        let conversation = self.row()?.key;
        Some(Command::Draft { conversation, body: self.text("draft") })
    }

    fn empty_draft(&mut self) -> Option<Command> {
        Some(Command::Draft { conversation: self.row()?.key, body: String::new() })
    }

    fn set_setting(&mut self) -> Option<Command> {
        let key = ["theme", "density", "motion"][self.choose(3)].to_owned();
        let value = if self.choose(4) == 0 { Value::Null } else { self.text("value").into() };
        Some(Command::SetSetting { key, value })
    }

    /// What was refused and has no place in a timeline.
    fn stuck(&mut self) -> Option<String> {
        let stuck = self.world.clients[self.device].screen.stuck.clone();
        stuck.get(self.choose(stuck.len())).cloned()
    }

    fn retry(&mut self) -> Option<Command> {
        if let Some(entry) = self.stuck() {
            let client = &mut self.world.clients[self.device];
            // The message goes with its edit.
            let stored = client.disk.outbox.entries.get(&message_id(&entry));
            if let Some(Action::Edit { row, .. }) = stored.map(|stored| &stored.action) {
                client.retried.insert(*row);
            }
            return Some(Command::RetryStuck { entry });
        }
        let conversation = self.open.clone()?;
        let row = self.message(|row| row.state == MessageState::Failed)?;
        self.world.clients[self.device].retried.insert(message_id(&row.key));
        Some(Command::Retry { conversation, message: row.key })
    }

    fn discard(&mut self) -> Option<Command> {
        if let Some(entry) = self.stuck() {
            self.world.give_up(self.device, &entry);
            return Some(Command::DiscardStuck { entry });
        }
        let conversation = self.open.clone()?;
        let row = self.message(|row| row.state == MessageState::Failed)?;
        self.world.withdrawn.insert(message_id(&row.key));
        Some(Command::Discard { conversation, message: row.key })
    }

    fn load(&mut self) -> Command {
        match self.choose(3) {
            0 => Command::LoadNewer,
            1 => Command::LoadLatest,
            _ => Command::LoadOlder,
        }
    }

    fn revoke_invite(&mut self) -> Option<Command> {
        let invites = self.world.clients[self.device].invites.clone();
        let invite = invites.get(self.choose(invites.len()))?.clone();
        Some(Command::RevokeInvite { invite })
    }

    fn revoke_device(&mut self) -> Option<Command> {
        let own = &self.world.clients[self.device].account;
        let others = self.world.clients.iter().map(|client| &client.account);
        let others = others.filter(|other| other.user.sid == own.user.sid && other.device != own.device);
        let device = others.map(|other| other.device.to_string()).next()?;
        Some(Command::RevokeDevice { device })
    }
}

fn message_id(key: &str) -> ClientId {
    ClientId(uuid::Uuid::try_parse(key).expect("the key of a message is a client_id"))
}
