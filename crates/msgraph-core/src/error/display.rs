//! What an error says to people.

use std::fmt;
use std::time::Duration;

use super::{Error, Inner, Kind};
use crate::Permissions;

impl Error {
    /// What usually helps; part of what [`Display`](std::fmt::Display) writes.
    ///
    /// For 403, names the permissions of which one would be enough; for an operation that the cloud lacks, says where it exists.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let Inner { kind, operation, .. } = &*self.0;
        match kind {
            Kind::Unavailable(_) => {
                Some("use a client of a cloud that has it, or call .even_if_unlisted() if you know better".to_owned())
            }
            Kind::Authentication(error) => error.advice().map(str::to_owned),
            Kind::Transport(error) if error.is_timeout() => {
                Some("allow more time with .timeout(), or ask for less with .select() or .top()".to_owned())
            }
            Kind::Answer(_) if self.is_upload_session_gone() => Some(
                "the session has expired or was cancelled: create another one and upload from the start".to_owned(),
            ),
            Kind::Answer(answer) => match answer.status.as_u16() {
                401 => Some(
                    "check that the credential belongs to this cloud and tenant, and that its token has not expired"
                        .to_owned(),
                ),
                403 => Some(needed_permissions(operation.map(|operation| operation.permissions))),
                404 => Some("check the identifiers; an object created moments ago may not be readable yet".to_owned()),
                412 => Some("read the resource again and repeat the change with its new ETag".to_owned()),
                429 | 503 => self.retry_after().map(wait_for),
                _ => None,
            },
            Kind::Paused(wait) => Some(wait_for(*wait)),
            _ => None,
        }
    }
}

/// Rounded up, so that who follows the advice does not come too early.
fn wait_for(wait: Duration) -> String {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    format!("wait {seconds} seconds and send it again")
}

fn needed_permissions(permissions: Option<&Permissions>) -> String {
    let lines: Vec<String> = permissions
        .iter()
        .flat_map(|permissions| permissions.schemes())
        .filter(|(_, scheme)| scheme.is_supported())
        .map(|(kind, scheme)| format!("{kind} {}", scheme.suggested().join(" or ")))
        .collect();
    if lines.is_empty() {
        "check the permissions of the application and the roles of the signed-in user".to_owned()
    } else {
        format!("enough would be, with an administrator's consent: {}", lines.join("; "))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, operation, .. } = &*self.0;
        match operation {
            Some(operation) => write!(f, "{operation} ")?,
            None if matches!(kind, Kind::Configuration(_)) => {}
            None => f.write_str("the request ")?,
        }
        match kind {
            Kind::Configuration(message) => write!(f, "the client cannot be built: {message}")?,
            Kind::Invalid(invalid) => write!(f, "was not sent: {}", invalid.message)?,
            Kind::Unavailable(cloud) => {
                write!(f, "was not sent: the cloud {cloud} does not offer it")?;
                if let Some(operation) = operation {
                    write!(f, ", it exists in {}", operation.clouds)?;
                }
            }
            Kind::Untrusted { host, cloud } => write!(
                f,
                "was not sent: the link leads to {host}, which is not the host of the cloud {cloud} and must not get its token"
            )?,
            Kind::Authentication(error) if self.attempts() > 0 => {
                write!(f, "could not be sent again, because there is no token: {error}")?;
            }
            Kind::Authentication(error) => write!(f, "was not sent, because there is no token: {error}")?,
            Kind::Transport(error) => write!(f, "got no answer: {error}")?,
            Kind::Paused(_) => f.write_str("was not sent: the service has asked for a pause")?,
            Kind::Answer(answer) => match (answer.refusal, answer.redirect_host()) {
                (Some(refusal), host) => {
                    let to = host.map(|host| format!(" to {host}")).unwrap_or_default();
                    write!(
                        f,
                        "was redirected with {}{to}, which was not followed: {refusal}",
                        answer.status
                    )?;
                }
                (None, Some(host)) => write!(
                    f,
                    "was redirected with {} to {host}, which was not followed",
                    answer.status
                )?,
                (None, None) => write!(f, "failed with {}: {}", answer.status, answer.summary())?,
            },
            Kind::Course(course) => course.fmt(f)?,
            Kind::Decode(answer) => write!(f, "was answered with {}, but {}", answer.status, answer.problem)?,
        }
        if self.attempts() > 1 {
            write!(f, " (after {} attempts)", self.attempts())?;
        }
        if self.may_have_been_applied() && !self.is_decode() {
            f.write_str("; the service may have carried it out all the same")?;
        }
        if let Some(advice) = self.advice() {
            write!(f, "; {advice}")?;
        }
        match (self.request_id(), self.client_request_id()) {
            (Some(id), Some(client)) => write!(f, " (request-id {id}, client-request-id {client})"),
            (Some(id), None) => write!(f, " (request-id {id})"),
            (None, Some(client)) => write!(f, " (client-request-id {client})"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    /// Writes what tells errors apart; bodies and headers may be confidential and are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("message", &self.to_string())
            .field("status", &self.status())
            .field("odata", &self.odata())
            .field("source", &std::error::Error::source(self))
            .finish_non_exhaustive()
    }
}
