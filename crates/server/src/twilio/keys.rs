//! Keys of programs: what an account's API keys are at Twilio. With its secret a program signs access tokens for people and calls
//! the REST API, so that whoever has one may do everything in the workspace.
//!
//! Signatures can be verified only with the secret itself, so that it lies in the database like the keys of the server's own
//! tokens do: in a directory that nobody else may enter, and in backups.

use confab_domain::gateway::{GatewayKind, GatewayRow};
use confab_domain::row::{AuditAction, AuditRow};
use confab_domain::{DomainResult, Ids, Read, StoreError, Tx, name};
use confab_protocol::{Timestamp, WireError, WorkspaceSid, limits};
use serde::{Deserialize, Serialize};

use crate::tls::hex;

/// Keys that a workspace may have at once.
const MOST: usize = 100;

/// What is kept of a key.
#[derive(Serialize, Deserialize)]
struct Kept {
    secret: String,
    friendly_name: String,
    date_created: Timestamp,
}

/// A key with its secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ApiKey {
    /// Its identifier, `SK` and 32 hex digits.
    pub(crate) sid: String,
    /// The secret: bytes of the text, not what it stands for.
    pub(crate) secret: String,
    /// What its maker calls it.
    pub(crate) friendly_name: String,
    /// When it was made.
    pub(crate) date_created: Timestamp,
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKey").field("sid", &self.sid).finish_non_exhaustive()
    }
}

/// The account that a workspace is to programs: there is one for each.
pub(crate) fn account_sid(workspace: WorkspaceSid) -> String {
    format!("AC{}", workspace.0.simple())
}

/// Makes a key. Its secret is told here and never again.
///
/// # Errors
/// `limit_reached`; `invalid_params`, `too_large` for the name.
pub(crate) fn create(
    friendly_name: &str,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<ApiKey> {
    let friendly_name = name::optional("friendly_name", friendly_name, limits::FRIENDLY_NAME_CHARS)?;
    if tx.gateway_rows(GatewayKind::ApiKey, None, MOST)?.len() == MOST {
        let error = WireError::new(confab_protocol::ErrorCode::LimitReached);
        return Err(error.with("what", "api_keys").with("limit", MOST as u64).into());
    }
    let key = ApiKey {
        sid: format!("SK{}", ids.uuid().simple()),
        secret: hex(&[ids.secret(), ids.secret()].concat()),
        friendly_name: friendly_name.unwrap_or_default().to_owned(),
        date_created: now,
    };
    tx.put_gateway_row(&written(&key))?;
    audit(AuditAction::ApiKeyCreated, &key.sid, now, tx)?;
    Ok(key)
}

/// The key of this identifier.
///
/// # Errors
/// Failures of the store.
pub(crate) fn find(sid: &str, read: &dyn Read) -> Result<Option<ApiKey>, StoreError> {
    read.gateway_row(GatewayKind::ApiKey, sid)?.map(|row| self::read(&row)).transpose()
}

/// Every key, oldest first.
///
/// # Errors
/// Failures of the store.
pub(crate) fn list(read: &dyn Read) -> Result<Vec<ApiKey>, StoreError> {
    read.gateway_rows(GatewayKind::ApiKey, None, MOST)?.iter().map(self::read).collect()
}

/// Ends a key: what it has signed is not accepted from now on.
///
/// # Errors
/// `not_found`.
pub(crate) fn revoke(sid: &str, now: Timestamp, tx: &mut dyn Tx) -> DomainResult<()> {
    if !tx.delete_gateway_row(GatewayKind::ApiKey, sid)? {
        return Err(WireError::not_found("api_key").into());
    }
    audit(AuditAction::ApiKeyRevoked, sid, now, tx)
}

fn audit(action: AuditAction, sid: &str, at: Timestamp, tx: &mut dyn Tx) -> DomainResult<()> {
    let subject = sid.to_owned();
    Ok(tx.insert_audit(&AuditRow { at, actor: None, device: None, action, subject })?)
}

fn written(key: &ApiKey) -> GatewayRow {
    let ApiKey { sid, secret, friendly_name, date_created } = key.clone();
    let kept = Kept { secret, friendly_name, date_created };
    let value = serde_json::to_string(&kept).expect("invariant: a key has only string keys");
    GatewayRow { kind: GatewayKind::ApiKey, key: sid, value }
}

fn read(row: &GatewayRow) -> Result<ApiKey, StoreError> {
    let kept: Kept = serde_json::from_str(&row.value)
        .map_err(|error| StoreError::Corrupt(format!("key {}: {error}", row.key)))?;
    let Kept { secret, friendly_name, date_created } = kept;
    Ok(ApiKey { sid: row.key.clone(), secret, friendly_name, date_created })
}

#[cfg(test)]
mod tests {
    use confab_domain::store::Read as _;
    use confab_protocol::ErrorCode;
    use confab_testkit::World;

    use super::*;

    #[test]
    fn a_key_is_made_found_and_ended_and_that_is_audited() {
        let mut world = World::default();
        let key = world.write(|now, ids, store| create(" billing ", now, ids, store)).unwrap();
        assert!(key.sid.starts_with("SK") && key.sid.len() == 34 && key.secret.len() == 64);
        assert_eq!(
            (&key.friendly_name[..], find(&key.sid, &world.store).unwrap()),
            ("billing", Some(key.clone()))
        );
        assert_eq!(list(&world.store).unwrap(), std::slice::from_ref(&key));
        world.write(|now, _, store| revoke(&key.sid, now, store)).unwrap();
        assert_eq!(find(&key.sid, &world.store).unwrap(), None);
        let again = world.write(|now, _, store| revoke(&key.sid, now, store)).unwrap_err();
        assert_eq!(again.to_wire().code, ErrorCode::NotFound);
        let audited: Vec<_> = world.store.audit(2).unwrap().into_iter().map(|row| row.action).collect();
        assert_eq!(audited, [AuditAction::ApiKeyRevoked, AuditAction::ApiKeyCreated]);
    }

    #[test]
    fn there_are_so_many_keys_and_no_more() {
        let mut world = World::default();
        for _ in 0..MOST {
            world.write(|now, ids, store| create("", now, ids, store)).unwrap();
        }
        let refused = world.write(|now, ids, store| create("", now, ids, store)).unwrap_err();
        assert_eq!(refused.to_wire().code, ErrorCode::LimitReached);
    }

    #[test]
    fn a_secret_is_in_no_debug_text() {
        let mut world = World::default();
        let key = world.write(|now, ids, store| create("", now, ids, store)).unwrap();
        assert!(!format!("{key:?}{:?}", written(&key)).contains(&key.secret));
    }
}
