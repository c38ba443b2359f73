//! What gateways to other systems keep beside the chat: keys, hooks, and what is still owed to those. The rules of the chat
//! look at none of it; it is here because it has to be written in the transaction of the change that it follows from.

use crate::row::Json;
use crate::store::StoreResult;

/// What a row of a gateway is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GatewayKind {
    /// A key of a program that acts for the operator.
    ApiKey,
    /// A setting of a gateway.
    Setting,
    /// A hook of one conversation.
    Hook,
    /// Something that has still to be told to a hook.
    Delivery,
    /// Something that could not be told.
    DeadLetter,
}

impl GatewayKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::ApiKey, Self::Setting, Self::Hook, Self::Delivery, Self::DeadLetter];
}

/// One row. Keyed by `kind` and `key`.
#[derive(Clone, PartialEq, Eq)]
pub struct GatewayRow {
    /// What it is.
    pub kind: GatewayKind,
    /// Its name among those of its kind; pages are in its order.
    pub key: String,
    /// What it holds, in a form that its gateway knows. May hold secrets.
    pub value: Json,
}

impl std::fmt::Debug for GatewayRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GatewayRow").field("kind", &self.kind).field("key", &self.key).finish_non_exhaustive()
    }
}

/// Look-ups of such rows.
pub trait GatewayRead {
    /// One row.
    fn gateway_row(&self, kind: GatewayKind, key: &str) -> StoreResult<Option<GatewayRow>>;
    /// Rows of a kind behind a key, by key.
    fn gateway_rows(
        &self,
        kind: GatewayKind,
        after: Option<&str>,
        limit: usize,
    ) -> StoreResult<Vec<GatewayRow>>;
}

/// Writes of such rows.
pub trait GatewayTx: GatewayRead {
    /// Adds or changes a row.
    fn put_gateway_row(&mut self, row: &GatewayRow) -> StoreResult<()>;
    /// Forgets a row. Gives whether there was one.
    fn delete_gateway_row(&mut self, kind: GatewayKind, key: &str) -> StoreResult<bool>;
}
