//! Settings of the person, as the server has them.

use std::collections::BTreeMap;

use confab_protocol::model::Setting;
use serde_json::Value;

/// All of them, those that were forgotten too.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    held: BTreeMap<String, Setting>,
}

impl Settings {
    /// What was restored.
    pub(crate) fn new(held: Vec<Setting>) -> Self {
        Self { held: held.into_iter().map(|setting| (setting.key.clone(), setting)).collect() }
    }

    /// Takes a row; false when a newer one is held, or the same.
    pub(crate) fn told(&mut self, row: &Setting) -> bool {
        let newer = self.held.get(&row.key).is_none_or(|held| held.version < row.version);
        if newer {
            self.held.insert(row.key.clone(), row.clone());
        }
        newer
    }

    /// All rows that stand as they are known, those that were forgotten too.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Setting> {
        self.held.values().filter(|setting| setting.version > 0)
    }

    /// Those that have a value.
    pub(crate) fn values(&self) -> BTreeMap<String, Value> {
        let live = self.held.values().filter(|setting| !setting.value.is_null());
        live.map(|setting| (setting.key.clone(), setting.value.clone())).collect()
    }

    /// All versions are void. What is known stays until the server has said what it has.
    pub(crate) fn begin_anew(&mut self) {
        self.held.values_mut().for_each(|setting| setting.version = 0);
    }

    /// The server has said everything: what it does not have is gone.
    pub(crate) fn has_all(&mut self) {
        self.held.retain(|_, setting| setting.version > 0);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(key: &str, version: u64, value: Value) -> Setting {
        Setting { key: key.into(), value, version }
    }

    #[test]
    fn a_row_replaces_only_an_older_one_and_what_a_new_epoch_does_not_know_goes() {
        let mut settings = Settings::new(vec![row("a", 3, json!(1)), row("b", 4, json!(2))]);
        assert!(!settings.told(&row("a", 2, json!(9))));
        assert!(settings.told(&row("a", 5, Value::Null)));
        assert_eq!(settings.values(), BTreeMap::from([("b".to_owned(), json!(2))]));
        settings.begin_anew();
        assert!(settings.told(&row("a", 1, json!(3))));
        settings.has_all();
        assert_eq!(settings.values(), BTreeMap::from([("a".to_owned(), json!(3))]));
    }
}
