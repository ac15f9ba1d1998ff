//! Clients for the tests.

use std::path::PathBuf;

use msgraph::credential::{ClientSecretCredential, FixedTokenCredential};
use msgraph::{Cloud, CustomCloud, GraphClient, Pkcs12};
use msgraph_emulator::Emulator;
use msgraph_tests::Recorder;

/// Secrets that no output may contain.
pub(crate) const TOKEN: &str = "marked-token";

/// A client whose cloud is the recorder, signed in already.
pub(crate) fn graph_on(recorder: &Recorder) -> GraphClient {
    let cloud = CustomCloud::new(recorder.url(), recorder.url()).expect("loopback is a fine place for a cloud");
    GraphClient::builder()
        .cloud(Cloud::Custom(cloud))
        .credential(FixedTokenCredential::new(TOKEN))
        .build()
        .expect("a client with a credential")
}

/// A client of a local Graph that signs in with a client secret.
pub(crate) fn graph_at(local: &Emulator) -> GraphClient {
    let cloud =
        CustomCloud::new(local.graph_endpoint(), local.authority()).expect("loopback is a fine place for a cloud");
    GraphClient::builder()
        .cloud(Cloud::Custom(cloud))
        .credential(ClientSecretCredential::new(
            "contoso.example",
            "client",
            "marked-secret",
        ))
        .build()
        .expect("a client with a credential")
}

/// Where a fixture lies.
pub(crate) fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "fixtures", "pkcs12", name]
        .iter()
        .collect()
}

/// A fixture with its password.
pub(crate) fn pfx() -> Pkcs12 {
    Pkcs12::from_path(fixture("aes256.pfx"), "marked-aes256").expect("the fixture opens")
}
