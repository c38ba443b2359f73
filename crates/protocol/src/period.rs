//! Lengths of time in the form of ISO 8601, as timers have them: `PT15M`, `P1DT12H`, `P2W`.

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// Digits of one number at most: more of them are no length of time that anybody means.
const DIGITS: usize = 9;

/// Milliseconds of a period; none when the text is not one. Weeks stand alone; years and months, whose length varies, and
/// fractions are not taken.
#[must_use]
pub fn parse(text: &str) -> Option<u64> {
    let text = text.strip_prefix('P')?;
    if let Some(weeks) = text.strip_suffix('W') {
        return number(weeks)?.checked_mul(WEEK);
    }
    let (days, time) = match text.split_once('T') {
        Some((days, time)) if !time.is_empty() => (days, time),
        Some(_) => return None,
        None => (text, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let days = units(days, &[('D', DAY)])?;
    days.checked_add(units(time, &[('H', HOUR), ('M', MINUTE), ('S', SECOND)])?)
}

/// The sum of numbers with their units, each unit once at most and in this order.
fn units(mut text: &str, units: &[(char, u64)]) -> Option<u64> {
    let mut sum: u64 = 0;
    for (unit, millis) in units {
        if let Some((digits, rest)) = text.split_once(*unit) {
            sum = sum.checked_add(number(digits)?.checked_mul(*millis)?)?;
            text = rest;
        }
    }
    text.is_empty().then_some(sum)
}

fn number(digits: &str) -> Option<u64> {
    let is_number = (1..=DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}

/// A period as text: days, hours, minutes and seconds, those that are none left out.
#[must_use]
pub fn write(millis: u64) -> String {
    let seconds = millis / SECOND;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let mut text = if days > 0 { format!("P{days}D") } else { "P".to_owned() };
    if rest == 0 && days > 0 {
        return text;
    }
    text.push('T');
    let parts = [(rest / 3_600, 'H'), (rest / 60 % 60, 'M'), (rest % 60, 'S')];
    for (count, unit) in parts.into_iter().filter(|(count, _)| *count > 0) {
        text.push_str(&format!("{count}{unit}"));
    }
    if rest == 0 {
        text.push_str("0S");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_and_written() {
        for (text, millis) in [
            ("PT1M", 60_000),
            ("PT1H30M", 5_400_000),
            ("P1DT12H", 129_600_000),
            ("P2D", 172_800_000),
            ("PT5S", 5_000),
            ("PT0S", 0),
        ] {
            assert_eq!((parse(text), write(millis)), (Some(millis), text.to_owned()), "{text}");
        }
        assert_eq!(parse("PT90M").map(write), Some("PT1H30M".to_owned()));
        assert_eq!(parse("P2W").map(write), Some("P14D".to_owned()));
    }

    #[test]
    fn what_is_no_period_is_none() {
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "1M",
            "PT1",
            "PTM",
            "P1M",
            "P1Y",
            "PT1.5H",
            "PT-1M",
            "PT1M1H",
            "P1H",
            "PT1m",
            "P1W2D",
            "PT+1S",
            "PT9999999999S",
            " PT1M",
            "PT１M",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
