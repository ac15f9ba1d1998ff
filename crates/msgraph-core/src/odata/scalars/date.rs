//! `Edm.Date`.

use std::str::FromStr;

use time::{Date as Civil, Month};

use super::ParseError;
use super::text::{self, Text};

// The Julian day on which the Unix epoch falls.
const EPOCH: i64 = 2_440_588;

/// A calendar date without a time (`Edm.Date`), years 0000 to 9999.
///
/// ```
/// use msgraph_core::odata::Date;
///
/// let date = Date::new(2027, 3, 1)?;
/// assert_eq!(date.to_string(), "2027-03-01");
/// assert_eq!(date, "2027-03-01".parse()?);
/// # Ok::<(), msgraph_core::odata::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub(super) Civil);

impl Date {
    pub(super) const FORM: &'static str = "a date such as 2027-03-01";

    /// The date of a year, a month (1 to 12) and a day of the month (from 1).
    ///
    /// # Errors
    ///
    /// When the calendar has no such day, or the year is beyond 9999.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, ParseError> {
        Self::from_parts(year.into(), month, day).ok_or(ParseError::new(Self::FORM))
    }

    /// The year.
    pub fn year(&self) -> u16 {
        // The constructors keep it within 0 to 9999.
        self.0.year().unsigned_abs() as u16
    }

    /// The month, 1 to 12.
    pub fn month(&self) -> u8 {
        self.0.month().into()
    }

    /// The day of the month, from 1.
    pub fn day(&self) -> u8 {
        self.0.day()
    }

    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *bytes else {
            return None;
        };
        let year = text::digits(&[y1, y2, y3, y4])?;
        let (month, day) = (text::digits(&[m1, m2])?, text::digits(&[d1, d2])?);
        Self::from_parts(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?)
    }

    pub(super) fn from_civil(date: Civil) -> Option<Self> {
        (0..=9999).contains(&date.year()).then_some(Self(date))
    }

    pub(super) fn from_unix_days(days: i64) -> Option<Self> {
        let julian = i32::try_from(days.checked_add(EPOCH)?).ok()?;
        Self::from_civil(Civil::from_julian_day(julian).ok()?)
    }

    pub(super) fn unix_days(self) -> i64 {
        i64::from(self.0.to_julian_day()) - EPOCH
    }

    pub(super) fn push_to(self, text: &mut Text) {
        text.push_number(self.year().into(), 4);
        text.push(b'-');
        text.push_number(self.month().into(), 2);
        text.push(b'-');
        text.push_number(self.day().into(), 2);
    }

    fn text(self) -> Text {
        let mut text = Text::new();
        self.push_to(&mut text);
        text
    }

    /// 29 February becomes 28 February where there is none.
    pub(super) fn checked_add_years(self, years: u8) -> Option<Self> {
        let year = self.0.year() + i32::from(years);
        let date = self
            .0
            .replace_year(year)
            .or_else(|_| self.0.replace_day(28)?.replace_year(year));
        Self::from_civil(date.ok()?)
    }

    fn from_parts(year: i32, month: u8, day: u8) -> Option<Self> {
        let month = Month::try_from(month).ok()?;
        Self::from_civil(Civil::from_calendar_date(year, month, day).ok()?)
    }
}

impl FromStr for Date {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text.as_bytes()).ok_or(ParseError::new(Self::FORM))
    }
}

text::through_text!(Date);

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn dates_of_the_calendar_are_accepted_and_others_refused() {
        for text in ["0000-01-01", "0001-01-01", "2028-02-29", "9999-12-31"] {
            assert_eq!(text.parse::<Date>().map(|d| d.to_string()).as_deref(), Ok(text));
        }
        for text in [
            "2027-02-29",
            "2027-00-01",
            "2027-1-1",
            "-001-01-01",
            "2027/01/01",
            "2027-01-01Z",
            "é27-01-01",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }
}
