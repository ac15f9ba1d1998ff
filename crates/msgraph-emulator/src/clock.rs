//! The emulator's clock, and how instants are spelled on the wire.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use time::{
    Date, Month, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339, macros::format_description,
};

/// Real time plus the span that a test has moved it ahead, or minus the one that it has turned it back.
#[derive(Default)]
pub(crate) struct Clock {
    ahead_nanoseconds: AtomicI64,
}

impl Clock {
    /// The present, cut to the 100 ns ticks in which the service keeps time.
    pub(crate) fn now(&self) -> OffsetDateTime {
        let now =
            OffsetDateTime::now_utc() + time::Duration::nanoseconds(self.ahead_nanoseconds.load(Ordering::Relaxed));
        let into_tick = now.nanosecond() % 100;
        now - Duration::from_nanos(into_tick.into())
    }

    pub(crate) fn advance(&self, span: Duration) {
        self.ahead_nanoseconds.fetch_add(nanoseconds(span), Ordering::Relaxed);
    }

    pub(crate) fn turn_back(&self, span: Duration) {
        self.ahead_nanoseconds.fetch_sub(nanoseconds(span), Ordering::Relaxed);
    }
}

fn nanoseconds(span: Duration) -> i64 {
    i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)
}

/// Spells an instant as the directory does: seven digits of fraction, or none for a whole second.
pub(crate) fn timestamp(instant: OffsetDateTime) -> String {
    let instant = instant.to_offset(UtcOffset::UTC);
    let whole = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let ticks = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:7]Z");
    let spelled = if instant.nanosecond() == 0 {
        instant.format(&whole)
    } else {
        instant.format(&ticks)
    };
    spelled.expect("a UTC instant has every component of the format")
}

/// Spells an instant as the `Date` header does ([RFC 9110 §5.6.7](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7)).
pub(crate) fn http_date(instant: OffsetDateTime) -> String {
    let imf_fixdate =
        format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    instant
        .to_offset(UtcOffset::UTC)
        .format(&imf_fixdate)
        .expect("a UTC instant has every component of the format")
}

/// Reads an `Edm.DateTimeOffset`.
pub(crate) fn parse_timestamp(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

/// The same day and time `years` later; 29 February becomes 28 February where the year has none.
pub(crate) fn years_after(instant: OffsetDateTime, years: i32) -> OffsetDateTime {
    let year = instant.year() + years;
    let date = Date::from_calendar_date(year, instant.month(), instant.day())
        .or_else(|_| Date::from_calendar_date(year, Month::February, 28))
        .expect("a year near the present is in range");
    instant.replace_date(date)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn an_instant_has_seven_digits_of_fraction_or_none() {
        let cases = [
            (datetime!(2026-11-22 09:48:10 UTC), "2026-11-22T09:48:10Z"),
            (datetime!(2026-11-22 09:48:10.5 UTC), "2026-11-22T09:48:10.5000000Z"),
            (
                datetime!(2026-11-22 09:48:10.1234567 UTC),
                "2026-11-22T09:48:10.1234567Z",
            ),
            (datetime!(2026-11-22 09:48:10 +2), "2026-11-22T07:48:10Z"),
        ];
        for (instant, spelled) in cases {
            assert_eq!(timestamp(instant), spelled);
        }
    }

    #[test]
    fn http_dates_are_imf_fixdates() {
        assert_eq!(
            http_date(datetime!(1994-11-06 08:49:37 UTC)),
            "Sun, 06 Nov 1994 08:49:37 GMT"
        );
    }

    #[test]
    fn years_are_calendar_years() {
        let cases = [
            (datetime!(2026-11-22 09:48 UTC), datetime!(2029-11-22 09:48 UTC)),
            (datetime!(2028-02-29 00:00 UTC), datetime!(2031-02-28 00:00 UTC)),
        ];
        for (instant, later) in cases {
            assert_eq!(years_after(instant, 3), later);
        }
    }
}
