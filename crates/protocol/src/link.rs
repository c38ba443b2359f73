//! Links: `confab://join/1/<base64url>` invites, `confab://workspace/1/<base64url>` only says where a workspace is.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::id::WorkspaceSid;

/// Longest link that is looked at, in bytes.
pub const LINK_BYTES: usize = 4 * 1024;
/// Most addresses in one link.
pub const LINK_ADDRESSES: usize = 16;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// Invites: has a secret.
    Join,
    /// Says where a workspace is, for signing in.
    Workspace,
}

/// Why a text is no link of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It does not begin as one, or what follows cannot be read.
    #[error("not a Confab link")]
    NotALink,
    /// It is one of a newer form.
    #[error("the link is of a newer form: update Confab")]
    Newer,
}

/// Where a workspace is, how to know it, and, for an invite, the secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The workspace.
    #[serde(rename = "w")]
    pub workspace: WorkspaceSid,
    /// Its name when the link was made; for show.
    #[serde(rename = "n")]
    pub name: String,
    /// `host:port`, in the order to try; hints only.
    #[serde(rename = "a")]
    pub addresses: Vec<String>,
    /// SHA-256 of the public key (SPKI), 64 hex digits.
    #[serde(rename = "f")]
    pub fingerprint: String,
    /// 128 random bits, base64url; none in a link that only says where.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

impl Link {
    /// What it is for.
    #[must_use]
    pub fn kind(&self) -> LinkKind {
        if self.secret.is_some() { LinkKind::Join } else { LinkKind::Workspace }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("workspace", &self.workspace)
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.secret.is_some() { "join" } else { "workspace" };
        let json = serde_json::to_vec(self).expect("invariant: a link has only string keys");
        write!(f, "confab://{kind}/1/{}", URL_SAFE_NO_PAD.encode(json))
    }
}

impl FromStr for Link {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        let text = text.trim();
        if text.len() > LINK_BYTES {
            return Err(LinkError::NotALink);
        }
        let rest = text.strip_prefix("confab://").ok_or(LinkError::NotALink)?;
        let (kind, rest) = rest.split_once('/').ok_or(LinkError::NotALink)?;
        let (level, data) = rest.split_once('/').ok_or(LinkError::NotALink)?;
        if kind != "join" && kind != "workspace" {
            return Err(LinkError::NotALink);
        }
        if level != "1" {
            return Err(if level.parse::<u32>().is_ok() { LinkError::Newer } else { LinkError::NotALink });
        }
        let json = URL_SAFE_NO_PAD.decode(data.trim_end_matches('/')).map_err(|_| LinkError::NotALink)?;
        let link: Self = serde_json::from_slice(&json).map_err(|_| LinkError::NotALink)?;
        let hex = link.fingerprint.len() == 64 && link.fingerprint.bytes().all(|b| b.is_ascii_hexdigit());
        let addresses = !link.addresses.is_empty() && link.addresses.len() <= LINK_ADDRESSES;
        let whole = (kind == "join") == link.secret.is_some();
        if hex && addresses && whole { Ok(link) } else { Err(LinkError::NotALink) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link {
        Link {
            workspace: WorkspaceSid(uuid::Uuid::from_u128(3)),
            name: "Fjordline".into(),
            addresses: vec!["127.0.0.1:7420".into()],
            fingerprint: "ab".repeat(32),
            secret: Some("c2VjcmV0".into()),
        }
    }

    #[test]
    fn a_link_reads_back_what_it_writes() {
        assert_eq!(link().to_string().parse(), Ok(link()));
        let place = Link { secret: None, ..link() };
        assert!(place.to_string().starts_with("confab://workspace/1/"));
        assert_eq!(place.to_string().parse(), Ok(place));
    }

    #[test]
    fn what_is_no_link_is_refused() {
        for text in [
            "",
            "hello",
            "https://example.com",
            "confab://join/1/???",
            "confab://join/1/e30",
            "confab://join/x/e30",
        ] {
            assert_eq!(text.parse::<Link>(), Err(LinkError::NotALink), "{text}");
        }
        assert_eq!("confab://join/2/e30".parse::<Link>(), Err(LinkError::Newer));
        let swapped = link().to_string().replace("/join/", "/workspace/");
        assert_eq!(swapped.parse::<Link>(), Err(LinkError::NotALink));
    }
}
