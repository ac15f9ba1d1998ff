//! The challenge of the Azure Arc agent: it names a file that only privileged users can read
//! (<https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication>).

use std::path::{Path, PathBuf};

use http::{HeaderMap, header};

use crate::credential::AuthenticationError;
use crate::odata::Secret;

/// Bytes of a key file at most.
const LARGEST: u64 = 4096;

/// Where the agent puts its key files.
pub(super) fn keys() -> PathBuf {
    if cfg!(windows) {
        let data = std::env::var_os("ProgramData").unwrap_or_else(|| r"C:\ProgramData".into());
        PathBuf::from(data).join("AzureConnectedMachineAgent").join("Tokens")
    } else {
        PathBuf::from("/var/opt/azcmagent/tokens")
    }
}

/// The `Authorization` header that answers the challenge in `headers`.
///
/// Whoever listens on the agent's port could name any file: only key files in the agent's own directory are read.
pub(super) fn answer(headers: &HeaderMap, directory: &Path) -> Result<Secret, AuthenticationError> {
    let refused = AuthenticationError::new;
    let challenge = headers
        .get(header::WWW_AUTHENTICATE)
        .and_then(|value| value.to_str().ok());
    let file = challenge
        .and_then(|challenge| challenge.trim().strip_prefix("Basic realm="))
        .map(|realm| Path::new(realm.trim_matches('"')))
        .ok_or_else(|| refused("the Azure Arc agent refused without naming the file that proves who asks"))?;
    let is_key = file.parent() == Some(directory) && file.extension().is_some_and(|extension| extension == "key");
    if !is_key {
        return Err(refused(
            "the Azure Arc agent named a file that is not one of its keys; it was not read",
        ));
    }
    let unreadable = |error: std::io::Error| {
        AuthenticationError::new(format!(
            "the key file {} of the Azure Arc agent cannot be read: {error}; run as a member of the group himds (on \
             Windows: as an administrator or of \"Hybrid agent extension applications\")",
            file.display()
        ))
        .with_source(error)
    };
    if std::fs::symlink_metadata(file).map_err(unreadable)?.len() > LARGEST {
        return Err(refused("the key file of the Azure Arc agent is larger than a key"));
    }
    let key = Secret::from(std::fs::read_to_string(file).map_err(unreadable)?);
    Ok(Secret::from(format!("Basic {}", key.expose().trim())))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_key_file_in_the_directory_of_the_agent_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str| directory.path().join(name).display().to_string();
        std::fs::write(file("right.key"), "proof\n").unwrap();
        std::fs::write(file("other.txt"), "hunter2").unwrap();
        std::fs::write(file("large.key"), vec![b'x'; 5000]).unwrap();
        let try_answer = |challenge: &str| {
            let headers = HeaderMap::from_iter([(header::WWW_AUTHENTICATE, HeaderValue::try_from(challenge).unwrap())]);
            answer(&headers, directory.path()).map(|proof| proof.expose().to_owned())
        };
        let right = file("right.key");
        assert_eq!(try_answer(&format!("Basic realm={right}")).unwrap(), "Basic proof");
        assert_eq!(try_answer(&format!("Basic realm=\"{right}\"")).unwrap(), "Basic proof");
        for wrong in [
            "Basic".to_owned(),
            "Bearer realm=x".to_owned(),
            format!("Basic realm={}", file("other.txt")),
            format!("Basic realm={}", file("large.key")),
            format!("Basic realm={}", file("absent.key")),
            format!("Basic realm={}", file("../x/right.key")),
            "Basic realm=/etc/passwd".to_owned(),
        ] {
            let error = try_answer(&wrong).unwrap_err();
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
    }
}
