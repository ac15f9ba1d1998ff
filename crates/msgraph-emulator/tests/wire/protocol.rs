//! What holds for every request: headers, error shape, paths, methods, bodies, the log, the end.

use std::time::Duration;

use msgraph_emulator::Emulator;
use reqwest::Method;
use serde_json::json;
use tokio::{net::TcpStream, time::timeout};

use crate::local::{Answer, Local, string};

#[tokio::test]
async fn every_answer_names_the_exchange_and_the_time() {
    let local = Local::start().await;
    for path in ["/applications", "/nonsense"] {
        let answer = Answer::to(local.request(Method::GET, path).header("client-request-id", "mine")).await;
        assert_eq!(answer.header("client-request-id"), "mine");
        assert_eq!(answer.header("request-id").len(), 36);
        assert!(answer.header("date").ends_with(" GMT"), "{}", answer.header("date"));
    }
    let without = local.get("/applications").await;
    assert_eq!(without.header("client-request-id"), without.header("request-id"));
}

#[tokio::test]
async fn errors_have_graphs_shape() {
    let local = Local::start().await;
    let answer = Answer::to(
        local
            .request(Method::GET, "/applications/none")
            .header("client-request-id", "mine"),
    )
    .await;
    answer.expect_refusal(404, "Request_ResourceNotFound", "Resource 'none' does not exist");
    let inner = &answer.body["error"]["innerError"];
    assert_eq!(inner["request-id"], answer.header("request-id"));
    assert_eq!(inner["client-request-id"], "mine");
    assert_eq!(string(&inner["date"]).len(), "2026-11-22T09:48:10".len());
    assert!(answer.header("content-type").starts_with("application/json"));
}

#[tokio::test]
async fn paths_and_methods_that_do_not_exist_are_refused() {
    let local = Local::start().await;
    let connector = local.connector().await;
    let cases = [
        ("GET", "/nonsense", 400, "BadRequest", "segment 'nonsense'"),
        ("GET", "/identity/nonsense", 400, "BadRequest", "segment 'nonsense'"),
        (
            "GET",
            "/applications/x/nonsense",
            400,
            "BadRequest",
            "segment 'nonsense'",
        ),
        (
            "POST",
            "/applications/x/addTokenSigningCertificate",
            400,
            "BadRequest",
            "addTokenSigningCertificate",
        ),
        (
            "POST",
            "/applications/x/addPassword/more",
            400,
            "BadRequest",
            "segment 'addPassword'",
        ),
        (
            "GET",
            "/applications(name='x')",
            400,
            "BadRequest",
            "'name' is not a key",
        ),
        ("GET", "/applications(appId=x)", 400, "BadRequest", "name='value'"),
        ("GET", "/applications/%ff", 400, "BadRequest", "percent-encoded"),
        (
            "GET",
            "/identity/apiConnectors(appId='x')",
            400,
            "BadRequest",
            "alternate key",
        ),
        ("DELETE", "/applications", 405, "Request_BadRequest", "not allowed"),
        ("PUT", "/applications/x", 405, "Request_BadRequest", "not allowed"),
        (
            "GET",
            "/servicePrincipals/x/addTokenSigningCertificate",
            405,
            "Request_BadRequest",
            "not allowed",
        ),
        (
            "PATCH",
            "/identity/apiConnectors",
            405,
            "Request_BadRequest",
            "not allowed",
        ),
    ];
    for (method, path, status, code, words) in cases {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = Answer::to(local.request(method, path).json(&json!({}))).await;
        answer.expect_refusal(status, code, words);
        assert_eq!(answer.headers.contains_key("allow"), status == 405, "{path}");
    }
    local
        .get(&format!("{connector}/uploadClientCertificate"))
        .await
        .expect(405);
    let beta = local.http.get(format!("{}/beta/applications", local.emulator.url()));
    Answer::to(beta)
        .await
        .expect_refusal(400, "BadRequest", "Invalid version: 'beta'");
}

#[tokio::test]
async fn segment_names_are_read_without_regard_to_case() {
    let local = Local::start().await;
    local.get("/identity/apiconnectors").await.expect(200);
    local.get("/serviceprincipals").await.expect(200);
}

#[tokio::test]
async fn bodies_must_be_declared_and_be_json_objects() {
    let local = Local::start().await;
    let json_type = Some("application/json");
    let cases = [
        (None, r#"{"displayName":"A"}"#, "Content-Type"),
        (Some("text/plain"), r#"{"displayName":"A"}"#, "text/plain"),
        (json_type, r#"{"displayName":"#, "JSON"),
        (json_type, "", "JSON"),
        (json_type, r#"["displayName"]"#, "JSON"),
    ];
    for (media_type, body, words) in cases {
        let mut request = local.request(Method::POST, "/applications").body(body);
        if let Some(media_type) = media_type {
            request = request.header("content-type", media_type);
        }
        Answer::to(request).await.expect_refusal(400, "BadRequest", words);
    }
    let request = local
        .request(Method::POST, "/applications")
        .header("content-type", "application/json; charset=utf-8");
    Answer::to(request.body(r#"{"displayName":"A"}"#)).await.expect(201);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let local = Local::start().await;
    let request = local
        .request(Method::POST, "/applications")
        .header("content-type", "application/json");
    let answer = Answer::to(request.body(vec![b' '; 5 * 1024 * 1024])).await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn the_log_shows_requests_without_their_secrets() {
    let local = Local::start().await;
    let connector = local.connector().await;
    let body = json!({ "pkcs12Value": "c2VjcmV0", "password": "hunter2" });
    Answer::to(
        local
            .request(Method::POST, &format!("{connector}/uploadClientCertificate?a=b%20c"))
            .json(&body),
    )
    .await;

    let log = local.emulator.requests();
    let [token, create, upload] = log.as_slice() else {
        panic!("{log:?}")
    };
    assert_eq!(token.body.as_ref().unwrap()["client_secret"], "<redacted>");
    assert_eq!(token.body.as_ref().unwrap()["client_id"], "me");
    assert_eq!((create.method.as_str(), create.status), ("POST", 201));
    assert_eq!(create.header("Authorization"), Some("Bearer <redacted>"));
    assert_eq!(create.header("content-type"), Some("application/json"));
    assert!(
        upload.path.ends_with("/uploadClientCertificate?a=b%20c"),
        "{}",
        upload.path
    );
    assert_eq!(
        upload.body,
        Some(json!({ "pkcs12Value": "<redacted>", "password": "<redacted>" }))
    );
    let everything = format!("{log:?}");
    for secret in ["anything", "hunter2", "c2VjcmV0", &local.token] {
        assert!(!everything.contains(secret), "{secret} in {everything}");
    }
}

#[tokio::test]
async fn observers_hear_of_every_request() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let builder = Emulator::builder().on_request(move |request| sender.send(request.status).unwrap());
    let local = Local::start_with(builder).await;
    local.get("/nonsense").await;
    assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [200, 400]);
}

#[tokio::test]
async fn the_port_is_closed_after_shutdown_and_after_drop() {
    for by_drop in [false, true] {
        let local = Local::start().await;
        let address = local.emulator.url().trim_start_matches("http://").to_owned();
        // Neither a connection that has said nothing nor one that is kept alive holds up the end.
        let _silent = TcpStream::connect(&address).await.unwrap();
        local.get("/applications").await.expect(200);
        let end = async {
            if by_drop {
                drop(local.emulator);
            } else {
                local.emulator.shutdown().await;
            }
            while TcpStream::connect(&address).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(10), end).await.expect("the port closes");
    }
}
