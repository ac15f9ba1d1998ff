//! Compiles the code that is generated for the fixtures, and uses it.

// Generated operations name the crate of types; here both are modules of this one.
extern crate self as msgraph_models;

#[path = "../../../msgraph-client/src/body.rs"]
mod body;
#[rustfmt::skip]
#[expect(unreachable_pub, reason = "a test has no public interface")]
mod operations;
#[rustfmt::skip]
mod types;

use msgraph_core::odata::{Object, Prop, verify_table};
use msgraph_core::{Client, Request, credential::FixedTokenCredential};
pub use types::*;

/// Where generated navigation starts.
pub struct GraphClient(Client);

impl GraphClient {
    fn client(&self) -> &Client {
        &self.0
    }
}

fn graph() -> GraphClient {
    let client = Client::builder().credential(FixedTokenCredential::new("token")).build();
    GraphClient(client.expect("a client"))
}

#[track_caller]
fn check<D>(request: &Request<D>, expected: &str) {
    let body = request.body().map(|body| format!(" {}", String::from_utf8_lossy(body)));
    let url = request.url().replace("https://graph.microsoft.com/v1.0", "");
    assert_eq!(
        format!("{} {url}{}", request.method(), body.unwrap_or_default()),
        expected
    );
}

#[test]
fn navigation_spells_every_kind_of_segment() {
    let animals = graph().animals();
    check(&animals.list(), "GET /animals");
    check(&animals.by_id("a/b").get(), "GET /animals/a%2Fb");
    check(&animals.by_tag("it's").get(), "GET /animals(tag='it''s')");
    check(
        &animals.by_id(1).friends().as_dog().list(),
        "GET /animals/1/friends/graph.dog",
    );
    check(&animals.by_id(1).friends().count(), "GET /animals/1/friends/$count");
    check(
        &animals.by_id(1).home().root().by_path("a b/c").rooms().list(),
        "GET /animals/1/home/root:/a%20b/c:/rooms",
    );
    check(&animals.item("x").wake(), "POST /animals/item(name='x')/wake");
}

#[test]
fn functions_are_told_apart_and_take_typed_arguments() {
    let animals = graph().animals();
    check(&animals.delta(), "GET /animals/delta()");
    check(
        &animals.delta_with_token("latest"),
        "GET /animals/delta(token='latest')",
    );
    let since = "2026-01-02T03:04:05Z".parse().expect("a time");
    check(
        &animals.born(since, Mood::VeryHappy, &["a"], 7),
        "GET /animals/born(since=2026-01-02T03:04:05Z,mood='veryHappy',names=%5B%22a%22%5D,first=7)",
    );
}

#[test]
fn bodies_are_taken_by_value_and_by_reference() {
    let animals = graph().animals();
    let animal = Animal::build(|animal| animal.r#type = "cat".into());
    check(&animals.create(&animal), r#"POST /animals {"type":"cat"}"#);
    check(&animals.by_id(1).update(animal), r#"PATCH /animals/1 {"type":"cat"}"#);
    check(
        &animals.by_id(1).nicknames().create("Tom"),
        r#"POST /animals/1/nicknames {"value":"Tom"}"#,
    );
    let names = ["Tom".to_owned(), "Cat".to_owned()];
    check(
        &animals.by_id(1).nicknames().replace(&names),
        r#"PUT /animals/1/nicknames {"value":["Tom","Cat"]}"#,
    );
}

#[test]
fn relations_take_an_id_or_an_address() {
    let friends = graph().animals().by_id(1).friends();
    for (target, address) in [
        ("2", "https://graph.microsoft.com/v1.0/directoryObjects/2"),
        ("/animals/2", "https://graph.microsoft.com/v1.0/animals/2"),
        (
            "https://graph.microsoft.com/v1.0/animals/2",
            "https://graph.microsoft.com/v1.0/animals/2",
        ),
    ] {
        check(
            &friends.add_ref(target),
            &format!(r#"POST /animals/1/friends/$ref {{"@odata.id":"{address}"}}"#),
        );
    }
    check(&friends.by_id(2).remove_ref(), "DELETE /animals/1/friends/2/$ref");
    let removal = friends.remove_ref("/animals/2").url();
    assert!(removal.contains("/friends/$ref?$id=https:"), "{removal}");
}

#[test]
fn required_parameters_are_arguments_in_the_order_of_the_document() {
    let feed = parameters::AnimalFeed::new("FOOD=fish", "keeper").amount(3);
    check(
        &graph().animals().by_id(1).feed(feed),
        r#"POST /animals/1/feed {"amount":3,"by":"keeper","food":"FOOD=fish"}"#,
    );
    let water = parameters::PlantWater::new().litres(2).kind(Prop::Null);
    check(
        &graph().plants().by_id(1).water(water),
        r#"POST /plants/1/microsoft.graph.water {"kind":null,"litres":2}"#,
    );
}

#[test]
fn tables_of_the_fixtures_hold() {
    verify_table(|| Box::new(Animal::default())).expect("animal");
    verify_table(|| Box::new(Dog::default())).expect("dog");
    verify_table(|| Box::new(security::Collar::default())).expect("collar");
    let dog: Object<props::Dog> = serde_json::from_str(r#"{"tricks": ["sit"], "legs": 4}"#).expect("a dog");
    assert_eq!(dog.upcast::<props::Animal>().legs, Prop::Value(4));
    assert_eq!(operations::catalogue::OPERATIONS.len(), 26);
}
