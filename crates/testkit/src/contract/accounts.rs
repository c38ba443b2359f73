//! Workspace, keys, users, devices, invites, audit.

use confab_domain::permission::Permissions;
use confab_domain::row::{DeviceRow, MembershipRow, RedemptionRow, RoleRow, UserRow, WorkspaceRow};
use confab_protocol::{ClientId, DeviceSid, Epoch, Timestamp};

use super::rows::{
    audit, ch, device, invite, membership, push, role, seed, signing_key, us, user, uuid, workspace,
};
use super::{StoreUnderTest, Test, conflict, read, write};

pub(super) const TESTS: &[(&str, Test)] = &[
    ("roles are kept until they are forgotten, and known to be held", roles),
    ("nothing is found in an empty store", nothing_is_found),
    ("the workspace is kept, and its commits are counted", workspace_and_commits),
    ("the newest signing key is the one made last, the first one stays the first", signing_keys),
    ("users are unique by key", users),
    ("users are listed by SID", listed),
    ("devices are found by family and listed by use", devices),
    ("a device is found by the token under which it is pushed to", pushed),
    ("live invites are those that can be used", invites),
    ("audit lines come back newest first", audit_lines),
];

fn nothing_is_found(store: &mut dyn StoreUnderTest) {
    assert_eq!(read(store, |read| read.workspace()), None);
    assert_eq!(read(store, |read| read.newest_signing_key()), None);
    assert_eq!(read(store, |read| read.first_signing_key()), None);
    assert_eq!(read(store, |read| read.user(us(1))), None);
    assert_eq!(read(store, |read| read.user_by_key("žofie 1")), None);
    assert_eq!(read(store, |read| read.audit(10)), []);
    let scope = store.scope();
    store.read(&mut |read| assert_eq!(read.scope(), scope));
}

fn workspace_and_commits(store: &mut dyn StoreUnderTest) {
    let row = workspace(store.scope());
    write(store, |tx| tx.insert_workspace(&row));
    conflict(store, |tx| tx.insert_workspace(&row));
    assert_eq!(read(store, |read| read.workspace()), Some(row.clone()));
    write(store, |tx| {
        assert_eq!((tx.next_commit()?, tx.next_commit()?), (1, 2));
        assert_eq!(tx.workspace()?.map(|row| row.commit), Some(2));
        tx.insert_user(&user(1))
    });
    let changed = WorkspaceRow {
        epoch: Epoch(uuid(8)),
        name: "Elsewhere".into(),
        owner: Some(us(1)),
        participants_limit: 7,
        roles_version: 3,
        ..row.clone()
    };
    write(store, |tx| tx.update_workspace(&changed));
    assert_eq!(read(store, |read| read.workspace()), Some(WorkspaceRow { commit: 2, ..changed }));
    store.reopen();
    write(store, |tx| {
        assert_eq!(tx.next_commit()?, 3);
        Ok(())
    });
}

fn signing_keys(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.insert_signing_key(&signing_key(4, 10))?;
        tx.insert_signing_key(&signing_key(3, 10))?;
        tx.insert_signing_key(&signing_key(1, 20))?;
        tx.insert_signing_key(&signing_key(2, 20))
    });
    assert_eq!(read(store, |read| read.newest_signing_key()), Some(signing_key(2, 20)));
    assert_eq!(read(store, |read| read.first_signing_key()), Some(signing_key(3, 10)));
    assert_eq!(read(store, |read| read.signing_key(uuid(3))), Some(signing_key(3, 10)));
    assert_eq!(read(store, |read| read.signing_key(uuid(5))), None);
    conflict(store, |tx| tx.insert_signing_key(&signing_key(3, 30)));
}

