//! Rows of gateways.

use confab_domain::gateway::{GatewayKind, GatewayRow};

use super::rows::seed;
use super::{StoreUnderTest, Test, read, write};

pub(super) const TESTS: &[(&str, Test)] = &[
    ("a row of a gateway is kept, changed and forgotten", kept),
    ("rows of a gateway are found by their kind, in pages by key", pages),
];

fn row(kind: GatewayKind, key: &str, value: &str) -> GatewayRow {
    GatewayRow { kind, key: key.to_owned(), value: value.to_owned() }
}

fn kept(store: &mut dyn StoreUnderTest) {
    let first = row(GatewayKind::Setting, "one", "{\"a\":1}");
    write(store, |tx| {
        seed(tx)?;
        tx.put_gateway_row(&first)
    });
    store.reopen();
    let found = |store: &mut dyn StoreUnderTest, kind| read(store, |read| read.gateway_row(kind, "one"));
    assert_eq!(found(store, GatewayKind::Setting), Some(first.clone()));
    assert_eq!(found(store, GatewayKind::ApiKey), None);
    let changed = GatewayRow { value: "2".to_owned(), ..first };
    write(store, |tx| tx.put_gateway_row(&changed));
    assert_eq!(found(store, GatewayKind::Setting), Some(changed));
    write(store, |tx| {
        assert!(tx.delete_gateway_row(GatewayKind::Setting, "one")?);
        assert!(!tx.delete_gateway_row(GatewayKind::Setting, "one")?);
        Ok(())
    });
    assert_eq!(found(store, GatewayKind::Setting), None);
}

fn pages(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        for kind in GatewayKind::ALL {
            for key in ["c", "a", "b"] {
                tx.put_gateway_row(&row(kind, key, "0"))?;
            }
        }
        Ok(())
    });
    for kind in GatewayKind::ALL {
        let keys = |store: &mut dyn StoreUnderTest, after, limit| -> Vec<String> {
            let rows = read(store, |read| read.gateway_rows(kind, after, limit));
            rows.into_iter().map(|row| row.key).collect()
        };
        assert_eq!(keys(store, None, 9), ["a", "b", "c"]);
        assert_eq!(keys(store, Some("a"), 9), ["b", "c"]);
        assert_eq!(keys(store, Some("a"), 1), ["b"]);
        assert!(keys(store, Some("c"), 9).is_empty());
    }
}
