//! `/Configuration/Webhooks` and `/Conversations/{conversation}/Webhooks`

use confab_domain::Ids as _;
use confab_protocol::{ConversationSid, ErrorCode, WireError};
use serde_json::{Value, json};

use super::ask::{Ask, Place};
use super::date::write;
use super::fields::Fields;
use super::reply::{Listed, Reply, Trail, page};
use super::roles::behind;
use super::{Route, Scope};
use crate::clock::SystemIds;
use crate::twilio::problem::Problem;
use crate::twilio::webhook::table::{self, ConversationHook, OF_ONE, ServiceHook, Verb};

const FIELDS: &[&str] = &["PreWebhookUrl", "PostWebhookUrl", "Method", "Filters"];
const OWN: &[&str] = &[
    "Target",
    "Configuration.Url",
    "Configuration.Method",
    "Configuration.Filters",
    "Configuration.Triggers",
];
const LIST: &str = "/Conversations/{conversation}/Webhooks";
const ONE: &str = "/Conversations/{conversation}/Webhooks/{webhook}";
/// Longest address of a hook, in bytes.
const URL: usize = 2_048;
/// Filters, or words of a trigger.
const MOST: usize = 50;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/Configuration/Webhooks", Scope::Both, "fetch the hook for everything", &[], |ask| {
        Box::pin(fetch_service(ask))
    }),
    Route::post("/Configuration/Webhooks", Scope::Both, "update the hook for everything", FIELDS, |ask| {
        Box::pin(update_service(ask))
    }),
    Route::post(LIST, Scope::Both, "create a hook of a conversation", OWN, |ask| Box::pin(create(ask))),
    Route::get(LIST, Scope::Both, "list the hooks of a conversation", &[], |ask| Box::pin(list(ask))),
    Route::get(ONE, Scope::Both, "fetch a hook of a conversation", &[], |ask| Box::pin(fetch(ask))),
    Route::post(ONE, Scope::Both, "update a hook of a conversation", OWN, |ask| Box::pin(update(ask))),
    Route::delete(ONE, Scope::Both, "delete a hook of a conversation", |ask| Box::pin(delete(ask))),
];

fn of_service(hook: &ServiceHook, place: &Place) -> Value {
    json!({
        "account_sid": place.account,
        "chat_service_sid": place.service,
        "pre_webhook_url": hook.pre_webhook_url,
        "post_webhook_url": hook.post_webhook_url,
        "method": hook.method,
        "filters": hook.filters.clone().unwrap_or_default(),
        "target": "webhook",
        "url": format!("{}/Configuration/Webhooks", place.base),
    })
}

async fn fetch_service(ask: Ask) -> Result<Reply, Problem> {
    let place = ask.place.clone();
    ask.read(move |read| Ok(Reply::found(of_service(&table::service(read)?, &place)))).await
}

async fn update_service(ask: Ask) -> Result<Reply, Problem> {
    let form = &ask.form;
    let (pre, post) = (address(form, "PreWebhookUrl")?, address(form, "PostWebhookUrl")?);
    let (method, filters) = (verb(form, "Method")?, words(form, "Filters")?);
    let (place, key_sid) = (ask.place.clone(), ask.key_sid.clone());
    let reply = ask.write(move |desk| {
        let before = table::service(desk.tx)?;
        let hook = ServiceHook {
            pre_webhook_url: pre.clone().unwrap_or(before.pre_webhook_url),
            post_webhook_url: post.clone().unwrap_or(before.post_webhook_url),
            method: method.unwrap_or(before.method),
            filters: filters.clone().or(before.filters),
            key_sid: key_sid.clone(),
        };
        table::put_service(&hook, desk.tx)?;
        Ok(Reply::found(of_service(&hook, &place)))
    });
    let reply = reply.await?;
    reload(&ask).await?;
    Ok(reply)
}

/// The server goes by what stands in the database from now on.
async fn reload(ask: &Ask) -> Result<(), Problem> {
    let node = ask.node.clone();
    ask.read(move |read| Ok(node.hooks.load(read)?)).await
}

/// An address of HTTP; an empty one ends the hook.
fn address(form: &Fields, name: &str) -> Result<Option<Option<String>>, Problem> {
    let Some(text) = form.text(name) else { return Ok(None) };
    if text.is_empty() {
        return Ok(Some(None));
    }
    let url = reqwest::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    if url.is_none() || text.len() > URL {
        return Err(Problem::invalid(name, "not an address of HTTP"));
    }
    Ok(Some(Some(text.to_owned())))
}

fn verb(form: &Fields, name: &str) -> Result<Option<Verb>, Problem> {
    match form.text(name) {
        None | Some("") => Ok(None),
        Some(text) if text.eq_ignore_ascii_case("get") => Ok(Some(Verb::Get)),
        Some(text) if text.eq_ignore_ascii_case("post") => Ok(Some(Verb::Post)),
        Some(_) => Err(Problem::invalid(name, "neither GET nor POST")),
    }
}

