//! The `jiff` crate.

use ::jiff::civil::{Date as JiffDate, Time};
use ::jiff::{SignedDuration, Span, Timestamp, Zoned};

use crate::odata::scalars::duration;
use crate::odata::{Date, DateTime, Duration, ParseError, TimeOfDay};

/// Fails before the year 0.
impl TryFrom<Timestamp> for DateTime {
    type Error = ParseError;

    fn try_from(time: Timestamp) -> Result<Self, ParseError> {
        from_timestamp(time, 0)
    }
}

/// An offset that is not whole minutes becomes UTC; the name of the time zone is not kept.
impl TryFrom<&Zoned> for DateTime {
    type Error = ParseError;

    fn try_from(time: &Zoned) -> Result<Self, ParseError> {
        let offset = time.offset().seconds();
        let minutes = if offset % 60 == 0 {
            i16::try_from(offset / 60).unwrap_or(0)
        } else {
            0
        };
        from_timestamp(time.timestamp(), minutes)
    }
}

fn from_timestamp(time: Timestamp, minutes: i16) -> Result<DateTime, ParseError> {
    // Before 1970 jiff counts both parts backwards.
    let (mut seconds, mut nanoseconds) = (time.as_second(), time.subsec_nanosecond());
    if nanoseconds < 0 {
        (seconds, nanoseconds) = (seconds - 1, nanoseconds + 1_000_000_000);
    }
    DateTime::from_local(seconds + i64::from(minutes) * 60, nanoseconds.unsigned_abs(), minutes)
}

/// Fails at the very end of the year 9999, which jiff does not reach in every offset.
impl TryFrom<DateTime> for Timestamp {
    type Error = ParseError;

    fn try_from(time: DateTime) -> Result<Self, ParseError> {
        // Below 2^30, which fits.
        Self::new(time.unix_seconds(), time.subsec_nanos() as i32)
            .map_err(|_| ParseError::new("a point in time that `jiff::Timestamp` can hold"))
    }
}

/// Fails outside the years 0 to 9999.
impl TryFrom<JiffDate> for Date {
    type Error = ParseError;

    fn try_from(date: JiffDate) -> Result<Self, ParseError> {
        let error = |_| ParseError::new(Self::FORM);
        let year = u16::try_from(date.year()).map_err(error)?;
        let (month, day) = (
            u8::try_from(date.month()).map_err(error)?,
            u8::try_from(date.day()).map_err(error)?,
        );
        Self::new(year, month, day)
    }
}

impl From<Date> for JiffDate {
    fn from(date: Date) -> Self {
        // Every year from 0 to 9999 is within jiff's range, and both use the same calendar.
        Self::new(date.year() as i16, date.month() as i8, date.day() as i8).unwrap_or_default()
    }
}

impl From<Time> for TimeOfDay {
    fn from(time: Time) -> Self {
        let part = |value: i8| u32::from(value.unsigned_abs());
        let seconds = part(time.hour()) * 3600 + part(time.minute()) * 60 + part(time.second());
        Self::with_nanoseconds(seconds, time.subsec_nanosecond().unsigned_abs())
    }
}

impl From<TimeOfDay> for Time {
    fn from(time: TimeOfDay) -> Self {
        // Both types have the same range.
        let (hour, minute, second) = (time.hour() as i8, time.minute() as i8, time.second() as i8);
        Self::new(hour, minute, second, time.subsec_nanos() as i32).unwrap_or_default()
    }
}

impl From<SignedDuration> for Duration {
    fn from(duration: SignedDuration) -> Self {
        let length = duration.unsigned_abs();
        Self::from_fixed(duration.is_negative(), length.as_secs(), length.subsec_nanos())
    }
}

/// Fails when the duration has years or months; a [`Span`] holds those.
impl TryFrom<&Duration> for SignedDuration {
    type Error = ParseError;

    fn try_from(duration: &Duration) -> Result<Self, ParseError> {
        let (seconds, nanoseconds) = duration.fixed().ok_or(ParseError::new(super::FIXED))?;
        Ok(Self::new(seconds, nanoseconds))
    }
}

/// Keeps years, months and the other units apart. Fails when one is beyond jiff's limit for it.
impl TryFrom<&Duration> for Span {
    type Error = ParseError;

    fn try_from(duration: &Duration) -> Result<Self, ParseError> {
        let span = || {
            let parts = duration::parse(duration.as_str().as_bytes())?;
            let span = Self::new().try_years(parts.years).ok()?.try_months(parts.months).ok()?;
            let span = span.try_weeks(parts.weeks).ok()?.try_days(parts.days).ok()?;
            let span = span.try_hours(parts.hours).ok()?.try_minutes(parts.minutes).ok()?;
            let span = span
                .try_seconds(parts.seconds)
                .ok()?
                .try_nanoseconds(parts.nanoseconds)
                .ok()?;
            Some(if parts.negative { span.negate() } else { span })
        };
        span().ok_or(ParseError::new("a duration that `jiff::Span` can hold"))
    }
}

#[cfg(test)]
mod tests {
    use ::jiff::civil::{Date as JiffDate, Time};
    use ::jiff::{SignedDuration, Span, Timestamp, ToSpan, Zoned};

    use crate::odata::{Date, DateTime, Duration, TimeOfDay};

    #[test]
    fn values_survive_the_way_there_and_back() -> Result<(), Box<dyn std::error::Error>> {
        for text in [
            "2027-03-01T09:30:00.1234567Z",
            "0001-01-01T00:00:00Z",
            "1969-12-31T23:59:58.75Z",
        ] {
            let there = Timestamp::try_from(text.parse::<DateTime>()?)?;
            assert_eq!(DateTime::try_from(there)?.to_string(), text);
        }
        let zoned: Zoned = "2027-03-01T09:30:00+02:00[+02:00]".parse()?;
        assert_eq!(DateTime::try_from(&zoned)?.to_string(), "2027-03-01T09:30:00+02:00");
        let date = JiffDate::from("2028-02-29".parse::<Date>()?);
        assert_eq!(Date::try_from(date)?.to_string(), "2028-02-29");
        let time = Time::from("23:59:59.5".parse::<TimeOfDay>()?);
        assert_eq!(TimeOfDay::from(time).to_string(), "23:59:59.5");
        let duration = SignedDuration::try_from(&"-P1DT0.5S".parse::<Duration>()?)?;
        assert_eq!(Duration::from(duration).as_str(), "-P1DT0.5S");
        Ok(())
    }

    #[test]
    fn a_span_keeps_calendar_units() -> Result<(), Box<dyn std::error::Error>> {
        let duration: Duration = "-P1Y2M3DT4H".parse()?;
        assert!(SignedDuration::try_from(&duration).is_err());
        assert_eq!(
            Span::try_from(&duration)?.fieldwise(),
            (-1).year().months(-2).days(-3).hours(-4)
        );
        Ok(())
    }
}
