//! Redeeming an invite. A name that is known already signs in with its password and does not use the invite up.

use confab_protocol::model::Role;
use confab_protocol::{ErrorCode, Timestamp, UserSid, WireError, WorkspaceSid};

use super::{Grant, Join, Password, SignIn, device, hash, sign_in};
use crate::row::{AuditAction, InviteRow, RedemptionRow, UserRow};
use crate::{DomainResult, Event, Ids, Tx, derived, name, view};

/// Redeems an invite. The first who joins a workspace that nobody owns becomes its owner.
///
/// # Errors
/// `invite_unknown`, `invite_expired`, `invite_used_up`; `name_taken` when the name is somebody's and the password is not
/// theirs, also when somebody took it after it was looked up: look it up once more then; `deactivated`; `invalid_params`
/// and `too_large` for the names.
pub fn join(ask: &Join<'_>, now: Timestamp, ids: &mut dyn Ids, tx: &mut dyn Tx) -> DomainResult<Grant> {
    let identity = name::identity("identity", ask.identity)?;
    let known = tx.user_by_key(&name::identity_key(identity))?;
    if let (Some(_), Password::Verified(verified)) = (&known, ask.password) {
        let Join { client_id, device_name, .. } = *ask;
        return sign_in(&SignIn { client_id, identity, verified, device_name }, now, ids, tx);
    }
    let invite = usable(ask, now, tx)?;
    let (None, Password::New(password_hash)) = (&known, ask.password) else {
        return Err(WireError::new(ErrorCode::NameTaken).with("identity", identity).into());
    };
    let user = new_user(identity, Some(password_hash), now, tx)?;
    use_up(invite, ask, user.sid, now, tx)?;
    let profile = Event::User(view::user(&user)?);
    let actor = user.sid;
    let mut grant = device::enter(user, ask.device_name, AuditAction::Joined, now, ids, tx)?;
    grant.events.push(profile);
    sign_in::keep_device(actor, ask.client_id, identity, grant.device, now, tx)?;
    Ok(grant)
}

fn usable(ask: &Join<'_>, now: Timestamp, tx: &dyn Tx) -> DomainResult<InviteRow> {
    let invite = tx.invite_by_secret(&hash(ask.secret))?.filter(|row| row.revoked_at.is_none());
    let invite = invite.ok_or(ErrorCode::InviteUnknown)?;
    if invite.expires_at <= now {
        return Err(ErrorCode::InviteExpired.into());
    }
    // A join that is sent again has used its invite already: it gets as far as the name.
    if invite.uses >= invite.max_uses && tx.redemption(invite.sid, ask.client_id)?.is_none() {
        return Err(ErrorCode::InviteUsedUp.into());
    }
    Ok(invite)
}

fn use_up(
    mut invite: InviteRow,
    ask: &Join<'_>,
    user: UserSid,
    at: Timestamp,
    tx: &mut dyn Tx,
) -> DomainResult<()> {
    tx.insert_redemption(&RedemptionRow { invite: invite.sid, client_id: ask.client_id, user, at })?;
    invite.uses += 1;
    tx.update_invite(&invite)?;
    Ok(())
}

/// Makes a user; the first one of a workspace owns it.
pub(super) fn new_user(
    identity: &str,
    password_hash: Option<&str>,
    now: Timestamp,
    tx: &mut dyn Tx,
) -> DomainResult<UserRow> {
    let mut workspace = super::workspace::workspace(tx)?;
    let first = workspace.owner.is_none();
    let user = UserRow {
        role: if first { Role::Owner } else { Role::Participant },
        password_hash: password_hash.map(str::to_owned),
        ..blank(workspace.sid, identity, now)
    };
    tx.insert_user(&user)?;
    if first {
        workspace.owner = Some(user.sid);
        tx.update_workspace(&workspace)?;
    }
    Ok(user)
}

