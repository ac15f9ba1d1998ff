//! The token cache on disk.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use msgraph_core::credential::{ClientSecretCredential, DeviceCodeCredential, PersistentCache, TenantCredential};
use msgraph_emulator::Emulator;

use crate::support::{Elsewhere, ask, ask_over, cloud_at, cloud_of, field, token_requests};

fn application(cache: &PersistentCache) -> ClientSecretCredential {
    ClientSecretCredential::new("contoso.example", "app-1", "secret").with_cache(cache.clone())
}

fn beside(path: &Path, ending: &str) -> std::path::PathBuf {
    format!("{}{ending}", path.display()).into()
}

#[tokio::test]
async fn next_run_need_not_ask() {
    let emulator = Emulator::start().await.unwrap();
    let (directory, cloud) = (tempfile::tempdir().unwrap(), cloud_of(&emulator));
    let path = directory.path().join("deep/er/tokens");
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let cache = PersistentCache::at(&path);
        tokens.push(ask(&application(&cache), &cloud).await.unwrap());
        assert_eq!(cache.problem(), None);
    }
    assert!(tokens.iter().all(|token| token.token == tokens[0].token));
    assert_eq!(token_requests(&emulator).len(), 1);
    PersistentCache::at(&path).clear().unwrap();
    ask(&application(&PersistentCache::at(&path)), &cloud).await.unwrap();
    assert_eq!(token_requests(&emulator).len(), 2);
}

#[tokio::test]
async fn another_secret_or_tenant_does_not_get_the_token_of_the_first() {
    let emulator = Emulator::start().await.unwrap();
    let (directory, cloud) = (tempfile::tempdir().unwrap(), cloud_of(&emulator));
    let cache = PersistentCache::at(directory.path().join("tokens"));
    ask(&application(&cache), &cloud).await.unwrap();
    let other = ClientSecretCredential::new("contoso.example", "app-2", "secret").with_cache(cache.clone());
    ask(&other, &cloud).await.unwrap();
    ask(&TenantCredential::new(application(&cache), "fabrikam.example"), &cloud)
        .await
        .unwrap();
    assert_eq!(token_requests(&emulator).len(), 3);
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let emulator = Emulator::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let cache = PersistentCache::at(directory.path().join("tokens"));
    ask(&application(&cache), &cloud_of(&emulator)).await.unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{entry:?}"
        );
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["tokens", "tokens.key", "tokens.lock"]);
}

#[tokio::test]
async fn damaged_or_foreign_file_is_set_aside() {
    let emulator = Emulator::start().await.unwrap();
    let (directory, cloud) = (tempfile::tempdir().unwrap(), cloud_of(&emulator));
    let path = directory.path().join("tokens");
    let cache = || PersistentCache::at(&path);
    ask(&application(&cache()), &cloud).await.unwrap();
    let whole = fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let key = beside(&path, ".key");
    let foreign = || fs::write(&key, [7; 32]).unwrap();
    let short = || fs::write(&key, [7; 3]).unwrap();
    let nothing = || ();
    let changes: [(Vec<u8>, &dyn Fn()); 7] = [
        (Vec::new(), &nothing),
        (b"something else".to_vec(), &nothing),
        (whole[..40].to_vec(), &nothing),
        (flipped, &nothing),
        (br#"{"access_tokens":{}}"#.to_vec(), &nothing),
        (whole.clone(), &foreign),
        (whole.clone(), &short),
    ];
    for (asked, (bytes, change)) in changes.into_iter().enumerate() {
        fs::write(&path, &bytes).unwrap();
        change();
        for _ in 0..2 {
            let cache = cache();
            ask(&application(&cache), &cloud).await.unwrap();
            assert_eq!(cache.problem(), None);
        }
        assert_eq!(token_requests(&emulator).len(), asked + 2);
        assert_eq!(fs::read(beside(&path, ".unreadable")).unwrap(), bytes);
    }
}

#[tokio::test]
async fn cache_that_cannot_be_written_does_not_stop_anybody() {
    let emulator = Emulator::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("file"), "").unwrap();
    let cache = PersistentCache::at(directory.path().join("file/tokens"));
    let credential = application(&cache);
    for _ in 0..2 {
        ask(&credential, &cloud_of(&emulator)).await.unwrap();
    }
    assert_eq!(token_requests(&emulator).len(), 1);
    assert!(cache.problem().is_some());
}

