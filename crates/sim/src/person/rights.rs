//! What people say of being there, whom they look at, and what they let others do: roles and flags.

use confab_core::command::Command;
use confab_protocol::model::{NamedRole, ParticipantFlags, RoleType, UserStatus};
use confab_protocol::permission::Permission;

use super::Person;
use crate::plan::PEOPLE;

/// Everything that there is to say, and nothing.
const SAID: [Option<UserStatus>; 5] = [
    None,
    Some(UserStatus::Online),
    Some(UserStatus::Away),
    Some(UserStatus::Busy),
    Some(UserStatus::Offline),
];

impl Person<'_> {
    pub(super) fn set_status(&mut self) -> Command {
        Command::SetStatus { status: SAID[self.choose(SAID.len())] }
    }

    /// Some rows, and some people besides those of the open conversation.
    pub(super) fn look_at(&mut self) -> Command {
        let (from, count) = (self.choose(self.rows.len()), self.choose(4));
        let rows = self.rows.iter().skip(from).take(count).map(|row| row.key.clone()).collect();
        let there = self.world.clients.len();
        let people = (0..self.choose(3)).map(|_| PEOPLE[self.choose(there)].1.to_owned()).collect();
        Command::Interest { rows, people }
    }

    /// One of the roles that the person knows.
    fn role(&mut self, fits: impl Fn(&NamedRole) -> bool) -> Option<NamedRole> {
        let all = self.world.clients[self.device].screen.roles.iter();
        let fit: Vec<NamedRole> = all.filter(|role| fits(role)).cloned().collect();
        fit.get(self.choose(fit.len())).cloned()
    }

    /// One of a place, built-in or not.
    fn role_of(&mut self, place: RoleType) -> Option<String> {
        Some(self.role(|role| role.kind == place)?.sid.to_string())
    }

    fn place(&mut self) -> RoleType {
        if self.choose(3) == 0 { RoleType::Workspace } else { RoleType::Conversation }
    }

    /// Most of what there is for a place, so that people can still do something.
    fn permissions(&mut self, place: RoleType) -> Vec<String> {
        let all = Permission::ALL.iter().filter(|one| one.place() == place);
        all.filter(|_| self.choose(4) > 0).map(|one| one.as_str().to_owned()).collect()
    }

    pub(super) fn create_role(&mut self) -> Command {
        let place = self.place();
        Command::CreateRole { name: self.text("role"), place, permissions: self.permissions(place) }
    }

    pub(super) fn update_role(&mut self) -> Option<Command> {
        let role = self.role(|role| !role.built_in)?;
        let (name, permissions) = (self.text("role"), self.permissions(role.kind));
        Some(Command::UpdateRole { role: role.sid.to_string(), name, permissions })
    }

    pub(super) fn delete_role(&mut self) -> Option<Command> {
        Some(Command::DeleteRole { role: self.role(|role| !role.built_in)?.sid.to_string() })
    }

    pub(super) fn give_role(&mut self) -> Option<Command> {
        let role = self.role_of(RoleType::Conversation)?;
        Some(Command::GiveRole { conversation: self.row()?.key, identity: self.somebody(), role })
    }

    pub(super) fn set_flags(&mut self) -> Option<Command> {
        // Each of the seven is left out once in four times.
        let bits = (0..7).filter(|_| self.choose(4) > 0).fold(0, |bits, place| bits | 1 << place);
        let flags = ParticipantFlags::from_bits(bits);
        Some(Command::SetFlags { conversation: self.row()?.key, identity: self.somebody(), flags })
    }

    pub(super) fn set_user_role(&mut self) -> Option<Command> {
        let role = self.role_of(RoleType::Workspace)?;
        let whose = self.somebody();
        Some(Command::SetUserRole { user: self.user_of(&whose)?.to_string(), role })
    }
}
