//! `/Bindings`: where push notifications for devices go, as their clients have registered it. This server pushes nothing by itself:
//! whoever carries notifications out reads here where to.

use confab_domain::account::unregister_push;
use confab_domain::row::{DeviceRow, PushRow};
use confab_domain::{DomainResult, Read};
use confab_protocol::{DeviceSid, WireError, limits};
use serde_json::{Value, json};

use super::ask::{Ask, Place};
use super::date::write;
use super::reply::{Listed, Reply, Trail, page};
use super::{Route, Scope, find};
use crate::twilio::client::MESSAGE_TYPES;
use crate::twilio::problem::Problem;

const ONE: &str = "/Bindings/{binding}";
/// Values of one filter of the list.
const VALUES: usize = 100;

pub(super) const ROUTES: &[Route] = &[
    Route::get(
        "/Bindings",
        Scope::Service,
        "list devices at push services",
        &["BindingType", "Identity"],
        |ask| Box::pin(list(ask)),
    ),
    Route::get(ONE, Scope::Service, "fetch a device at a push service", &[], |ask| Box::pin(fetch(ask))),
    Route::delete(ONE, Scope::Service, "delete a device at a push service", |ask| Box::pin(delete(ask))),
];

/// A device that push notifications go to.
struct Binding {
    device: DeviceRow,
    push: PushRow,
    identity: String,
}

impl Binding {
    /// What a device is bound to; none where notifications for it go nowhere.
    fn of(device: DeviceRow, read: &dyn Read) -> DomainResult<Option<Self>> {
        let Some(push) = device.push.clone() else { return Ok(None) };
        let user = find::user(&device.user.to_string(), read)?;
        Ok(Some(Self { device, push, identity: user.identity }))
    }

    fn sid(&self) -> String {
        format!("BS{}", self.device.sid.0.simple())
    }

    /// Where it stands in lists: they go by carrier, then by device.
    fn place(&self) -> (&str, DeviceSid) {
        (&self.push.kind, self.device.sid)
    }

    fn shape(&self, place: &Place) -> Value {
        let told = MESSAGE_TYPES.iter().filter(|(event, _)| self.push.events.contains(event));
        json!({
            "sid": self.sid(),
            "account_sid": place.account,
            "chat_service_sid": place.service,
            "credential_sid": null,
            "date_created": write(self.device.date_created),
            "date_updated": write(self.device.last_seen),
            "endpoint": self.push.token,
            "identity": self.identity,
            "binding_type": self.push.kind,
            "message_types": told.map(|(_, name)| *name).collect::<Vec<_>>(),
            "url": format!("{}/Bindings/{}", place.base, self.sid()),
        })
    }

    fn listed(&self, place: &Place) -> Listed {
        Listed { place: format!("{}.{}", self.push.kind, self.device.sid), body: self.shape(place) }
    }
}

/// Which bindings are listed.
struct Wanted {
    /// Carriers, in the order of the list; none for all.
    kinds: Vec<String>,
    /// Whose; none for everybody's.
    identities: Vec<String>,
    /// Behind which of them the page begins.
    after: Option<(String, DeviceSid)>,
}

impl Wanted {
    fn read(ask: &Ask, trail: &Trail) -> Result<Self, Problem> {
        let wrong = || Problem::invalid("PageToken", "not from an answer");
        let after = trail.after().map(|text| begun(text).ok_or_else(wrong)).transpose()?;
        let (kinds, identities) = (values(ask, "BindingType")?, values(ask, "Identity")?);
        Ok(Self { kinds, identities, after })
    }

    fn place(&self) -> Option<(&str, DeviceSid)> {
        self.after.as_ref().map(|(kind, sid)| (kind.as_str(), *sid))
    }

    /// So many at most, in order.
    fn find(&self, most: usize, read: &dyn Read) -> DomainResult<Vec<Binding>> {
        let devices = match (&self.identities[..], &self.kinds[..]) {
            ([], []) => read.pushed_devices(self.place(), most)?,
            ([], _) => self.of_kinds(most, read)?,
            (_, _) => self.of_people(read)?,
        };
        let mut found = Vec::new();
        for device in devices {
            found.extend(Binding::of(device, read)?);
        }
        found.retain(|binding| Some(binding.place()) > self.place() && self.has_kind(&binding.push.kind));
        found.sort_by(|one, other| one.place().cmp(&other.place()));
        found.truncate(most);
        Ok(found)
    }

    fn has_kind(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|wanted| wanted == kind)
    }

    fn of_kinds(&self, most: usize, read: &dyn Read) -> DomainResult<Vec<DeviceRow>> {
        let mut found = Vec::new();
        for kind in &self.kinds {
            let start = (kind.as_str(), DeviceSid(uuid::Uuid::nil()));
            let rows = read.pushed_devices(self.place().max(Some(start)), most)?;
            found.extend(
                rows.into_iter().filter(|row| row.push.as_ref().is_some_and(|push| push.kind == *kind)),
            );
            if found.len() >= most {
                break;
            }
        }
        Ok(found)
    }

    fn of_people(&self, read: &dyn Read) -> DomainResult<Vec<DeviceRow>> {
        let mut found = Vec::new();
        for identity in &self.identities {
            if let Ok(user) = find::user(identity, read) {
                found.extend(read.live_devices(user.sid, limits::DEVICES)?);
            }
        }
        Ok(found)
    }
}

/// Carrier and device, as a page's token names them.
fn begun(text: &str) -> Option<(String, DeviceSid)> {
    let (kind, sid) = text.split_once('.')?;
    Some((kind.to_owned(), sid.parse().ok()?))
}

/// Every value of a filter, in order, each once.
fn values(ask: &Ask, name: &str) -> Result<Vec<String>, Problem> {
    let mut values = ask.query.all(name);
    values.retain(|value| !value.is_empty());
    values.sort();
    values.dedup();
    if values.len() > VALUES { Err(Problem::invalid(name, "at most 100")) } else { Ok(values) }
}

async fn list(ask: Ask) -> Result<Reply, Problem> {
    let trail = Trail::read(&ask)?;
    let (wanted, size, place) = (Wanted::read(&ask, &trail)?, ask.page_size()?, ask.place.clone());
    let rows = ask.read(move |read| {
        let found = wanted.find(size + 1, read)?;
        Ok(found.iter().map(|binding| binding.listed(&place)).collect())
    });
    page(&ask, "bindings", &trail, rows.await?)
}

/// The binding that an address names.
fn named(name: &str, read: &dyn Read) -> DomainResult<Binding> {
    let sid = name.strip_prefix("BS").and_then(|digits| uuid::Uuid::try_parse(digits).ok());
    let device = sid.map(|sid| read.device(DeviceSid(sid))).transpose()?.flatten();
    let binding = device.map(|device| Binding::of(device, read)).transpose()?.flatten();
    Ok(binding.ok_or_else(|| WireError::not_found("binding"))?)
}

async fn fetch(ask: Ask) -> Result<Reply, Problem> {
    let (name, place) = (ask.name("binding").to_owned(), ask.place.clone());
    ask.read(move |read| Ok(Reply::found(named(&name, read)?.shape(&place)))).await
}

async fn delete(ask: Ask) -> Result<Reply, Problem> {
    let name = ask.name("binding").to_owned();
    ask.write(move |desk| {
        let binding = named(&name, desk.tx)?;
        let owner = desk.acting(&binding.identity)?;
        let events = unregister_push(&owner, binding.device.sid, desk.now, desk.tx)?;
        desk.events.extend(events);
        Ok(Reply::gone())
    })
    .await
}
