//! `/Roles`

use confab_domain::row::{RoleRow, WorkspaceRow};
use confab_domain::{BUILT_IN_ROLES, DomainResult, Read};
use confab_protocol::method::{RoleCreateParams, RoleDeleteParams, RoleUpdateParams};
use confab_protocol::model::RoleType;
use confab_protocol::{Answer, Call, RoleSid, WireError, limits};
use serde_json::Value;

use super::ask::Ask;
use super::reply::{Listed, Reply, Trail, page};
use super::{Place, Route, Scope, shape};
use crate::node::workspace_row;
use crate::twilio::problem::Problem;

pub(super) const ROUTES: &[Route] = &[
    Route::post("/Roles", Scope::Both, "create a role", &["FriendlyName", "Type", "Permission"], |ask| {
        Box::pin(create(ask))
    }),
    Route::get("/Roles", Scope::Both, "list roles", &[], |ask| Box::pin(list(ask))),
    Route::get("/Roles/{role}", Scope::Both, "fetch a role", &[], |ask| Box::pin(fetch(ask))),
    Route::post("/Roles/{role}", Scope::Both, "update a role", &["Permission"], |ask| Box::pin(update(ask))),
    Route::delete("/Roles/{role}", Scope::Both, "delete a role", |ask| Box::pin(delete(ask))),
];

async fn create(ask: Ask) -> Result<Reply, Problem> {
    let kind = match ask.form.needed("Type")? {
        "conversation" => RoleType::Conversation,
        "service" => RoleType::Workspace,
        _ => return Err(Problem::invalid("Type", "neither conversation nor service")),
    };
    let call = Call::RoleCreate(RoleCreateParams {
        client_id: Ask::client_id(),
        friendly_name: ask.form.needed("FriendlyName")?.to_owned(),
        kind,
        permissions: ask.form.all("Permission"),
    });
    let place = ask.place.clone();
    ask.write(move |desk| {
        let Answer::RoleCreate(made) = desk.apply_all(&call)? else {
            unreachable!("a creation answers with what it made")
        };
        Ok(Reply::made(one(made.role.sid, &place, desk.tx)?))
    })
    .await
}

/// The built-in ones come first; all roles there can be fit into a few pages.
async fn list(ask: Ask) -> Result<Reply, Problem> {
    let (trail, place) = (Trail::read(&ask)?, ask.place.clone());
    let rows = ask.read(move |read| {
        let built_in = BUILT_IN_ROLES.iter().map(|role| role.0);
        let made = read.roles(limits::ROLES)?.into_iter().map(|row| row.sid);
        let all: Vec<RoleSid> = built_in.chain(made).collect();
        let listed =
            all.into_iter().map(|sid| Ok(Listed { place: sid.to_string(), body: one(sid, &place, read)? }));
        listed.collect::<DomainResult<Vec<_>>>()
    });
    let rows = behind(rows.await?, trail.after());
    page(&ask, "roles", &trail, rows)
}

/// The rows behind a place of a short list.
pub(super) fn behind(rows: Vec<Listed>, after: Option<&str>) -> Vec<Listed> {
    let Some(after) = after else { return rows };
    let skipped = rows.iter().position(|row| row.place == after).map_or(rows.len(), |place| place + 1);
    rows.into_iter().skip(skipped).collect()
}

fn one(sid: RoleSid, place: &Place, read: &dyn Read) -> DomainResult<Value> {
    if let Some(built_in) = BUILT_IN_ROLES.iter().find(|role| role.0 == sid) {
        let WorkspaceRow { date_created, .. } = workspace_row(read)?;
        return Ok(shape::built_in(*built_in, date_created, place));
    }
    let row: Option<RoleRow> = read.role(sid)?;
    Ok(shape::role(&row.ok_or_else(|| WireError::not_found("role"))?, place))
}

fn named(ask: &Ask) -> Result<RoleSid, Problem> {
    ask.name("role").parse().map_err(|_| WireError::not_found("role").into())
}

async fn fetch(ask: Ask) -> Result<Reply, Problem> {
    let (role, place) = (named(&ask)?, ask.place.clone());
    ask.read(move |read| Ok(Reply::found(one(role, &place, read)?))).await
}

async fn update(ask: Ask) -> Result<Reply, Problem> {
    let role = named(&ask)?;
    let permissions = Some(ask.form.all("Permission"));
    let params = RoleUpdateParams { client_id: Ask::client_id(), role, friendly_name: None, permissions };
    let (call, place) = (Call::RoleUpdate(params), ask.place.clone());
    ask.write(move |desk| {
        desk.apply_all(&call)?;
        Ok(Reply::found(one(role, &place, desk.tx)?))
    })
    .await
}

async fn delete(ask: Ask) -> Result<Reply, Problem> {
    let call = Call::RoleDelete(RoleDeleteParams { client_id: Ask::client_id(), role: named(&ask)? });
    ask.write(move |desk| desk.apply_all(&call).map(drop)).await?;
    Ok(Reply::gone())
}
