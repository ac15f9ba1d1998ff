//! The emulator as a program.

use std::{io, net::SocketAddr, process::ExitCode, time::Duration};

use clap::Parser;
use msgraph_emulator::{Emulator, ReceivedRequest};

/// A local Microsoft Graph for tests and demonstrations
#[derive(Parser)]
#[command(version, after_help = NOTES)]
struct Options {
    /// Address to serve on; port 0 takes a free port
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8765")]
    listen: SocketAddr,

    /// How long a token is valid
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    token_lifetime: u64,

    /// Accept only this client (repeatable) [default: any id with any secret]
    #[arg(long = "client", value_name = "ID=SECRET", value_parser = parse_client)]
    clients: Vec<(String, String)>,

    /// Do not report requests on standard error
    #[arg(long, short)]
    quiet: bool,
}

const NOTES: &str = "\
Serves Microsoft Entra's token endpoint and part of Graph v1.0 over plain HTTP: API connectors,
user flows, applications and service principals with their certificates and passwords.
Nothing is written to disk; every start begins empty. Ctrl-C ends it.

Try it:
  token=$(curl -s http://127.0.0.1:8765/contoso/oauth2/v2.0/token \\
    -d grant_type=client_credentials -d client_id=me -d client_secret=anything \\
    -d scope=https://graph.microsoft.com/.default | jq -r .access_token)
  curl -H \"Authorization: Bearer $token\" http://127.0.0.1:8765/v1.0/applications";

fn parse_client(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((id, secret)) if !id.is_empty() && !secret.is_empty() => Ok((id.to_owned(), secret.to_owned())),
        _ => Err("write it as ID=SECRET".to_owned()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options) -> Result<(), String> {
    let mut builder = Emulator::builder()
        .listen(options.listen)
        .token_lifetime(Duration::from_secs(options.token_lifetime));
    for (id, secret) in options.clients {
        builder = builder.client(id, secret);
    }
    if !options.quiet {
        builder = builder.on_request(report);
    }
    // Before anyone can know that it is time to send a signal.
    let asked_to_stop = stop_signal().map_err(|error| format!("cannot handle signals: {error}"))?;
    let emulator = builder
        .start()
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", options.listen))?;
    println!("listening on {}", emulator.url());
    asked_to_stop.await;
    emulator.shutdown().await;
    Ok(())
}

fn report(request: &ReceivedRequest) {
    eprintln!("{} {:6} {}", request.status, request.method, request.path);
}

/// A future that ends at Ctrl-C or SIGTERM; the signals are caught from the call on.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// A future that ends at Ctrl-C; the signal is caught from the call on.
#[cfg(windows)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        // `None` cannot come while the handler is installed.
        let _ = interrupt.recv().await;
    })
}
