//! `Edm.TimeOfDay`.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use super::ParseError;
use super::text::{self, Text};

/// A time of day without a date or offset (`Edm.TimeOfDay`).
///
/// Keeps the digits of its fraction (at most nine) and whether it was spelled without seconds. Comparison and hashing
/// are by time, so `09:30` equals `09:30:00.0`.
///
/// ```
/// use msgraph_core::odata::TimeOfDay;
///
/// let opening: TimeOfDay = "09:30:00.0000000".parse()?;
/// assert_eq!(opening.to_string(), "09:30:00.0000000");
/// assert_eq!(opening, TimeOfDay::new(9, 30, 0)?);
/// # Ok::<(), msgraph_core::odata::ParseError>(())
/// ```
#[derive(Clone, Copy)]
pub struct TimeOfDay {
    seconds: u32,
    nanoseconds: u32,
    // Of the fraction; `None` when even the seconds are left out.
    digits: Option<u8>,
}

impl TimeOfDay {
    pub(super) const FORM: &'static str = "a time of day such as 09:30:00 or 09:30:00.5";

    /// The time of an hour (0 to 23), a minute and a second (0 to 59).
    ///
    /// # Errors
    ///
    /// When one of them is beyond its range.
    pub fn new(hour: u8, minute: u8, second: u8) -> Result<Self, ParseError> {
        Self::from_parts(hour.into(), minute.into(), second.into(), 0, Some(0)).ok_or(ParseError::new(Self::FORM))
    }

    /// The hour, 0 to 23.
    pub const fn hour(&self) -> u8 {
        (self.seconds / 3600) as u8
    }

    /// The minute, 0 to 59.
    pub const fn minute(&self) -> u8 {
        (self.seconds / 60 % 60) as u8
    }

    /// The second, 0 to 59.
    pub const fn second(&self) -> u8 {
        (self.seconds % 60) as u8
    }

    /// Nanoseconds within the second.
    pub const fn subsec_nanos(&self) -> u32 {
        self.nanoseconds
    }

    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (hours_minutes, rest) = bytes.split_first_chunk::<5>()?;
        let [h1, h2, b':', m1, m2] = *hours_minutes else {
            return None;
        };
        let (hour, minute) = (text::digits(&[h1, h2])?, text::digits(&[m1, m2])?);
        match rest {
            [] => Self::from_parts(hour, minute, 0, 0, None),
            [b':', s1, s2, fraction @ ..] => {
                let (nanoseconds, digits) = text::fraction(fraction)?;
                Self::from_parts(hour, minute, text::digits(&[*s1, *s2])?, nanoseconds, Some(digits))
            }
            _ => None,
        }
    }

    /// A new value, of seconds below a day; `nanoseconds` are cut to the hundreds that the service keeps.
    pub(super) fn with_nanoseconds(seconds: u32, nanoseconds: u32) -> Self {
        let nanoseconds = nanoseconds - nanoseconds % 100;
        Self {
            seconds,
            nanoseconds,
            digits: Some(text::needed_digits(nanoseconds)),
        }
    }

    pub(super) const fn seconds(&self) -> u32 {
        self.seconds
    }

    const fn time(&self) -> (u32, u32) {
        (self.seconds, self.nanoseconds)
    }

    pub(super) fn push_to(self, text: &mut Text) {
        text.push_number(self.hour().into(), 2);
        text.push(b':');
        text.push_number(self.minute().into(), 2);
        if let Some(digits) = self.digits {
            text.push(b':');
            text.push_number(self.second().into(), 2);
            text.push_fraction(self.nanoseconds, digits);
        }
    }

    fn text(self) -> Text {
        let mut text = Text::new();
        self.push_to(&mut text);
        text
    }

    fn from_parts(hour: u32, minute: u32, second: u32, nanoseconds: u32, digits: Option<u8>) -> Option<Self> {
        let seconds = hour * 3600 + minute * 60 + second;
        (hour < 24 && minute < 60 && second < 60).then_some(Self {
            seconds,
            nanoseconds,
            digits,
        })
    }
}

impl FromStr for TimeOfDay {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text.as_bytes()).ok_or(ParseError::new(Self::FORM))
    }
}

text::through_text!(TimeOfDay);

impl PartialEq for TimeOfDay {
    fn eq(&self, other: &Self) -> bool {
        self.time() == other.time()
    }
}

impl Eq for TimeOfDay {}

impl Hash for TimeOfDay {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.time().hash(state);
    }
}

impl Ord for TimeOfDay {
    fn cmp(&self, other: &Self) -> Ordering {
        self.time().cmp(&other.time())
    }
}

impl PartialOrd for TimeOfDay {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::TimeOfDay;

    #[test]
    fn the_spelling_is_kept_and_impossible_times_are_refused() {
        for text in ["00:00", "09:30:00", "23:59:59.9999999", "09:30:00.0"] {
            assert_eq!(text.parse::<TimeOfDay>().map(|t| t.to_string()).as_deref(), Ok(text));
        }
        for text in [
            "24:00:00",
            "9:30",
            "09:60",
            "09:30:60",
            "09:30:00.",
            "09:30:00Z",
            "09:30:",
            "",
        ] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
        }
    }
}
