//! Applications that sign in with a PKCS#12 file, against the local Graph.

use msgraph::credential::{ClientCertificate, ClientCertificateCredential};
use msgraph::{Cloud, CustomCloud, GraphClient, Pkcs12};
use msgraph_emulator::Emulator;

fn fixture(name: &str) -> Pkcs12 {
    let path = format!("{}/../../tests/fixtures/pkcs12/{name}.pfx", env!("CARGO_MANIFEST_DIR"));
    let password = if name == "unencrypted" {
        String::new()
    } else {
        format!("marked-{name}")
    };
    Pkcs12::from_path(path, password).unwrap()
}

#[tokio::test]
async fn key_of_a_pkcs12_file_signs_in() {
    for name in [
        "aes256",
        "aes128",
        "legacy",
        "3des",
        "ec",
        "chain",
        "unencrypted",
        "leaf-last",
        "several-keys",
        "ber",
    ] {
        let pfx = fixture(name);
        let emulator = Emulator::builder()
            .client_certificate("app-1", pfx.certificate().der())
            .start()
            .await
            .unwrap();
        let certificate = ClientCertificate::try_from(&pfx).unwrap_or_else(|error| panic!("{name}: {error}"));
        let cloud = Cloud::Custom(CustomCloud::new(emulator.url(), emulator.url()).unwrap());
        let graph = GraphClient::builder()
            .cloud(cloud)
            .credential(ClientCertificateCredential::with_chain(
                "contoso.example",
                "app-1",
                certificate,
            ))
            .build()
            .unwrap();
        let applications = graph.applications().list().await;
        applications.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn key_that_signs_no_assertion_is_refused() {
    let error = ClientCertificate::try_from(&fixture("ed25519")).unwrap_err();
    assert!(error.to_string().contains("use RSA"), "{error}");
}
