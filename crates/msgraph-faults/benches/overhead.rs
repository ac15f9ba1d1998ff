//! Calls per second through msgraph, against the HTTP library alone, with the same time limit, on the same server.
//!
//! Rounds of both alternate, so that whatever else the machine does befalls both; each ratio is that of two neighbours, and
//! the median of the ratios is the result.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures_util::StreamExt as _;
use msgraph_core::credential::{AccessToken, Credential, Obtaining, TokenRequest};
use msgraph_core::odata::Value;
use msgraph_core::{Client, Cloud, CloudSet, CustomCloud, Method, Operation, Path, Permissions};
use msgraph_faults::{FaultServer, Reply};

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

const TOKEN: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9";
const ROUNDS: usize = 15;
const CALLS: usize = 4000;

static GET_USER: Operation = Operation {
    method: Method::Get,
    path: "/users/{user-id}",
    clouds: CloudSet::ALL,
    permissions: &Permissions::UNKNOWN,
    documentation: None,
};

/// A token from memory.
#[derive(Debug)]
struct Kept;

impl Credential for Kept {
    fn token<'a>(&'a self, _request: TokenRequest<'a>) -> Obtaining<'a> {
        let token = AccessToken::new(TOKEN, SystemTime::now() + Duration::from_secs(3600));
        Box::pin(std::future::ready(Ok(token)))
    }
}

/// A user as the service sends it, about one kilobyte.
fn user() -> String {
    let phones = vec![serde_json::json!("+1 425 555 0100"); 10];
    serde_json::json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users/$entity",
        "id": "87d349ed-44d7-43e1-9a83-5f2406dee5bd",
        "businessPhones": phones,
        "displayName": "Adele Vance",
        "givenName": "Adele",
        "jobTitle": "Product Marketing Manager",
        "mail": "AdeleV@contoso.example",
        "mobilePhone": null,
        "officeLocation": "18/2111",
        "aboutMe": "x".repeat(500),
        "userPrincipalName": "AdeleV@contoso.example",
    })
    .to_string()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    // The service has a runtime of its own, as a real one has.
    let service = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let answer = Reply::new(200).body(user());
    let server = service.spawn(FaultServer::start(move |_| answer.clone())).await??;
    let cloud = Cloud::Custom(CustomCloud::new(&server.url(), &server.url())?);
    let through = Client::builder().cloud(cloud).credential(Kept).build()?;
    // The library wants to know the cryptography even where it needs none.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let without = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(100))
        .build()?;
    let url: Arc<str> = format!("{}/v1.0/users/adele", server.url()).into();

    for at_once in [1, 16] {
        let mut ratios = Vec::new();
        let (mut best_through, mut best_without) = (0.0_f64, 0.0_f64);
        for round in 0..=ROUNDS {
            let bare = rate(at_once, || get_without(without.clone(), Arc::clone(&url))).await?;
            let sdk = rate(at_once, || get_through(through.clone())).await?;
            // The first round warms up.
            if round > 0 {
                ratios.push(sdk / bare);
                best_through = best_through.max(sdk);
                best_without = best_without.max(bare);
            }
        }
        ratios.sort_by(f64::total_cmp);
        println!("at once {at_once}: msgraph {best_through:.0}/s, reqwest + serde_json {best_without:.0}/s");
        println!("at once {at_once}: ratio={:.3}", ratios[ratios.len() / 2]);
    }
    service.shutdown_background();
    Ok(())
}

async fn get_through(client: Client) -> Result<Value> {
    Ok(Path::root(&client, "users")
        .key("adele")
        .request::<Value>(&GET_USER)
        .await?)
}

async fn get_without(client: reqwest::Client, url: Arc<str>) -> Result<Value> {
    let answer = client.get(&*url).bearer_auth(TOKEN).send().await?.error_for_status()?;
    Ok(serde_json::from_slice(&answer.bytes().await?)?)
}

/// Calls per second.
async fn rate<F: Future<Output = Result<Value>> + Send + 'static>(at_once: usize, call: impl Fn() -> F) -> Result<f64> {
    let start = Instant::now();
    let mut calls = futures_util::stream::iter(0..CALLS)
        .map(|_| tokio::spawn(call()))
        .buffer_unordered(at_once);
    while let Some(answer) = calls.next().await {
        let user = answer??;
        if user["displayName"] != "Adele Vance" {
            return Err("another answer than was sent".into());
        }
    }
    Ok(CALLS as f64 / start.elapsed().as_secs_f64())
}
