//! `Edm.DateTimeOffset`.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::time::{Duration as StdDuration, SystemTime};

use super::ParseError;
use super::date::Date;
use super::text::{self, Text};
use super::time_of_day::TimeOfDay;

const SECONDS_PER_DAY: i64 = 86_400;

/// A point in time with an offset from UTC (`Edm.DateTimeOffset`).
///
/// Keeps the spelling it was read with: the digits of the fraction, the offset, `Z` or `+00:00`. Years 0000 to 9999,
/// at most nine digits. Comparison and hashing are by instant, so equal values may be spelled differently.
///
/// ```
/// use msgraph_core::odata::DateTime;
///
/// let seen: DateTime = "2027-03-01T09:30:00.1200000+02:00".parse()?;
/// assert_eq!(seen.to_string(), "2027-03-01T09:30:00.1200000+02:00");
/// assert_eq!(seen, "2027-03-01T07:30:00.12Z".parse()?);
/// assert!(seen < DateTime::from_unix_seconds(1_900_000_000)?);
/// # Ok::<(), msgraph_core::odata::ParseError>(())
/// ```
#[derive(Clone, Copy)]
pub struct DateTime {
    // Both as they are in the offset.
    date: Date,
    time: TimeOfDay,
    offset_minutes: i16,
    zone: Zone,
    lower_t: bool,
}

/// How the offset is spelled.
#[derive(Clone, Copy)]
enum Zone {
    UpperZ,
    LowerZ,
    Plus,
    /// Also `-00:00`.
    Minus,
}

impl DateTime {
    pub(super) const FORM: &'static str =
        "a date and time with an offset, such as 2027-03-01T09:30:00Z or 2027-03-01T09:30:00.5+02:00";

    /// The present, to the 100 nanoseconds that the service keeps.
    pub fn now() -> Self {
        // A clock outside the years 0000 to 9999 is not a clock.
        Self::try_from(SystemTime::now()).expect("the system clock is within the years 0000 to 9999")
    }

    /// The point in time that many seconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    ///
    /// Outside the years 0000 to 9999.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, ParseError> {
        Self::from_local(seconds, 0, 0)
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub fn unix_seconds(&self) -> i64 {
        self.local_seconds() - i64::from(self.offset_minutes) * 60
    }

    /// Nanoseconds within the second.
    pub const fn subsec_nanos(&self) -> u32 {
        self.time.subsec_nanos()
    }

    /// The offset from UTC in minutes, positive east of Greenwich.
    pub const fn offset_minutes(&self) -> i16 {
        self.offset_minutes
    }

    /// The same day and time of day a number of calendar years later, in the same offset; 29 February becomes
    /// 28 February where there is none. `None` after the year 9999.
    ///
    /// ```
    /// use msgraph_core::odata::DateTime;
    ///
    /// let leap_day: DateTime = "2028-02-29T12:00:00Z".parse()?;
    /// assert_eq!(leap_day.checked_add_years(3).map(|d| d.to_string()), Some("2031-02-28T12:00:00Z".to_owned()));
    /// # Ok::<(), msgraph_core::odata::ParseError>(())
    /// ```
    pub fn checked_add_years(self, years: u8) -> Option<Self> {
        Some(Self {
            date: self.date.checked_add_years(years)?,
            ..self
        })
    }

    /// A new value, spelled with `Z` when there is no offset; `nanoseconds` are cut to hundreds.
    pub(super) fn from_local(local_seconds: i64, nanoseconds: u32, offset_minutes: i16) -> Result<Self, ParseError> {
        let zone = match offset_minutes {
            0 => Zone::UpperZ,
            1.. => Zone::Plus,
            _ => Zone::Minus,
        };
        let date = Date::from_unix_days(local_seconds.div_euclid(SECONDS_PER_DAY))
            .filter(|_| offset_minutes.unsigned_abs() < 24 * 60)
            .ok_or(ParseError::new(
                "a point in time within the years 0000 to 9999, less than 24 hours off UTC",
            ))?;
        // The remainder is below a day, which fits.
        let time = TimeOfDay::with_nanoseconds(local_seconds.rem_euclid(SECONDS_PER_DAY) as u32, nanoseconds);
        Ok(Self {
            date,
            time,
            offset_minutes,
            zone,
            lower_t: false,
        })
    }

    /// Of the local date and time, as if it were UTC.
    pub(super) fn local_seconds(&self) -> i64 {
        self.date.unix_days() * SECONDS_PER_DAY + i64::from(self.time.seconds())
    }

