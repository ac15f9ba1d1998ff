//! No value leaves the segment it is put into.

use std::borrow::Cow;

use msgraph_core::{Client, Literal, Path};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use url::Url;

use crate::support::{Counting, GET, Service};

const AWKWARD: &str = "a b/c'd\"é%?#[]|\\^:@&=+$,;";

fn client() -> Client {
    Client::builder().credential(Counting::default()).build().unwrap()
}

#[tokio::test]
async fn keys_arrive_in_their_segment() {
    let service = Service::start(|_| "").await;
    for (key, segment) in [
        (
            AWKWARD,
            "a%20b%2Fc%27d%22%C3%A9%25%3F%23%5B%5D%7C%5C%5E%3A%40%26%3D%2B%24%2C%3B",
        ),
        ("a\\b", "a%5Cb"),
        ("%2e%2e", "%252e%252e"),
        ("...", "..."),
        ("../x", "..%2Fx"),
        ("o'neil", "o%27neil"),
        ("a\r\nb", "a%0D%0Ab"),
        ("AAMkAGI_-~.1", "AAMkAGI_-~.1"),
    ] {
        service
            .things()
            .key(key)
            .segment("next")
            .request::<()>(&GET)
            .await
            .unwrap();
        assert_eq!(
            service.seen().last().unwrap().target,
            format!("/v1.0/things/{segment}/next"),
            "{key:?}"
        );
    }
}

#[tokio::test]
async fn alternate_keys_double_their_quotes() {
    let service = Service::start(|_| "").await;
    for (key, segment) in [
        ("o'neil", "things(appId='o''neil')"),
        ("x')/delete('", "things(appId='x'')%2Fdelete(''')"),
        ("..", "things(appId='..')"),
        ("%27", "things(appId='%2527')"),
    ] {
        service
            .things()
            .alternate_key("appId", key)
            .request::<()>(&GET)
            .await
            .unwrap();
        let expected = segment.replace("x'')%2Fdelete('''", "x''%29%2Fdelete%28'''");
        assert_eq!(
            service.seen().last().unwrap().target,
            format!("/v1.0/{expected}"),
            "{key:?}"
        );
    }
}

#[test]
fn paths_are_put_together_as_documented() {
    let client = client();
    let drive = Path::root(&client, "drives").key("1").segment("root");
    for (path, expected) in [
        (
            drive.clone().item_path("A b/c:d.txt").segment("content"),
            "/drives/1/root:/A%20b/c%3Ad.txt:/content",
        ),
        (drive.clone().item_path("a.txt"), "/drives/1/root:/a.txt"),
        (
            drive.clone().item_path("a").segment("children").key("2"),
            "/drives/1/root:/a:/children/2",
        ),
        (drive.clone().function("delta", &[]), "/drives/1/root/delta()"),
        (
            drive.clone().function("delta", &[("token", None)]),
            "/drives/1/root/delta()",
        ),
        (
            drive.function(
                "f",
                &[
                    ("q", Some(Literal::from("it's"))),
                    ("skip", None),
                    ("n", Some(Literal::from(2))),
                ],
            ),
            "/drives/1/root/f(q='it''s',n=2)",
        ),
    ] {
        assert_eq!(path.as_str(), expected);
    }
}

proptest! {
    #[test]
    fn any_key_is_read_back_from_the_one_segment_it_is_in(key in ".+") {
        prop_assume!(key != "." && key != "..");
        let client = client();
        let path = Path::root(&client, "things").key(&key).segment("end");
        let url = Url::parse(&path.request::<()>(&GET).url()).unwrap();
        let segments: Vec<&str> = url.path_segments().unwrap().collect();
        let [version, things, segment, end] = segments[..] else {
            panic!("{url}");
        };
        prop_assert_eq!((version, things, end), ("v1.0", "things", "end"));
        prop_assert_eq!(percent_decode_str(segment).decode_utf8(), Ok(Cow::from(&*key)));
        prop_assert_eq!((url.query(), url.fragment()), (None, None));
    }

    #[test]
    fn any_query_value_is_read_back_from_the_one_option_it_is_in(value in ".*", name in "[^\u{0}]+") {
        let client = client();
        let request = Path::root(&client, "things").request::<()>(&GET).query(&name, value.clone()).query("last", "1");
        prop_assume!(name != "last");
        let url = Url::parse(&request.url()).unwrap();
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        prop_assert_eq!(pairs, [(name, value), ("last".to_owned(), "1".to_owned())]);
    }
}