#[tokio::test(start_paused = true)]
async fn user_need_not_sign_in_again_in_the_next_run() {
    let (transport, emulator) = Elsewhere::start();
    let directory = tempfile::tempdir().unwrap();
    let shown = Arc::new(AtomicUsize::new(0));
    let cloud = cloud_of(&emulator.0);
    let run = || {
        let (shown, user) = (Arc::clone(&shown), Arc::clone(&emulator));
        DeviceCodeCredential::new("contoso.example", "app-1", move |prompt| {
            shown.fetch_add(1, Ordering::SeqCst);
            assert!(user.0.approve_device(&prompt.user_code));
        })
        .with_cache(PersistentCache::at(directory.path().join("tokens")))
    };
    ask_over(&transport, &run(), &cloud).await.unwrap();
    ask_over(&transport, &run(), &cloud).await.unwrap();
    assert_eq!(token_requests(&emulator.0).len(), 1);
    // Another tenant has no access token yet, but the same user.
    ask_over(&transport, &TenantCredential::new(run(), "fabrikam.example"), &cloud)
        .await
        .unwrap();
    let grant = |request| field(request, "grant_type").to_owned();
    assert_eq!(
        token_requests(&emulator.0).last().map(grant).as_deref(),
        Some("refresh_token")
    );
    assert_eq!(shown.load(Ordering::SeqCst), 1);
    // The refresh token is refused and forgotten.
    emulator.0.revoke_sessions();
    ask_over(&transport, &TenantCredential::new(run(), "third.example"), &cloud)
        .await
        .unwrap();
    assert_eq!(shown.load(Ordering::SeqCst), 2);
}

const TENANTS: usize = 5;

#[tokio::test]
async fn ten_processes_share_one_cache_without_losing_a_token() {
    let emulator = Emulator::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tokens");
    let mut processes: Vec<_> = (0..10)
        .map(|number: usize| {
            Command::new(std::env::current_exe().unwrap())
                .args(["persistent::one_process_of_ten", "--exact", "--ignored"])
                .env("CACHE", &path)
                .env("AUTHORITY", emulator.url())
                .env("NUMBER", number.to_string())
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    let waiting =
        tokio::task::spawn_blocking(move || processes.iter_mut().all(|process| process.wait().unwrap().success()));
    assert!(waiting.await.unwrap());
    assert_eq!(token_requests(&emulator).len(), 10 * TENANTS);
    assert!(!beside(&path, ".unreadable").exists());
    // Every one of them is there.
    let cache = PersistentCache::at(&path);
    for number in 0..10 {
        ask_all(&cache, emulator.url(), number).await;
    }
    assert_eq!(token_requests(&emulator).len(), 10 * TENANTS);
}

#[tokio::test]
#[ignore = "run by ten_processes_share_one_cache_without_losing_a_token"]
async fn one_process_of_ten() {
    let variable = |name| std::env::var(name).unwrap();
    let cache = PersistentCache::at(variable("CACHE"));
    ask_all(&cache, &variable("AUTHORITY"), variable("NUMBER").parse().unwrap()).await;
}

async fn ask_all(cache: &PersistentCache, authority: &str, number: usize) {
    for tenant in 0..TENANTS {
        let credential = TenantCredential::new(application(cache), format!("tenant-{number}-{tenant}"));
        ask(&credential, &cloud_at(authority)).await.unwrap();
        assert_eq!(cache.problem(), None);
    }
}