    fn text(self) -> Text {
        let mut text = Text::new();
        self.date.push_to(&mut text);
        text.push(if self.lower_t { b't' } else { b'T' });
        self.time.push_to(&mut text);
        text.push(match self.zone {
            Zone::UpperZ => b'Z',
            Zone::LowerZ => b'z',
            Zone::Plus => b'+',
            Zone::Minus => b'-',
        });
        if let Zone::Plus | Zone::Minus = self.zone {
            let offset = u32::from(self.offset_minutes.unsigned_abs());
            text.push_number(offset / 60, 2);
            text.push(b':');
            text.push_number(offset % 60, 2);
        }
        text
    }

    fn instant(&self) -> (i64, u32) {
        (self.unix_seconds(), self.subsec_nanos())
    }
}

impl FromStr for DateTime {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text.as_bytes()).ok_or(ParseError::new(Self::FORM))
    }
}

fn parse(text: &[u8]) -> Option<DateTime> {
    let (date, rest) = text.split_at_checked(10)?;
    let date = Date::parse(date)?;
    let (separator, rest) = rest.split_first()?;
    let lower_t = match separator {
        b'T' => false,
        b't' => true,
        _ => return None,
    };
    let (time, zone, offset_minutes) = split_zone(rest)?;
    Some(DateTime {
        date,
        time: TimeOfDay::parse(time)?,
        offset_minutes,
        zone,
        lower_t,
    })
}

fn split_zone(text: &[u8]) -> Option<(&[u8], Zone, i16)> {
    match text {
        [time @ .., b'Z'] => Some((time, Zone::UpperZ, 0)),
        [time @ .., b'z'] => Some((time, Zone::LowerZ, 0)),
        [time @ .., sign, h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (text::digits(&[*h1, *h2])?, text::digits(&[*m1, *m2])?);
            let minutes = i16::try_from(hours * 60 + minutes)
                .ok()
                .filter(|_| hours < 24 && minutes < 60)?;
            match sign {
                b'+' => Some((time, Zone::Plus, minutes)),
                b'-' => Some((time, Zone::Minus, -minutes)),
                _ => None,
            }
        }
        _ => None,
    }
}

text::through_text!(DateTime);

impl PartialEq for DateTime {
    fn eq(&self, other: &Self) -> bool {
        self.instant() == other.instant()
    }
}

impl Eq for DateTime {}

impl Hash for DateTime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.instant().hash(state);
    }
}

impl Ord for DateTime {
    fn cmp(&self, other: &Self) -> Ordering {
        self.instant().cmp(&other.instant())
    }
}

impl PartialOrd for DateTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Cut to the 100 nanoseconds that the service keeps; fails outside the years 0000 to 9999.
impl TryFrom<SystemTime> for DateTime {
    type Error = ParseError;

    fn try_from(time: SystemTime) -> Result<Self, ParseError> {
        let out_of_range = |_| ParseError::new("a point in time within the years 0000 to 9999");
        let (seconds, nanoseconds) = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => (
                i64::try_from(after.as_secs()).map_err(out_of_range)?,
                after.subsec_nanos(),
            ),
            Err(error) => {
                let before = error.duration();
                let seconds = -i64::try_from(before.as_secs()).map_err(out_of_range)?;
                match before.subsec_nanos() {
                    0 => (seconds, 0),
                    nanoseconds => (seconds - 1, 1_000_000_000 - nanoseconds),
                }
            }
        };
        Self::from_local(seconds, nanoseconds, 0)
    }
}

/// Fails where the platform's `SystemTime` does not reach.
impl TryFrom<DateTime> for SystemTime {
    type Error = ParseError;

