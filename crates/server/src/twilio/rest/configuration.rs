//! `/Services`, `/Configuration` and what stands below them.

use confab_domain::name::required;
use confab_domain::row::WorkspaceRow;
use confab_domain::{DomainResult, Read};
use confab_protocol::{RoleSid, limits};
use serde_json::{Value, json};

use super::ask::Ask;
use super::date::write;
use super::fields::Fields;
use super::reply::{Listed, Reply, Trail, page};
use super::settings::{self, ConversationDefaults, ServiceDefaults};
use super::{Place, Route, Scope, shape};
use crate::node::workspace_row;
use crate::twilio::problem::Problem;
use confab_protocol::model::Role;

const TIMERS: &[&str] = &["DefaultInactiveTimer", "DefaultClosedTimer"];
const DEFAULTS: &[&str] = &[
    "DefaultConversationCreatorRoleSid",
    "DefaultConversationRoleSid",
    "DefaultChatServiceRoleSid",
    "ReachabilityEnabled",
];
const NOTIFICATIONS: &[&str] = &[
    "LogEnabled",
    "NewMessage.Enabled",
    "NewMessage.Template",
    "NewMessage.Sound",
    "NewMessage.BadgeCountEnabled",
    "NewMessage.WithMedia.Enabled",
    "NewMessage.WithMedia.Template",
    "AddedToConversation.Enabled",
    "AddedToConversation.Template",
    "AddedToConversation.Sound",
    "RemovedFromConversation.Enabled",
    "RemovedFromConversation.Template",
    "RemovedFromConversation.Sound",
];

pub(super) const ROUTES: &[Route] = &[
    Route::get("/Services", Scope::Account, "list services", &[], |ask| Box::pin(list(ask))),
    Route::post("/Services", Scope::Account, "create a service", &["FriendlyName"], |ask| {
        Box::pin(create(ask))
    }),
    Route::get("", Scope::Service, "fetch the service", &[], |ask| Box::pin(fetch(ask))),
    Route::delete("", Scope::Service, "delete the service", |ask| Box::pin(delete(ask))),
    Route::get("/Configuration", Scope::Account, "fetch the configuration", &[], |ask| {
        Box::pin(fetch_account(ask))
    }),
    Route::post("/Configuration", Scope::Account, "update the configuration", TIMERS, |ask| {
        Box::pin(update_account(ask))
    }),
    Route::get("/Configuration", Scope::Service, "fetch the configuration of the service", &[], |ask| {
        Box::pin(fetch_service(ask))
    }),
    Route::post(
        "/Configuration",
        Scope::Service,
        "update the configuration of the service",
        DEFAULTS,
        |ask| Box::pin(update_service(ask)),
    ),
    Route::get("/Configuration/Notifications", Scope::Service, "fetch what notifications say", &[], |ask| {
        Box::pin(fetch_notifications(ask))
    }),
    Route::post(
        "/Configuration/Notifications",
        Scope::Service,
        "update what notifications say",
        NOTIFICATIONS,
        |ask| Box::pin(update_notifications(ask)),
    ),
];

fn service(row: &WorkspaceRow, place: &Place) -> Value {
    let url = format!("{}/Services/{}", place.root, place.service);
    let link = |name: &str| format!("{url}/{name}");
    json!({
        "sid": place.service,
        "account_sid": place.account,
        "friendly_name": row.name,
        "date_created": write(row.date_created),
        "date_updated": write(row.date_created),
        "url": url,
        "links": {
            "conversations": link("Conversations"),
            "users": link("Users"),
            "roles": link("Roles"),
            "bindings": link("Bindings"),
            "participant_conversations": link("ParticipantConversations"),
            "conversation_with_participants": link("ConversationWithParticipants"),
            "configuration": link("Configuration"),
        },
    })
}

async fn this(ask: &Ask) -> Result<Value, Problem> {
    let place = ask.place.clone();
    ask.read(move |read| Ok(service(&workspace_row(read)?, &place))).await
}

async fn list(ask: Ask) -> Result<Reply, Problem> {
    let rows = vec![Listed { place: ask.place.service.clone(), body: this(&ask).await? }];
    let trail = Trail::read(&ask)?;
    let rows = super::roles::behind(rows, trail.after());
    page(&ask, "services", &trail, rows)
}

async fn create(ask: Ask) -> Result<Reply, Problem> {
    let name = ask.form.needed("FriendlyName")?;
    let sentence = format!("A server has one service, its workspace: start another server for {name:?}");
    Err(Problem::new(409, 20409, sentence))
}

async fn fetch(ask: Ask) -> Result<Reply, Problem> {
    Ok(Reply::found(this(&ask).await?))
}

async fn delete(ask: Ask) -> Result<Reply, Problem> {
    let sentence =
        format!("{} is the workspace of this server: stop the server and remove its data", ask.place.service);
    Err(Problem::new(409, 20409, sentence))
}

fn account(defaults: &ConversationDefaults, place: &Place) -> Value {
    let url = format!("{}/Configuration", place.root);
    json!({
        "account_sid": place.account,
        "default_chat_service_sid": place.service,
        "default_messaging_service_sid": null,
        "default_inactive_timer": defaults.default_inactive_timer,
        "default_closed_timer": defaults.default_closed_timer,
        "url": url,
        "links": {
            "service": format!("{}/Services/{}/Configuration", place.root, place.service),
            "webhooks": format!("{url}/Webhooks"),
        },
    })
}

async fn fetch_account(ask: Ask) -> Result<Reply, Problem> {
    let place = ask.place.clone();
    ask.read(move |read| Ok(Reply::found(account(&settings::conversations(read)?, &place)))).await
}

