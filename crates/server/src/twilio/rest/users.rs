//! `/Users` and `/Users/{user}/Conversations`

use confab_domain::account::{SYSTEM, deactivate, reactivate};
use confab_domain::row::{MembershipRow, UserRow};
use confab_domain::unread::unread;
use confab_domain::{DomainResult, Read, Warrant};
use confab_protocol::method::{SetNotificationLevelParams, UserUpdateParams};
use confab_protocol::model::NotificationLevel;
use confab_protocol::{Call, ClientId, ConversationSid, ErrorCode, RoleSid, UserSid, WireError};
use serde_json::Value;

use super::ask::Ask;
use super::desk::{Desk, everything};
use super::participants::{ReadTo, read_up_to, remove};
use super::reply::{Listed, Reply, Trail, page};
use super::{Place, Route, Scope, find, settings, shape};
use crate::twilio::problem::Problem;
use crate::twilio::sync::{Reach, reach};

const FIELDS: &[&str] = &["Identity", "FriendlyName", "Attributes", "RoleSid", "Reactivate"];
const CHANGES: &[&str] = &["FriendlyName", "Attributes", "RoleSid"];
const OWN: &str = "/Users/{user}/Conversations/{conversation}";

pub(super) const ROUTES: &[Route] = &[
    Route::post("/Users", Scope::Both, "create a user", FIELDS, |ask| Box::pin(create(ask))),
    Route::get("/Users", Scope::Both, "list users", &[], |ask| Box::pin(list(ask))),
    Route::get("/Users/{user}", Scope::Both, "fetch a user", &[], |ask| Box::pin(fetch(ask))),
    Route::post("/Users/{user}", Scope::Both, "update a user", CHANGES, |ask| Box::pin(update(ask))),
    Route::delete("/Users/{user}", Scope::Both, "delete a user", |ask| Box::pin(delete(ask))),
    Route::get("/Users/{user}/Conversations", Scope::Both, "list the conversations of a user", &[], |ask| {
        Box::pin(list_own(ask))
    }),
    Route::get(OWN, Scope::Both, "fetch a conversation of a user", &[], |ask| Box::pin(fetch_own(ask))),
    Route::post(
        OWN,
        Scope::Both,
        "update a conversation of a user",
        &["NotificationLevel", "LastReadMessageIndex", "LastReadTimestamp"],
        |ask| Box::pin(update_own(ask)),
    ),
    Route::delete(OWN, Scope::Both, "take a user out of a conversation", |ask| Box::pin(delete_own(ask))),
];

/// What is wanted of a profile.
#[derive(Clone)]
struct Profile {
    friendly_name: Option<String>,
    attributes: Option<Value>,
    role: Option<RoleSid>,
}

impl Profile {
    fn read(ask: &Ask) -> Result<Self, Problem> {
        let form = &ask.form;
        let friendly_name = form.owned("FriendlyName").filter(|text| !text.trim().is_empty());
        Ok(Self { friendly_name, attributes: form.json("Attributes")?, role: form.sid("RoleSid")? })
    }

    /// The mutation that this comes to; none when nothing is wanted.
    fn call(self, user: UserSid, client_id: ClientId) -> Option<Call> {
        let Self { friendly_name, attributes, role } = self;
        let wants = friendly_name.is_some() || attributes.is_some() || role.is_some();
        let params = UserUpdateParams { client_id, user: Some(user), friendly_name, attributes, role };
        wants.then_some(Call::UserUpdate(params))
    }
}

