//! What was done is owed to hooks: a row for each in the transaction that did it.

use confab_domain::gateway::{GatewayKind, GatewayRow};
use confab_domain::{Event, Ids, StoreError, StoreResult, Tx};
use confab_protocol::{Change, Timestamp};
use serde::{Deserialize, Serialize};

use super::payload::{Account, Happening, Params, contents, of};
use super::table::{self, Target, Verb};
use super::{Hooks, Pages, Source};
use crate::node::Node;
use crate::twilio::keys::account_sid;

/// Told at once at most; what comes beyond is put with what could not be told.
const MOST: usize = 10_000;

/// The fields in which a message says what it says, and those that an edit may change.
const CONTENTS: [&str; 4] = ["Body", "Subject", "Attributes", "Media"];
const EDITED: [&str; 3] = ["body", "subject", "attributes"];

/// Something to tell a hook, as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owed {
    pub(super) url: String,
    pub(super) method: Verb,
    pub(super) key_sid: String,
    pub(super) params: Params,
    /// How often it was tried.
    pub(super) attempts: usize,
    /// Not before this.
    pub(super) due: Timestamp,
    /// Since when it is owed.
    pub(super) since: Timestamp,
    /// Why it was not taken when it was last tried.
    pub(super) reason: String,
}

impl Owed {
    /// Reads a row.
    pub(super) fn read(row: &GatewayRow) -> StoreResult<Self> {
        let read = serde_json::from_str(&row.value);
        read.map_err(|error| StoreError::Corrupt(format!("delivery {}: {error}", row.key)))
    }

    /// As it is kept under a name.
    pub(super) fn row(&self, kind: GatewayKind, key: &str) -> GatewayRow {
        let value = serde_json::to_string(self).expect("invariant: a delivery has only string keys");
        GatewayRow { kind, key: key.to_owned(), value }
    }

    /// Says this in place of what it says of a message, and nothing where there is nothing. Gives whether that changes it.
    fn say(&mut self, contents: &[(String, String)]) -> bool {
        let before = self.params.clone();
        self.params.retain_mut(|(field, value)| {
            let now = contents.iter().find(|(name, _)| name == field);
            if let Some((_, now)) = now {
                value.clone_from(now);
            }
            now.is_some() || !CONTENTS.contains(&field.as_str())
        });
        self.params != before
    }

    /// The value of a parameter.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

/// Notes in the transaction what hooks have to be told of these events.
///
/// # Errors
/// Failures of the store.
pub(crate) fn owe(
    node: &Node,
    source: Source,
    events: &[Event],
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> StoreResult<()> {
    forget(events, tx)?;
    let table = node.hooks.table();
    if table.is_empty() {
        return Ok(());
    }
    let account = Account { account: account_sid(tx.scope()), service: tx.scope().to_string() };
    for event in events {
        for happening in of(event, source, &account) {
            let Happening { event, conversation, body, params } = happening;
            for target in table.told(event, conversation, body.as_deref()) {
                note(&node.hooks, target, params.clone(), now, ids, tx)?;
            }
        }
    }
    Ok(())
}

fn note(
    hooks: &Hooks,
    Target { url, method, key_sid }: Target,
    params: Params,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> StoreResult<()> {
    let is_full = hooks.owes(1) >= MOST;
    let reason = if is_full { "too much was waiting to be told" } else { "" }.to_owned();
    let owed = Owed { url, method, key_sid, params, attempts: 0, due: now, since: now, reason };
    let kind = if is_full { GatewayKind::DeadLetter } else { GatewayKind::Delivery };
    tx.put_gateway_row(&owed.row(kind, &ids.uuid().simple().to_string()))
}

/// Ends the hooks of conversations that have ended, and takes texts that do not stand any more out of what is owed, whether
/// anybody is told of that or not.
///
/// # Errors
/// Failures of the store.
pub(crate) fn forget(events: &[Event], tx: &mut dyn Tx) -> StoreResult<()> {
    for event in events {
        let Event::Log { event, .. } = event else { continue };
        match &event.change {
            Change::ConversationDeleted(_) => {
                for hook in table::of(event.conversation, tx)? {
                    table::delete(event.conversation, &hook.sid, tx)?;
                }
                rewrite("ConversationSid", &event.conversation.to_string(), &[], tx)?;
            }
            Change::MessageRemoved(message) => rewrite("MessageSid", &message.sid.to_string(), &[], tx)?,
            // Most changes of a message, such as what is reported of its copies, leave what it says as it is.
            Change::MessageEdited(message)
                if event.changed.iter().any(|field| EDITED.contains(&field.as_ref())) =>
            {
                rewrite("MessageSid", &message.sid.to_string(), &contents(message), tx)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Says something else in all that is owed of something, or takes what it said out.
fn rewrite(name: &str, sid: &str, contents: &[(String, String)], tx: &mut dyn Tx) -> StoreResult<()> {
    for kind in [GatewayKind::Delivery, GatewayKind::DeadLetter] {
        let mut pages = Pages::of(kind);
        while let Some(rows) = pages.next(tx)? {
            for row in rows.iter().filter(|row| row.value.contains(sid)) {
                let mut owed = Owed::read(row)?;
                if owed.param(name) == Some(sid) && owed.say(contents) {
                    tx.put_gateway_row(&owed.row(kind, &row.key))?;
                }
            }
        }
    }
    Ok(())
}
