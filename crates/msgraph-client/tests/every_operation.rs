//! Builds every operation of the catalogue through the navigation that leads to it, and compares the request with
//! the operation's template. Nothing is sent.

#[rustfmt::skip]
mod generated;

use std::collections::BTreeSet;

use msgraph_client::{GraphClient, catalogue};
use msgraph_core::credential::FixedTokenCredential;
use msgraph_core::{Operation, Request};

/// What the placeholders must become, and the call that makes the request.
type Row = (&'static [&'static str], fn(&GraphClient) -> Probe);

/// What is compared of a request.
struct Probe {
    operation: &'static Operation,
    url: String,
}

fn probe<D>(request: &Request<D>) -> Probe {
    Probe {
        operation: request.operation(),
        url: request.url(),
    }
}

/// A template whose placeholders are replaced in order.
fn filled(template: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        filled.push_str(values.next().copied().unwrap_or("<no value>"));
        rest = behind.split_once('}').map_or("<no brace>", |(_, rest)| rest);
    }
    assert_eq!(values.next(), None, "more values than placeholders in {template}");
    filled + rest
}

fn graph() -> GraphClient {
    GraphClient::builder()
        .credential(FixedTokenCredential::new("token"))
        .build()
        .expect("a client")
}

fn rows() -> impl Iterator<Item = &'static Row> {
    generated::AREAS.iter().copied().flatten()
}

#[test]
fn every_request_has_the_address_of_its_template() {
    let graph = graph();
    let mut wrong = Vec::new();
    for (values, request) in rows() {
        let Probe { operation, url } = request(&graph);
        let expected = format!("https://graph.microsoft.com/v1.0{}", filled(operation.path, values));
        let address = url.split_once('?').map_or(url.as_str(), |(address, _)| address);
        if address != expected {
            wrong.push(format!("{operation}\n  is    {address}\n  wants {expected}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} requests differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_catalogue_lists_what_navigation_reaches_and_nothing_else() {
    let graph = graph();
    let reached: BTreeSet<String> = rows()
        .map(|(_, request)| request(&graph).operation.to_string())
        .collect();
    let listed: BTreeSet<String> = catalogue::OPERATIONS.iter().map(ToString::to_string).collect();
    assert_eq!(
        listed.len(),
        catalogue::OPERATIONS.len(),
        "an operation is listed twice"
    );
    assert_eq!(reached, listed);
    assert!(listed.contains("POST /servicePrincipals/{servicePrincipal-id}/addTokenSigningCertificate"));
}

#[test]
fn the_catalogue_is_in_the_order_of_path_and_method() {
    let keys: Vec<_> = catalogue::OPERATIONS
        .iter()
        .map(|operation| (operation.path, operation.method.as_str()))
        .collect();
    assert!(keys.is_sorted(), "regenerate the catalogue");
}
