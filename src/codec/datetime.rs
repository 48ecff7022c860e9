//! Date-times with an offset: `dateTimeStamp` of XML Schema 1.1, as proofs, credentials and key documents carry them.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// The text is not a `dateTimeStamp`, or lies outside the years 0001 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date-time with an offset, such as 2026-07-03T09:00:00+07:00")]
pub struct DateTimeError;

/// Reads `YYYY-MM-DDThh:mm:ss`, optional `.digits`, and `Z` or `±hh:mm` (XSD 1.1 part 2 §3.4.28). The letters are
/// capitals; a day may end at 24:00:00; there are no leap seconds. Digits beyond the nanosecond are dropped.
pub fn parse(text: &str) -> Result<Timestamp, DateTimeError> {
    read(text.as_bytes()).ok_or(DateTimeError)
}

/// Writes `at` to the second, in UTC: `2026-07-03T02:00:00Z`.
pub fn to_seconds(at: Timestamp) -> String {
    let whole = at.as_nanosecond().div_euclid(1_000_000_000);
    let whole = i64::try_from(whole).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    whole.unwrap_or(at).to_string()
}

fn read(text: &[u8]) -> Option<Timestamp> {
    if text.len() > 64 {
        return None;
    }
    let (moment, rest) = text.split_at_checked(19)?;
    let [_, _, _, _, b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':', _, _] = moment else {
        return None;
    };
    let two = |at: usize| digits(moment.get(at..at + 2)?);
    let year = digits(moment.get(..4)?)?;
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    let end_of_day = (hour, minute, second) == (24, 0, 0);
    if year == 0 || (hour > 23 && !end_of_day) || minute > 59 || second > 59 {
        return None;
    }
    let (nanos, zone) = fraction(rest)?;
    if end_of_day && nanos != 0 {
        return None;
    }
    let offset = match zone {
        b"Z" => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
            if minutes > 59 || hours * 60 + minutes > 14 * 60 {
                return None;
            }
            (hours * 3600 + minutes * 60) * if *sign == b'-' { -1 } else { 1 }
        }
        _ => return None,
    };
    let day = Date::new(year.try_into().ok()?, two(5)?.try_into().ok()?, two(8)?.try_into().ok()?).ok()?;
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    let seconds = i64::from(hour * 3600 + minute * 60 + second - offset);
    midnight.checked_add(SignedDuration::new(seconds, nanos)).ok()
}

/// Splits `.123Z` into nanoseconds and the zone.
fn fraction(rest: &[u8]) -> Option<(i32, &[u8])> {
    let Some(tail) = rest.strip_prefix(b".") else { return Some((0, rest)) };
    let length = tail.iter().take_while(|b| b.is_ascii_digit()).count();
    let (part, zone) = tail.split_at(length);
    let nanos = (0..9).try_fold(0, |sum: i32, at| {
        Some(sum * 10 + part.get(at).map_or(0, |digit| i32::from(digit - b'0')))
    })?;
    if length == 0 { None } else { Some((nanos, zone)) }
}

fn digits(text: &[u8]) -> Option<i32> {
    text.iter().try_fold(0, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i32::from(b - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_times_are_read_as_xml_schema_says() {
        for (text, utc) in [
            ("2026-07-03T02:00:00Z", "2026-07-03T02:00:00Z"),
            ("2026-07-03T00:00:00+07:00", "2026-07-02T17:00:00Z"),
            ("2026-06-30T24:00:00-01:30", "2026-07-01T01:30:00Z"),
            ("2024-02-29T23:59:59.5Z", "2024-02-29T23:59:59.5Z"),
            ("2024-02-29T23:59:59.1234567899Z", "2024-02-29T23:59:59.123456789Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(parse(text).map(|at| at.to_string()), Ok(utc.to_owned()), "{text}");
        }
        for bad in [
            "",
            "2026-07-03",
            "2026-07-03T02:00:00",
            "2026-07-03t02:00:00Z",
            "2026-07-03T02:00:00z",
            "2026-07-03 02:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-07-03T24:00:01Z",
            "2026-07-03T24:00:00.1Z",
            "2026-07-03T02:60:00Z",
            "2026-07-03T02:00:60Z",
            "2026-07-03T02:00:00+15:00",
            "2026-07-03T02:00:00+14:01",
            "2026-07-03T02:00:00+0700",
            "2026-07-03T02:00:00.Z",
            "+2026-07-03T02:00:00Z",
            "-2026-07-03T02:00:00Z",
            "12026-07-03T02:00:00Z",
            "0000-01-01T00:00:00Z",
            "2026-07-03T02:00:00Z ",
            "٢٠26-07-03T02:00:00Z",
            "2026-07-03T02:00Z",
            "0001-01-01T00:00:00+15:00",
        ] {
            assert_eq!(parse(bad), Err(DateTimeError), "{bad}");
        }
    }

    #[test]
    fn times_are_written_to_the_second() {
        assert_eq!(to_seconds("2026-07-03T02:00:00.999Z".parse().unwrap()), "2026-07-03T02:00:00Z");
        assert_eq!(to_seconds("1969-12-31T23:59:59.5Z".parse().unwrap()), "1969-12-31T23:59:59Z");
    }
}
