//! Which bytes are asked for: one range, or everything (RFC 9110).

use std::ops::Range;

use axum::http::HeaderMap;
use axum::http::header::{IF_NONE_MATCH, IF_RANGE, RANGE};

/// What to answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everything.
    All,
    /// These bytes.
    Part(Range<u64>),
    /// Bytes that there are not.
    Nothing,
    /// What is held already.
    Unchanged,
}

impl Wanted {
    /// By the headers of a request for something of `size` bytes. Several ranges at once, and what cannot be read, give
    /// everything, as they may.
    pub(super) fn of(headers: &HeaderMap, etag: &str, size: u64) -> Self {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let matches = |list: &str| {
            list.split(',').any(|held| [etag, "*"].contains(&held.trim().trim_start_matches("W/")))
        };
        if header(IF_NONE_MATCH).is_some_and(matches) {
            return Self::Unchanged;
        }
        let is_current = header(IF_RANGE).is_none_or(|held| held == etag);
        header(RANGE).filter(|_| is_current).and_then(|text| part(text, size)).unwrap_or(Self::All)
    }
}

fn part(text: &str, size: u64) -> Option<Wanted> {
    let (from, to) = text.strip_prefix("bytes=")?.trim().split_once('-')?;
    let range = match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) if from <= to => from..to.saturating_add(1).min(size),
        (Ok(from), Err(_)) if to.is_empty() => from..size,
        (Err(_), Ok(last)) if from.is_empty() => size.saturating_sub(last)..size,
        _ => return None,
    };
    Some(if range.is_empty() { Wanted::Nothing } else { Wanted::Part(range) })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn wanted(headers: &[(HeaderName, &str)]) -> Wanted {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        Wanted::of(&headers, "\"abc\"", 100)
    }

    #[test]
    fn one_range_is_given_and_anything_odd_gives_everything() {
        for (text, due) in [
            ("bytes=0-9", Wanted::Part(0..10)),
            ("bytes=90-", Wanted::Part(90..100)),
            ("bytes=-5", Wanted::Part(95..100)),
            ("bytes=-500", Wanted::Part(0..100)),
            ("bytes=99-1000", Wanted::Part(99..100)),
            ("bytes=100-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=9-1", Wanted::All),
            ("bytes=0-1,5-6", Wanted::All),
            ("bytes=18446744073709551615-18446744073709551615", Wanted::Nothing),
            ("lines=0-1", Wanted::All),
        ] {
            assert_eq!(wanted(&[(RANGE, text)]), due, "{text}");
        }
        assert_eq!(wanted(&[]), Wanted::All);
    }

    #[test]
    fn what_is_held_is_not_sent_and_what_has_changed_is_sent_whole() {
        assert_eq!(wanted(&[(IF_NONE_MATCH, "\"x\", W/\"abc\"")]), Wanted::Unchanged);
        assert_eq!(wanted(&[(IF_NONE_MATCH, "\"x\"")]), Wanted::All);
        assert_eq!(wanted(&[(RANGE, "bytes=0-0"), (IF_RANGE, "\"abc\"")]), Wanted::Part(0..1));
        assert_eq!(wanted(&[(RANGE, "bytes=0-0"), (IF_RANGE, "\"old\"")]), Wanted::All);
    }
}
