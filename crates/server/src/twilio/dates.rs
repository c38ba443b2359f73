//! Dates as Twilio writes them: ISO 8601, in UTC.

use confab_protocol::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// With fractions of a second, as the client's side has them.
pub(super) fn exact(at: Timestamp) -> String {
    written(i128::from(at.0) * 1_000_000)
}

fn written(nanos: i128) -> String {
    let date = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok();
    date.and_then(|date| date.format(&Rfc3339).ok()).unwrap_or_else(|| "9999-12-31T23:59:59Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_in_utc_and_one_beyond_the_calendar_is_its_last() {
        assert_eq!(exact(Timestamp(1_700_000_000_123)), "2023-11-14T22:13:20.123Z");
        assert_eq!(exact(Timestamp(0)), "1970-01-01T00:00:00Z");
        assert_eq!(exact(Timestamp(u64::MAX)), "9999-12-31T23:59:59Z");
    }
}
