//! `GET v3/Maps|Lists|Documents/{name or SID}`: an object, and from which event on there is news of it.

use confab_domain::Read;
use confab_protocol::model::User;
use serde_json::{Value, json};

use super::changes::{self, Found};
use super::feed::{profile_items, reach};
use super::{no_object, rows};
use crate::clock;
use crate::twilio::client::{Caller, Reply};
use crate::twilio::dates::exact;
use crate::twilio::problem::Problem;
use crate::twilio::sids::{Form, Object};
use crate::twilio::wire::Request;

/// Opens an object.
///
/// # Errors
/// There is none, or it is not for the one who asks.
pub(in crate::twilio) async fn open(
    caller: &Caller,
    form: &str,
    name: &str,
    request: &Request,
) -> Result<Reply, Problem> {
    let object = named(caller, form, name)?;
    let actor = caller.actor.clone();
    let (found, document) = caller
        .read(move |read: &dyn Read| {
            let found = changes::changes(&actor, object, None, read)?;
            let document = match object {
                Object::Conversation(sid) => changes::conversation(&actor, sid, read).ok(),
                _ => None,
            };
            Ok((found, document))
        })
        .await?;
    let mut body = match found {
        Found::News { position, .. } => described(caller, object, position),
        Found::User { user, commit } => {
            let mut body = described(caller, object, commit);
            if request.param("Include") == Some("items") {
                body["items"] = user_items(caller, &user, commit).await.into();
            }
            body
        }
        Found::Deleted(_) | Found::Denied => return Err(no_object()),
    };
    if let Some(document) = document {
        body["data"] = rows::conversation(&document);
    }
    Ok(Reply::ok(body))
}

/// The object of this name, when it has this form.
pub(super) fn named(caller: &Caller, form: &str, name: &str) -> Result<Object, Problem> {
    let object = Object::read(name, caller.epoch);
    object.filter(|object| object.form().path() == form).ok_or_else(no_object)
}

fn described(caller: &Caller, object: Object, position: u64) -> Value {
    let sid = object.sid(caller.epoch);
    let url = url(caller, object);
    let mut body = json!({
        "sid": sid, "unique_name": object.unique_name(), "url": url, "revision": position.to_string(),
        "last_event_id": position, "date_updated": exact(clock::now()), "date_expires": null, "links": {},
    });
    if object.form() != Form::Document {
        body["links"] = json!({ "items": format!("{url}/Items") });
    }
    body
}

fn url(caller: &Caller, object: Object) -> String {
    format!("{}/v3/{}/{}", caller.base, object.form().path(), object.sid(caller.epoch))
}

/// An item as it stands in an answer.
pub(super) fn item(caller: &Caller, object: Object, key: Value, id: u64, data: &Value) -> Value {
    let name = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
    let mut item = json!({
        "url": format!("{}/Items/{name}", url(caller, object)), "data": data, "revision": id.to_string(),
        "last_event_id": id, "date_updated": exact(clock::now()), "date_expires": null,
    });
    item[if object.form() == Form::List { "index" } else { "key" }] = key;
    item
}

/// The items of the map of a user. Who is there is looked at behind the commit that is the id: whatever is told under a
/// greater one is not older.
pub(super) async fn user_items(caller: &Caller, user: &User, id: u64) -> Vec<Value> {
    let there = caller.node.present(vec![user.sid]).await;
    let connected = there.first().copied().unwrap_or(false);
    let reach = reach(user.status, user.notifiable, connected);
    let items = profile_items(user, reach).into_iter();
    items.map(|(key, data)| item(caller, Object::User(user.sid), key.into(), id, &data)).collect()
}
