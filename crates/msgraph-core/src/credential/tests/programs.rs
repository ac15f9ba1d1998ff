//! The Azure CLI and Azure PowerShell, played by shell scripts.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::ask;
use crate::Cloud;
use crate::credential::{
    AuthenticationError, AzureCliCredential, AzurePowerShellCredential, Credential as _, TokenRequest,
};
use crate::transport::HttpTransport;

/// Writes a script that notes its arguments, one a line, and then does `what`.
fn script(directory: &Path, name: &str, what: &str) -> PathBuf {
    let path = directory.join(name);
    let text = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$@\" >> '{}.arguments'\n{what}\n",
        path.display()
    );
    // Another test that forks while this file is open for writing would keep it busy; a program that is moved is not.
    let new = directory.join(format!("{name}.new"));
    fs::write(&new, text).unwrap();
    fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).unwrap();
    fs::rename(&new, &path).unwrap();
    path
}

fn arguments(program: &Path) -> Vec<String> {
    let text = fs::read_to_string(format!("{}.arguments", program.display())).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn in_an_hour() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 3600
}

/// Runs until the kernel does not find the script busy, because another thread was forking when it was written.
async fn patiently<F: Future<Output = Result<(), AuthenticationError>>>(
    mut ask: impl FnMut() -> F,
) -> Result<(), AuthenticationError> {
    loop {
        match ask().await {
            Err(error) if error.message().contains("Text file busy") => tokio::task::yield_now().await,
            result => return result,
        }
    }
}

#[tokio::test]
async fn cli_gives_the_token_of_whoever_is_signed_in() {
    let directory = tempfile::tempdir().unwrap();
    let answer = format!(
        r#"echo '{{"accessToken":"hunter2","expiresOn":"2026-01-01 00:00:00.000000","expires_on":{}}}'"#,
        in_an_hour()
    );
    let program = script(directory.path(), "az", &answer);
    let credential = AzureCliCredential::new().with_program(&program);
    let (cloud, transport) = (Cloud::UsGovL4, HttpTransport::new());
    let scopes = [cloud.scope()];
    let request = TokenRequest::new(&cloud, &transport, &scopes);
    patiently(|| async { credential.token(request).await.map(drop) })
        .await
        .unwrap();
    let token = credential.token(request).await.unwrap();
    assert_eq!(token.token.expose(), "hunter2");
    assert!(token.expires_on > SystemTime::now() + Duration::from_secs(3500));
    let expected = [
        "account",
        "get-access-token",
        "--output",
        "json",
        "--scope",
        "https://graph.microsoft.us/.default",
    ];
    assert_eq!(arguments(&program), expected);
    credential.token(request.with_tenant("fabrikam.example")).await.unwrap();
    assert_eq!(arguments(&program)[6..][6..], ["--tenant", "fabrikam.example"]);
    for (request, words) in [
        (request.with_claims("{}"), "az login"),
        (request.with_tenant("--help"), "neither a scope nor a tenant"),
    ] {
        let error = credential.token(request).await.unwrap_err();
        assert!(error.message().contains(words), "{error}");
    }
}

