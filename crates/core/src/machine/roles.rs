//! Roles that people make, kept in step.

use confab_protocol::method::Nothing;
use confab_protocol::model::NamedRole;
use confab_protocol::{Answer, Call, RoleSid, WireError};

use super::Machine;
use crate::requests::Asked;

impl Machine {
    /// Roles changed on the server.
    pub(super) fn roles_pushed(&mut self, from: u64, to: u64, roles: Vec<NamedRole>, removed: &[RoleSid]) {
        if self.roles.push(from, to, roles, removed) {
            self.roles_changed();
        }
    }

    /// Asks for the roles when they are missing or stale.
    pub(super) fn fetch_roles(&mut self) {
        if self.roles.need() {
            self.ask(Call::RoleList(Nothing {}), Asked::Roles);
        }
    }

    pub(super) fn roles_answered(&mut self, answer: Result<Answer, WireError>) {
        match answer {
            Ok(Answer::RoleList(list)) => {
                if self.roles.answered(list.as_of, list.roles) {
                    self.roles_changed();
                }
            }
            // The next heartbeat asks again.
            _ => self.roles.give_up(),
        }
    }

    /// What anybody may do follows from the roles: everything that shows it is shown anew.
    fn roles_changed(&mut self) {
        (self.dirty.roles, self.out.meta) = (true, true);
        (self.dirty.timeline, self.dirty.roster) = (true, true);
        if let Some(open) = &self.open {
            self.dirty.conversations.insert(open.key);
        }
    }
}
