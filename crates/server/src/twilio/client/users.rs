//! `Users/{identity}`.

use confab_protocol::method::{UserGetParams, UserUpdateParams};
use confab_protocol::model::User;
use confab_protocol::{Answer, Call, WireError};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{Caller, Reply, attributes, shapes, strange};
use crate::twilio::problem::Problem;
use crate::twilio::wire::Request;

/// An identity as a part of an address.
pub(super) fn encoded(identity: &str) -> String {
    utf8_percent_encode(identity, NON_ALPHANUMERIC).to_string()
}

/// `GET Users/{identity}`
pub(super) async fn get(caller: &Caller, identity: &str) -> Result<Reply, Problem> {
    Ok(Reply::ok(shapes::user(caller, &find(caller, identity).await?)))
}

async fn find(caller: &Caller, identity: &str) -> Result<User, Problem> {
    let params = UserGetParams { identities: vec![identity.to_owned()], users: Vec::new() };
    let Answer::UserGet(found) = caller.ask(Call::UserGet(params)).await? else { return Err(strange()) };
    found.users.into_iter().next().ok_or_else(|| WireError::not_found("user").into())
}

#[derive(Deserialize)]
struct Update {
    #[serde(default)]
    friendly_name: Option<String>,
    #[serde(default)]
    attributes: Option<String>,
}

/// `POST Users/{identity}`: one's own profile, or another's with permission.
pub(super) async fn update(caller: &Caller, identity: &str, request: &Request) -> Result<Reply, Problem> {
    let Update { friendly_name, attributes: text } = request.json()?;
    let user = find(caller, identity).await?;
    let params = UserUpdateParams {
        user: (user.sid != caller.actor.user).then_some(user.sid),
        friendly_name,
        attributes: attributes(text.as_deref())?,
        ..UserUpdateParams::new(request.client_id)
    };
    let Answer::UserUpdate(changed) = caller.apply(Call::UserUpdate(params)).await? else {
        return Err(strange());
    };
    Ok(Reply::ok(shapes::user(caller, &changed.user)))
}
