//! Where a redirect leads ([RFC 9110, section 15.4](https://www.rfc-editor.org/rfc/rfc9110#section-15.4)).

use http::{HeaderMap, Method, StatusCode, header};
use url::Url;

use super::hop::Hop;
use crate::Cloud;

/// How many redirects of one call are followed.
const MOST: u32 = 5;

/// What a redirect comes to.
pub(crate) enum Redirect {
    /// The answer is no redirect.
    None,
    /// The next request.
    To(Box<Hop>),
    /// The redirect must not be followed, for this reason: it continues "was redirected, which was not followed:".
    Refused(&'static str),
}

/// The request that follows `hop`, after `followed` earlier redirects.
///
/// * The method and the body stay, except after 303, which asks for a `GET`. A `POST` that is answered with 301 or 302 is
///   not followed: the standard leaves open whether to repeat it or to read instead, and the first could do the work twice,
///   the second report work as done that was not.
/// * The scheme stays, so that nothing is sent in the clear.
/// * `Authorization` and `Cookie` go to the host of the cloud alone, and no longer once the request has left it: another
///   host could otherwise choose what the token is used for. Bodies, which may be as secret, never leave the cloud.
pub(crate) fn redirect(hop: &Hop, status: StatusCode, headers: &HeaderMap, followed: u32, cloud: &Cloud) -> Redirect {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Redirect::None;
    }
    match follow(hop, status, headers, followed, cloud) {
        Ok(next) => Redirect::To(Box::new(next)),
        Err(reason) => Redirect::Refused(reason),
    }
}

fn follow(
    hop: &Hop,
    status: StatusCode,
    headers: &HeaderMap,
    followed: u32,
    cloud: &Cloud,
) -> Result<Hop, &'static str> {
    let location = headers.get(header::LOCATION).ok_or("it does not say where to")?;
    let mut url = location
        .to_str()
        .ok()
        .and_then(|location| hop.url.join(location).ok())
        .ok_or("its Location is not an address")?;
    url.set_fragment(None);
    if url.scheme() != hop.url.scheme() {
        return Err("it leads to another scheme");
    }
    if !is_anonymous(&url) {
        return Err("its Location contains a user name");
    }
    if followed >= MOST {
        return Err("it is the sixth in a row");
    }
    if hop.method == Method::POST && matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND) {
        return Err("a POST must be neither repeated nor turned into a GET");
    }
    let mut next = Hop {
        is_trusted: hop.is_trusted && cloud.owns(&url),
        url,
        ..hop.clone()
    };
    if status == StatusCode::SEE_OTHER && next.method != Method::GET {
        next.method = Method::GET;
        next.drop_body();
    }
    if !next.is_trusted {
        if !next.body.is_empty() {
            return Err("its body must not leave the cloud");
        }
        for name in [header::AUTHORIZATION, header::PROXY_AUTHORIZATION, header::COOKIE] {
            next.headers.remove(name);
        }
    }
    Ok(next)
}

