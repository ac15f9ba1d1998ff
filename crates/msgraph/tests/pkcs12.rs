//! `Pkcs12` against files that the openssl command line made; see tests/fixtures/pkcs12/README.md.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use msgraph::{Certificate, Pkcs12, Pkcs12Error, Pkcs12ErrorKind, Validity};
use msgraph_core::odata::Object;
use msgraph_models::Pkcs12Certificate;
use msgraph_models::parameters::IdentityApiConnectorUploadClientCertificate;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

static EXPECTED: LazyLock<Value> = LazyLock::new(|| {
    let text = fs::read_to_string(path("expected.json")).expect("the fixtures are there");
    serde_json::from_str(&text).expect("expected.json is JSON")
});

fn path(file: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../tests/fixtures/pkcs12", file]
        .iter()
        .collect()
}

fn bytes(file: &str) -> Vec<u8> {
    fs::read(path(file)).expect("the fixture is there")
}

/// A row of `files`: opening `file` with `password` gives what the row says.
#[derive(Clone, Debug)]
struct Attempt {
    file: &'static str,
    password: &'static str,
    row: &'static Value,
}

impl Attempt {
    fn all() -> impl Iterator<Item = Self> {
        EXPECTED["files"]
            .as_array()
            .expect("files is a list")
            .iter()
            .map(|row| Self {
                file: row["file"].as_str().expect("a name"),
                password: row["password"].as_str().expect("a password"),
                row,
            })
    }

    fn open(&self) -> Result<Pkcs12, Pkcs12Error> {
        Pkcs12::from_bytes(bytes(self.file), self.password)
    }

    fn opens(&self) -> bool {
        self.row["error"].is_null()
    }
}

#[test]
fn each_file_opens_or_fails_as_it_should() {
    for attempt in Attempt::all() {
        let Attempt { file, row, .. } = attempt;
        match attempt.open() {
            Ok(pfx) => {
                assert!(attempt.opens(), "{file} opened");
                assert_facts(pfx.certificate(), row["leaf"].as_str().expect("a leaf"));
                let contents = pfx.contents();
                assert!(contents.has_private_key(), "{file}");
                assert_eq!(contents.certificates().len(), row["certificates"], "{file}");
                assert_eq!(contents.encryption().to_string(), row["encryption"], "{file}");
            }
            Err(error) => {
                assert_eq!(format!("{:?}", error.kind()), row["error"], "{file}: {error}");
                let words = row["message"].as_str().expect("words of the message");
                assert!(error.to_string().contains(words), "{file}: {error}");
            }
        }
    }
}

fn assert_facts(certificate: &Certificate, name: &str) {
    let facts = &EXPECTED["certificates"][name];
    assert_eq!(certificate.thumbprint(), facts["thumbprint"]);
    assert_eq!(certificate.thumbprint_sha256(), facts["thumbprint_sha256"]);
    assert_eq!(certificate.subject(), facts["subject"]);
    assert_eq!(certificate.issuer(), facts["issuer"]);
    assert_eq!(certificate.serial_number(), facts["serial_number"]);
    assert_eq!(certificate.not_before().to_string(), facts["not_before"]);
    assert_eq!(certificate.not_after().to_string(), facts["not_after"]);
    assert_eq!(certificate.key_algorithm(), facts["key_algorithm"]);
}

#[test]
fn a_path_opens_as_its_bytes_do_and_is_named_in_errors() {
    for attempt in Attempt::all() {
        let path = path(attempt.file);
        match (Pkcs12::from_path(&path, attempt.password), attempt.open()) {
            (Ok(from_path), Ok(from_bytes)) => {
                assert_eq!(from_path.thumbprint(), from_bytes.thumbprint());
            }
            (Err(from_path), Err(from_bytes)) => {
                assert_eq!(from_path.path(), Some(path.as_path()));
                assert_eq!(from_path.to_string(), format!("{}: {from_bytes}", path.display()));
            }
            (from_path, from_bytes) => panic!("{from_path:?} but {from_bytes:?}"),
        }
    }
}

#[test]
fn a_missing_file_is_named_with_the_reason() {
    let path = path("no-such-file.pfx");
    let error = Pkcs12::from_path(&path, "").expect_err("there is no such file");
    assert_eq!(error.kind(), Pkcs12ErrorKind::Unreadable);
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    let reason = fs::read(&path).expect_err("there is no such file");
    assert!(error.to_string().ends_with(&reason.to_string()), "{error}");
}

#[test]
fn no_text_form_shows_the_password_or_the_bytes() {
    for attempt in Attempt::all() {
        let Attempt { file, password, .. } = attempt;
        let text = match attempt.open() {
            Ok(pfx) => {
                let text = format!("{pfx} {pfx:?} {pfx:#?} {:?} {:?}", pfx.contents(), pfx.to_base64());
                // openssl writes the thumbprint, which is public, into the file as the local key id.
                text.replace(&pfx.thumbprint(), "")
            }
            Err(error) => format!("{error} {error:?} {error:#?}"),
        };
        assert!(password.is_empty() || !text.contains(password), "{file}: {text}");
        let bytes = bytes(file);
        for part in bytes.chunks_exact(12) {
            let hex: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
            let list = format!("{part:?}");
            for spelling in [
                hex.to_uppercase(),
                hex,
                list.replace(['[', ']'], ""),
                BASE64_STANDARD.encode(part),
            ] {
                assert!(!text.contains(&spelling), "{file}: {spelling} in {text}");
            }
        }
    }
}

