//! Signing in and out over HTTP, and what whoever runs the server does with people: each in a transaction of its own.

use confab_domain::account::{self, Grant, Join, Password, SignIn};
use confab_domain::{Actor, DomainResult, Event, Ids as _, apply};
use confab_protocol::method::DeviceRevokeParams;
use confab_protocol::{Call, ClientId, DeviceSid, Timestamp, UserSid};

use super::Server;

impl Server {
    /// A person signs in on a computer once more, by a link or without. Gives nothing when they are let in no more.
    pub(crate) fn sign_in(
        &mut self,
        user: UserSid,
        device_name: &str,
        client_id: ClientId,
        by_link: bool,
        now: Timestamp,
    ) -> Option<Grant> {
        let row = self.read().user(user).expect("the store can be read")?;
        let (identity, ids) = (row.identity.as_str(), &mut self.ids);
        let granted = self.db.write(|tx| match row.password_hash.as_deref() {
            // The owner is let in by the computer that the workspace is on.
            None => account::owner_device(device_name, now, ids, tx),
            Some(verified) if by_link => {
                let password = Password::Verified(verified);
                account::join(&Join { client_id, secret: "", identity, password, device_name }, now, ids, tx)
            }
            Some(verified) => {
                account::sign_in(&SignIn { client_id, identity, verified, device_name }, now, ids, tx)
            }
        });
        granted.ok()
    }

    /// A device signs itself out. Gives what to tell.
    pub(crate) fn sign_out(&mut self, user: UserSid, device: DeviceSid, now: Timestamp) -> Vec<Event> {
        let ids = &mut self.ids;
        let done: DomainResult<_> = self.db.write(|tx| {
            let (actor, _) = account::authenticate(user, device, tx)?;
            let call = Call::DeviceRevoke(DeviceRevokeParams { client_id: ClientId(ids.uuid()), device });
            apply(&actor, &call, now, ids, tx)
        });
        done.map(|outcome| outcome.events).unwrap_or_default()
    }

    /// A user is let go, unless the workspace is theirs. Gives what to tell.
    pub(crate) fn let_go(&mut self, user: UserSid, now: Timestamp) -> Vec<Event> {
        let (ids, workspace) = (&mut self.ids, self.workspace);
        let done: DomainResult<_> = self.db.write(|tx| {
            let row = account::system_user(now, tx)?;
            let system =
                Actor { workspace, user: row.sid, identity: row.identity, role: row.role, device: None };
            account::deactivate(&system, user, now, ids, tx)
        });
        done.unwrap_or_default()
    }

    /// A user who was let go is taken back in. Gives what to tell.
    pub(crate) fn take_back(&mut self, user: UserSid) -> Vec<Event> {
        self.db.write(|tx| account::reactivate(user, tx)).expect("the store can be written")
    }
}
