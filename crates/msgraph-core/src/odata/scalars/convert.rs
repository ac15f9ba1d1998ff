//! Conversions to and from the dates and times of other crates, each behind the feature of its name.
//!
//! New values are cut to the 100 nanoseconds that the service keeps.

#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(feature = "time")]
mod time;

#[cfg(any(feature = "time", feature = "chrono", feature = "jiff"))]
const FIXED: &str = "a duration without years and months, whose length depends on the calendar";
