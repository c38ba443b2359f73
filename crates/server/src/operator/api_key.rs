//! `confab-server api-key`: keys for programs, made and ended whether a server runs in the directory or not.

use std::path::Path;

use confab_domain::{DomainResult, Ids, Tx};
use confab_protocol::Timestamp;
use serde::{Deserialize, Serialize};

use super::open;
use crate::clock::{SystemIds, now};
use crate::control::{KeyOrder, ask_about_keys};
use crate::data_dir::DATABASE;
use crate::error::ServerError;
use crate::store::SqliteStore;
use crate::twilio::keys::{account_sid, create, list, revoke};

/// A new key, with the secret that is told this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyMade {
    /// The account, `AC` and 32 hex digits.
    pub account_sid: String,
    /// The key, `SK` and 32 hex digits.
    pub key_sid: String,
    /// Its secret.
    pub secret: String,
    /// The service, `IS` and 32 hex digits.
    pub service_sid: String,
}

impl std::fmt::Debug for ApiKeyMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKeyMade").field("key_sid", &self.key_sid).finish_non_exhaustive()
    }
}

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyListed {
    /// The key.
    pub key_sid: String,
    /// What its maker calls it; may be empty.
    pub friendly_name: String,
    /// When it was made.
    pub date_created: Timestamp,
}

/// Makes a key for programs: with it they sign access tokens for people, and call the REST API.
///
/// # Errors
/// What the rules refuse; a directory without a workspace.
pub fn api_key_create(data_dir: &Path, friendly_name: &str) -> Result<ApiKeyMade, ServerError> {
    ordered(data_dir, &KeyOrder::Create { friendly_name: friendly_name.to_owned() })
}

/// Every key of a workspace, oldest first.
///
/// # Errors
/// A directory without a workspace.
pub fn api_keys(data_dir: &Path) -> Result<Vec<ApiKeyListed>, ServerError> {
    ordered(data_dir, &KeyOrder::List)
}

/// Ends a key. What it has signed is not accepted from now on.
///
/// # Errors
/// `not_found`; a directory without a workspace.
pub fn api_key_revoke(data_dir: &Path, key_sid: &str) -> Result<(), ServerError> {
    ordered(data_dir, &KeyOrder::Revoke { key_sid: key_sid.to_owned() })
}

fn ordered<T: for<'de> Deserialize<'de>>(data_dir: &Path, order: &KeyOrder) -> Result<T, ServerError> {
    let text = match ask_about_keys(data_dir, order.clone())? {
        Some(text) => text,
        None => alone(data_dir, order)?,
    };
    serde_json::from_str(&text).map_err(|error| ServerError::Database(error.to_string()))
}

/// Does it in the database of a directory in which no server runs.
fn alone(data_dir: &Path, order: &KeyOrder) -> Result<String, ServerError> {
    let dir = open(data_dir)?;
    let store = SqliteStore::open(&dir.join(DATABASE))?;
    let no_workspace = || ServerError::NoWorkspace { path: data_dir.to_owned() };
    let scope = store.workspace()?.ok_or_else(no_workspace)?;
    let done = store.once(scope, |tx| carry_out(order, now(), &mut SystemIds, tx));
    Ok(done.map_err(|error| error.to_wire())?)
}

/// Carries an order out, and gives what came of it as JSON.
pub(crate) fn carry_out(
    order: &KeyOrder,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<String> {
    Ok(match order {
        KeyOrder::Create { friendly_name } => {
            let key = create(friendly_name, now, ids, tx)?;
            let (account_sid, service_sid) = (account_sid(tx.scope()), tx.scope().to_string());
            text(&ApiKeyMade { account_sid, key_sid: key.sid, secret: key.secret, service_sid })
        }
        KeyOrder::List => {
            let keys = list(tx)?.into_iter().map(|key| ApiKeyListed {
                key_sid: key.sid,
                friendly_name: key.friendly_name,
                date_created: key.date_created,
            });
            text(&keys.collect::<Vec<_>>())
        }
        KeyOrder::Revoke { key_sid } => {
            revoke(key_sid, now, tx)?;
            text(&())
        }
    })
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("invariant: what is told of keys has only string keys")
}
