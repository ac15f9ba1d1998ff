//! The `Retry-After` header ([RFC 9110, section 10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)).

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, header};

/// How long the service asks to wait, counted from its answer; none when it does not say or says something else.
///
/// A date is compared with the `Date` of the same answer, where there is one: both come from the same clock, so that a
/// wrong clock on this side does not matter. A date in the past is zero.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit mean longer than anybody waits.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let now = date_of(headers, header::DATE).unwrap_or_else(SystemTime::now);
    Some(date.duration_since(now).unwrap_or_default())
}

fn date_of(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 22 Nov 2026 09:00:00 GMT";

    fn seconds(value: &'static str, date: Option<&'static str>) -> Option<u64> {
        let mut headers = HeaderMap::from_iter([(header::RETRY_AFTER, value.parse().unwrap())]);
        headers.extend(date.map(|date| (header::DATE, date.parse().unwrap())));
        Some(retry_after(&headers)?.as_secs())
    }

    #[test]
    fn seconds_and_dates_are_understood_and_nothing_else() {
        for (value, expected) in [
            ("0", Some(0)),
            ("3", Some(3)),
            (" 120 ", Some(120)),
            ("99999999999999999999", Some(u64::MAX)),
            ("Sun, 22 Nov 2026 09:00:00 GMT", Some(0)),
            // Exactly two minutes: the seconds of the clock are the same as in the date of the answer.
            ("Sun, 22 Nov 2026 09:02:00 GMT", Some(120)),
            ("Sun, 22 Nov 2026 09:02:05 GMT", Some(125)),
            ("Sunday, 22-Nov-26 09:00:07 GMT", Some(7)),
            ("Sun Nov 22 09:00:08 2026", Some(8)),
            ("Sun, 22 Nov 2026 08:59:59 GMT", Some(0)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(0)),
            ("", None),
            ("soon", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("1 s", None),
            ("2026-11-22T09:00:03Z", None),
        ] {
            assert_eq!(seconds(value, Some(DATE)), expected, "{value:?}");
        }
    }

    #[test]
    fn without_the_date_of_the_answer_the_local_clock_counts() {
        for date in [None, Some("yesterday")] {
            assert_eq!(seconds("Wed, 21 Oct 2015 07:28:00 GMT", date), Some(0));
            assert!(seconds("Fri, 31 Dec 9999 23:59:59 GMT", date).unwrap() > 1_000_000);
        }
    }

    #[test]
    fn header_that_is_missing_or_not_text_says_nothing() {
        assert_eq!(retry_after(&HeaderMap::new()), None);
        let value = http::HeaderValue::from_bytes(b"\xff").unwrap();
        assert_eq!(retry_after(&HeaderMap::from_iter([(header::RETRY_AFTER, value)])), None);
    }
}