#[test]
fn the_base64_form_holds_the_exact_bytes_of_the_file() {
    for attempt in Attempt::all().filter(Attempt::opens) {
        let pfx = attempt.open().expect("it opens");
        let decoded = BASE64_STANDARD
            .decode(pfx.to_base64().expose())
            .expect("standard base64");
        assert_eq!(decoded, bytes(attempt.file), "{}", attempt.file);
    }
}

#[test]
fn the_upload_has_the_file_as_base64_and_always_a_password() -> serde_json::Result<()> {
    for attempt in Attempt::all().filter(Attempt::opens) {
        let Attempt { file, password, .. } = attempt;
        let pfx = attempt.open().expect("it opens");
        let expected = json!({"password": password, "pkcs12Value": BASE64_STANDARD.encode(bytes(file))});
        let authentication = Pkcs12Certificate::from(&pfx);
        assert_eq!(serde_json::to_value(&authentication)?, expected, "{file}");
        let body: Object<IdentityApiConnectorUploadClientCertificate> = pfx.into();
        assert_eq!(serde_json::to_value(&body)?, expected, "{file}");
        let text = format!("{body:?} {authentication:?}");
        assert!(password.is_empty() || !text.contains(password), "{file}: {text}");
    }
    Ok(())
}

#[test]
fn an_expired_certificate_can_still_be_inspected() {
    let contents = Pkcs12::inspect(&bytes("expired.pfx"), "marked-expired").expect("it can be inspected");
    assert!(contents.has_private_key());
    assert_facts(contents.certificate(), "expired");
    assert_eq!(contents.certificate().validity(), Validity::Expired);
    assert!(
        contents.certificate().to_string().ends_with("(expired)"),
        "{}",
        contents.certificate()
    );
}

#[test]
fn a_file_without_private_key_can_still_be_inspected() {
    let contents = Pkcs12::inspect(&bytes("no-private-key.pfx"), "marked-no-key").expect("it can be inspected");
    assert!(!contents.has_private_key());
    assert_facts(contents.certificate(), "rsa");
    assert_eq!(contents.encryption().key(), None);
}

#[test]
fn a_staged_certificate_is_welcome_and_says_that_it_is_not_valid_yet() {
    let pfx = Pkcs12::from_path(path("staged.pfx"), "marked-staged").expect("staged ahead");
    assert_eq!(pfx.validity(), Validity::NotYetValid);
    assert!(pfx.to_string().ends_with("(not valid yet)"), "{pfx}");
}

#[test]
fn both_ends_of_the_validity_belong_to_it() {
    let open = |file, password| {
        Pkcs12::inspect(&bytes(file), password)
            .expect("it opens")
            .certificate()
            .clone()
    };
    let (expired, valid) = (
        open("expired.pfx", "marked-expired"),
        open("aes256.pfx", "marked-aes256"),
    );
    assert_eq!(valid.validity_at(valid.not_before()), Validity::Valid);
    assert_eq!(valid.validity_at(valid.not_after()), Validity::Valid);
    assert_eq!(valid.validity_at(expired.not_after()), Validity::NotYetValid);
    assert_eq!(expired.validity_at(valid.not_before()), Validity::Expired);
}

#[test]
fn the_chain_leads_from_the_leaf_to_the_root_whatever_the_order_in_the_file() {
    for (file, password) in [("chain.pfx", "marked-chain"), ("leaf-last.pfx", "")] {
        let pfx = Pkcs12::from_path(path(file), password).expect("it opens");
        let subjects: Vec<_> = pfx.contents().certificates().iter().map(Certificate::subject).collect();
        let expected = [
            "CN=Connector chained,O=Contoso",
            "CN=Intermediate,O=Contoso",
            "CN=Root,O=Contoso",
        ];
        assert_eq!(subjects, expected, "{file}");
    }
}

#[test]
fn encryption_tells_aes_from_the_older_schemes() {
    for attempt in Attempt::all().filter(Attempt::opens) {
        let pfx = attempt.open().expect("it opens");
        let encryption = pfx.contents().encryption();
        assert_eq!(
            encryption.uses_aes(),
            encryption.to_string().contains("AES-"),
            "{}: {encryption}",
            attempt.file
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_that_was_cut_short_is_refused(row in select(opening()), length in any::<Index>()) {
        let whole = bytes(row.file);
        let part = &whole[..length.index(whole.len())];
        let error = Pkcs12::from_bytes(part, row.password).expect_err("a part of a file");
        prop_assert!(
            matches!(
                error.kind(),
                Pkcs12ErrorKind::Empty | Pkcs12ErrorKind::NotPkcs12 | Pkcs12ErrorKind::Corrupt
            ),
            "{error}"
        );
    }

    #[test]
    fn a_damaged_file_is_refused_or_harmless(
        row in select(opening()),
        flips in prop::collection::vec((any::<Index>(), 0..8u8), 1..4),
    ) {
        let mut damaged = bytes(row.file);
        for (place, bit) in flips {
            let place = place.index(damaged.len());
            damaged[place] ^= 1 << bit;
        }
        if let Ok(pfx) = Pkcs12::from_bytes(damaged, row.password)
            && pfx.contents().encryption().mac().is_some()
        {
            let leaf = row.row["leaf"].as_str().expect("a leaf");
            let thumbprint = &EXPECTED["certificates"][leaf]["thumbprint"];
            prop_assert_eq!(&pfx.thumbprint(), thumbprint, "the MAC proves the contents");
        }
    }
}

fn opening() -> Vec<Attempt> {
    Attempt::all().filter(Attempt::opens).collect()
}
