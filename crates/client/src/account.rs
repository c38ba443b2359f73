//! Who is signed in, where, and how that place is found again.

use confab_protocol::http::TokenGrant;
use confab_protocol::link::LINK_ADDRESSES;
use confab_protocol::{DeviceSid, UserSid, WorkspaceSid};
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::fingerprint::Fingerprint;
use crate::net::Route;

/// One person's sign-in to one workspace on this computer. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The workspace.
    pub workspace: WorkspaceSid,
    /// Its name when last heard of.
    pub workspace_name: String,
    /// The person.
    pub user: UserSid,
    /// The person's identity as typed when the account was made.
    pub identity: String,
    /// This computer.
    pub device: DeviceSid,
    /// `host:port`, in the order to try; hints only.
    pub addresses: Vec<String>,
    /// SHA-256 of the workspace's public key, 64 hex digits; null when an authority vouches for it instead.
    #[serde(default)]
    pub fingerprint: Option<String>,
}

impl Account {
    /// The account that a grant stands for, reached at `addresses`, with the key pinned that the workspace tells of.
    #[must_use]
    pub fn of_grant(grant: &TokenGrant, addresses: &[String]) -> Self {
        let known = addresses.iter().chain(&grant.workspace.addresses);
        Self {
            workspace: grant.workspace.sid,
            workspace_name: grant.workspace.name.clone(),
            user: grant.user.sid,
            identity: grant.user.identity.clone(),
            device: grant.device,
            addresses: distinct(known),
            fingerprint: Some(grant.workspace.fingerprint.clone()),
        }
    }

    /// Takes over name and addresses of the workspace as it tells of itself. True when anything is new.
    pub(crate) fn learn(&mut self, name: &str, addresses: &[String]) -> bool {
        let before = self.clone();
        name.clone_into(&mut self.workspace_name);
        // What the workspace says comes first; what has worked until now stays behind it.
        self.addresses = distinct(addresses.iter().chain(&before.addresses));
        *self != before
    }

    /// The ways to the workspace. Addresses that cannot be read are passed over.
    pub(crate) fn routes(&self) -> Vec<Route> {
        let pin: Option<Fingerprint> = self.fingerprint.as_ref().and_then(|text| text.parse().ok());
        // A pin that cannot be read must not turn into no pin.
        if pin.is_none() && self.fingerprint.is_some() {
            return Vec::new();
        }
        let read = |text: &String| text.parse().ok().map(|address: Address| Route { address, pin });
        self.addresses.iter().filter_map(read).collect()
    }
}

fn distinct<'a>(addresses: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for address in addresses {
        if kept.len() < LINK_ADDRESSES && !kept.contains(address) {
            kept.push(address.clone());
        }
    }
    kept
}
