//! Dates of the REST API: ISO 8601 in UTC, to the second.

use confab_protocol::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The last instant that can be written so, in seconds since 1970.
const LAST: i64 = 253_402_300_799;

/// An instant, without fractions of a second.
pub(super) fn write(at: Timestamp) -> String {
    let seconds = i64::try_from(at.0 / 1_000).unwrap_or(LAST).min(LAST);
    let date = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    date.format(&Rfc3339).expect("invariant: years up to 9999 can be written")
}

/// The same where there may be none.
pub(super) fn write_or_none(at: Option<Timestamp>) -> Option<String> {
    at.map(write)
}

/// Reads an instant, or a day, which begins at midnight in UTC.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let midnight = format!("{text}T00:00:00Z");
    let text = if text.len() == "2000-01-01".len() { midnight.as_str() } else { text };
    let date = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let millis = date.unix_timestamp_nanos() / 1_000_000;
    u64::try_from(millis).ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_to_the_second_and_read_with_what_there_is() {
        assert_eq!(write(Timestamp(1_700_000_000_999)), "2023-11-14T22:13:20Z");
        assert_eq!(write(Timestamp(u64::MAX)), "9999-12-31T23:59:59Z");
        assert_eq!(read("2023-11-14T22:13:20Z"), Some(Timestamp(1_700_000_000_000)));
        assert_eq!(read("2023-11-14T23:13:20.5+01:00"), Some(Timestamp(1_700_000_000_500)));
        assert_eq!(read("1970-01-02"), Some(Timestamp(86_400_000)));
        for wrong in ["", "yesterday", "2023-13-01", "1969-12-31", "2023-11-14 22:13:20"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
