//! What goes over the wire.

use std::collections::BTreeMap;
use std::time::Duration;

use msgraph_core::odata::{Page, Value};
use msgraph_core::{Client, Content, Count, Literal, Path, Request, Scalar};
use serde_json::json;

use crate::support::{COUNT, CREATE, Counting, DELETE, GET, LIST, PUT, Service, TOKEN, UPDATE, json};

#[tokio::test]
async fn every_request_says_who_sends_it() {
    let service = Service::start(|_| json(200, &json!({}))).await;
    service.things().key("1").request::<Value>(&GET).await.unwrap();
    let seen = service.only();
    let product = concat!("msgraph-rust/", env!("CARGO_PKG_VERSION"));
    for (name, value) in [
        ("authorization", format!("Bearer {TOKEN}").as_str()),
        ("user-agent", product),
        ("sdkversion", product),
        ("accept", "application/json"),
        ("accept-encoding", "gzip"),
    ] {
        assert_eq!(seen.header(name), Some(value), "{name}");
    }
    let id = seen.header("client-request-id").unwrap();
    assert_eq!(uuid::Uuid::try_parse(id).unwrap().get_version_num(), 4);
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("GET", "/v1.0/things/1"));
    assert_eq!(seen.header("content-type"), None);
}

#[tokio::test]
async fn headers_of_the_caller_win() {
    let service = Service::start(|_| "").await;
    let client = Client::builder()
        .cloud(service.cloud())
        .credential(Counting::default())
        .user_agent("contoso-sync/2.1")
        .build()
        .unwrap();
    let answer = Path::root(&client, "things")
        .request::<()>(&LIST)
        .header("Accept", "application/json;odata.metadata=full")
        .header("client-request-id", "mine")
        .header("Prefer", "first")
        .header("prefer", "second")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.client_request_id(), "mine");
    let seen = service.only();
    for (name, value) in [
        (
            "user-agent",
            concat!("contoso-sync/2.1 msgraph-rust/", env!("CARGO_PKG_VERSION")),
        ),
        ("accept", "application/json;odata.metadata=full"),
        ("client-request-id", "mine"),
        ("prefer", "second"),
    ] {
        assert_eq!(seen.header(name), Some(value), "{name}");
        assert_eq!(seen.headers.get_all(name).iter().count(), 1, "{name}");
    }
}

#[tokio::test]
async fn bodies_carry_their_media_type() {
    let service = Service::start(|_| "").await;
    let things = service.things();
    let body = BTreeMap::from([("displayName", "ü"), ("jobTitle", "x")]);
    things.clone().request_json::<()>(&CREATE, &body).await.unwrap();
    things
        .clone()
        .key("1")
        .request_json::<()>(&UPDATE, &json!({"jobTitle": null}))
        .await
        .unwrap();
    things
        .clone()
        .key("1")
        .segment("$value")
        .request_content::<()>(&PUT, Content::new("image/png", &b"\x89PNG"[..]))
        .await
        .unwrap();
    things
        .key("1")
        .request::<()>(&DELETE)
        .header("If-Match", "W/\"1\"")
        .await
        .unwrap();
    let seen = service.seen();
    let wire: Vec<(&str, &str, &[u8], Option<&str>)> = seen
        .iter()
        .map(|seen| {
            (
                seen.method.as_str(),
                seen.target.as_str(),
                &*seen.body,
                seen.header("content-type"),
            )
        })
        .collect();
    let json = Some("application/json");
    assert_eq!(
        wire,
        [
            (
                "POST",
                "/v1.0/things",
                "{\"displayName\":\"ü\",\"jobTitle\":\"x\"}".as_bytes(),
                json
            ),
            ("PATCH", "/v1.0/things/1", b"{\"jobTitle\":null}", json),
            ("PUT", "/v1.0/things/1/$value", b"\x89PNG", Some("image/png")),
            ("DELETE", "/v1.0/things/1", b"", None),
        ]
    );
}

#[tokio::test]
async fn query_options_are_encoded_and_replace_themselves() {
    let service = Service::start(|_| json(200, &json!({"value": []}))).await;
    let name = Literal::from("O'Neil & Söhne+1");
    let request = service
        .things()
        .request::<Page<Value>>(&LIST)
        .select(["old"])
        .select(["id", "displayName"])
        .expand(["manager($select=id)"])
        .filter(format!("displayName eq {name}"))
        .order_by(["displayName desc", "id"])
        .top(5)
        .skip(10)
        .query("a b", "1&2=3#4%");
    let query = "$select=id,displayName&$expand=manager($select%3Did)&$filter=displayName%20eq%20'O''Neil%20%26%20S%C3%B6hne%2B1'\
                 &$orderby=displayName%20desc,id&$top=5&$skip=10&a%20b=1%262%3D3%234%25";
    assert_eq!(request.url(), format!("{}/v1.0/things?{query}", service.address));
    request.await.unwrap();
    // The URL standard has a quote encoded in a query, which means the same.
    assert_eq!(
        service.only().target,
        format!("/v1.0/things?{}", query.replace('\'', "%27"))
    );
}

