//! What comes first when several things are wrong, and that nothing later happens then.

use msgraph_core::odata::Value;
use msgraph_core::{Client, Cloud, Content, Error, Path, Request, RetryPolicy};

use crate::support::{CREATE, Counting, GET, Offline, PUT, Service};

fn client(cloud: Cloud, credential: &Counting, transport: &Offline) -> Client {
    Client::builder()
        .cloud(cloud)
        .credential(credential.clone())
        .transport(transport.clone())
        .retry(RetryPolicy::off())
        .build()
        .unwrap()
}

/// The error of a request that must get neither a token nor a connection.
async fn refused(cloud: Cloud, request: impl FnOnce(&Client) -> Request<Value>) -> Error {
    let (credential, transport) = (Counting::default(), Offline::default());
    let error = request(&client(cloud, &credential, &transport)).await.unwrap_err();
    assert_eq!((credential.asked(), transport.asked()), (0, 0), "{error}");
    error
}

#[tokio::test]
async fn impossible_request_is_refused_before_anything_else() {
    type Make = fn(&Client) -> Request<Value>;
    let cases: [(&str, Make); 9] = [
        ("\"\"", |client| Path::root(client, "things").key("").request(&GET)),
        ("\".\"", |client| Path::root(client, "things").key(".").request(&GET)),
        ("\"..\"", |client| {
            Path::root(client, "things").key("..").segment("x").request(&GET)
        }),
        ("\"appId\"", |client| {
            Path::root(client, "things").alternate_key("appId", "").request(&GET)
        }),
        ("a/../b", |client| {
            Path::root(client, "root").item_path("a/../b").request(&GET)
        }),
        ("Authorization", |client| {
            Path::root(client, "things")
                .request(&GET)
                .header("authorization", "Bearer x")
        }),
        ("bad name", |client| {
            Path::root(client, "things").request(&GET).header("bad name", "x")
        }),
        ("x-value", |client| {
            Path::root(client, "things").request(&GET).header("x-value", "a\nb")
        }),
        ("media type", |client| {
            Path::root(client, "things").request_content(&PUT, Content::new("a\nb", "x"))
        }),
    ];
    for (named, request) in cases {
        // Delos lacks the operation, which must not be said first.
        let error = refused(Cloud::Delos, request).await;
        assert!(
            error.is_invalid_request() && error.to_string().contains(named),
            "{named}: {error}"
        );
    }
}

#[tokio::test]
async fn first_problem_is_the_one_reported() {
    let error = refused(Cloud::Global, |client| {
        Path::root(client, "things")
            .key("..")
            .key("")
            .request(&GET)
            .header("bad name", "x")
    })
    .await;
    assert!(error.to_string().contains("\"..\""), "{error}");
}

#[tokio::test]
async fn body_that_cannot_be_json_is_refused() {
    let unwritable = std::collections::BTreeMap::from([((1, 2), 3)]);
    let error = refused(Cloud::Global, |client| {
        Path::root(client, "things").request_json(&CREATE, &unwritable)
    })
    .await;
    assert!(
        error.is_invalid_request() && error.to_string().contains("JSON"),
        "{error}"
    );
}

#[tokio::test]
async fn cloud_that_lacks_the_operation_is_named_with_those_that_have_it() {
    let error = refused(Cloud::UsGovL5, |client| {
        Path::root(client, "things").key("1").request(&GET)
    })
    .await;
    assert!(error.is_unavailable_in_cloud());
    assert_eq!(
        error.to_string(),
        "GET /things/{thing-id} was not sent: the cloud USGovL5 does not offer it, it exists in Global, China; \
         use a client of a cloud that has it, or call .even_if_unlisted() if you know better"
    );
}

#[tokio::test]
async fn cloud_check_can_be_overridden() {
    let (credential, transport) = (Counting::default(), Offline::default());
    let client = client(Cloud::UsGovL5, &credential, &transport);
    let request: Request<Value> = Path::root(&client, "things").key("1").request(&GET);
    let error = request.even_if_unlisted().await.unwrap_err();
    assert!(error.is_connection(), "{error}");
    assert_eq!((credential.asked(), transport.asked()), (1, 1));
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let service = Service::start(|_| "").await;
    let client = service.client_with(Counting::failing());
    let error = Path::root(&client, "things")
        .key("1")
        .request::<()>(&GET)
        .await
        .unwrap_err();
    assert!(error.is_authentication(), "{error}");
    assert!(error.to_string().contains("the card reader is empty"), "{error}");
    assert_eq!(service.seen().len(), 0);
}

#[test]
fn client_without_a_credential_is_not_built() {
    let error = Client::builder().build().unwrap_err();
    assert!(
        error.is_configuration() && error.to_string().contains("credential"),
        "{error}"
    );
}

#[test]
fn product_that_no_header_can_carry_is_refused() {
    let error = Client::builder()
        .credential(Counting::default())
        .user_agent("a\nb")
        .build()
        .unwrap_err();
    assert!(error.is_configuration(), "{error}");
}