/// An ordinary user of this identity, without a password, who has done nothing yet.
pub(super) fn blank(workspace: WorkspaceSid, identity: &str, now: Timestamp) -> UserRow {
    let identity_key = name::identity_key(identity);
    UserRow {
        sid: derived::user(workspace, &identity_key),
        identity: identity.to_owned(),
        identity_key,
        friendly_name: identity.to_owned(),
        attributes: "{}".to_owned(),
        role: Role::Participant,
        custom_role: None,
        status: None,
        password_hash: None,
        version: 1,
        state_version: 0,
        joined_count: 0,
        notifiable: false,
        deactivated: false,
        moved: 0,
        date_created: now,
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::model::Role;
    use confab_protocol::{ClientId, ErrorCode, WorkspaceSid};
    use confab_testkit::World;
    use confab_testkit::domain::account::{self, Join, Minted, Password};
    use confab_testkit::domain::row::AuditAction;
    use confab_testkit::domain::store::Read as _;
    use confab_testkit::domain::{DomainError, Event};
    use confab_testkit::{MemoryStore, SeededIds, TestClock};

    fn minted(world: &mut World, expires_in_ms: Option<u64>, max_uses: Option<u32>) -> Minted {
        world
            .write(|now, ids, store| account::mint_invite(expires_in_ms, max_uses, now, ids, store))
            .expect("an invite")
    }

    fn code(error: &DomainError) -> ErrorCode {
        error.to_wire().code
    }

    #[test]
    fn a_new_name_becomes_a_user_with_a_device() {
        let mut world = World::default();
        let secret = minted(&mut world, None, Some(1)).secret;
        let grant = world.join(&secret, " Ana Lind ", Password::New("hash")).expect("she joins");
        let user = world.store.user(grant.user.sid).unwrap().unwrap();
        assert_eq!((&user.identity[..], &user.identity_key[..]), ("Ana Lind", "ana lind"));
        assert_eq!((user.role, user.password_hash.as_deref()), (Role::Participant, Some("hash")));
        assert!(matches!(&grant.events[..], [Event::User(profile)] if profile.sid == user.sid));
        let (actor, profile) =
            account::authenticate(user.sid, grant.device, &world.store).expect("signed in");
        assert_eq!((actor.device, &profile.friendly_name[..]), (Some(grant.device), "Ana Lind"));
        assert_eq!(world.audited(1), [AuditAction::Joined]);
    }

    #[test]
    fn an_invite_ends_by_use_by_time_and_is_not_guessed() {
        let mut world = World::default();
        let once = minted(&mut world, None, Some(1)).secret;
        world.join(&once, "Ana", Password::New("hash")).expect("the first");
        let before = world.store.clone();
        let refusal = world.join(&once, "Bo", Password::New("hash")).expect_err("used up");
        assert_eq!(code(&refusal), ErrorCode::InviteUsedUp);
        let short = minted(&mut world, Some(1_000), None).secret;
        world.clock.advance(1_000);
        let refusal = world.join(&short, "Bo", Password::New("hash")).expect_err("expired");
        assert_eq!(code(&refusal), ErrorCode::InviteExpired);
        let refusal = world.join("AAAAAAAAAAAAAAAAAAAAAA", "Bo", Password::New("hash")).expect_err("unknown");
        assert_eq!(code(&refusal), ErrorCode::InviteUnknown);
        assert_eq!(before.user_by_key("bo").unwrap(), None);
        assert_eq!(world.store.user_by_key("bo").unwrap(), None);
    }

    #[test]
    fn a_known_name_needs_its_password_and_uses_nothing_up() {
        let mut world = World::default();
        let ana = world.user("Ana");
        let invite = minted(&mut world, None, Some(1));
        let refusal = world.join(&invite.secret, "ANA", Password::Wrong).expect_err("not hers");
        assert_eq!(code(&refusal), ErrorCode::NameTaken);
        let refusal = world.join(&invite.secret, "ana", Password::New("hash")).expect_err("taken meanwhile");
        assert_eq!(code(&refusal), ErrorCode::NameTaken);
        // Names are not told to those without an invite.
        let refusal = world.join("AAAAAAAAAAAAAAAAAAAAAA", "Ana", Password::Wrong).expect_err("no invite");
        assert_eq!(code(&refusal), ErrorCode::InviteUnknown);
        let grant = world.join(&invite.secret, "ana", Password::Verified("hash of Ana")).expect("it is her");
        assert_eq!(grant.user.sid, ana.user);
        assert_ne!(Some(grant.device), ana.device);
        assert_eq!(world.store.invite(invite.invite.sid).unwrap().unwrap().uses, 0);
        let refusal = world.join(&invite.secret, "ana", Password::Verified("old hash")).expect_err("changed");
        assert_eq!(code(&refusal), ErrorCode::WrongPassword);
    }

    #[test]
    fn sent_again_after_a_lost_answer_it_is_the_same_user_and_device() {
        let mut world = World::default();
        let invite = minted(&mut world, None, Some(1));
        let client_id = world.client_id();
        let join = |world: &mut World, client_id: ClientId, password| {
            let ask =
                Join { client_id, secret: &invite.secret, identity: "Ana", password, device_name: "Laptop" };
            world.write(|now, ids, store| account::join(&ask, now, ids, store))
        };
        let lost = join(&mut world, client_id, Password::New("hash")).expect("she joins");
        let found = join(&mut world, client_id, Password::Verified("hash")).expect("once more");
        assert_eq!((found.user.sid, found.device), (lost.user.sid, lost.device));
        assert_ne!(found.refresh_token, lost.refresh_token);
        // Whoever looked the name up before the first attempt was through is told to look again, not that it is used up.
        let race = join(&mut world, client_id, Password::New("hash")).expect_err("look again");
        assert_eq!(code(&race), ErrorCode::NameTaken);
    }

    #[test]
    fn the_first_who_joins_owns_a_workspace_that_nobody_owns() {
        let mut store = MemoryStore::new(WorkspaceSid(uuid::Uuid::from_u128(1)));
        let (mut ids, now) = (SeededIds::new(1), TestClock::default().now());
        account::create_workspace("Fjordline", now, &mut ids, &mut store).expect("a workspace");
        let none = account::owner_device("Laptop", now, &mut ids, &mut store).expect_err("nobody owns it");
        assert_eq!(code(&none), ErrorCode::NotFound);
        let secret = account::mint_invite(None, None, now, &mut ids, &mut store).expect("an invite").secret;
        for (name, role) in [("Ana", Role::Owner), ("Bo", Role::Participant)] {
            let client_id = ClientId(confab_testkit::domain::Ids::uuid(&mut ids));
            let password = Password::New("hash");
            let ask = Join { client_id, secret: &secret, identity: name, password, device_name: "" };
            let grant = account::join(&ask, now, &mut ids, &mut store).expect("a user");
            assert_eq!(grant.user.role, role);
        }
        let owner = account::owner_device("Laptop", now, &mut ids, &mut store).expect("the owner");
        assert_eq!(owner.user.identity, "Ana");
    }

    #[test]
    fn names_that_cannot_be_seen_or_are_too_long_are_refused() {
        let mut world = World::default();
        let secret = minted(&mut world, None, None).secret;
        for (name, expected) in [
            ("  ", ErrorCode::InvalidParams),
            ("a\u{0}b", ErrorCode::InvalidParams),
            ("a\u{200b}b", ErrorCode::InvalidParams),
            (&"a".repeat(257)[..], ErrorCode::TooLarge),
        ] {
            let refusal = world.join(&secret, name, Password::New("hash")).expect_err("no name");
            assert_eq!(code(&refusal), expected, "{name:?}");
        }
    }
}