fn is_anonymous(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    const HOME: &str = "https://graph.microsoft.com/v1.0/things/1";
    const AWAY: &str = "https://files.example/x?tempauth=1";
    const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

    fn hop(method: Method, body: &'static str) -> Hop {
        let headers = [
            ("cookie", "c"),
            ("content-type", "t"),
            ("content-encoding", "e"),
            ("range", "r"),
        ];
        Hop {
            method,
            url: Url::parse(HOME).unwrap(),
            headers: headers
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .into_iter()
                .collect(),
            body: Bytes::from_static(body.as_bytes()),
            is_trusted: true,
        }
    }

    fn to(hop: &Hop, status: u16, location: &str, followed: u32) -> Redirect {
        let headers = HeaderMap::from_iter([(header::LOCATION, location.parse().unwrap())]);
        redirect(
            hop,
            StatusCode::from_u16(status).unwrap(),
            &headers,
            followed,
            &Cloud::Global,
        )
    }

    fn followed(hop: &Hop, status: u16, location: &str) -> Hop {
        match to(hop, status, location, 0) {
            Redirect::To(next) => *next,
            Redirect::None => panic!("{status} is no redirect"),
            Redirect::Refused(reason) => panic!("{} {status} {location}: {reason}", hop.method),
        }
    }

    fn refused(redirect: Redirect) -> &'static str {
        match redirect {
            Redirect::Refused(reason) => reason,
            Redirect::None => "no redirect",
            Redirect::To(next) => panic!("{next:?}"),
        }
    }

    #[test]
    fn method_and_body_stay_except_after_303_and_post_is_not_guessed() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let body = if method == Method::GET { "" } else { "{}" };
            for status in STATUSES {
                let hop = hop(method.clone(), body);
                if method == Method::POST && status <= 302 {
                    assert!(refused(to(&hop, status, "/elsewhere", 0)).contains("POST"));
                    continue;
                }
                let next = followed(&hop, status, "/elsewhere");
                let becomes_get = status == 303;
                let expected = if becomes_get { Method::GET } else { method.clone() };
                assert_eq!(next.method, expected, "{method} {status}");
                assert_eq!(next.body, if becomes_get { "" } else { body }, "{method} {status}");
                let keeps_content = !becomes_get || method == Method::GET;
                assert_eq!(
                    next.headers.contains_key("content-type"),
                    keeps_content,
                    "{method} {status}"
                );
                assert_eq!(next.headers.contains_key("content-encoding"), keeps_content);
                assert_eq!(next.headers["range"], "r");
                assert_eq!(next.url.as_str(), "https://graph.microsoft.com/elsewhere");
            }
        }
    }

    #[test]
    fn credentials_stay_with_the_cloud_and_are_gone_for_good() {
        for status in STATUSES {
            let start = hop(Method::GET, "");
            let home = followed(&start, status, "?page=2");
            assert!(home.is_trusted && home.headers.contains_key("cookie"), "{status}");
            let away = followed(&start, status, AWAY);
            assert!(!away.is_trusted && !away.headers.contains_key("cookie"), "{status}");
            let back = followed(&away, status, HOME);
            assert!(!back.is_trusted && !back.headers.contains_key("cookie"), "{status}");
            // Another port of the same host is another host.
            let port = followed(&start, status, "https://graph.microsoft.com:8443/");
            assert!(!port.is_trusted, "{status}");
        }
    }

    #[test]
    fn body_never_leaves_the_cloud() {
        for (method, status) in [(Method::POST, 307), (Method::PUT, 302), (Method::PATCH, 308)] {
            assert!(refused(to(&hop(method, "secret"), status, AWAY, 0)).contains("body"));
        }
        assert_eq!(followed(&hop(Method::POST, "secret"), 303, AWAY).body, "");
        assert_eq!(followed(&hop(Method::DELETE, ""), 307, AWAY).method, Method::DELETE);
    }

    #[test]
    fn address_that_must_not_be_followed_is_refused() {
        for (location, reason) in [
            ("http://graph.microsoft.com/", "scheme"),
            ("http://files.example/", "scheme"),
            ("ftp://files.example/", "scheme"),
            ("javascript:alert(1)", "scheme"),
            ("https://user@files.example/", "user"),
            ("https://:password@files.example/", "user"),
            ("https://[", "not an address"),
        ] {
            for status in STATUSES {
                let reason_given = refused(to(&hop(Method::GET, ""), status, location, 0));
                assert!(reason_given.contains(reason), "{location}: {reason_given}");
            }
        }
        let nowhere = redirect(
            &hop(Method::GET, ""),
            StatusCode::FOUND,
            &HeaderMap::new(),
            0,
            &Cloud::Global,
        );
        assert!(refused(nowhere).contains("where"));
    }

    #[test]
    fn five_redirects_are_followed_and_no_more() {
        for (so_far, goes_on) in [(0, true), (4, true), (5, false), (6, false)] {
            let next = to(&hop(Method::GET, ""), 302, "/next", so_far);
            assert_eq!(matches!(next, Redirect::To(_)), goes_on, "{so_far}");
        }
    }

    #[test]
    fn other_statuses_are_no_redirects() {
        for status in [200, 201, 202, 300, 304, 305, 306, 400] {
            assert!(
                matches!(to(&hop(Method::GET, ""), status, AWAY, 0), Redirect::None),
                "{status}"
            );
        }
    }
}