#[tokio::test]
async fn search_and_count_agree_to_a_delay() {
    let service = Service::start(|_| json(200, &json!({"value": []}))).await;
    let list = service.things().request::<Page<Value>>(&LIST);
    for (request, consistency, query) in [
        (list.clone(), None, ""),
        (list.clone().count(), Some("eventual"), "?$count=true"),
        (
            list.clone().search("displayName:a b"),
            Some("eventual"),
            "?$search=%22displayName:a%20b%22",
        ),
        (
            list.clone().search("\"a:b\" AND \"c:d\""),
            Some("eventual"),
            "?$search=%22a:b%22%20AND%20%22c:d%22",
        ),
        (
            list.header("ConsistencyLevel", "session").count(),
            Some("session"),
            "?$count=true",
        ),
    ] {
        assert!(request.url().ends_with(&format!("/things{query}")), "{}", request.url());
        request.await.unwrap();
        assert_eq!(
            service.seen().last().unwrap().header("consistencylevel"),
            consistency,
            "{query}"
        );
    }
}

#[tokio::test]
async fn answers_are_read_as_what_they_are() {
    let service = Service::start(|seen| match seen.target.as_str() {
        "/v1.0/things/$count" => "\u{feff}42".to_owned(),
        "/v1.0/things/scalar" => r#"{"@odata.context":"x","value":"é\n"}"#.to_owned(),
        _ => "bytes".to_owned(),
    })
    .await;
    let things = service.things();
    assert_eq!(
        things.clone().segment("$count").request::<Count>(&COUNT).await.unwrap(),
        42
    );
    assert_eq!(service.only().header("accept"), Some("text/plain"));
    assert_eq!(service.only().header("consistencylevel"), Some("eventual"));
    assert_eq!(
        things
            .clone()
            .segment("scalar")
            .request::<Scalar<String>>(&GET)
            .await
            .unwrap(),
        "é\n"
    );
    let content = things.segment("content").request::<Content>(&GET).await.unwrap();
    assert_eq!(
        (content.media_type(), &content.bytes()[..]),
        ("text/plain; charset=utf-8", &b"bytes"[..])
    );
}

#[tokio::test]
async fn empty_answer_is_none_where_that_is_allowed() {
    let service = Service::start(|_| axum::http::StatusCode::NO_CONTENT).await;
    let thing = service.things().key("1");
    assert_eq!(thing.clone().request::<Option<Scalar<u8>>>(&GET).await.unwrap(), None);
    assert_eq!(thing.clone().request::<Value>(&GET).await.unwrap(), Value::Null);
    assert!(
        thing
            .request::<Page<Value>>(&GET)
            .await
            .is_err_and(|error| error.is_decode())
    );
}

#[tokio::test]
async fn gzip_is_understood() {
    // `{"value":7}`, compressed.
    const ZIPPED: &[u8] = &[
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 42, 75, 204, 41, 77, 85, 178, 50, 175, 5, 0, 84, 69, 139, 185, 11, 0,
        0, 0,
    ];
    let service = Service::start(|_| ([("content-encoding", "gzip")], ZIPPED)).await;
    assert_eq!(service.things().request::<Scalar<u8>>(&GET).await.unwrap(), 7);
}

#[tokio::test]
async fn request_is_a_value() {
    let service = Service::start(|_| "").await;
    let request: Request<()> = service
        .things()
        .key("1")
        .request_json(&UPDATE, &json!({"a": 1}))
        .header("If-Match", "*");
    let copy = request.clone();
    assert_eq!(
        (copy.method().as_str(), copy.operation().path),
        ("PATCH", "/things/{thing-id}")
    );
    assert_eq!(copy.body(), Some(&b"{\"a\":1}"[..]));
    assert_eq!(copy.headers()["if-match"], "*");
    request.await.unwrap();
    copy.await.unwrap();
    let ids: std::collections::BTreeSet<_> = service
        .seen()
        .iter()
        .map(|seen| seen.header("client-request-id").unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 2);
}

#[tokio::test]
async fn time_allowed_can_be_set_per_request() {
    let service = Service::start(|_| "").await;
    let request = service.things().request::<()>(&GET).header("x-pause", "2000");
    let error = request.timeout(Duration::from_millis(50)).await.unwrap_err();
    assert!(error.is_timeout() && !error.is_connection(), "{error}");
    assert!(error.client_request_id().is_some());
}

#[test]
fn requests_can_be_awaited_on_any_thread() {
    fn is_send<T: Send>(_: &T) {}
    let client = Client::builder().credential(Counting::default()).build().unwrap();
    let request = Path::root(&client, "things").request::<Page<Value>>(&LIST);
    is_send(&request.clone().pages());
    is_send(&request.clone().items());
    is_send(&request.clone().all());
    is_send(&request.clone().send());
    is_send(&request.into_future());
}

#[test]
fn explanation_names_the_cloud_of_the_client() {
    let client = Client::builder().credential(Counting::default()).build().unwrap();
    let request: Request<()> = Path::root(&client, "things").request(&GET);
    let text = client.explain(&request).to_string();
    assert!(
        text.contains("This client's cloud: Global, offers it") && text.contains("Thing.Manage and Thing.Audit"),
        "{text}"
    );
}
