//! Where a server can be reached, and whether a request was meant for it.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

/// The addresses that links carry.
///
/// What the operator says goes first; a server on one address has that one; a server on all of them has the
/// machine's own, those that other machines can use before the loopback one.
pub(crate) fn reachable(bound: SocketAddr, advertised: &[String]) -> Vec<String> {
    if !advertised.is_empty() {
        return advertised.to_vec();
    }
    if !bound.ip().is_unspecified() {
        return vec![bound.to_string()];
    }
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let mut ips: Vec<IpAddr> =
        interfaces.iter().map(if_addrs::Interface::ip).filter(|ip| fits(bound.ip(), *ip)).collect();
    ips.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6(), *ip));
    ips.dedup();
    if ips.is_empty() {
        ips.push(if bound.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    ips.truncate(confab_protocol::link::LINK_ADDRESSES);
    ips.into_iter().map(|ip| SocketAddr::new(ip, bound.port()).to_string()).collect()
}

/// Link-local IPv6 needs a zone that means nothing on another machine.
fn fits(bound: IpAddr, ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(_) => true,
        IpAddr::V6(ip) => bound.is_ipv6() && !ip.is_unicast_link_local(),
    }
}

/// Whether a request may be answered: a page from elsewhere, also one whose name was bound to this address, may not.
pub(crate) fn is_for_us(headers: &HeaderMap, advertised: &[String]) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("\0"));
    let Some(host) = text(HOST) else { return false };
    let known = is_known_host(host_name(host), advertised);
    let same_origin = text(ORIGIN)
        .is_none_or(|origin| origin.split_once("://").is_some_and(|(_, of)| of.eq_ignore_ascii_case(host)));
    known && same_origin
}

fn is_known_host(name: &str, advertised: &[String]) -> bool {
    let literal = name.trim_start_matches('[').trim_end_matches(']');
    literal.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || advertised.iter().any(|address| host_name(address).eq_ignore_ascii_case(name))
}

/// A `host:port` without its port.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: Option<&'static str>, origin: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [(HOST, host), (ORIGIN, origin)] {
            if let Some(value) = value {
                headers.insert(name, value.parse().unwrap());
            }
        }
        headers
    }

    #[test]
    fn only_addresses_localhost_and_told_names_are_ours() {
        let told = ["chat.example:7420".to_owned()];
        for host in
            ["127.0.0.1:7420", "[::1]:7420", "192.168.1.2", "localhost:1", "chat.example", "CHAT.example:1"]
        {
            assert!(is_for_us(&headers(Some(host), None), &told), "{host}");
        }
        for host in ["evil.example:7420", "localhost.evil.example", "", "127.0.0.1.evil.example:80"] {
            assert!(!is_for_us(&headers(Some(host), None), &told), "{host}");
        }
        assert!(!is_for_us(&headers(None, None), &told));
    }

    #[test]
    fn an_origin_has_to_be_the_host_itself() {
        let host = Some("127.0.0.1:7420");
        assert!(is_for_us(&headers(host, Some("http://127.0.0.1:7420")), &[]));
        for origin in ["http://evil.example", "http://127.0.0.1:8000", "null", "http://localhost:7420"] {
            assert!(!is_for_us(&headers(host, Some(origin)), &[]), "{origin}");
        }
    }

    #[test]
    fn links_say_what_was_told_or_what_is_bound() {
        let bound: SocketAddr = "127.0.0.1:7420".parse().unwrap();
        assert_eq!(reachable(bound, &[]), ["127.0.0.1:7420"]);
        assert_eq!(reachable(bound, &["chat.example:443".into()]), ["chat.example:443"]);
        let everywhere = reachable("0.0.0.0:7420".parse().unwrap(), &[]);
        assert!(!everywhere.is_empty());
        assert!(everywhere.iter().all(|address| !address.starts_with("0.0.0.0")));
    }
}
