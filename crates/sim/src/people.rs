//! Who is there at the beginning: people with their devices, and two conversations, one of which shows newcomers nothing of
//! what was before them.

use confab_domain::account::{self, Grant, Join, Password};
use confab_domain::row::UserRow;
use confab_domain::{Actor, DomainResult, Ids as _, Tx, apply};
use confab_protocol::method::{ConversationCreateParams, ParticipantAddParams};
use confab_protocol::{Answer, Call, ClientId, DeviceSid, Timestamp};
use confab_testkit::SeededIds;

use crate::plan::PEOPLE;

/// A device that is signed in, as it knows itself.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    pub(crate) user: UserRow,
    pub(crate) device: DeviceSid,
    /// The refresh token that lies in the device's keyring.
    pub(crate) refresh_token: String,
}

impl From<Grant> for SignedIn {
    fn from(grant: Grant) -> Self {
        Self { user: grant.user, device: grant.device, refresh_token: grant.refresh_token }
    }
}

fn done<T>(result: DomainResult<T>) -> T {
    result.unwrap_or_else(|error| panic!("the workspace cannot be made: {error}"))
}

/// Makes the workspace of a run. Gives its devices.
pub(crate) fn settle(
    devices: usize,
    now: Timestamp,
    ids: &mut SeededIds,
    store: &mut dyn Tx,
) -> Vec<SignedIn> {
    done(account::create_workspace("Fjordline", now, ids, store));
    let mut signed_in: Vec<SignedIn> = Vec::new();
    for (name, person) in PEOPLE.into_iter().take(devices) {
        let grant = match (person, signed_in.is_empty()) {
            ("Ann", true) => account::create_owner("Ann", None, name, now, ids, store),
            ("Ann", false) => account::owner_device(name, now, ids, store),
            _ => enter(person, name, now, ids, store),
        };
        signed_in.push(done(grant).into());
    }
    talk(&signed_in, now, ids, store);
    signed_in
}

fn enter(
    person: &str,
    device_name: &str,
    now: Timestamp,
    ids: &mut SeededIds,
    store: &mut dyn Tx,
) -> DomainResult<Grant> {
    let minted = account::mint_invite(None, None, now, ids, store)?;
    let known = store.user_by_key(&confab_domain::name::identity_key(person))?;
    let password = if known.is_some() { Password::Verified("hash") } else { Password::New("hash") };
    let join = Join {
        client_id: ClientId(ids.uuid()),
        secret: &minted.secret,
        identity: person,
        password,
        device_name,
    };
    account::join(&join, now, ids, store)
}

fn talk(people: &[SignedIn], now: Timestamp, ids: &mut SeededIds, store: &mut dyn Tx) {
    let ann = Actor {
        workspace: store.scope(),
        user: people[0].user.sid,
        identity: people[0].user.identity.clone(),
        role: people[0].user.role,
        device: None,
    };
    for (name, uber) in [("everybody", false), ("of the moment", true)] {
        let create = Call::ConversationCreate(ConversationCreateParams {
            friendly_name: Some(name.to_owned()),
            uber,
            ..ConversationCreateParams::new(ClientId(ids.uuid()))
        });
        let Answer::ConversationCreate(made) = done(apply(&ann, &create, now, ids, store)).answer else {
            unreachable!("the answer is of another method")
        };
        for identity in ["Ben", "Cleo"] {
            if people.iter().any(|one| one.user.identity == identity) {
                let add = Call::ParticipantAdd(ParticipantAddParams {
                    client_id: ClientId(ids.uuid()),
                    conversation: made.summary.me.conversation,
                    identity: identity.to_owned(),
                    attributes: None,
                });
                done(apply(&ann, &add, now, ids, store));
            }
        }
    }
}
