//! What gathering concurrent reads into batches gains.
//!
//! The service answers every HTTP request, be it one read or a batch, after the same time. Both ways have the same number of
//! HTTP requests in flight: those that the client allows batches, 4.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use axum::Json;
use axum::extract::Request;
use axum::routing::{get, post};
use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};
use msgraph_core::credential::FixedTokenCredential;
use msgraph_core::odata::Value;
use msgraph_core::{Client, Cloud, CloudSet, CustomCloud, Method, Operation, Path, Permissions};
use serde_json::json;
use tokio::runtime::Runtime;

/// The HTTP requests that both ways have in flight at once; the client has as many batches.
const IN_FLIGHT: usize = 4;

static READ: Operation = Operation {
    method: Method::Get,
    path: "/users/{user-id}",
    clouds: CloudSet::ALL,
    permissions: &Permissions::UNKNOWN,
    documentation: None,
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Reads each way
    #[arg(long, default_value_t = 1000)]
    reads: usize,
    /// Milliseconds until the service answers
    #[arg(long, default_value_t = 20)]
    latency: u64,
    /// The least ratio that is a success
    #[arg(long, default_value_t = 8.0)]
    least: f64,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    // The service has threads of its own, so that it is as good as elsewhere.
    let service = Runtime::new()?;
    let address = service.block_on(serve(Duration::from_millis(arguments.latency)))?;
    let client = Client::builder()
        .cloud(Cloud::Custom(CustomCloud::new(&address, &address)?))
        .credential(FixedTokenCredential::new("token"))
        .build()?;
    let reads = arguments.reads;
    let runtime = Runtime::new()?;
    // Connections are made beforehand.
    runtime.block_on(read(&client, 2 * IN_FLIGHT, IN_FLIGHT))?;
    let one_by_one = runtime.block_on(read(&client, reads, IN_FLIGHT))?;
    let gathered = runtime.block_on(read(&client.auto_batch(), reads, reads))?;
    let ratio = one_by_one.as_secs_f64() / gathered.as_secs_f64();
    println!(
        "{reads} reads, {} ms of latency, {IN_FLIGHT} HTTP requests in flight",
        arguments.latency
    );
    println!("one by one {:.3} s", one_by_one.as_secs_f64());
    println!("gathered   {:.3} s", gathered.as_secs_f64());
    println!("ratio      {ratio:.1}");
    ensure!(ratio >= arguments.least, "less than {} times as fast", arguments.least);
    Ok(())
}

/// The time for reads of which so many are under way at once.
async fn read(client: &Client, reads: usize, at_once: usize) -> anyhow::Result<Duration> {
    let begin = Instant::now();
    let calls = stream::iter(0..reads).map(|id| {
        let user = Path::root(client, "users").key(id).request::<Value>(&READ);
        let call = tokio::spawn(user.into_future());
        async move {
            let user = call.await??;
            ensure!(
                user["id"] == json!(id.to_string()),
                "another user was asked for: {user}"
            );
            anyhow::Ok(())
        }
    });
    calls.buffer_unordered(at_once).try_collect::<Vec<_>>().await?;
    Ok(begin.elapsed())
}

async fn serve(latency: Duration) -> anyhow::Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let user = |path: &str| json!({"id": path.rsplit('/').next(), "displayName": "Adele Vance"});
    let one = move |request: Request| async move {
        tokio::time::sleep(latency).await;
        Json(user(request.uri().path()))
    };
    let batch = move |Json(batch): Json<Value>| async move {
        tokio::time::sleep(latency).await;
        let answers = batch["requests"].as_array().into_iter().flatten().map(|request| {
            let url = request["url"].as_str().unwrap_or_default();
            json!({"id": request["id"], "status": 200, "body": user(url)})
        });
        Json(json!({"responses": answers.collect::<Vec<_>>()}))
    };
    let app = axum::Router::new()
        .route("/v1.0/$batch", post(batch))
        .route("/v1.0/users/{id}", get(one));
    tokio::spawn(async move { axum::serve(listener, app).await.context("the service ended") });
    Ok(address)
}
