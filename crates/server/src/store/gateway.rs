//! Rows of gateways on SQLite.

use std::borrow::Borrow;

use confab_domain::StoreResult;
use confab_domain::gateway::{GatewayKind, GatewayRead, GatewayRow, GatewayTx};
use rusqlite::{Connection, params};

use super::codec::{self, Code as _, limit};
use super::read::SqliteTx;
use super::sql;

impl<C: Borrow<Connection>> GatewayRead for SqliteTx<C> {
    fn gateway_row(&self, kind: GatewayKind, key: &str) -> StoreResult<Option<GatewayRow>> {
        self.one(sql::GATEWAY_ROW, params![self.workspace, kind.code(), key], codec::gateway_row)
    }

    fn gateway_rows(
        &self,
        kind: GatewayKind,
        after: Option<&str>,
        rows: usize,
    ) -> StoreResult<Vec<GatewayRow>> {
        let key = params![self.workspace, kind.code(), after.unwrap_or_default(), limit(rows)];
        self.many(sql::GATEWAY_ROWS, key, codec::gateway_row)
    }
}

impl<C: Borrow<Connection>> GatewayTx for SqliteTx<C> {
    fn put_gateway_row(&mut self, row: &GatewayRow) -> StoreResult<()> {
        self.is_stained.set(true);
        let values = params![self.workspace, row.kind.code(), row.key, row.value];
        self.change(sql::PUT_GATEWAY_ROW, values)
    }

    fn delete_gateway_row(&mut self, kind: GatewayKind, key: &str) -> StoreResult<bool> {
        self.is_stained.set(true);
        let deleted = self.run(sql::DELETE_GATEWAY_ROW, params![self.workspace, kind.code(), key])?;
        Ok(deleted > 0)
    }
}
