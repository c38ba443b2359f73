//! What a node's fan-out reads to make up for what its bus has lost: what moved in the workspace since a commit, and how a
//! conversation or a user stands at one snapshot.

use confab_protocol::model::{Head, User};
use confab_protocol::{ConversationSid, DeviceSid, UserSid};

use crate::query::resume::workspace;
use crate::store::UserMoved;
use crate::{DomainResult, Read, view};

/// Rows of one look-up. More than one mutation can move, so that a page always holds a whole commit.
const PAGE: usize = 1_000;

/// What moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// Where to go on.
    pub cursor: u64,
    /// There is more behind it.
    pub more: bool,
    /// Heads of conversations.
    pub heads: Vec<Head>,
    /// Users whose own state or profile moved, or who were deactivated.
    pub users: Vec<UserMoved>,
    /// Devices that were signed out.
    pub devices: Vec<(UserSid, DeviceSid)>,
    /// Version of the roles.
    pub roles_version: u64,
}

/// Where the workspace stands: the cursor of one who knows everything.
///
/// # Errors
/// Failures of the store.
pub fn end(read: &dyn Read) -> DomainResult<u64> {
    Ok(workspace(read)?.commit)
}

/// What moved since a cursor, in one snapshot. Costs what moved, not what exists.
///
/// # Errors
/// Failures of the store.
pub fn since(read: &dyn Read, cursor: u64) -> DomainResult<Tail> {
    let heads = read.heads_moved(cursor, PAGE)?;
    let users = read.users_moved(cursor, PAGE)?;
    let devices = read.devices_revoked(cursor, PAGE)?;
    let full = [
        cut(heads.iter().map(|row| row.moved)),
        cut(users.iter().map(|row| row.moved)),
        cut(devices.iter().map(|row| row.moved)),
    ];
    let cut = full.into_iter().flatten().min();
    Ok(Tail {
        // The last commit of a full page may go on behind it: it is read again.
        cursor: cut.map_or(end(read)?, |last| last.saturating_sub(1).max(cursor)),
        more: cut.is_some(),
        heads: heads.into_iter().map(|row| row.head).collect(),
        users,
        devices: devices.into_iter().map(|row| (row.user, row.device)).collect(),
        roles_version: workspace(read)?.roles_version,
    })
}

/// The last commit of a page, when the page is full.
fn cut(moved: impl ExactSizeIterator<Item = u64>) -> Option<u64> {
    if moved.len() < PAGE { None } else { moved.last() }
}

/// How a user stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The user.
    pub user: UserSid,
    /// Version of the newest of the user's own rows.
    pub state_version: u64,
    /// Version of the profile.
    pub profile_version: u64,
    /// May not be here any more.
    pub deactivated: bool,
    /// Heads of the conversations that the user is in.
    pub heads: Vec<Head>,
}

/// How a user stands, in one snapshot: with this a session begins.
///
/// # Errors
/// Failures of the store; there is no such user.
pub fn standing(read: &dyn Read, user: UserSid) -> DomainResult<Standing> {
    let row = crate::cx::user_row(read, user)?;
    let page = |after: Option<&Head>| read.joined_heads(user, after.map(|head| head.conversation), PAGE);
    Ok(Standing {
        user,
        state_version: row.state_version,
        profile_version: row.version,
        deactivated: row.deactivated,
        heads: all(page)?,
    })
}

/// A profile, for those who missed that it changed.
///
/// # Errors
/// Failures of the store; there is no such user.
pub fn profile(read: &dyn Read, user: UserSid) -> DomainResult<User> {
    Ok(view::user(&crate::cx::user_row(read, user)?)?)
}

/// Who is in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// Where the conversation stands.
    pub head: Head,
    /// Everyone who is in it.
    pub users: Vec<UserSid>,
}

/// Who is in a conversation, in one snapshot; nobody when there is no such conversation.
///
/// # Errors
/// Failures of the store.
pub fn members(read: &dyn Read, conversation: ConversationSid) -> DomainResult<Members> {
    let row = read.conversation(conversation)?;
    let (version, roster_version) = row.map_or((0, 0), |row| (row.head.last_seq, row.head.roster_version));
    let page = |after: Option<&UserSid>| read.members(conversation, after.copied(), PAGE);
    Ok(Members { head: Head { conversation, version, roster_version }, users: all(page)? })
}