#[tokio::test]
async fn power_shell_gives_the_token_of_whoever_is_signed_in() {
    let directory = tempfile::tempdir().unwrap();
    let answer = format!(r#"echo '{{"token":"hunter2","expires":{}}}'"#, in_an_hour());
    let program = script(directory.path(), "pwsh", &answer);
    let credential = AzurePowerShellCredential::new().with_program(&program);
    patiently(|| async { ask(&credential, &Cloud::Global).await.map(drop) })
        .await
        .unwrap();
    let arguments = arguments(&program);
    assert_eq!(arguments[..3], ["-NoProfile", "-NonInteractive", "-Command"]);
    assert!(
        arguments[3].contains("-ResourceUrl 'https://graph.microsoft.com'"),
        "{}",
        arguments[3]
    );
}

#[tokio::test]
async fn failing_program_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let (cli, power_shell) = (AzureCliCredential::new, AzurePowerShellCredential::new);
    for (number, (what, words, is_unavailable)) in [
        (
            "echo 'Please run az login to setup account.' >&2; exit 1",
            "run \"az login\"",
            true,
        ),
        (
            "echo 'ERROR: AADSTS50076: MFA. Run az login' >&2; exit 1",
            "AADSTS50076",
            false,
        ),
        ("echo hunter2", "2.54 or later", false),
        ("echo '{\"accessToken\":\"hunter2\"}'", "2.54 or later", false),
        ("exit 3", "no reason given", false),
    ]
    .into_iter()
    .enumerate()
    {
        let program = script(directory.path(), &format!("az{number}"), what);
        let credential = cli().with_program(program);
        let error = patiently(|| async { ask(&credential, &Cloud::Global).await.map(drop) })
            .await
            .unwrap_err();
        assert!(error.message().contains(words), "{error}");
        assert_eq!(error.is_unavailable(), is_unavailable, "{error}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    for (number, (what, words, is_unavailable)) in [
        ("echo 'Az.Accounts is missing' >&2; exit 1", "Install-Module", true),
        (
            "echo 'Connect-AzAccount is needed' >&2; exit 1",
            "run \"Connect-AzAccount\"",
            true,
        ),
        ("echo 'AADSTS50076: MFA' >&2; exit 1", "AADSTS50076", false),
        ("echo hunter2", "update Az.Accounts", false),
    ]
    .into_iter()
    .enumerate()
    {
        let program = script(directory.path(), &format!("pwsh{number}"), what);
        let credential = power_shell().with_program(program);
        let error = patiently(|| async { ask(&credential, &Cloud::Global).await.map(drop) })
            .await
            .unwrap_err();
        assert!(error.message().contains(words), "{error}");
        assert_eq!(error.is_unavailable(), is_unavailable, "{error}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}

#[tokio::test]
async fn program_that_hangs_is_ended() {
    let directory = tempfile::tempdir().unwrap();
    let program = script(directory.path(), "az", "echo $$ > \"$0.pid\"; exec sleep 600");
    let credential = AzureCliCredential::new()
        .with_program(&program)
        .with_timeout(Duration::from_millis(500));
    let error = patiently(|| async { ask(&credential, &Cloud::Global).await.map(drop) })
        .await
        .unwrap_err();
    assert!(error.is_unreachable() && error.message().contains("seconds"), "{error}");
    let id = fs::read_to_string(format!("{}.pid", program.display())).unwrap();
    // A process that has been ended stays as a zombie until it is waited for, which the runtime does soon.
    let state = || fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
    while !state().is_empty() && !state().contains(") Z") {
        tokio::task::yield_now().await;
    }
}

#[test]
fn programs_are_found_on_the_path() {
    let directory = tempfile::tempdir().unwrap();
    let expires = in_an_hour();
    script(
        directory.path(),
        "az",
        &format!(r#"echo '{{"accessToken":"t","expires_on":{expires}}}'"#),
    );
    script(
        directory.path(),
        "pwsh",
        &format!(r#"echo '{{"token":"t","expires":{expires}}}'"#),
    );
    let path = format!("{}:{}", directory.path().display(), std::env::var("PATH").unwrap());
    let test = Command::new(std::env::current_exe().unwrap())
        .args(["credential::tests::programs::with_another_path", "--exact", "--ignored"])
        .env("PATH", path)
        .output()
        .unwrap();
    assert!(test.status.success(), "{}", String::from_utf8_lossy(&test.stdout));
}

#[tokio::test]
#[ignore = "run by programs_are_found_on_the_path"]
async fn with_another_path() {
    ask(&AzureCliCredential::new(), &Cloud::Global).await.unwrap();
    ask(&AzurePowerShellCredential::new(), &Cloud::Global).await.unwrap();
}
