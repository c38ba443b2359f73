//! The way out. A hook's address is looked up by us, each of its addresses is judged, and only those that pass are connected to:
//! a name that is bound to another address in the meantime leads nowhere.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;

/// Looks names up, and lets through what may be connected to.
struct Judge {
    allow_private: bool,
}

impl Resolve for Judge {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> =
                found.filter(|address| allow_private || is_public(address.ip())).collect();
            if allowed.is_empty() {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, Private).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// The address is of a network that the world does not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address is private: set CONFAB_ALLOW_PRIVATE_WEBHOOKS=1 where hooks are meant to be there")]
pub(super) struct Private;

/// A client that follows no redirection and goes through no proxy: either could lead where it must not.
pub(super) fn client(allow_private: bool, patience: Duration) -> Result<reqwest::Client, reqwest::Error> {
    // Another part of the process may have chosen already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .dns_resolver(Arc::new(Judge { allow_private }))
        .redirect(Policy::none())
        .no_proxy()
        .timeout(patience)
        .user_agent("Confab")
        .build()
}

/// Refuses an address that is written as a number and may not be connected to: no name is looked up for it.
pub(super) fn check(url: &Url, allow_private: bool) -> Result<(), Private> {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    match literal {
        Ok(ip) if !allow_private && !is_public(ip) => Err(Private),
        _ => Ok(()),
    }
}

/// Whether an address is of the network that all reach.
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmarks = a == 198 && (18..20).contains(&b);
    let protocols = (a, b, c) == (192, 0, 0);
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || shared
        || benchmarks
        || protocols)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        // Addresses that hold one of version 4: translated, and tunnelled.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => is_public_v4(joined(high, low)),
        // Teredo, documentation, and what is for local use of translators.
        [0x2001, 0 | 0xdb8, ..] | [0x64, 0xff9b, 1, ..] => false,
        // Everything that was given out as global begins with these three bits.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_the_world_reaches_are_public() {
        let of = |text: &str| is_public(text.parse().unwrap());
        for text in ["1.1.1.1", "8.8.8.8", "100.63.0.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::808:808"]
        {
            assert!(of(text), "{text}");
        }
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.1",
            "198.18.0.1",
            "203.0.113.5",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
        ] {
            assert!(!of(text), "{text}");
        }
    }

    #[test]
    fn an_address_that_is_a_number_is_judged_too() {
        let of = |text: &str, allow| check(&text.parse().unwrap(), allow);
        assert_eq!(of("http://127.0.0.1:80/", false), Err(Private));
        assert_eq!(of("http://[::1]/", false), Err(Private));
        assert_eq!(of("http://2130706433/", false), Err(Private), "written as one number");
        assert_eq!(of("http://127.0.0.1/", true), Ok(()));
        assert_eq!(of("https://1.1.1.1/", false), Ok(()));
        assert_eq!(of("https://example.org/", false), Ok(()));
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_followed() {
        let resolved = Judge { allow_private: false }.resolve("localhost".parse().unwrap()).await;
        assert!(resolved.is_err());
        let allowed = Judge { allow_private: true }.resolve("localhost".parse().unwrap()).await;
        assert!(allowed.is_ok_and(|mut found| found.next().is_some()));
    }
}
