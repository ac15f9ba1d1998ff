//! Collections over several pages.

use std::time::Duration;

use futures_util::TryStreamExt;
use msgraph_core::Request;
use msgraph_core::odata::{Page, Value};
use serde_json::json;

use crate::support::{Counting, LIST, Seen, Service, json};

/// A service whose pages are numbered by `page`; a link is what `link` makes of the number and the service's address.
async fn service(pages: &'static [&'static [i32]], link: fn(usize, &str) -> Option<String>) -> Service {
    Service::start(move |seen: &Seen| {
        let number = seen
            .target
            .split_once("page=")
            .map_or(0, |(_, number)| number.parse().unwrap());
        let mut body = json!({"value": pages[number]});
        let address = format!("http://{}", seen.header("host").unwrap());
        if let Some(link) = link(number, &address) {
            body["@odata.nextLink"] = link.into();
        }
        json(200, &body)
    })
    .await
}

async fn three() -> Service {
    service(&[&[1, 2], &[], &[3]], |number, address| {
        (number < 2).then(|| format!("{address}/v1.0/things?$skiptoken=a'b&page={}", number + 1))
    })
    .await
}

fn list(service: &Service) -> Request<Page<Value>> {
    service.things().request(&LIST)
}

#[tokio::test]
async fn items_are_read_through_empty_pages() {
    let service = three().await;
    assert_eq!(list(&service).all().await.unwrap(), [1, 2, 3]);
    assert_eq!(list(&service).items().try_collect::<Vec<_>>().await.unwrap(), [1, 2, 3]);
    let sizes = list(&service)
        .pages()
        .map_ok(|page| page.value.len())
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    assert_eq!(sizes, [2, 0, 1]);
}

#[tokio::test]
async fn pages_are_asked_for_when_they_are_wanted() {
    let service = three().await;
    let mut items = list(&service).items();
    assert_eq!(service.seen().len(), 0);
    items.next().await.unwrap().unwrap();
    items.next().await.unwrap().unwrap();
    assert_eq!(service.seen().len(), 1);
    items.next().await.unwrap().unwrap();
    assert!(items.next().await.is_none() && items.next().await.is_none());
    assert_eq!(service.seen().len(), 3);
}

#[tokio::test]
async fn every_page_gets_the_headers_of_the_first_and_the_link_as_it_is() {
    let service = three().await;
    let list = list(&service)
        .select(["id"])
        .count()
        .header("Prefer", "odata.maxpagesize=2");
    list.all().await.unwrap();
    let seen = service.seen();
    for request in &seen {
        assert_eq!(request.header("prefer"), Some("odata.maxpagesize=2"));
        assert_eq!(request.header("consistencylevel"), Some("eventual"));
    }
    let targets: Vec<&str> = seen.iter().map(|seen| seen.target.as_str()).collect();
    assert_eq!(
        targets,
        [
            "/v1.0/things?$select=id&$count=true",
            "/v1.0/things?$skiptoken=a%27b&page=1",
            "/v1.0/things?$skiptoken=a%27b&page=2",
        ]
    );
}

#[tokio::test]
async fn link_that_leads_back_ends_the_collection_with_an_error() {
    let service = service(&[&[1], &[2]], |number, address| {
        Some(format!("{address}/v1.0/things?page={}", 1.max(number)))
    })
    .await;
    let mut items = list(&service).items();
    assert_eq!(items.next().await.unwrap().unwrap(), 1);
    assert_eq!(items.next().await.unwrap().unwrap(), 2);
    let error = items.next().await.unwrap().unwrap_err();
    assert!(error.is_decode() && error.to_string().contains("next link"), "{error}");
    assert!(items.next().await.is_none());
    assert_eq!(service.seen().len(), 2);
}

#[tokio::test]
async fn link_to_another_host_gets_no_token() {
    let links: [fn(usize, &str) -> Option<String>; 4] = [
        |_, _| Some("https://evil.example/v1.0/things".to_owned()),
        |_, address| Some(address.replace("http:", "https:")),
        |_, address| Some(address.replace("127.0.0.1", "user@evil.example")),
        |_, _| Some("//evil.example/".to_owned()),
    ];
    for link in links {
        let service = service(&[&[1]], link).await;
        let credential = Counting::default();
        let client = service.client_with(credential.clone());
        let mut pages = msgraph_core::Path::root(&client, "things")
            .request::<Page<Value>>(&LIST)
            .pages();
        pages.next().await.unwrap().unwrap();
        let error = pages.next().await.unwrap().unwrap_err();
        assert!(error.is_untrusted_host() || error.is_invalid_request(), "{error}");
        assert!(pages.next().await.is_none());
        assert_eq!((credential.asked(), service.seen().len()), (1, 1));
    }
}

#[tokio::test]
async fn error_ends_the_collection() {
    let service = Service::start(|_| json(500, &json!({}))).await;
    let mut pages = list(&service).pages();
    assert!(pages.next().await.unwrap().is_err_and(|error| error.is_server_error()));
    assert!(pages.next().await.is_none());
    assert!(list(&service).all().await.is_err());
}

#[tokio::test]
async fn collection_is_continued_from_a_link() {
    let service = three().await;
    let mut pages = list(&service).header("Prefer", "x").pages();
    assert_eq!(pages.next_link(), None);
    pages.next().await.unwrap().unwrap();
    let link = pages.next_link().unwrap().to_owned();
    drop(pages);
    let rest = list(&service).header("Prefer", "x").continue_from(link);
    assert_eq!(rest.clone().all().await.unwrap(), [3]);
    assert_eq!(rest.await.unwrap().value, Vec::<Value>::new());
    assert!(service.seen().iter().all(|seen| seen.header("prefer") == Some("x")));
}

#[tokio::test]
async fn link_takes_no_further_options() {
    let service = three().await;
    let link = format!("{}/v1.0/things?page=1", service.address);
    let error = list(&service).continue_from(link).top(5).await.unwrap_err();
    assert!(
        error.is_invalid_request() && error.to_string().contains("$top"),
        "{error}"
    );
    assert_eq!(service.seen().len(), 0);
}

#[tokio::test]
async fn next_page_can_be_fetched_while_the_last_one_is_used() {
    let service = three().await;
    let mut items = list(&service).items().prefetch();
    assert_eq!(service.seen().len(), 0);
    assert_eq!(items.next().await.unwrap().unwrap(), 1);
    while service.seen().len() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(service.seen().len(), 2, "no more than one page is fetched ahead");
    assert_eq!(items.try_collect::<Vec<_>>().await.unwrap(), [2, 3]);
    assert_eq!(service.seen().len(), 3);
}
