//! `setting.set`: how one wants it, on all one's devices. The last one stands.

use confab_protocol::method::{SettingResult, SettingSetParams};
use confab_protocol::model::Setting;
use confab_protocol::{Answer, ErrorCode, WireError, limits};
use serde_json::Value;

use crate::cx::{Cx, Done};
use crate::row::{Json, SettingRow};
use crate::{Actor, DomainResult, Tx, check, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &SettingSetParams) -> DomainResult<Done> {
    check_key(&params.key)?;
    let value = match &params.value {
        Value::Null => None,
        value => Some(check::json("value", value, limits::SETTING_BYTES)?),
    };
    let before = cx.tx.setting(cx.actor.user, &params.key)?;
    let setting = if before.as_ref().and_then(|row| row.value.as_ref()) == value.as_ref() {
        as_it_stands(&params.key, before.as_ref())?
    } else {
        check_count(cx, before.as_ref(), value.as_ref())?;
        cx.put_setting(params.key.clone(), value)?
    };
    // Its name says which one it was when the same is sent again.
    Ok(Done { answer: Answer::SettingSet(SettingResult { setting }), subject: cx.actor.user.0 })
}

fn check_key(key: &str) -> Result<(), WireError> {
    let actual = key.chars().count();
    if actual > limits::SETTING_KEY_CHARS {
        return Err(WireError::too_large("key", limits::SETTING_KEY_CHARS, actual));
    }
    let known = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-');
    if key.is_empty() || !key.chars().all(known) {
        return Err(WireError::invalid("key", "not of a-z, 0-9, '.', '_' and '-'"));
    }
    Ok(())
}

/// Refuses one setting too many.
fn check_count(cx: &Cx<'_>, before: Option<&SettingRow>, value: Option<&Json>) -> DomainResult<()> {
    let revived = value.is_some() && before.is_none_or(|row| row.value.is_none());
    if !revived {
        return Ok(());
    }
    let count = cx.tx.count_settings(cx.actor.user)?;
    let full = |held: u64, most: usize| usize::try_from(held).is_ok_and(|held| held >= most);
    let most = if full(count.live, limits::SETTINGS) {
        limits::SETTINGS
    } else if before.is_none() && full(count.ever, limits::SETTING_KEYS) {
        limits::SETTING_KEYS
    } else {
        return Ok(());
    };
    Err(WireError::new(ErrorCode::LimitReached).with("what", "settings").with("limit", most).into())
}

fn as_it_stands(key: &str, row: Option<&SettingRow>) -> DomainResult<Setting> {
    let never = || Setting { key: key.to_owned(), value: Value::Null, version: 0 };
    Ok(row.map(view::setting).transpose()?.unwrap_or_else(never))
}

pub(crate) fn replay(actor: &Actor, key: &str, tx: &dyn Tx) -> DomainResult<Answer> {
    let row = tx.setting(actor.user, key)?;
    Ok(Answer::SettingSet(SettingResult { setting: as_it_stands(key, row.as_ref())? }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::SettingSetParams;
    use confab_protocol::model::Setting;
    use confab_protocol::{Answer, Call, ErrorCode, limits};
    use confab_testkit::World;
    use confab_testkit::domain::{Actor, Event};
    use serde_json::{Value, json};

    fn setting(world: &mut World, key: &str, value: Value) -> Call {
        let (client_id, key) = (world.client_id(), key.to_owned());
        Call::SettingSet(SettingSetParams { client_id, key, value })
    }

    fn set(world: &mut World, by: &Actor, call: &Call) -> Setting {
        match world.call(by, call) {
            Ok(Answer::SettingSet(result)) => result.setting,
            other => panic!("not set: {other:?}"),
        }
    }

    #[test]
    fn the_last_one_stands_until_it_is_forgotten() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let dark = setting(&mut world, "appearance.theme", json!("dark"));
        let events = world.events(&ana, &dark);
        let [Event::State { user, from, to, rows, drafts, settings }] = &events[..] else {
            panic!("not one event: {events:?}");
        };
        assert_eq!((*user, *to, rows.len(), drafts.len()), (ana.user, from + 1, 0, 0));
        let expected = Setting { key: "appearance.theme".into(), value: json!("dark"), version: *to };
        assert_eq!(settings[..], *std::slice::from_ref(&expected));
        let same = setting(&mut world, "appearance.theme", json!("dark"));
        assert_eq!(world.events(&ana, &same), []);
        let forget = setting(&mut world, "appearance.theme", Value::Null);
        assert_eq!(
            set(&mut world, &ana, &forget),
            Setting { value: Value::Null, version: to + 1, ..expected }
        );
        let again = setting(&mut world, "appearance.theme", Value::Null);
        assert_eq!(world.events(&ana, &again), []);
        assert_eq!(set(&mut world, &ana, &dark).value, Value::Null, "sent again it is as it stands");
        let hers = setting(&mut world, "appearance.theme", Value::Null);
        assert_eq!(set(&mut world, &olga, &hers).version, 0);
    }

    #[test]
    fn names_and_values_are_bounded() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let long = "a".repeat(limits::SETTING_KEY_CHARS + 1);
        let big = json!("x".repeat(limits::SETTING_BYTES - 1));
        for (key, value, code) in [
            ("", json!(1), ErrorCode::InvalidParams),
            ("Theme", json!(1), ErrorCode::InvalidParams),
            ("a b", json!(1), ErrorCode::InvalidParams),
            (long.as_str(), json!(1), ErrorCode::TooLarge),
            ("a", big, ErrorCode::TooLarge),
        ] {
            let call = setting(&mut world, key, value);
            assert_eq!(world.refused(&olga, &call).code, code, "{key}");
        }
        let fits = json!("x".repeat(limits::SETTING_BYTES - 2));
        let call = setting(&mut world, &long[1..], fits);
        set(&mut world, &olga, &call);
    }

    #[test]
    fn there_are_only_so_many_and_a_forgotten_one_makes_room() {
        let mut world = World::default();
        let olga = world.owner.clone();
        for number in 0..limits::SETTINGS {
            let call = setting(&mut world, &format!("k{number}"), json!(number));
            set(&mut world, &olga, &call);
        }
        let more = setting(&mut world, "more", json!(1));
        let refusal = world.refused(&olga, &more);
        assert_eq!((refusal.code, &refusal.params["what"]), (ErrorCode::LimitReached, &"settings".into()));
        let change = setting(&mut world, "k0", json!("other"));
        set(&mut world, &olga, &change);
        let forget = setting(&mut world, "k0", Value::Null);
        set(&mut world, &olga, &forget);
        set(&mut world, &olga, &more);
        // What was forgotten is remembered as such, which is bounded too.
        for number in limits::SETTINGS + 1..limits::SETTING_KEYS {
            let gone = setting(&mut world, "more", Value::Null);
            set(&mut world, &olga, &gone);
            let call = setting(&mut world, &format!("k{number}"), json!(number));
            set(&mut world, &olga, &call);
            let gone = setting(&mut world, &format!("k{number}"), Value::Null);
            set(&mut world, &olga, &gone);
        }
        let last = setting(&mut world, "last", json!(1));
        assert_eq!(world.refused(&olga, &last).params["limit"], limits::SETTING_KEYS);
        let revive = setting(&mut world, "more", json!(2));
        set(&mut world, &olga, &revive);
    }
}
