//! Roles that people made: what each of them gives. Together with one's own rows they say what one may do.

use confab_protocol::RoleSid;
use confab_protocol::model::{NamedRole, ParticipantFlags, Role};
use confab_protocol::permission::{Permissions, built_in, built_in_roles};

use crate::stored::CachedRoles;

/// What is known of them.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    held: CachedRoles,
    /// The version that the server was last heard to have.
    heard: u64,
    asked: bool,
}

impl Roles {
    /// What the cache held.
    pub(crate) fn new(held: CachedRoles) -> Self {
        Self { heard: held.version, held, asked: false }
    }

    /// As the cache holds them.
    pub(crate) fn cached(&self) -> CachedRoles {
        self.held.clone()
    }

    /// Built-in ones first, then by SID.
    pub(crate) fn all(&self) -> Vec<NamedRole> {
        let mut all = built_in_roles();
        all.extend(self.held.roles.iter().cloned());
        all
    }

    /// The server has them as of this version.
    pub(crate) fn hear(&mut self, version: u64) {
        self.heard = version;
    }

    /// Takes a push that holds every change after `from` up to `to`. True when anything changed.
    pub(crate) fn push(&mut self, from: u64, to: u64, roles: Vec<NamedRole>, removed: &[RoleSid]) -> bool {
        self.heard = self.heard.max(to);
        if self.held.version < from || self.held.version >= to {
            return false;
        }
        let gone =
            |role: &NamedRole| removed.contains(&role.sid) || roles.iter().any(|other| other.sid == role.sid);
        self.held.roles.retain(|role| !gone(role));
        self.held.roles.extend(roles);
        self.held.roles.sort_by_key(|role| role.sid);
        self.held.version = to;
        true
    }

    /// Whether to ask for them now; not while an answer is on its way.
    pub(crate) fn need(&mut self) -> bool {
        let needed = self.held.version != self.heard && !self.asked;
        self.asked |= needed;
        needed
    }

    /// Takes all of them as of a version. True when anything changed.
    pub(crate) fn answered(&mut self, as_of: u64, roles: Vec<NamedRole>) -> bool {
        self.asked = false;
        if as_of < self.held.version && self.heard != as_of {
            return false;
        }
        self.heard = self.heard.max(as_of);
        let made = roles.into_iter().filter(|role| !role.built_in).collect();
        let now = CachedRoles { version: as_of, roles: made };
        let changed = self.held != now;
        self.held = now;
        changed
    }

    /// The answer will not come on this connection, or the server has none to give.
    pub(crate) fn give_up(&mut self) {
        self.asked = false;
        self.heard = self.held.version;
    }

    /// All versions are void.
    pub(crate) fn begin_anew(&mut self) {
        self.held = CachedRoles::default();
    }

    /// What a role gives, with the flags that decide some of it. A made one that is not known gives nothing.
    pub(crate) fn give(
        &self,
        role: Role,
        sid: Option<RoleSid>,
        flags: Option<ParticipantFlags>,
    ) -> Permissions {
        let made = sid.filter(|sid| built_in(*sid).is_none());
        let given = made.map_or_else(
            || Permissions::of(role),
            |sid| {
                let known = self.held.roles.iter().find(|known| known.sid == sid);
                known.map(|known| Permissions::named(&known.permissions)).unwrap_or_default()
            },
        );
        given.with_flags(flags)
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::model::RoleType;
    use confab_protocol::permission::Permission;
    use uuid::Uuid;

    use super::*;

    fn guest(permissions: &[&str]) -> NamedRole {
        NamedRole {
            sid: RoleSid(Uuid::from_u128(11)),
            kind: RoleType::Conversation,
            friendly_name: "Guest".into(),
            permissions: permissions.iter().map(|&name| name.to_owned()).collect(),
            built_in: false,
        }
    }

    #[test]
    fn changes_follow_in_order_and_a_gap_is_asked_for_once() {
        let mut roles = Roles::default();
        roles.hear(0);
        assert!(!roles.need(), "nobody ever made one");
        assert!(roles.push(0, 1, vec![guest(&["sendMessage"])], &[]));
        assert!(!roles.push(0, 1, vec![guest(&[])], &[]), "told twice");
        assert!(!roles.push(4, 5, vec![guest(&[])], &[]), "a gap");
        assert!(roles.need() && !roles.need());
        let mut all = built_in_roles();
        all.push(guest(&["leaveConversation"]));
        assert!(roles.answered(5, all));
        assert!(!roles.need());
        assert_eq!(roles.all().len(), 5);
        assert!(roles.push(5, 6, Vec::new(), &[guest(&[]).sid]));
        assert_eq!(roles.cached(), CachedRoles { version: 6, roles: Vec::new() });
    }

    #[test]
    fn a_made_role_gives_what_it_holds_and_one_that_is_not_known_nothing() {
        let mut roles = Roles::default();
        let sid = Some(guest(&[]).sid);
        assert_eq!(roles.give(Role::Participant, sid, None), Permissions::default());
        roles.push(0, 1, vec![guest(&["sendMessage"])], &[]);
        assert!(roles.give(Role::Participant, sid, None).hold(Permission::SendMessage));
        assert!(!roles.give(Role::Participant, sid, None).hold(Permission::LeaveConversation));
        let silent = Some(ParticipantFlags::default());
        assert!(!roles.give(Role::Owner, None, silent).hold(Permission::SendMessage));
        let owner = roles.give(Role::Owner, Some(RoleSid::OWNER), None);
        assert!(owner.hold(Permission::DeleteConversation));
    }
}
