//! The `time` crate.

use ::time::{Date as TimeDate, Duration as TimeDuration, OffsetDateTime, Time, UtcOffset};

use crate::odata::{Date, DateTime, Duration, ParseError, TimeOfDay};

const OFFSET: ParseError = ParseError::new("an offset of less than 24 hours");

/// An offset that is not whole minutes becomes UTC.
impl TryFrom<OffsetDateTime> for DateTime {
    type Error = ParseError;

    fn try_from(time: OffsetDateTime) -> Result<Self, ParseError> {
        let offset = time.offset();
        let minutes = if offset.seconds_past_minute() == 0 {
            offset.whole_minutes()
        } else {
            0
        };
        Self::from_local(
            time.unix_timestamp() + i64::from(minutes) * 60,
            time.nanosecond(),
            minutes,
        )
    }
}

impl TryFrom<DateTime> for OffsetDateTime {
    type Error = ParseError;

    fn try_from(time: DateTime) -> Result<Self, ParseError> {
        let out_of_range = |_| ParseError::new("a point in time that `time::OffsetDateTime` can hold");
        let offset = UtcOffset::from_whole_seconds(i32::from(time.offset_minutes()) * 60).map_err(|_| OFFSET)?;
        let local = Self::from_unix_timestamp(time.local_seconds()).map_err(out_of_range)?;
        let local = local.replace_nanosecond(time.subsec_nanos()).map_err(out_of_range)?;
        Ok(local.replace_offset(offset))
    }
}

/// Fails outside the years 0 to 9999.
impl TryFrom<TimeDate> for Date {
    type Error = ParseError;

    fn try_from(date: TimeDate) -> Result<Self, ParseError> {
        Self::from_civil(date).ok_or(ParseError::new(Self::FORM))
    }
}

impl From<Date> for TimeDate {
    fn from(date: Date) -> Self {
        date.0
    }
}

impl From<Time> for TimeOfDay {
    fn from(time: Time) -> Self {
        let (hour, minute, second, nanosecond) = time.as_hms_nano();
        let seconds = u32::from(hour) * 3600 + u32::from(minute) * 60 + u32::from(second);
        Self::with_nanoseconds(seconds, nanosecond)
    }
}

impl From<TimeOfDay> for Time {
    fn from(time: TimeOfDay) -> Self {
        // Both types have the same range.
        Self::from_hms_nano(time.hour(), time.minute(), time.second(), time.subsec_nanos()).unwrap_or(Self::MIDNIGHT)
    }
}

impl From<TimeDuration> for Duration {
    fn from(duration: TimeDuration) -> Self {
        let length = duration.unsigned_abs();
        Self::from_fixed(duration.is_negative(), length.as_secs(), length.subsec_nanos())
    }
}

/// Fails when the duration has years or months.
impl TryFrom<&Duration> for TimeDuration {
    type Error = ParseError;

    fn try_from(duration: &Duration) -> Result<Self, ParseError> {
        let (seconds, nanoseconds) = duration.fixed().ok_or(ParseError::new(super::FIXED))?;
        Ok(Self::new(seconds, nanoseconds))
    }
}

#[cfg(test)]
mod tests {
    use ::time::{Date as TimeDate, Duration as TimeDuration, OffsetDateTime, Time};

    use crate::odata::{Date, DateTime, Duration, TimeOfDay};

    #[test]
    fn values_survive_the_way_there_and_back() -> Result<(), Box<dyn std::error::Error>> {
        for text in [
            "2027-03-01T09:30:00.1234567+02:00",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59-23:59",
        ] {
            let there = OffsetDateTime::try_from(text.parse::<DateTime>()?)?;
            assert_eq!(DateTime::try_from(there)?.to_string(), text);
        }
        let date = TimeDate::from("2028-02-29".parse::<Date>()?);
        assert_eq!(Date::try_from(date)?.to_string(), "2028-02-29");
        let time = Time::from("23:59:59.5".parse::<TimeOfDay>()?);
        assert_eq!(TimeOfDay::from(time).to_string(), "23:59:59.5");
        let duration = TimeDuration::try_from(&"-P1DT0.5S".parse::<Duration>()?)?;
        assert_eq!(Duration::from(duration).as_str(), "-P1DT0.5S");
        assert!(TimeDuration::try_from(&"P1M".parse::<Duration>()?).is_err());
        Ok(())
    }
}
