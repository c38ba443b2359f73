//! Who is signed in, where, and how that place is found again.

use confab_protocol::http::TokenGrant;
use confab_protocol::link::LINK_ADDRESSES;
use confab_protocol::model::Workspace;
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

    /// Takes over what the workspace tells of itself. True when anything is new. The pin is not the server's to change.
    pub(crate) fn learn(&mut self, workspace: &Workspace) -> bool {
        let before = self.clone();
        self.workspace_name.clone_from(&workspace.name);
        // The address in use stays first; the rest are hints, and the workspace's own are the newest.
        let first = before.addresses.first();
        self.addresses = distinct(first.into_iter().chain(&workspace.addresses).chain(&before.addresses));
        *self != before
    }

    /// Puts the address that answered first. True when it was not.
    pub(crate) fn prefer(&mut self, address: &str) -> bool {
        let before = self.addresses.clone();
        self.addresses = distinct(std::iter::once(&address.to_owned()).chain(&before));
        self.addresses != before
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

#[cfg(test)]
impl Account {
    /// Somebody, for tests.
    pub(crate) fn sample() -> Self {
        use uuid::Uuid;
        Self {
            workspace: WorkspaceSid(Uuid::from_u128(1)),
            workspace_name: "Fjordline".into(),
            user: UserSid(Uuid::from_u128(2)),
            identity: "Ada".into(),
            device: DeviceSid(Uuid::from_u128(3)),
            addresses: Vec::new(),
            fingerprint: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(addresses: &[&str], fingerprint: Option<&str>) -> Account {
        Account {
            addresses: addresses.iter().map(ToString::to_string).collect(),
            fingerprint: fingerprint.map(ToOwned::to_owned),
            ..Account::sample()
        }
    }

    #[test]
    fn a_pin_that_cannot_be_read_opens_no_way_without_a_pin() {
        assert_eq!(account(&["10.0.0.1:1"], Some("not hex")).routes().len(), 0);
        assert_eq!(account(&["10.0.0.1:1", "a b"], Some(&"ab".repeat(32))).routes().len(), 1);
        assert!(account(&["10.0.0.1:1"], None).routes()[0].pin.is_none());
    }

    #[test]
    fn the_address_that_answers_comes_first_and_what_the_workspace_says_next() {
        let mut account = account(&["old:1", "works:1"], None);
        assert!(account.prefer("works:1"));
        let mut workspace = Workspace {
            sid: account.workspace,
            name: "Fjordline".into(),
            addresses: vec!["new:1".into(), "works:1".into()],
            fingerprint: "ab".repeat(32),
        };
        assert!(account.learn(&workspace));
        assert_eq!(account.addresses, ["works:1", "new:1", "old:1"]);
        assert_eq!(account.fingerprint, None, "the pin is not the server's to change");
        assert!(!account.learn(&workspace), "nothing new");
        workspace.name = "Fjord".into();
        assert!(account.learn(&workspace));
    }
}
