//! The `chrono` crate.

use ::chrono::{
    DateTime as ChronoDateTime, Datelike as _, FixedOffset, NaiveDate, NaiveTime, Offset as _, TimeDelta, TimeZone,
    Timelike as _,
};

use crate::odata::{Date, DateTime, Duration, ParseError, TimeOfDay};

/// An offset that is not whole minutes becomes UTC.
impl<Z: TimeZone> TryFrom<ChronoDateTime<Z>> for DateTime {
    type Error = ParseError;

    fn try_from(time: ChronoDateTime<Z>) -> Result<Self, ParseError> {
        let offset = time.offset().fix().local_minus_utc();
        let minutes = if offset % 60 == 0 {
            i16::try_from(offset / 60).unwrap_or(0)
        } else {
            0
        };
        // A leap second, which chrono holds as a fraction above one, becomes the last representable moment before it.
        let nanoseconds = time.timestamp_subsec_nanos().min(999_999_999);
        Self::from_local(time.timestamp() + i64::from(minutes) * 60, nanoseconds, minutes)
    }
}

impl TryFrom<DateTime> for ChronoDateTime<FixedOffset> {
    type Error = ParseError;

    fn try_from(time: DateTime) -> Result<Self, ParseError> {
        let error = ParseError::new("a point in time that `chrono::DateTime` can hold");
        let offset = FixedOffset::east_opt(i32::from(time.offset_minutes()) * 60).ok_or(error)?;
        let utc = ChronoDateTime::from_timestamp(time.unix_seconds(), time.subsec_nanos()).ok_or(error)?;
        Ok(utc.with_timezone(&offset))
    }
}

/// Fails outside the years 0 to 9999.
impl TryFrom<NaiveDate> for Date {
    type Error = ParseError;

    fn try_from(date: NaiveDate) -> Result<Self, ParseError> {
        let year = u16::try_from(date.year()).map_err(|_| ParseError::new(Self::FORM))?;
        // chrono's months and days are below 32.
        Self::new(year, date.month() as u8, date.day() as u8)
    }
}

impl From<Date> for NaiveDate {
    fn from(date: Date) -> Self {
        // Every year from 0 to 9999 is within chrono's range, and both use the same calendar.
        Self::from_ymd_opt(date.year().into(), date.month().into(), date.day().into()).unwrap_or_default()
    }
}

impl From<NaiveTime> for TimeOfDay {
    fn from(time: NaiveTime) -> Self {
        Self::with_nanoseconds(time.num_seconds_from_midnight(), time.nanosecond().min(999_999_999))
    }
}

impl From<TimeOfDay> for NaiveTime {
    fn from(time: TimeOfDay) -> Self {
        // Both types have the same range.
        Self::from_num_seconds_from_midnight_opt(time.seconds(), time.subsec_nanos()).unwrap_or_default()
    }
}

impl From<TimeDelta> for Duration {
    fn from(duration: TimeDelta) -> Self {
        // The length of any `TimeDelta` fits the standard library's.
        let length = duration.abs().to_std().unwrap_or_default();
        Self::from_fixed(duration < TimeDelta::zero(), length.as_secs(), length.subsec_nanos())
    }
}

/// Fails when the duration has years or months.
impl TryFrom<&Duration> for TimeDelta {
    type Error = ParseError;

    fn try_from(duration: &Duration) -> Result<Self, ParseError> {
        let error = ParseError::new(super::FIXED);
        let (seconds, nanoseconds) = duration.fixed().ok_or(error)?;
        Self::try_seconds(seconds)
            .and_then(|whole| whole.checked_add(&Self::nanoseconds(nanoseconds.into())))
            .ok_or(error)
    }
}

#[cfg(test)]
mod tests {
    use ::chrono::{DateTime as ChronoDateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta};

    use crate::odata::{Date, DateTime, Duration, TimeOfDay};

    #[test]
    fn values_survive_the_way_there_and_back() -> Result<(), Box<dyn std::error::Error>> {
        for text in [
            "2027-03-01T09:30:00.1234567+02:00",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59-23:59",
        ] {
            let there = ChronoDateTime::<FixedOffset>::try_from(text.parse::<DateTime>()?)?;
            assert_eq!(DateTime::try_from(there)?.to_string(), text);
        }
        let date = NaiveDate::from("2028-02-29".parse::<Date>()?);
        assert_eq!(Date::try_from(date)?.to_string(), "2028-02-29");
        let time = NaiveTime::from("23:59:59.5".parse::<TimeOfDay>()?);
        assert_eq!(TimeOfDay::from(time).to_string(), "23:59:59.5");
        let duration = TimeDelta::try_from(&"-P1DT0.5S".parse::<Duration>()?)?;
        assert_eq!(Duration::from(duration).as_str(), "-P1DT0.5S");
        assert!(TimeDelta::try_from(&"P1M".parse::<Duration>()?).is_err());
        Ok(())
    }
}
