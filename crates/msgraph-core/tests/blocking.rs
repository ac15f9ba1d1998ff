//! Requests without async code.

#[path = "runtime/support.rs"]
#[expect(dead_code, reason = "only the service is needed here")]
mod support;

use msgraph_core::blocking::{Call, Iterate};
use msgraph_core::odata::{Page, Value};
use msgraph_core::{Client, Path, Request};
use serde_json::json;

use support::{GET, LIST, Service, json};

/// A service on a thread of its own, as it is for a script.
fn service() -> Service {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let service = Service::start(|seen| match seen.target.as_str() {
                "/v1.0/things" => {
                    let link = format!("http://{}/v1.0/things?page=2", seen.header("host").unwrap());
                    json(200, &json!({"value": [1, 2], "@odata.nextLink": link}))
                }
                "/v1.0/things?page=2" => json(200, &json!({"value": [3]})),
                "/v1.0/things/absent" => json(404, &json!({})),
                target => json(200, &json!({"target": target})),
            });
            tell.send(service.await).unwrap();
            std::future::pending::<()>().await;
        });
    });
    told.recv().unwrap()
}

fn get(client: &Client, id: &str) -> Request<Value> {
    Path::root(client, "things").key(id).request(&GET)
}

#[test]
fn calls_share_a_connection_and_fail_like_requests() {
    let service = service();
    let client = service.client();
    for _ in 0..3 {
        assert_eq!(get(&client, "1").call().unwrap(), json!({"target": "/v1.0/things/1"}));
    }
    assert!(get(&client, "absent").call().unwrap_err().is_not_found());
    assert!(get(&client, "1").send().call().unwrap().status().is_success());
}

#[test]
fn streams_are_iterated() {
    let service = service();
    let list: Request<Page<i32>> = Path::root(&service.client(), "things").request(&LIST);
    let items: Vec<i32> = list.clone().items().prefetch().iterate().map(Result::unwrap).collect();
    assert_eq!(items, [1, 2, 3]);
    let mut pages = list.pages().iterate();
    assert_eq!(pages.next().unwrap().unwrap().value, [1, 2]);
    assert!(pages.get_ref().next_link().is_some());
}

#[test]
fn calls_of_several_threads_do_not_hinder_each_other() {
    let service = service();
    let client = service.client();
    std::thread::scope(|scope| {
        for id in ["1", "2", "3", "4"] {
            let client = &client;
            scope.spawn(move || assert_eq!(get(client, id).call().unwrap()["target"], format!("/v1.0/things/{id}")));
        }
    });
}

#[tokio::test]
async fn call_within_async_code_says_what_to_do() {
    let service = Service::start(|_| "").await;
    let error = get(&service.client(), "1").call().unwrap_err();
    assert!(error.to_string().contains("await the request"), "{error}");
    assert!(service.seen().is_empty());
}
