//! Where a workspace may be: `host:port`, as people type it and as links carry it.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use confab_core::view::Problem;
use confab_protocol::{Link, LinkError};
use rustls::pki_types::ServerName;

use crate::fingerprint::Fingerprint;
use crate::problem;

/// The port of a server unless it says otherwise.
pub const DEFAULT_PORT: u16 = 7420;

/// A host, by name or by number, and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
}

/// A text that names no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address of the form host:port")]
pub struct NotAnAddress;

impl Address {
    /// Name or number of the host, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it names this computer itself, so that nobody can listen on the way.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim();
        let (host, port) = if text.parse::<Ipv6Addr>().is_ok() {
            (text, None)
        } else if let Some(rest) = text.strip_prefix('[') {
            let (host, rest) = rest.split_once(']').ok_or(NotAnAddress)?;
            host.parse::<Ipv6Addr>().map_err(|_| NotAnAddress)?;
            let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':').ok_or(NotAnAddress)?) };
            (host, port)
        } else {
            text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)))
        };
        ServerName::try_from(host).map_err(|_| NotAnAddress)?;
        let port = port.map_or(Ok(DEFAULT_PORT), |port| port.parse().map_err(|_| NotAnAddress))?;
        if port == 0 { Err(NotAnAddress) } else { Ok(Self { host: host.to_owned(), port }) }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// What a person typed or pasted to say where a workspace is.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) addresses: Vec<Address>,
    pub(crate) fingerprint: Option<Fingerprint>,
}

impl Place {
    /// Reads `host`, `host:port`, `host:port#fingerprint`, or a link of either kind.
    pub(crate) fn read(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text.starts_with("confab:") {
            return text
                .parse()
                .map_err(|error| link_problem(error, problem::NOT_AN_ADDRESS))
                .and_then(|link| Self::of_link(&link));
        }
        let (address, fingerprint) = match text.split_once('#') {
            Some((address, fingerprint)) => {
                (address, Some(fingerprint.parse().map_err(|_| problem::local(problem::NOT_AN_ADDRESS))?))
            }
            None => (text, None),
        };
        let address = address.parse().map_err(|NotAnAddress| problem::local(problem::NOT_AN_ADDRESS))?;
        Ok(Self { addresses: vec![address], fingerprint })
    }

    /// The place of a link. Addresses that cannot be read are left out: they may be of a newer form.
    pub(crate) fn of_link(link: &Link) -> Result<Self, Problem> {
        let addresses: Vec<Address> = link.addresses.iter().filter_map(|text| text.parse().ok()).collect();
        let fingerprint = link.fingerprint.parse().map_err(|_| problem::local(problem::NOT_AN_INVITE))?;
        if addresses.is_empty() {
            return Err(problem::local(problem::NOT_AN_INVITE));
        }
        Ok(Self { addresses, fingerprint: Some(fingerprint) })
    }
}

/// The problem of a text that is no link; `otherwise` when it is none at all.
pub(crate) fn link_problem(error: LinkError, otherwise: &str) -> Problem {
    match error {
        LinkError::Newer => problem::local(problem::NEWER_LINK),
        LinkError::NotALink => problem::local(otherwise),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_in_every_form_that_people_type() {
        for (typed, read) in [
            ("chat.example", "chat.example:7420"),
            (" chat.example:443 ", "chat.example:443"),
            ("192.168.1.9", "192.168.1.9:7420"),
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("::1", "[::1]:7420"),
            ("[::1]", "[::1]:7420"),
            ("[fd00::7]:9000", "[fd00::7]:9000"),
        ] {
            assert_eq!(typed.parse::<Address>().unwrap().to_string(), read);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "a b",
            "host:",
            "host:0",
            "host:65536",
            "host:7420/x",
            "[::1",
            "[chat]:1",
            "https://chat.example",
            "user@host",
        ] {
            assert_eq!(text.parse::<Address>(), Err(NotAnAddress), "{text}");
        }
    }

    #[test]
    fn only_this_computer_is_loopback() {
        for (text, loopback) in [
            ("localhost", true),
            ("127.3.2.1:9", true),
            ("::1", true),
            ("10.0.0.1", false),
            ("localhost.example", false),
        ] {
            assert_eq!(text.parse::<Address>().unwrap().is_loopback(), loopback, "{text}");
        }
    }

    #[test]
    fn a_place_carries_the_fingerprint_typed_behind_it() {
        let place = Place::read(&format!("10.0.0.1#{}", "ab".repeat(32))).unwrap();
        assert_eq!(place.fingerprint.unwrap().to_string(), "ab".repeat(32));
        assert_eq!(Place::read("10.0.0.1#ab").unwrap_err().code, "not_an_address");
        assert_eq!(Place::read("confab://workspace/9/e30").unwrap_err().code, "newer_link");
        assert_eq!(Place::read("confab://workspace/1/e30").unwrap_err().code, "not_an_address");
    }
}