fn users(store: &mut dyn StoreUnderTest) {
    write(store, seed);
    assert_eq!(read(store, |read| read.user(us(2))), Some(user(2)));
    assert_eq!(read(store, |read| read.user_by_key("žofie 2")), Some(user(2)));
    conflict(store, |tx| tx.insert_user(&UserRow { sid: us(9), ..user(2) }));
    conflict(store, |tx| tx.insert_user(&UserRow { identity_key: "other".into(), ..user(2) }));
    let changed = UserRow {
        friendly_name: "Zoe".into(),
        password_hash: None,
        version: 4,
        state_version: 0,
        joined_count: 0,
        deactivated: true,
        ..user(2)
    };
    write(store, |tx| tx.update_user(&changed));
    assert_eq!(read(store, |read| read.user(us(2))), Some(changed));
    conflict(store, |tx| tx.update_user(&user(9)));
}

fn devices(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.insert_device(&device(1, us(1), 10))?;
        tx.insert_device(&device(2, us(1), 30))?;
        tx.insert_device(&device(3, us(1), 20))?;
        tx.insert_device(&device(4, us(2), 40))
    });
    assert_eq!(read(store, |read| read.device(device(3, us(1), 20).sid)), Some(device(3, us(1), 20)));
    assert_eq!(read(store, |read| read.device_by_family(&[4; 32])), Some(device(4, us(2), 40)));
    assert_eq!(read(store, |read| read.device_by_family(&[9; 32])), None);
    let live = |store: &mut dyn StoreUnderTest, limit| read(store, |read| read.live_devices(us(1), limit));
    assert_eq!(live(store, 2), [device(2, us(1), 30), device(3, us(1), 20)]);
    let mut gone = device(2, us(1), 30);
    (gone.revoked_at, gone.previous_hash, gone.family_hash) = (Some(Timestamp(50)), None, [8; 32]);
    gone.generation = 0;
    write(store, |tx| tx.update_device(&gone));
    assert_eq!(live(store, 9), [device(3, us(1), 20), device(1, us(1), 10)]);
    assert_eq!(read(store, |read| read.device_by_family(&[8; 32])), Some(gone));
    assert_eq!(read(store, |read| read.device_by_family(&[2; 32])), None);
    let mut same = device(5, us(2), 1);
    same.family_hash = [4; 32];
    conflict(store, |tx| tx.insert_device(&same));
}

fn pushed(store: &mut dyn StoreUnderTest) {
    let one = DeviceRow { push: Some(push(1)), ..device(1, us(1), 10) };
    write(store, |tx| {
        seed(tx)?;
        tx.insert_device(&one)?;
        tx.insert_device(&device(2, us(1), 20))
    });
    let two = DeviceRow { push: Some(push(2)), ..device(2, us(1), 20) };
    write(store, |tx| tx.update_device(&two));
    let found = |store: &mut dyn StoreUnderTest, kind: &str, token: &str| {
        read(store, |read| read.device_by_push(kind, token))
    };
    assert_eq!(found(store, "fcm", "token 1"), Some(one));
    assert_eq!(found(store, "fcm", "token 2"), Some(two.clone()));
    assert_eq!((found(store, "apn", "token 1"), found(store, "fcm", "token 3")), (None, None));
    conflict(store, |tx| tx.update_device(&DeviceRow { push: Some(push(1)), ..two.clone() }));
    let mut three = DeviceRow { push: Some(push(3)), ..device(3, us(2), 30) };
    three.push.as_mut().expect("it is pushed to").kind = "apn".to_owned();
    write(store, |tx| {
        tx.insert_device(&three)?;
        tx.insert_device(&device(4, us(2), 40))
    });
    let pushed = |store: &mut dyn StoreUnderTest, after: Option<(&str, DeviceSid)>, limit| {
        let rows = read(store, |read| read.pushed_devices(after, limit));
        rows.into_iter().map(|row| row.sid).collect::<Vec<_>>()
    };
    let of = |number| device(number, us(1), 0).sid;
    assert_eq!(pushed(store, None, 9), [of(3), of(1), of(2)]);
    assert_eq!(pushed(store, Some(("apn", of(3))), 1), [of(1)]);
    assert_eq!(pushed(store, Some(("fcm", of(1))), 9), [of(2)]);
    write(store, |tx| tx.update_device(&DeviceRow { push: None, ..two.clone() }));
    assert_eq!(found(store, "fcm", "token 2"), None);
}

