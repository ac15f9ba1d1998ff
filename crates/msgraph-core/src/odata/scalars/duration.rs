//! `Edm.Duration`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration as StdDuration;

use super::{ParseError, text};

/// A length of time (`Edm.Duration`), kept as its ISO 8601 text, such as `P30D` or `PT1H30M`.
///
/// Besides days, hours, minutes and seconds, which OData allows, it accepts years, months and weeks, which some
/// services send. Equality is by text: `PT60S` and `PT1M` differ.
///
/// ```
/// use msgraph_core::odata::Duration;
///
/// let timeout: Duration = "PT1H30M".parse()?;
/// assert_eq!(timeout.to_std(), Some(std::time::Duration::from_secs(5400)));
/// assert_eq!(Duration::from(std::time::Duration::from_secs(86_400)).as_str(), "P1D");
/// # Ok::<(), msgraph_core::odata::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Duration(Box<str>);

/// The parts of a duration; what is not written is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Parts {
    pub(super) negative: bool,
    pub(super) years: u32,
    pub(super) months: u32,
    pub(super) weeks: u32,
    pub(super) days: u32,
    pub(super) hours: u32,
    pub(super) minutes: u32,
    pub(super) seconds: u32,
    pub(super) nanoseconds: u32,
}

impl Duration {
    pub(super) const FORM: &'static str = "an ISO 8601 duration such as P30D or PT1H30M";

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The length; `None` when negative, or when it depends on the calendar because it has years or months.
    pub fn to_std(&self) -> Option<StdDuration> {
        let (seconds, nanoseconds) = self.fixed()?;
        Some(StdDuration::new(
            u64::try_from(seconds).ok()?,
            nanoseconds.try_into().ok()?,
        ))
    }

    /// Seconds and nanoseconds of the same sign; `None` when it has years or months.
    pub(super) fn fixed(&self) -> Option<(i64, i32)> {
        let parts = parse(self.0.as_bytes())?;
        if parts.years != 0 || parts.months != 0 {
            return None;
        }
        let days = i64::from(parts.weeks) * 7 + i64::from(parts.days);
        let hours = days * 24 + i64::from(parts.hours);
        let seconds = (hours * 60 + i64::from(parts.minutes)) * 60 + i64::from(parts.seconds);
        let nanoseconds = i32::try_from(parts.nanoseconds).ok()?;
        Some(if parts.negative {
            (-seconds, -nanoseconds)
        } else {
            (seconds, nanoseconds)
        })
    }

    /// In days, hours, minutes, seconds and as much of a fraction as needed.
    pub(super) fn from_fixed(negative: bool, seconds: u64, nanoseconds: u32) -> Self {
        use fmt::Write as _;
        let mut text = String::from(if negative { "-P" } else { "P" });
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
        // Writing to a `String` does not fail.
        if days > 0 {
            let _ = write!(text, "{days}D");
        }
        if !seconds.is_multiple_of(86_400) || nanoseconds > 0 || days == 0 {
            text.push('T');
            for (number, unit) in [(hours, 'H'), (minutes, 'M')] {
                if number > 0 {
                    let _ = write!(text, "{number}{unit}");
                }
            }
            if nanoseconds > 0 {
                let fraction = format!("{nanoseconds:09}");
                let _ = write!(text, "{}.{}S", seconds % 60, fraction.trim_end_matches('0'));
            } else if !seconds.is_multiple_of(60) || seconds == 0 {
                let _ = write!(text, "{}S", seconds % 60);
            }
        }
        Self(text.into())
    }
}

/// A designator, in the order in which they must come.
const UNITS: [(bool, u8); 7] = [
    (false, b'Y'),
    (false, b'M'),
    (false, b'W'),
    (false, b'D'),
    (true, b'H'),
    (true, b'M'),
    (true, b'S'),
];

pub(super) fn parse(text: &[u8]) -> Option<Parts> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let mut rest = text.strip_prefix(b"P")?;
    let mut numbers = [0; UNITS.len()];
    let (mut next_unit, mut in_time, mut nanoseconds) = (0, false, 0);
    let mut is_complete = false;
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix(b"T").filter(|_| !in_time) {
            (in_time, rest, is_complete) = (true, time, false);
            continue;
        }
        let end = rest.iter().position(u8::is_ascii_alphabetic)?;
        let (number, designator) = (&rest[..end], rest[end]);
        let unit = next_unit
            + UNITS[next_unit..]
                .iter()
                .position(|unit| *unit == (in_time, designator))?;
        let point = number.iter().position(|byte| *byte == b'.').unwrap_or(number.len());
        if point == 0 || (point < number.len() && designator != b'S') {
            return None;
        }
        numbers[unit] = text::digits(&number[..point])?;
        (nanoseconds, _) = text::fraction(&number[point..])?;
        (rest, next_unit, is_complete) = (&rest[end + 1..], unit + 1, true);
    }
    let [years, months, weeks, days, hours, minutes, seconds] = numbers;
    is_complete.then_some(Parts {
        negative,
        years,
        months,
        weeks,
        days,
        hours,
        minutes,
        seconds,
        nanoseconds,
    })
}

impl FromStr for Duration {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text.as_bytes())
            .map(|_| Self(text.into()))
            .ok_or(ParseError::new(Self::FORM))
    }
}

impl From<StdDuration> for Duration {
    fn from(duration: StdDuration) -> Self {
        Self::from_fixed(false, duration.as_secs(), duration.subsec_nanos())
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for Duration {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

text::from_text!(Duration);

#[cfg(test)]
mod tests {
    use std::time::Duration as StdDuration;

    use proptest::prelude::*;

    use super::Duration;

    #[test]
    fn iso_8601_is_kept_as_written() {
        for text in [
            "P30D",
            "PT0S",
            "-PT5M",
            "P1DT2H3M4.0500000S",
            "P3M",
            "P1Y",
            "P2W",
            "PT48H",
            "+P1D",
        ] {
            assert_eq!(text.parse::<Duration>().map(|d| d.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "", "P", "PT", "P1", "1D", "P1DT", "PT1D", "P1H", "PT1M1H", "PT1.5M", "PT.5S", "PT1.S", "P1DT1DT", "P1é",
        ] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_fixed_positive_lengths_have_a_std_duration() {
        for (text, seconds) in [
            ("P1DT1S", Some(86_401)),
            ("P2W", Some(1_209_600)),
            ("P1M", None),
            ("-PT1S", None),
        ] {
            let length = text.parse::<Duration>().ok().and_then(|d| d.to_std());
            assert_eq!(length, seconds.map(StdDuration::from_secs), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_std_duration_survives_its_text(seconds in 0..=u64::from(u32::MAX), nanoseconds in 0..1_000_000_000_u32) {
            let duration = StdDuration::new(seconds, nanoseconds);
            let text = Duration::from(duration);
            prop_assert_eq!(text.as_str().parse::<Duration>()?.to_std(), Some(duration));
        }

        #[test]
        fn no_text_makes_reading_panic(text in "[-+]?P?[0-9.]{0,12}[YMWDT]{0,2}[0-9.]{0,12}[HMST]?") {
            let _ = text.parse::<Duration>().map(|d| d.to_std());
        }
    }
}
