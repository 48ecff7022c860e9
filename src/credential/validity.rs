//! Dates: strict XML Schema dateTimeStamp and date, and what they allow at a moment.
//!
//! Award, grant and status dates are calendar dates as written, in their own offset, never converted
//! ([`Stamp::day`]); everything else is an instant ([`Stamp::cmp_instant`]).

use std::cmp::Ordering;

use jiff::Timestamp;

/// How far two clocks may differ.
pub const LEEWAY_SECONDS: i64 = 300;
/// Longest date text looked at, in bytes.
const MAX_TEXT: usize = 64;

/// The text is not a date as XML Schema 1.1 writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not an xsd:dateTimeStamp.
    #[error("not a date and time with an offset, such as 2026-06-30T00:00:00+07:00")]
    Stamp,
    /// Not an xsd:date without an offset.
    #[error("not a calendar date, such as 2026-06-30")]
    Day,
}

/// A calendar date as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: i32,
    month: u8,
    day: u8,
}

impl Day {
    /// Parses an xsd:date (XML Schema 1.1 part 2, §3.3.9) without an offset.
    pub fn parse(text: &str) -> Result<Day, DateError> {
        let mut reader = Reader::new(text).ok_or(DateError::Day)?;
        let day = reader.day().ok_or(DateError::Day)?;
        if reader.done() { Ok(day) } else { Err(DateError::Day) }
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar.
    pub fn number(self) -> i64 {
        // Howard Hinnant's days_from_civil: the year begins in March, so that the leap day is its last.
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let month = (i64::from(self.month) + 9) % 12;
        let of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// The calendar date of an instant in UTC.
    pub fn of(at: Timestamp) -> Option<Day> {
        Day::parse(&at.strftime("%Y-%m-%d").to_string()).ok()
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> Day {
        if i64::from(self.day) < month_length(self.year.into(), self.month.into()) {
            Day { day: self.day + 1, ..self }
        } else if self.month < 12 {
            Day { month: self.month + 1, day: 1, ..self }
        } else {
            Day { year: self.year + 1, month: 1, day: 1 }
        }
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.year
    }

    /// Whole years of life on a day, for somebody born on this one.
    pub fn age_on(self, day: Day) -> i32 {
        day.year - self.year - i32::from((day.month, day.day) < (self.month, self.day))
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A date, a time and an offset: an xsd:dateTimeStamp (XML Schema 1.1 part 2, §3.4.28).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    day: Day,
    seconds: i64,
    nanoseconds: u32,
    /// Minutes east of UTC.
    offset: i64,
}

impl Stamp {
    /// Parses an xsd:dateTimeStamp: the offset is required, letters are upper case, 24:00:00 is the next midnight.
    pub fn parse(text: &str) -> Result<Stamp, DateError> {
        let mut reader = Reader::new(text).ok_or(DateError::Stamp)?;
        let stamp = reader.stamp().ok_or(DateError::Stamp)?;
        if reader.done() { Ok(stamp) } else { Err(DateError::Stamp) }
    }

    /// The calendar date as written, in its own offset.
    pub fn day(&self) -> Day {
        self.day
    }

    /// The calendar date of another instant in this one's offset.
    pub fn day_of(&self, at: Timestamp) -> Option<Day> {
        let there = at.checked_add(jiff::SignedDuration::from_mins(self.offset)).ok()?;
        Day::of(there)
    }

    /// Seconds since the Unix epoch, rounded down.
    pub fn seconds(&self) -> i64 {
        self.seconds
    }

    /// Which of two instants comes first, whatever their offsets.
    pub fn cmp_instant(&self, other: &Stamp) -> Ordering {
        (self.seconds, self.nanoseconds).cmp(&(other.seconds, other.nanoseconds))
    }

    /// Whether the instant lies more than the leeway after `now`.
    pub fn is_after(&self, now: Timestamp) -> bool {
        self.seconds > now.as_second().saturating_add(LEEWAY_SECONDS)
    }

    /// Whether the instant lies more than the leeway before `now`.
    pub fn is_before(&self, now: Timestamp) -> bool {
        self.seconds < now.as_second().saturating_sub(LEEWAY_SECONDS)
    }

    /// The instant as a timestamp; `None` outside the years −9999 to 9999.
    pub fn timestamp(&self) -> Option<Timestamp> {
        Timestamp::new(self.seconds, i32::try_from(self.nanoseconds).ok()?).ok()
    }
}

/// What the dates of a credential allow at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Currency {
    /// Now lies within them.
    Current,
    /// They begin later.
    NotYet,
    /// They have ended.
    Expired,
}

/// Judges the dates as written (`validFrom`/`issuanceDate`, `validUntil`/`expirationDate`) at `now`, with five minutes
/// of leeway on both sides. `Err` names a date that cannot be read.
pub fn currency(from: Option<&str>, until: Option<&str>, now: Timestamp) -> Result<Currency, DateError> {
    let from = from.map(Stamp::parse).transpose()?;
    let until = until.map(Stamp::parse).transpose()?;
    if until.is_some_and(|until| until.is_before(now)) {
        return Ok(Currency::Expired);
    }
    if from.is_some_and(|from| from.is_after(now)) {
        return Ok(Currency::NotYet);
    }
    Ok(Currency::Current)
}

/// A moment as this service writes it: UTC, whole seconds.
pub fn stamp_text(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Option<Self> {
        (text.len() <= MAX_TEXT).then_some(Self { rest: text.as_bytes() })
    }

    fn done(&self) -> bool {
        self.rest.is_empty()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        (*first == byte).then(|| self.rest = rest)
    }

    fn digit(&mut self) -> Option<i64> {
        let (first, rest) = self.rest.split_first()?;
        first.is_ascii_digit().then(|| {
            self.rest = rest;
            i64::from(first - b'0')
        })
    }

    fn two(&mut self) -> Option<i64> {
        Some(self.digit()? * 10 + self.digit()?)
    }

    fn day(&mut self) -> Option<Day> {
        let negative = self.eat(b'-').is_some();
        let (mut year, mut count, leading_zero) = (0_i64, 0, self.rest.first() == Some(&b'0'));
        while let Some(digit) = self.digit() {
            year = year * 10 + digit;
            count += 1;
            // Nine digits are more than any award needs and keep every sum far inside 64 bits.
            if count > 9 {
                return None;
            }
        }
        if count < 4 || (leading_zero && count > 4) {
            return None;
        }
        let year = if negative { -year } else { year };
        self.eat(b'-')?;
        let month = self.two()?;
        self.eat(b'-')?;
        let day = self.two()?;
        if !(1..=12).contains(&month) || day < 1 || day > month_length(year, month) {
            return None;
        }
        Some(Day {
            year: i32::try_from(year).ok()?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
        })
    }

    fn stamp(&mut self) -> Option<Stamp> {
        let day = self.day()?;
        self.eat(b'T')?;
        let hour = self.two()?;
        self.eat(b':')?;
        let minute = self.two()?;
        self.eat(b':')?;
        let second = self.two()?;
        let nanoseconds = if self.eat(b'.').is_some() { self.fraction()? } else { 0 };
        let end_of_day = hour == 24 && minute == 0 && second == 0 && nanoseconds == 0;
        if (hour > 23 && !end_of_day) || minute > 59 || second > 59 {
            return None;
        }
        let offset = self.offset()?;
        let seconds = day.number() * 86_400 + hour * 3_600 + minute * 60 + second - offset * 60;
        Some(Stamp { day, seconds, nanoseconds, offset })
    }

    fn fraction(&mut self) -> Option<u32> {
        let (mut nanoseconds, mut scale) = (0_i64, 100_000_000_i64);
        let mut any = false;
        while let Some(digit) = self.digit() {
            nanoseconds += digit * scale;
            scale /= 10;
            any = true;
        }
        if any { u32::try_from(nanoseconds).ok() } else { None }
    }

    /// The offset in minutes.
    fn offset(&mut self) -> Option<i64> {
        if self.eat(b'Z').is_some() {
            return Some(0);
        }
        let sign = if self.eat(b'+').is_some() {
            1
        } else {
            self.eat(b'-')?;
            -1
        };
        let hours = self.two()?;
        self.eat(b':')?;
        let minutes = self.two()?;
        let total = hours * 60 + minutes;
        (minutes < 60 && total <= 14 * 60).then_some(sign * total)
    }
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stamps_are_read_strictly() {
        for good in [
            "2026-06-30T00:00:00+07:00",
            "2023-02-25T19:21:29.123-06:00",
            "4023-01-01T00:00:00Z",
            "2024-02-29T24:00:00Z",
            "12026-01-01T00:00:00-14:00",
            "-0044-03-15T12:00:00Z",
        ] {
            assert!(Stamp::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "2026-06-30",
            "2026-06-30T00:00:00",
            "2026-06-30t00:00:00Z",
            "2026-06-30T00:00:00z",
            "2026-06-30 00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2025-02-29T00:00:00Z",
            "2026-06-30T24:00:01Z",
            "2026-06-30T23:59:60Z",
            "2026-06-30T00:00Z",
            "2026-06-30T00:00:00.Z",
            "2026-06-30T00:00:00+0700",
            "2026-06-30T00:00:00+14:01",
            "Wed, 14 Jun 2017 07:00:00 GMT",
            "026-06-30T00:00:00Z",
            "02026-06-30T00:00:00Z",
            "12345678901-06-30T00:00:00Z",
            "2026-06-30T00:00:00Z ",
        ] {
            assert_eq!(Stamp::parse(bad), Err(DateError::Stamp), "{bad}");
        }
    }

    #[test]
    fn the_day_is_the_one_written_and_instants_ignore_offsets() {
        let award = Stamp::parse("2026-06-30T00:00:00+07:00").unwrap();
        assert_eq!(award.day(), Day::parse("2026-06-30").unwrap());
        assert_eq!(award.day().to_string(), "2026-06-30");
        let late = Stamp::parse("2023-02-25T19:21:29-06:00").unwrap();
        let early = Stamp::parse("2023-02-26T01:21:23Z").unwrap();
        assert_eq!(late.cmp_instant(&early), Ordering::Greater);
        assert!(Day::parse("2026-06-30Z").is_err());
        let evening: Timestamp = "2026-06-30T17:30:00Z".parse().unwrap();
        assert_eq!(award.day_of(evening), Day::parse("2026-07-01").ok(), "already the next day in Hanoi");
        assert_eq!(early.day_of(evening), Day::parse("2026-06-30").ok());
    }

    #[test]
    fn five_minutes_are_forgiven_on_both_sides() {
        let now: Timestamp = "2026-07-03T02:00:00Z".parse().unwrap();
        let judge = |from: Option<&str>, until: Option<&str>| currency(from, until, now).unwrap();
        assert_eq!(judge(None, None), Currency::Current);
        assert_eq!(judge(Some("2026-07-03T02:05:00Z"), None), Currency::Current);
        assert_eq!(judge(Some("2026-07-03T02:05:01Z"), None), Currency::NotYet);
        assert_eq!(judge(None, Some("2026-07-03T01:55:00Z")), Currency::Current);
        assert_eq!(judge(None, Some("2026-07-03T01:54:59Z")), Currency::Expired);
        assert!(currency(Some("yesterday"), None, now).is_err());
        assert_eq!(stamp_text(now), "2026-07-03T02:00:00Z");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = (Stamp::parse(&text), Day::parse(&text));
        }

        #[test]
        fn instants_agree_with_another_reader(seconds in -60_000_000_000_i64..250_000_000_000, nanos in 0..1_000_000_000_i32) {
            let at = Timestamp::new(seconds, nanos).unwrap();
            let read = Stamp::parse(&at.to_string()).unwrap();
            prop_assert_eq!(read.timestamp(), Some(at));
        }
    }
}