async fn create(ask: Ask) -> Result<Reply, Problem> {
    let identity = ask.form.needed("Identity")?.to_owned();
    let mut profile = Profile::read(&ask)?;
    if profile.role.is_none() {
        profile.role = ask.read(|read| Ok(settings::service(read)?.default_chat_service_role_sid)).await?;
    }
    let (place, reactivates) = (ask.place.clone(), ask.form.flag("Reactivate")?.unwrap_or(true));
    ask.write(move |desk| {
        let known = desk.tx.user_by_key(&confab_domain::name::identity_key(&identity))?;
        let sid = match known {
            Some(row) if !(row.deactivated && reactivates) || row.identity == SYSTEM => {
                return Err(WireError::new(ErrorCode::NameTaken).with("identity", row.identity).into());
            }
            Some(row) => {
                let events = reactivate(row.sid, desk.tx)?;
                desk.events.extend(events);
                row.sid
            }
            None => desk.user(&identity)?.sid,
        };
        let client_id = ClientId(desk.ids.uuid());
        if let Some(call) = profile.clone().call(sid, client_id) {
            desk.apply_all(&call)?;
        }
        Ok(Reply::made(shape::user(&find::user(&sid.to_string(), desk.tx)?, &place)))
    })
    .await
}

async fn list(ask: Ask) -> Result<Reply, Problem> {
    let trail = Trail::read(&ask)?;
    let after = trail.after().map(str::parse::<UserSid>).transpose();
    let after = after.map_err(|_| Problem::invalid("PageToken", "not from an answer"))?;
    let size = ask.page_size()?;
    let rows = ask.read(move |read| active(after, size + 1, read)).await?;
    let one = |row: &UserRow| Listed { place: row.sid.to_string(), body: shape::user(row, &ask.place) };
    let listed = rows.iter().map(one).collect();
    page(&ask, "users", &trail, listed)
}

/// Users who were not let go, behind one of them.
fn active(mut after: Option<UserSid>, most: usize, read: &dyn Read) -> DomainResult<Vec<UserRow>> {
    let mut active = Vec::new();
    while active.len() < most {
        let rows = read.users(after, most)?;
        let is_last = rows.len() < most;
        after = rows.last().map(|row| row.sid).or(after);
        active.extend(rows.into_iter().filter(|row| !row.deactivated));
        if is_last {
            break;
        }
    }
    active.truncate(most);
    Ok(active)
}

async fn named(ask: &Ask) -> Result<UserRow, Problem> {
    let name = ask.name("user").to_owned();
    ask.read(move |read| find::user(&name, read)).await
}

async fn fetch(ask: Ask) -> Result<Reply, Problem> {
    let row = named(&ask).await?;
    let mut body = shape::user(&row, &ask.place);
    if ask.read(|read| Ok(settings::service(read)?.reachability_enabled)).await? {
        let connected = ask.node.present(vec![row.sid]).await.first().copied().unwrap_or(false);
        let Reach { online, notifiable } = reach(row.status, row.notifiable, connected);
        (body["is_online"], body["is_notifiable"]) = (online.into(), notifiable.into());
    }
    Ok(Reply::found(body))
}

async fn update(ask: Ask) -> Result<Reply, Problem> {
    let row = named(&ask).await?;
    let call = Profile::read(&ask)?.call(row.sid, Ask::client_id());
    let call = match call {
        Some(call) => Some(ask.before(SYSTEM, call).await?),
        None => None,
    };
    let place = ask.place.clone();
    ask.write(move |desk| {
        if let Some(call) = &call {
            desk.apply_all(call)?;
        }
        Ok(Reply::found(shape::user(&find::user(&row.sid.to_string(), desk.tx)?, &place)))
    })
    .await
}

async fn delete(ask: Ask) -> Result<Reply, Problem> {
    let user = named(&ask).await?.sid;
    ask.write(move |desk| {
        let system = desk.system()?;
        let events = deactivate(&system, user, desk.now, desk.ids, desk.tx)?;
        desk.events.extend(events);
        Ok(Reply::gone())
    })
    .await
}