async fn update_account(ask: Ask) -> Result<Reply, Problem> {
    let timer = |name| match ask.form.owned(name) {
        Some(text) if text.is_empty() || text == "PT0S" => Ok(Some(None)),
        Some(text) if confab_protocol::period::parse(&text).is_some() => Ok(Some(Some(text))),
        Some(_) => Err(Problem::invalid(name, "not a period of ISO 8601")),
        None => Ok(None),
    };
    let (inactive, closed) = (timer("DefaultInactiveTimer")?, timer("DefaultClosedTimer")?);
    let place = ask.place.clone();
    ask.write(move |desk| {
        let mut defaults = settings::conversations(desk.tx)?;
        defaults.default_inactive_timer = inactive.clone().unwrap_or(defaults.default_inactive_timer);
        defaults.default_closed_timer = closed.clone().unwrap_or(defaults.default_closed_timer);
        settings::put_conversations(&defaults, desk.tx)?;
        Ok(Reply::found(account(&defaults, &place)))
    })
    .await
}

fn of_service(defaults: &ServiceDefaults, place: &Place) -> Value {
    let url = format!("{}/Services/{}/Configuration", place.root, place.service);
    let ServiceDefaults {
        default_conversation_creator_role_sid: creator,
        default_conversation_role_sid: participant,
        default_chat_service_role_sid: user,
        reachability_enabled,
    } = defaults;
    json!({
        "chat_service_sid": place.service,
        "default_conversation_creator_role_sid": creator.unwrap_or(RoleSid::OWNER),
        "default_conversation_role_sid": participant.unwrap_or(shape::in_conversation(Role::Participant, None)),
        "default_chat_service_role_sid": user.unwrap_or(RoleSid::WORKSPACE_USER),
        "reachability_enabled": reachability_enabled,
        "url": url,
        "links": {
            "notifications": format!("{url}/Notifications"),
            "webhooks": format!("{url}/Webhooks"),
        },
    })
}

async fn fetch_service(ask: Ask) -> Result<Reply, Problem> {
    let place = ask.place.clone();
    ask.read(move |read| Ok(Reply::found(of_service(&settings::service(read)?, &place)))).await
}

async fn update_service(ask: Ask) -> Result<Reply, Problem> {
    let role = |name| ask.form.sid::<RoleSid>(name);
    let (creator, participant) =
        (role("DefaultConversationCreatorRoleSid")?, role("DefaultConversationRoleSid")?);
    let (user, reachable) = (role("DefaultChatServiceRoleSid")?, ask.form.flag("ReachabilityEnabled")?);
    let place = ask.place.clone();
    ask.write(move |desk| {
        let before = settings::service(desk.tx)?;
        let defaults = ServiceDefaults {
            default_conversation_creator_role_sid: creator.or(before.default_conversation_creator_role_sid),
            default_conversation_role_sid: participant.or(before.default_conversation_role_sid),
            default_chat_service_role_sid: user.or(before.default_chat_service_role_sid),
            reachability_enabled: reachable.unwrap_or(before.reachability_enabled),
        };
        settings::put_service(&defaults, desk.tx)?;
        Ok(Reply::found(of_service(&defaults, &place)))
    })
    .await
}

fn with_links(mut body: Value, place: &Place) -> Value {
    body["account_sid"] = place.account.clone().into();
    body["chat_service_sid"] = place.service.clone().into();
    body["url"] = format!("{}/Configuration/Notifications", place.base).into();
    body
}

async fn fetch_notifications(ask: Ask) -> Result<Reply, Problem> {
    let place = ask.place.clone();
    let found = |read: &dyn Read| -> DomainResult<Value> { Ok(settings::notifications(read)?) };
    Ok(Reply::found(with_links(ask.read(found).await?, &place)))
}

async fn update_notifications(ask: Ask) -> Result<Reply, Problem> {
    let changes = changes(&ask.form)?;
    let place = ask.place.clone();
    ask.write(move |desk| {
        let mut body = settings::notifications(desk.tx)?;
        for (path, value) in &changes {
            if let Some(field) = body.pointer_mut(path) {
                *field = value.clone();
            }
        }
        settings::put_notifications(&body, desk.tx)?;
        Ok(Reply::found(with_links(body, &place)))
    })
    .await
}

/// Where in the resource each field that is given stands, and its value.
fn changes(form: &Fields) -> Result<Vec<(String, Value)>, Problem> {
    let mut changes = Vec::new();
    for name in NOTIFICATIONS.iter().filter(|name| form.has(name)) {
        let value = if name.ends_with("Enabled") {
            form.flag(name)?.into()
        } else {
            required(name, form.needed(name)?, limits::FRIENDLY_NAME_CHARS)?.into()
        };
        changes.push((pointer(name), value));
    }
    Ok(changes)
}

/// `NewMessage.WithMedia.Enabled` as `/new_message/with_media/enabled`.
fn pointer(name: &str) -> String {
    let mut pointer = String::new();
    for part in name.split('.') {
        pointer.push('/');
        for (place, letter) in part.char_indices() {
            if letter.is_uppercase() && place > 0 {
                pointer.push('_');
            }
            pointer.push(letter.to_ascii_lowercase());
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_a_form_is_found_in_the_resource() {
        assert_eq!(pointer("NewMessage.WithMedia.Enabled"), "/new_message/with_media/enabled");
        let body = json!({"log_enabled": 1, "new_message": {"badge_count_enabled": 2}});
        assert_eq!(body.pointer(&pointer("LogEnabled")), Some(&json!(1)));
        assert_eq!(body.pointer(&pointer("NewMessage.BadgeCountEnabled")), Some(&json!(2)));
    }
}