    fn try_from(time: DateTime) -> Result<Self, ParseError> {
        let seconds = StdDuration::from_secs(time.unix_seconds().unsigned_abs());
        let whole = if time.unix_seconds() < 0 {
            Self::UNIX_EPOCH.checked_sub(seconds)
        } else {
            Self::UNIX_EPOCH.checked_add(seconds)
        };
        whole
            .and_then(|whole| whole.checked_add(StdDuration::from_nanos(time.subsec_nanos().into())))
            .ok_or(ParseError::new("a point in time that this platform's clock can hold"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration as StdDuration, SystemTime};

    use proptest::prelude::*;

    use super::DateTime;

    #[test]
    fn the_spelling_is_kept() {
        for text in [
            "2027-03-01T09:30:00Z",
            "2027-03-01T09:30Z",
            "2027-03-01T09:30:00.1234567Z",
            "2027-03-01T09:30:00.10Z",
            "2027-03-01T09:30:00.000000001Z",
            "2027-03-01T09:30:00+00:00",
            "2027-03-01T09:30:00-00:00",
            "2027-03-01T09:30:00+02:00",
            "2027-03-01t09:30:00z",
            "0001-01-01T00:00:00Z",
            "0000-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59.9999999-23:59",
            "2028-02-29T00:00:00-07:30",
        ] {
            assert_eq!(text.parse::<DateTime>().map(|d| d.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_could_not_be_written_back_is_refused() {
        for text in [
            "",
            "2027-03-01",
            "2027-03-01T09:30:00",
            "2027-03-01 09:30:00Z",
            "2027-03-01T09:30:00.Z",
            "2027-03-01T09:30:00.1234567890Z",
            "2027-03-01T09:30:60Z",
            "2027-03-01T24:00:00Z",
            "2027-02-29T09:30:00Z",
            "2027-13-01T09:30:00Z",
            "+2027-03-01T09:30:00Z",
            "2027-03-01T09:30:00+2:00",
            "2027-03-01T09:30:00+24:00",
            "2027-03-01T09:30:00+0200",
            "2027-03-01T09:30:00Z ",
            "２027-03-01T09:30:00Z",
        ] {
            assert!(text.parse::<DateTime>().is_err(), "{text}");
        }
    }

    #[test]
    fn order_and_equality_are_by_instant() -> Result<(), super::ParseError> {
        let utc: DateTime = "2027-03-01T09:30:00Z".parse()?;
        assert_eq!(utc, "2027-03-01T11:30:00.0+02:00".parse()?);
        assert!(utc < "2027-03-01T09:30:00.0000001Z".parse()?);
        assert!(utc > "2027-03-01T10:29:59+01:00".parse()?);
        Ok(())
    }

    #[test]
    fn years_are_added_by_calendar_and_leap_days_are_clamped() {
        for (from, years, to) in [
            ("2027-03-01T09:30:00.1200000Z", 3, Some("2030-03-01T09:30:00.1200000Z")),
            ("2028-02-29T23:59:59+01:00", 1, Some("2029-02-28T23:59:59+01:00")),
            ("2028-02-29T00:00:00Z", 4, Some("2032-02-29T00:00:00Z")),
            ("9999-01-01T00:00:00Z", 1, None),
        ] {
            let result = from.parse::<DateTime>().ok().and_then(|d| d.checked_add_years(years));
            assert_eq!(result.map(|d| d.to_string()).as_deref(), to, "{from} + {years}");
        }
    }

    #[test]
    fn now_has_at_most_seven_digits_and_is_the_clock() -> Result<(), Box<dyn std::error::Error>> {
        let before = SystemTime::now();
        let now = DateTime::now();
        assert_eq!(now.subsec_nanos() % 100, 0);
        let age = SystemTime::try_from(now)?.duration_since(before - StdDuration::from_nanos(100))?;
        assert!(age < StdDuration::from_secs(60));
        assert_eq!(now.to_string().parse::<DateTime>()?, now);
        Ok(())
    }

    #[test]
    fn times_before_the_epoch_convert_exactly() -> Result<(), Box<dyn std::error::Error>> {
        let early: DateTime = "1969-12-31T23:59:58.75Z".parse()?;
        assert_eq!(early.unix_seconds(), -2);
        assert_eq!(
            DateTime::try_from(SystemTime::try_from(early)?)?.to_string(),
            "1969-12-31T23:59:58.75Z"
        );
        Ok(())
    }

    #[test]
    fn seconds_outside_the_calendar_are_refused() {
        assert!(DateTime::from_unix_seconds(i64::MAX).is_err());
        assert!(DateTime::from_unix_seconds(i64::MIN).is_err());
        assert_eq!(
            DateTime::from_unix_seconds(0).map(|d| d.to_string()).as_deref(),
            Ok("1970-01-01T00:00:00Z")
        );
    }

    proptest! {
        #[test]
        fn any_accepted_text_is_written_back_unchanged(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9](:[0-6][0-9](\\.[0-9]{0,10})?)?(Z|z|[+-][0-2][0-9]:[0-6][0-9])?"
        ) {
            if let Ok(value) = text.parse::<DateTime>() {
                prop_assert_eq!(value.to_string(), text);
            }
        }

        #[test]
        fn any_instant_survives_its_text(seconds in -62_167_219_200_i64..=253_402_300_799) {
            let value = DateTime::from_unix_seconds(seconds)?;
            prop_assert_eq!(value.to_string().parse::<DateTime>()?.unix_seconds(), seconds);
        }
    }
}
