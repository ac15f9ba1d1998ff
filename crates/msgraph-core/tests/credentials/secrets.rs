//! Nothing that is printed, logged or lies in plain text holds a secret.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, OnceLock};

use msgraph_core::credential::{
    ChainedCredential, ClientAssertionCredential, ClientAuthentication, ClientCertificate, ClientCertificateCredential,
    ClientSecretCredential, Credential, DeviceCodeCredential, InteractiveBrowserCredential, OnBehalfOfCredential,
    PersistentCache, RefreshTokenCredential, WorkloadIdentityCredential,
};
use serde_json::json;

use crate::support::{ECHO, ask, cloud_at, json, pem, scripted};

/// Every secret of these tests has it in its text.
const MARK: &str = "hunter2";

/// Everything that any library logs in this process.
static LOGGED: OnceLock<Arc<Mutex<String>>> = OnceLock::new();

struct Logger(Arc<Mutex<String>>);

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &log::Record<'_>) {
        self.0
            .lock()
            .unwrap()
            .push_str(&format!("{} {}\n", record.target(), record.args()));
    }
    fn flush(&self) {}
}

fn logged() -> &'static Arc<Mutex<String>> {
    LOGGED.get_or_init(|| {
        let text = Arc::<Mutex<String>>::default();
        log::set_boxed_logger(Box::new(Logger(Arc::clone(&text)))).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        text
    })
}

fn credentials(cache: &PersistentCache, directory: &std::path::Path) -> Vec<Box<dyn Credential>> {
    let file = directory.join("federated");
    std::fs::write(&file, "federated-hunter2").unwrap();
    let certificate = ClientCertificate::from_pem(pem("p256")).unwrap();
    let secret = || ClientAuthentication::secret("secret-hunter2");
    let open = |url: &str| {
        let url = url::Url::parse(url).unwrap();
        let value = |wanted: &str| {
            url.query_pairs()
                .find(|(name, _)| name == wanted)
                .unwrap()
                .1
                .into_owned()
        };
        let back = format!("{}?code=code-hunter2&state={}", value("redirect_uri"), value("state"));
        tokio::spawn(async move {
            use msgraph_core::transport::Transport as _;
            let get = http::Request::get(back).body(bytes::Bytes::new()).unwrap();
            let http = msgraph_core::transport::HttpTransport::new();
            http.send(get, std::time::Duration::from_secs(30)).await.unwrap();
        });
        Ok(())
    };
    vec![
        Box::new(ClientSecretCredential::new("t", "app-1", "secret-hunter2").with_cache(cache.clone())),
        Box::new(ClientCertificateCredential::new("t", "app-2", certificate.clone()).with_cache(cache.clone())),
        Box::new(ClientAssertionCredential::new("t", "app-3", |_| async {
            Ok("assertion-hunter2".into())
        })),
        Box::new(WorkloadIdentityCredential::new("t", "app-4", file)),
        Box::new(RefreshTokenCredential::new("t", "app-5", secret(), "refresh-hunter2")),
        Box::new(OnBehalfOfCredential::new("t", "app-6", secret(), "caller-hunter2")),
        Box::new(DeviceCodeCredential::new("t", "app-7", |_| {}).with_cache(cache.clone())),
        Box::new(InteractiveBrowserCredential::new("t", "app-8", open).with_cache(cache.clone())),
        Box::new(ChainedCredential::new().or("secret", ClientSecretCredential::new("t", "app-9", "secret-hunter2"))),
        Box::new(ClientCertificateCredential::with_chain("t", "app-10", certificate)),
    ]
}

#[track_caller]
fn check(what: &str, text: &str) {
    assert!(!text.contains(MARK), "{what}: {text}");
    // The private key of the certificate, in any form that PEM has it.
    assert!(!text.contains("PRIVATE KEY"), "{what}: {text}");
}

fn printed(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

#[tokio::test]
async fn no_secret_is_seen_whether_signing_in_works_or_not() {
    let log = logged();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tokens");
    let tokens = json!({
        "access_token": "access-hunter2", "refresh_token": "refreshed-hunter2", "id_token": "id-hunter2", "expires_in": 3600,
    });
    let garbage = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 14\r\n\r\n{\"x\":\"hunter2\"".to_owned();
    for answer in [json(200, &tokens), ECHO.to_owned(), garbage] {
        let (address, seen) = scripted(vec![answer]).await;
        let cloud = cloud_at(&address);
        let cache = PersistentCache::at(&path);
        for credential in credentials(&cache, directory.path()) {
            match ask(&credential, &cloud).await {
                Ok(token) => {
                    assert!(token.token.expose().contains(MARK));
                    check("token", &printed(&token));
                }
                Err(error) => {
                    let mut cause: Option<&dyn std::error::Error> = Some(&error);
                    while let Some(error) = cause {
                        check("error", &format!("{error} {}", printed(&error)));
                        cause = error.source();
                    }
                    check("error", &printed(&error.advice()));
                }
            }
            check("credential", &printed(&credential));
        }
        let seen = seen.lock().unwrap();
        for sent in ["secret", "assertion", "federated", "refresh", "caller"] {
            assert!(
                seen.iter().any(|request| request.contains(&format!("{sent}-hunter2"))),
                "{sent}"
            );
        }
        check("cache", &printed(&cache));
    }
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "federated" {
            check("file", &String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()));
        }
    }
    assert!(std::fs::metadata(&path).unwrap().len() > 100);
    let log = log.lock().unwrap();
    assert!(
        log.contains("reqwest"),
        "nothing was logged, so that nothing was checked"
    );
    check("log", &log);
}
