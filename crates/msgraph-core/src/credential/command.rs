//! Programs that give tokens.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use zeroize::Zeroizing;

use super::AuthenticationError;

/// How long a program may take: both need seconds to start.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// What a program wrote.
pub(crate) struct Written {
    pub(crate) succeeded: bool,
    pub(crate) output: Zeroizing<Vec<u8>>,
    pub(crate) errors: String,
}

/// Runs the first of `programs` that exists and waits at most `timeout` for its end; then it is killed.
///
/// `name` is what people call it.
pub(crate) async fn run(
    name: &str,
    programs: &[PathBuf],
    arguments: &[&str],
    timeout: Duration,
) -> Result<Written, AuthenticationError> {
    for program in programs {
        let mut command = command(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let output = match tokio::time::timeout(timeout, command.output()).await {
            Ok(Ok(output)) => output,
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => continue,
            Ok(Err(error)) => {
                return Err(AuthenticationError::new(format!("{name} cannot be started: {error}")).with_source(error));
            }
            Err(_) => {
                return Err(AuthenticationError::unreachable(format!(
                    "{name} gave no token within {} seconds",
                    timeout.as_secs()
                )));
            }
        };
        return Ok(Written {
            succeeded: output.status.success(),
            output: Zeroizing::new(output.stdout),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    Err(AuthenticationError::unavailable(format!(
        "{name} is not installed, or not on the PATH"
    )))
}

/// A command that finds scripts (`az.cmd`) too, as only the shell does on Windows.
fn command(program: &Path) -> Command {
    if cfg!(windows) && program.extension().is_some_and(|extension| extension == "cmd") {
        let mut command = Command::new("cmd");
        command.arg("/c").arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// Refuses text that a shell or the program could take for something else than a scope or a tenant.
pub(crate) fn check_argument(text: &str) -> Result<(), AuthenticationError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_:/".contains(c);
    if text.chars().all(is_plain) && !text.starts_with('-') && !text.is_empty() {
        Ok(())
    } else {
        Err(AuthenticationError::new(format!(
            "{text:?} is neither a scope nor a tenant that can be given to a program"
        )))
    }
}

/// What the program complained about: the last line that says something.
pub(crate) fn complaint(errors: &str) -> &str {
    let lines = errors.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .into_iter()
        .find(|line| line.contains("AADSTS") || line.starts_with("ERROR"))
        .unwrap_or_else(|| {
            errors
                .lines()
                .map(str::trim)
                .rfind(|line| !line.is_empty())
                .unwrap_or("no reason given")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_arguments_reach_a_program() {
        for (text, passes) in [
            ("https://graph.microsoft.com/.default", true),
            ("contoso.onmicrosoft.com", true),
            ("", false),
            ("--debug", false),
            ("a b", false),
            ("x'; rm", false),
            ("$(x)", false),
            ("a\"b", false),
            ("a&b", false),
        ] {
            assert_eq!(check_argument(text).is_ok(), passes, "{text}");
        }
    }

    #[test]
    fn complaint_is_the_line_that_tells() {
        for (errors, line) in [
            ("", "no reason given"),
            (
                "WARNING: old\nERROR: AADSTS50076: no\nTo re-authenticate\n",
                "ERROR: AADSTS50076: no",
            ),
            ("one\ntwo\n\n", "two"),
        ] {
            assert_eq!(complaint(errors), line);
        }
    }
}
