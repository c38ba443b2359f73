//! Rows of gateways.

use std::ops::Bound;

use confab_domain::StoreResult;
use confab_domain::gateway::{GatewayKind, GatewayRead, GatewayRow, GatewayTx};

use super::MemoryStore;

impl GatewayRead for MemoryStore {
    fn gateway_row(&self, kind: GatewayKind, key: &str) -> StoreResult<Option<GatewayRow>> {
        Ok(self.gateway_rows.get(&(kind, key.to_owned())).cloned())
    }

    fn gateway_rows(
        &self,
        kind: GatewayKind,
        after: Option<&str>,
        limit: usize,
    ) -> StoreResult<Vec<GatewayRow>> {
        let from = Bound::Excluded((kind, after.unwrap_or_default().to_owned()));
        let rows = self.gateway_rows.range((from, Bound::Unbounded));
        Ok(rows.take_while(|(key, _)| key.0 == kind).take(limit).map(|(_, row)| row.clone()).collect())
    }
}

impl GatewayTx for MemoryStore {
    fn put_gateway_row(&mut self, row: &GatewayRow) -> StoreResult<()> {
        self.gateway_rows.put((row.kind, row.key.clone()), row.clone());
        Ok(())
    }

    fn delete_gateway_row(&mut self, kind: GatewayKind, key: &str) -> StoreResult<bool> {
        let key = (kind, key.to_owned());
        let stood = self.gateway_rows.get(&key).is_some();
        self.gateway_rows.remove(&key);
        Ok(stood)
    }
}
