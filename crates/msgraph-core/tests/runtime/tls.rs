//! Connections over TLS.

use std::io::Read;
use std::net::TcpListener;

use msgraph_core::{Client, Cloud, CustomCloud, Path, RetryPolicy};

use crate::support::{Counting, GET, Service};

fn client(address: &str) -> Client {
    let cloud = Cloud::Custom(CustomCloud::new(address, address).unwrap());
    Client::builder()
        .cloud(cloud)
        .credential(Counting::default())
        .retry(RetryPolicy::off())
        .build()
        .unwrap()
}

#[tokio::test]
async fn https_to_a_port_without_tls_is_a_connection_error() {
    let service = Service::start(|_| "").await;
    let client = client(&service.address.replace("http:", "https:"));
    let error = Path::root(&client, "things").request::<()>(&GET).await.unwrap_err();
    assert!(error.is_connection(), "{error}");
    assert_eq!(service.seen().len(), 0);
}

#[tokio::test]
async fn http_2_is_offered_before_http_1() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = client(&format!("https://{}", listener.local_addr().unwrap()));
    let hello = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut hello = vec![0; 4096];
        let length = stream.read(&mut hello).unwrap();
        hello.truncate(length);
        hello
    });
    Path::root(&client, "things").request::<()>(&GET).await.unwrap_err();
    let hello = hello.join().unwrap();
    // The protocol names of RFC 7301, each after its length.
    assert!(
        hello.windows(12).any(|window| window == b"\x02h2\x08http/1.1"),
        "{hello:?}"
    );
}