fn invites(store: &mut dyn StoreUnderTest) {
    let now = Timestamp(999);
    let (mut expired, mut used, mut ended, mut by_operator) = (invite(2), invite(3), invite(4), invite(5));
    expired.expires_at = now;
    used.uses = used.max_uses;
    ended.revoked_at = Some(Timestamp(1));
    by_operator.created_by = None;
    write(store, |tx| {
        seed(tx)?;
        for row in [&by_operator, &invite(1), &expired, &used, &ended] {
            tx.insert_invite(row)?;
        }
        Ok(())
    });
    assert_eq!(read(store, |read| read.live_invites(now, 10)), [invite(1), by_operator.clone()]);
    assert_eq!(read(store, |read| read.live_invites(now, 1)), [invite(1)]);
    assert_eq!(read(store, |read| read.invite_by_secret(&[3; 32])), Some(used.clone()));
    assert_eq!(read(store, |read| read.invite(ended.sid)), Some(ended.clone()));
    used.secret_hash = [9; 32];
    write(store, |tx| tx.update_invite(&used));
    assert_eq!(read(store, |read| read.invite_by_secret(&[3; 32])), None);
    assert_eq!(read(store, |read| read.invite_by_secret(&[9; 32])), Some(used.clone()));
    let client_id = ClientId(uuid(1));
    let redemption = RedemptionRow { invite: used.sid, client_id, user: us(1), at: Timestamp(3) };
    write(store, |tx| tx.insert_redemption(&redemption));
    conflict(store, |tx| tx.insert_redemption(&redemption));
    assert_eq!(read(store, |read| read.redemption(used.sid, client_id)), Some(redemption));
    assert_eq!(read(store, |read| read.redemption(ended.sid, client_id)), None);
}

fn audit_lines(store: &mut dyn StoreUnderTest) {
    let mut by_operator = audit("two");
    (by_operator.actor, by_operator.device) = (None, None);
    write(store, |tx| {
        seed(tx)?;
        tx.insert_audit(&audit("one"))?;
        tx.insert_audit(&by_operator)?;
        tx.insert_audit(&audit("three"))
    });
    assert_eq!(read(store, |read| read.audit(2)), [audit("three"), by_operator.clone()]);
}

fn roles(store: &mut dyn StoreUnderTest) {
    let changed = RoleRow { friendly_name: "Host".into(), permissions: Permissions::default(), ..role(2) };
    write(store, |tx| {
        seed(tx)?;
        for number in [3, 1, 2, 4] {
            tx.insert_role(&role(number))?;
        }
        tx.update_role(&changed)?;
        tx.put_membership(&membership(us(1), ch(1), 6))?;
        tx.delete_role(role(4).sid)
    });
    assert_eq!(read(store, |read| read.roles(2)), [role(1), changed.clone()]);
    assert_eq!(read(store, |read| read.roles(9)).len(), 3);
    assert_eq!(read(store, |read| read.role(role(2).sid)), Some(changed));
    assert_eq!(read(store, |read| read.role(role(4).sid)), None);
    let held = |store: &mut dyn StoreUnderTest, number| read(store, |read| read.has_role(role(number).sid));
    // The users have the first, and somebody in a conversation the third.
    assert_eq!((held(store, 1), held(store, 2), held(store, 3)), (true, false, true));
    write(store, |tx| tx.put_membership(&MembershipRow { custom_role: None, ..membership(us(1), ch(1), 7) }));
    assert!(!held(store, 3));
    conflict(store, |tx| tx.insert_role(&role(1)));
    conflict(store, |tx| tx.update_role(&role(4)));
}

fn listed(store: &mut dyn StoreUnderTest) {
    write(store, seed);
    let page = |store: &mut dyn StoreUnderTest, after, limit| read(store, |read| read.users(after, limit));
    assert_eq!(page(store, None, 2), [user(1), user(2)]);
    assert_eq!(page(store, Some(us(2)), 9), [user(3)]);
}