fn words(form: &Fields, name: &str) -> Result<Option<Vec<String>>, Problem> {
    let words: Vec<String> = form.all(name).into_iter().filter(|word| !word.is_empty()).collect();
    if words.len() > MOST || words.iter().any(|word| word.len() > URL) {
        return Err(Problem::invalid(name, "too many, or too long"));
    }
    Ok(form.has(name).then_some(words))
}

fn one(hook: &ConversationHook, place: &Place) -> Value {
    json!({
        "sid": hook.sid,
        "account_sid": place.account,
        "conversation_sid": hook.conversation,
        "target": hook.target,
        "configuration": {
            "url": hook.url,
            "method": hook.method,
            "filters": hook.filters,
            "triggers": hook.triggers,
        },
        "date_created": write(hook.date_created),
        "date_updated": write(hook.date_updated),
        "url": format!("{}/Conversations/{}/Webhooks/{}", place.base, hook.conversation, hook.sid),
    })
}

async fn create(ask: Ask) -> Result<Reply, Problem> {
    let (conversation, form) = (ask.conversation().await?, &ask.form);
    form.refuse(&["Configuration.ReplayAfter"], "hooks are told of what comes, not of what was")?;
    let target = form.needed("Target")?.to_owned();
    if !matches!(target.as_str(), "webhook" | "trigger") {
        return Err(Problem::invalid("Target", "neither webhook nor trigger"));
    }
    let url = address(form, "Configuration.Url")?.flatten();
    let hook = ConversationHook {
        sid: format!("WH{}", SystemIds.uuid().simple()),
        conversation,
        target,
        url: url.ok_or_else(|| Problem::invalid("Configuration.Url", "missing"))?,
        method: verb(form, "Configuration.Method")?.unwrap_or_default(),
        filters: words(form, "Configuration.Filters")?.unwrap_or_default(),
        triggers: words(form, "Configuration.Triggers")?.unwrap_or_default(),
        key_sid: ask.key_sid.clone(),
        date_created: confab_protocol::Timestamp(0),
        date_updated: confab_protocol::Timestamp(0),
    };
    let place = ask.place.clone();
    let reply = ask.write(move |desk| {
        if table::of(conversation, desk.tx)?.len() >= OF_ONE {
            let error = WireError::new(ErrorCode::LimitReached);
            return Err(error.with("what", "webhooks").with("limit", OF_ONE as u64).into());
        }
        let hook = ConversationHook { date_created: desk.now, date_updated: desk.now, ..hook.clone() };
        table::put(&hook, desk.tx)?;
        Ok(Reply::made(one(&hook, &place)))
    });
    let reply = reply.await?;
    reload(&ask).await?;
    Ok(reply)
}

async fn list(ask: Ask) -> Result<Reply, Problem> {
    let conversation = ask.conversation().await?;
    let hooks = ask.read(move |read| Ok(table::of(conversation, read)?)).await?;
    let listed = hooks.iter().map(|hook| Listed { place: hook.sid.clone(), body: one(hook, &ask.place) });
    let trail = Trail::read(&ask)?;
    let rows = behind(listed.collect(), trail.after());
    page(&ask, "webhooks", &trail, rows)
}

async fn named(ask: &Ask) -> Result<(ConversationSid, ConversationHook), Problem> {
    let (conversation, sid) = (ask.conversation().await?, ask.name("webhook").to_owned());
    ask.read(move |read| Ok((conversation, table::one(conversation, &sid, read)?))).await
}

async fn fetch(ask: Ask) -> Result<Reply, Problem> {
    Ok(Reply::found(one(&named(&ask).await?.1, &ask.place)))
}

async fn update(ask: Ask) -> Result<Reply, Problem> {
    let (conversation, before) = named(&ask).await?;
    let form = &ask.form;
    let url = address(form, "Configuration.Url")?.flatten();
    let (method, filters) = (verb(form, "Configuration.Method")?, words(form, "Configuration.Filters")?);
    let hook = ConversationHook {
        url: url.unwrap_or(before.url),
        method: method.unwrap_or(before.method),
        filters: filters.unwrap_or(before.filters),
        triggers: words(form, "Configuration.Triggers")?.unwrap_or(before.triggers),
        key_sid: ask.key_sid.clone(),
        ..before
    };
    let place = ask.place.clone();
    let reply = ask.write(move |desk| {
        table::one(conversation, &hook.sid, desk.tx)?;
        let hook = ConversationHook { date_updated: desk.now, ..hook.clone() };
        table::put(&hook, desk.tx)?;
        Ok(Reply::found(one(&hook, &place)))
    });
    let reply = reply.await?;
    reload(&ask).await?;
    Ok(reply)
}

async fn delete(ask: Ask) -> Result<Reply, Problem> {
    let (conversation, hook) = named(&ask).await?;
    ask.write(move |desk| Ok(table::delete(conversation, &hook.sid, desk.tx)?)).await?;
    reload(&ask).await?;
    Ok(Reply::gone())
}