async fn list_own(ask: Ask) -> Result<Reply, Problem> {
    let user = named(&ask).await?;
    let trail = Trail::read(&ask)?;
    let (size, place, owner) = (ask.page_size()?, ask.place.clone(), user.clone());
    let after = joined_after(&trail)?;
    let shaped = move |me: &MembershipRow, read: &dyn Read| own(&owner, me, &place, read);
    let rows = ask.read(move |read| joined(&user, after, size + 1, read, &shaped)).await?;
    page(&ask, "conversations", &trail, rows)
}

/// Behind which conversation a page of those of a user begins.
pub(super) fn joined_after(trail: &Trail) -> Result<Option<ConversationSid>, Problem> {
    let after = trail.after().map(str::parse::<ConversationSid>).transpose();
    after.map_err(|_| Problem::invalid("PageToken", "not from an answer"))
}

/// The conversations that a user is in, each as it is to be shown.
pub(super) fn joined(
    user: &UserRow,
    after: Option<ConversationSid>,
    most: usize,
    read: &dyn Read,
    shaped: &dyn Fn(&MembershipRow, &dyn Read) -> DomainResult<Value>,
) -> DomainResult<Vec<Listed>> {
    let mut rows = Vec::new();
    for sid in read.joined(user.sid, after, most)? {
        if let Some(me) = read.membership(user.sid, sid)? {
            rows.push(Listed { place: sid.to_string(), body: shaped(&me, read)? });
        }
    }
    Ok(rows)
}

fn own(user: &UserRow, me: &MembershipRow, place: &Place, read: &dyn Read) -> DomainResult<Value> {
    let row = find::conversation(&me.conversation.to_string(), read)?;
    // Twilio knows no count where nothing was ever marked as read.
    let count = if me.horizon.is_some() { Some(unread(read, me, &row)?.unread) } else { None };
    Ok(shape::user_conversation(user, me, &row, count, place))
}

async fn place_of(ask: &Ask) -> Result<(UserRow, MembershipRow), Problem> {
    let (user, conversation) = (named(ask).await?, ask.conversation().await?);
    ask.read(move |read| {
        let me = find::membership(&user, conversation, read)?;
        Ok((user, me))
    })
    .await
}

async fn fetch_own(ask: Ask) -> Result<Reply, Problem> {
    let ((user, me), place) = (place_of(&ask).await?, ask.place.clone());
    ask.read(move |read| Ok(Reply::found(own(&user, &me, &place, read)?))).await
}

async fn update_own(ask: Ask) -> Result<Reply, Problem> {
    let (user, me) = place_of(&ask).await?;
    let level = match ask.form.text("NotificationLevel") {
        None | Some("") => None,
        Some("default") => Some(NotificationLevel::Default),
        Some("muted") => Some(NotificationLevel::Muted),
        Some(_) => return Err(Problem::invalid("NotificationLevel", "neither default nor muted")),
    };
    let read_to = ReadTo::asked(&ask.form)?;
    let place = ask.place.clone();
    ask.write(move |desk| {
        if let Some(level) = level {
            mute(desk, &user, me.conversation, level)?;
        }
        if let Some(read_to) = read_to {
            read_up_to(desk, me.conversation, &user.identity, read_to)?;
        }
        let me = find::membership(&user, me.conversation, desk.tx)?;
        Ok(Reply::found(own(&user, &me, &place, desk.tx)?))
    })
    .await
}

fn mute(
    desk: &mut Desk<'_>,
    user: &UserRow,
    conversation: ConversationSid,
    level: NotificationLevel,
) -> DomainResult<()> {
    let client_id = ClientId(desk.ids.uuid());
    let params = SetNotificationLevelParams { client_id, conversation, level };
    let actor = desk.acting(&user.identity)?;
    let warrant = Warrant { stays_out: false, ..everything() };
    desk.apply(&actor, &warrant, &Call::SetNotificationLevel(params)).map(drop)
}

async fn delete_own(ask: Ask) -> Result<Reply, Problem> {
    let (_, me) = place_of(&ask).await?;
    remove(&ask, me.conversation, me.participant).await
}