/// Every page of a look-up.
fn all<T>(page: impl Fn(Option<&T>) -> crate::StoreResult<Vec<T>>) -> DomainResult<Vec<T>> {
    let mut all = Vec::new();
    loop {
        let page = page(all.last())?;
        let is_last = page.len() < PAGE;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use confab_protocol::method::{
        DeviceRevokeParams, PushRegisterParams, UserSetStatusParams, UserUpdateParams,
    };
    use confab_protocol::model::UserStatus;
    use confab_protocol::{Call, ConversationSid};
    use confab_testkit::World;
    use confab_testkit::domain::tail::{end, members, profile, since, standing};
    use confab_testkit::domain::{Read as _, account};

    #[test]
    fn what_moved_is_found_and_nothing_else() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let (one, two) = (world.conversation(&olga, &[&ana]), world.conversation(&olga, &[]));
        let cursor = end(&world.store).unwrap();
        let nothing = since(&world.store, cursor).unwrap();
        assert!(nothing.heads.is_empty() && nothing.users.is_empty() && nothing.devices.is_empty());
        world.say(&olga, one, "new");
        world.remove(&olga, one, &ana);
        let device = ana.device.expect("a device");
        let client_id = world.client_id();
        world.events(&ana, &Call::DeviceRevoke(DeviceRevokeParams { client_id, device }));
        let tail = since(&world.store, cursor).unwrap();
        assert_eq!(tail.heads, [members(&world.store, one).unwrap().head]);
        let state = standing(&world.store, ana.user).unwrap().state_version;
        assert_eq!(
            tail.users.iter().map(|row| (row.user, row.state_version)).collect::<Vec<_>>(),
            [(ana.user, state)]
        );
        assert_eq!(tail.devices, [(ana.user, device)]);
        assert_eq!((tail.cursor, tail.more), (end(&world.store).unwrap(), false));
        assert_eq!(members(&world.store, one).unwrap().users, [olga.user]);
        let heads = standing(&world.store, olga.user).unwrap().heads;
        assert_eq!(heads.iter().map(|head| head.conversation).collect::<Vec<_>>(), [one, two]);
    }

    #[test]
    fn a_profile_that_changed_has_moved() {
        let mut world = World::default();
        let ana = world.user("Ana");
        let (client_id, status) = (world.client_id(), Some(UserStatus::Away));
        let status = Call::UserSetStatus(UserSetStatusParams { client_id, status });
        let name = Some("Ana Lind".to_owned());
        let name = UserUpdateParams { friendly_name: name, ..UserUpdateParams::new(world.client_id()) };
        let push = Call::PushRegister(PushRegisterParams {
            client_id: world.client_id(),
            kind: "fcm".to_owned(),
            token: "token".to_owned(),
            events: None,
        });
        for (number, call) in (2..).zip([status, Call::UserUpdate(name), push]) {
            let cursor = end(&world.store).unwrap();
            world.events(&ana, &call);
            let moved = since(&world.store, cursor).unwrap().users;
            let moved: Vec<_> = moved.iter().map(|row| (row.user, row.profile_version)).collect();
            assert_eq!(moved, [(ana.user, number)], "{}", call.method());
            assert_eq!(profile(&world.store, ana.user).unwrap().version, number);
        }
    }

    #[test]
    fn a_device_that_makes_room_for_another_moves_too() {
        let mut world = World::default();
        let cursor = end(&world.store).unwrap();
        for _ in 0..confab_protocol::limits::DEVICES {
            let signed_in = world.write(|now, ids, store| account::owner_device("Desk", now, ids, store));
            signed_in.expect("signed in");
        }
        assert_eq!(since(&world.store, cursor).unwrap().devices.len(), 1);
    }

    #[test]
    fn it_comes_in_pages_and_misses_nothing_between_them() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let mut cursor = end(&world.store).unwrap();
        let made: BTreeSet<ConversationSid> =
            (0..1_500).map(|at| world.conversation(if at % 2 == 0 { &olga } else { &ana }, &[])).collect();
        let (mut found, mut pages) = (BTreeSet::new(), 0);
        loop {
            let page = since(&world.store, cursor).unwrap();
            assert!(page.cursor > cursor && page.heads.len() <= 1_000);
            found.extend(page.heads.iter().map(|head| head.conversation));
            (cursor, pages) = (page.cursor, pages + 1);
            if !page.more {
                break;
            }
        }
        assert_eq!((found == made, pages), (true, 2));
        assert_eq!(world.store.heads_moved(cursor, 9).unwrap(), []);
    }
}
