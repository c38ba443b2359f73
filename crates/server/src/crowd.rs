//! A workspace with a crowd in it, made at once in a directory that nobody serves: ten thousand people come in one by one no more than
//! the limits let them. For `cargo xtask bench`.

use std::path::Path;

use confab_domain::account::{Join, Password, authenticate, join, mint_invite};
use confab_domain::{Actor, DomainResult, Tx, apply};
use confab_protocol::method::{ConversationCreateParams, ParticipantAddParams};
use confab_protocol::{Answer, Call, ClientId, ConversationSid, WireError, limits};
use uuid::Uuid;

use crate::clock::{SystemIds, now};
use crate::data_dir::{DATABASE, DataDir};
use crate::error::ServerError;
use crate::start;
use crate::store::SqliteStore;

/// How long the tokens are good, in milliseconds.
const TOKEN_MS: u64 = 60 * 60 * 1_000;

/// Everybody, and the conversations that they are in.
#[derive(Debug)]
pub struct Crowd {
    /// An access token for each, good for an hour; the first one owns the conversations.
    pub tokens: Vec<String>,
    /// A conversation for each number of members that was asked for: the first so many of all.
    pub conversations: Vec<ConversationSid>,
}

/// Fills a data directory that has a workspace with `people`, and makes a conversation of each size.
///
/// # Errors
/// The directory is served, has no workspace or cannot be written; the rules refuse something.
pub fn crowd(data_dir: &Path, people: usize, sizes: &[usize]) -> Result<Crowd, ServerError> {
    let dir = DataDir::open(data_dir)?;
    let store = SqliteStore::open(&dir.join(DATABASE))?;
    let scope = store.workspace()?.ok_or_else(|| ServerError::Database("no workspace".to_owned()))?;
    let made = store.once(scope, |tx| fill(tx, people, sizes));
    let (everybody, conversations) = made.map_err(|error| ServerError::Database(error.to_string()))?;
    let (keys, at) = (start::keys(&store, scope)?, now());
    let token = |actor: &Actor| {
        let device = actor.device.expect("invariant: they came in by a device");
        keys.sign(&actor.identity, device, at, at.plus(TOKEN_MS)).text
    };
    Ok(Crowd { tokens: everybody.iter().map(token).collect(), conversations })
}

fn fill(tx: &mut dyn Tx, people: usize, sizes: &[usize]) -> DomainResult<(Vec<Actor>, Vec<ConversationSid>)> {
    let mut workspace = tx.workspace()?.ok_or_else(|| WireError::not_found("workspace"))?;
    workspace.participants_limit = limits::PARTICIPANTS_MOST as u64;
    tx.update_workspace(&workspace)?;
    let everybody = come_in(tx, people)?;
    let mut conversations = Vec::new();
    for size in sizes {
        conversations.push(gather(tx, &everybody[..*size])?);
    }
    Ok((everybody, conversations))
}

/// Everybody joins by an invite, a thousand by each.
fn come_in(tx: &mut dyn Tx, people: usize) -> DomainResult<Vec<Actor>> {
    let (mut everybody, mut secret) = (Vec::new(), String::new());
    for number in 0..people {
        if number % limits::INVITE_USES as usize == 0 {
            secret = mint_invite(None, Some(limits::INVITE_USES), now(), &mut SystemIds, tx)?.secret;
        }
        let (client_id, identity) = (client_id(), format!("person {number}"));
        // No hash: nobody signs in with a password here.
        let password = Password::New("");
        let ask = Join { client_id, secret: &secret, identity: &identity, password, device_name: "bench" };
        let grant = join(&ask, now(), &mut SystemIds, tx)?;
        everybody.push(authenticate(grant.user.sid, grant.device, tx)?.0);
    }
    Ok(everybody)
}

/// A conversation of all of them, made by the first.
fn gather(tx: &mut dyn Tx, members: &[Actor]) -> DomainResult<ConversationSid> {
    let [owner, others @ ..] = members else { return Err(WireError::invalid("sizes", "nobody").into()) };
    let create = Call::ConversationCreate(ConversationCreateParams::new(client_id()));
    let made = apply(owner, &create, now(), &mut SystemIds, tx)?.answer;
    let Answer::ConversationCreate(made) = made else {
        return Err(WireError::not_found("conversation").into());
    };
    let conversation = made.summary.me.conversation;
    for other in others {
        let identity = other.identity.clone();
        let add = ParticipantAddParams { client_id: client_id(), conversation, identity, attributes: None };
        apply(owner, &Call::ParticipantAdd(add), now(), &mut SystemIds, tx)?;
    }
    Ok(conversation)
}

fn client_id() -> ClientId {
    ClientId(Uuid::now_v7())
}
