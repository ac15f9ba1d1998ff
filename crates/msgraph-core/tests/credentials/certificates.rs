//! Certificates as the PEM files have them that openssl writes, and the assertions that their keys sign.

use std::time::Duration;

use msgraph_core::credential::{ClientCertificate, ClientCertificateCredential};
use msgraph_emulator::Emulator;
use zeroize::Zeroizing;

use crate::support::{ask, certificates, cloud_of, opens, pem, token_requests};

/// The emulator verifies with another JOSE library and other cryptography than those that sign here.
async fn emulator_with(der: &[u8]) -> Emulator {
    Emulator::builder()
        .client_certificate("app-1", der)
        .start()
        .await
        .unwrap()
}

fn credential(name: &str) -> ClientCertificateCredential {
    ClientCertificateCredential::new(
        "contoso.example",
        "app-1",
        ClientCertificate::from_pem(pem(name)).unwrap(),
    )
}

#[tokio::test]
async fn key_of_every_supported_kind_signs_in() {
    for name in ["rsa2048", "rsa2048-pkcs1", "rsa4096", "p256", "p256-pkcs8", "p384"] {
        let emulator = emulator_with(&certificates(&pem(name))[0]).await;
        let token = ask(&credential(name), &cloud_of(&emulator)).await;
        let token = token.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(opens(&token, &emulator).await, "{name}");
    }
}

#[tokio::test]
async fn ecdsa_signatures_of_every_length_verify() {
    let emulator = emulator_with(&certificates(&pem("p256"))[0]).await;
    // One in 128 has a half with a leading zero.
    for _ in 0..300 {
        ask(&credential("p256"), &cloud_of(&emulator)).await.unwrap();
    }
}

#[tokio::test]
async fn chain_goes_along_leaf_first_whatever_its_order_in_the_file() {
    let chain = pem("chain");
    let leaf = certificates(&chain).pop().unwrap();
    let emulator = emulator_with(&leaf).await;
    let certificate = ClientCertificate::from_pem(chain).unwrap();
    let credential = ClientCertificateCredential::with_chain("contoso.example", "app-1", certificate);
    ask(&credential, &cloud_of(&emulator)).await.unwrap();
}

#[tokio::test]
async fn key_and_certificate_in_der_sign_in() {
    use base64::Engine as _;
    let text = pem("rsa2048");
    let key = text.split("-----").nth(2).unwrap().lines().collect::<String>();
    let key = Zeroizing::new(base64::prelude::BASE64_STANDARD.decode(key).unwrap());
    let certificate = ClientCertificate::from_der(key, certificates(&text)).unwrap();
    let emulator = emulator_with(&certificates(&text)[0]).await;
    let credential = ClientCertificateCredential::new("contoso.example", "app-1", certificate);
    ask(&credential, &cloud_of(&emulator)).await.unwrap();
}

#[test]
fn thumbprint_is_the_sha256_of_the_certificate() {
    use sha2::Digest as _;
    let der = &certificates(&pem("rsa2048"))[0];
    let hash: String = sha2::Sha256::digest(der)
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    assert_eq!(ClientCertificate::from_pem(pem("rsa2048")).unwrap().thumbprint(), hash);
}

#[test]
fn file_that_cannot_sign_in_is_refused_with_a_reason() {
    let damaged = pem("rsa2048").replacen("MII", "M*I", 1);
    for (text, reason) in [
        (pem("encrypted"), "encrypted"),
        (pem("ed25519"), "use RSA"),
        (pem("rsa1024"), "2048 to 4096 bits"),
        (pem("mismatched"), "belongs to none"),
        (pem("key-only"), "no certificate"),
        (pem("certificate-only"), "no private key"),
        (damaged, "damaged"),
        (String::new(), "no private key"),
    ] {
        let error = ClientCertificate::from_pem(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[tokio::test]
async fn foreign_and_expired_certificates_are_refused_with_advice() {
    let emulator = emulator_with(&certificates(&pem("rsa4096"))[0]).await;
    let error = ask(&credential("rsa2048"), &cloud_of(&emulator)).await.unwrap_err();
    assert_eq!(error.aadsts(), Some(700_027));
    assert!(error.advice().unwrap().contains("on the application"), "{error}");
    assert!(error.correlation_id().is_some());

    let emulator = emulator_with(&certificates(&pem("expired"))[0]).await;
    let error = ask(&credential("expired"), &cloud_of(&emulator)).await.unwrap_err();
    assert!(error.message().contains("expired"), "{error}");
}

#[tokio::test]
async fn clocks_may_differ_by_five_minutes_either_way() {
    const MINUTE: Duration = Duration::from_secs(60);
    let der = certificates(&pem("p256")).remove(0);
    type Turn = fn(&Emulator, Duration);
    let (ahead, back): (Turn, Turn) = (Emulator::advance_clock, Emulator::turn_clock_back);
    for (turn, minutes, accepted) in [
        (ahead, 4, true),
        // Ten minutes of life and five of tolerance.
        (ahead, 14, true),
        (ahead, 16, false),
        (back, 4, true),
        (back, 6, false),
    ] {
        let emulator = emulator_with(&der).await;
        turn(&emulator, minutes * MINUTE);
        let token = ask(&credential("p256"), &cloud_of(&emulator)).await;
        assert_eq!(token.is_ok(), accepted, "{minutes}");
        if let Err(error) = token {
            assert_eq!(error.aadsts(), Some(700_024));
            assert!(error.advice().unwrap().contains("clock"));
        }
    }
}

#[tokio::test]
async fn assertion_is_made_anew_for_each_token() {
    let emulator = Emulator::builder()
        .client_certificate("app-1", &certificates(&pem("p256"))[0])
        .token_lifetime(Duration::ZERO)
        .start()
        .await
        .unwrap();
    let credential = credential("p256");
    ask(&credential, &cloud_of(&emulator)).await.unwrap();
    // Eleven minutes later the first one would be of no use even with both clocks right, were it kept.
    ask(&credential, &cloud_of(&emulator)).await.unwrap();
    assert_eq!(token_requests(&emulator).len(), 2);
}
