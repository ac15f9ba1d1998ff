//! What is known about an operation of Microsoft Graph before it is called.

use std::fmt;

use crate::{Cloud, CloudSet};

/// An HTTP method that Microsoft Graph uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or calls an action.
    Post,
    /// Replaces.
    Put,
    /// Changes some properties.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// The name of the method on the wire, for example `GET`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Method> for http::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::GET,
            Method::Post => Self::POST,
            Method::Put => Self::PUT,
            Method::Patch => Self::PATCH,
            Method::Delete => Self::DELETE,
        }
    }
}

/// An operation of Microsoft Graph and the facts about it.
///
/// ```
/// use msgraph_core::{CloudSet, Method, Operation, Permissions, Scheme};
///
/// static LIST_USERS: Operation = Operation {
///     method: Method::Get,
///     path: "/users",
///     clouds: CloudSet::ALL,
///     permissions: &Permissions {
///         application: Scheme { least: &["User.Read.All"], higher: &["User.ReadWrite.All"] },
///         ..Permissions::UNKNOWN
///     },
///     documentation: Some("user-list"),
/// };
/// assert_eq!(LIST_USERS.to_string(), "GET /users");
/// println!("{}", LIST_USERS.explain());
/// ```
#[derive(Debug)]
pub struct Operation {
    /// The HTTP method.
    pub method: Method,
    /// The path template below the version, for example `/users/{user-id}/manager`.
    pub path: &'static str,
    /// The clouds that offer the operation.
    pub clouds: CloudSet,
    /// The permissions that allow it.
    pub permissions: &'static Permissions,
    /// The last segment of its documentation page, for example `user-list`.
    pub documentation: Option<&'static str>,
}

/// The permissions that allow an operation, one scheme for each kind of sign-in.
#[derive(Debug, PartialEq, Eq)]
pub struct Permissions {
    /// Delegated permissions, when a work or school account is signed in.
    pub delegated_work: Scheme,
    /// Delegated permissions, when a personal Microsoft account is signed in.
    pub delegated_personal: Scheme,
    /// Application permissions, when no user is signed in.
    pub application: Scheme,
}

/// The permissions of one kind of sign-in; both lists empty when it is not supported.
///
/// An entry is the name of a permission, or several that are needed together: `A and B`.
#[derive(Debug, PartialEq, Eq)]
pub struct Scheme {
    /// The least privileged permissions; each entry is enough by itself.
    pub least: &'static [&'static str],
    /// More powerful permissions that are enough too.
    pub higher: &'static [&'static str],
}

impl Operation {
    /// The address of the documentation page, if the operation has one.
    #[must_use]
    pub fn documentation_url(&self) -> Option<String> {
        let slug = self.documentation?;
        Some(format!(
            "https://learn.microsoft.com/graph/api/{slug}?view=graph-rest-1.0"
        ))
    }

    /// Everything that is known about the operation, as text to print.
    #[must_use]
    pub fn explain(&self) -> Explanation<'_> {
        Explanation {
            operation: self,
            cloud: None,
        }
    }
}

impl fmt::Display for Operation {
    /// Writes the method and the path template.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Permissions {
    /// No permission is known.
    pub const UNKNOWN: Self = Self {
        delegated_work: Scheme::UNSUPPORTED,
        delegated_personal: Scheme::UNSUPPORTED,
        application: Scheme::UNSUPPORTED,
    };

    /// Whether no permission is known for any kind of sign-in.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Self::UNKNOWN
    }

    /// Each kind of sign-in in words, with its permissions.
    pub(crate) fn schemes(&self) -> [(&'static str, &Scheme); 3] {
        [
            ("application", &self.application),
            ("delegated (work or school account)", &self.delegated_work),
            ("delegated (personal account)", &self.delegated_personal),
        ]
    }
}

impl Scheme {
    /// No permission allows the operation.
    pub const UNSUPPORTED: Self = Self {
        least: &[],
        higher: &[],
    };

    /// Whether some permission allows the operation.
    #[must_use]
    pub fn is_supported(&self) -> bool {
        !(self.least.is_empty() && self.higher.is_empty())
    }

    /// The permissions to ask for: the least privileged ones where they are known, the others where not.
    pub(crate) fn suggested(&self) -> &'static [&'static str] {
        if self.least.is_empty() { self.higher } else { self.least }
    }
}

/// What is known about an operation; [`Display`](fmt::Display) writes it as several lines of text.
#[derive(Debug)]
pub struct Explanation<'a> {
    operation: &'a Operation,
    cloud: Option<&'a Cloud>,
}

impl<'a> Explanation<'a> {
    /// The same, with a line that says whether `cloud` offers the operation.
    #[must_use]
    pub fn for_cloud(mut self, cloud: &'a Cloud) -> Self {
        self.cloud = Some(cloud);
        self
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation;
        writeln!(f, "{operation}")?;
        writeln!(f, "Clouds: {}", operation.clouds)?;
        if let Some(cloud) = self.cloud {
            let offered = match cloud {
                Cloud::Custom(_) => "nothing is known about it",
                cloud if operation.clouds.contains(cloud) => "offers it",
                _ => "does not offer it",
            };
            writeln!(f, "This client's cloud: {cloud}, {offered}")?;
        }
        if operation.permissions.is_unknown() {
            writeln!(f, "Permissions: not known")?;
        } else {
            writeln!(f, "Permissions, any one of each line:")?;
            for (kind, scheme) in operation.permissions.schemes() {
                write_scheme(f, kind, scheme)?;
            }
        }
        match operation.documentation_url() {
            Some(url) => write!(f, "Documentation: {url}"),
            None => write!(f, "Documentation: none"),
        }
    }
}

fn write_scheme(f: &mut fmt::Formatter<'_>, kind: &str, scheme: &Scheme) -> fmt::Result {
    if !scheme.is_supported() {
        return writeln!(f, "  {kind}: not supported");
    }
    writeln!(f, "  {kind}: {}", scheme.suggested().join(", "))?;
    if !scheme.least.is_empty() && !scheme.higher.is_empty() {
        writeln!(f, "    also enough: {}", scheme.higher.join(", "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    static UPLOAD: Operation = Operation {
        method: Method::Post,
        path: "/identity/apiConnectors/{identityApiConnector-id}/uploadClientCertificate",
        clouds: CloudSet::GLOBAL.union(CloudSet::CHINA),
        permissions: &Permissions {
            delegated_work: Scheme {
                least: &["APIConnectors.ReadWrite.All"],
                higher: &["IdentityUserFlow.ReadWrite.All"],
            },
            delegated_personal: Scheme::UNSUPPORTED,
            application: Scheme {
                least: &["APIConnectors.ReadWrite.All"],
                higher: &[],
            },
        },
        documentation: Some("identityapiconnector-uploadclientcertificate"),
    };

    #[test]
    fn explanation_has_every_fact() {
        assert_eq!(
            UPLOAD.explain().for_cloud(&Cloud::Delos).to_string(),
            "\
POST /identity/apiConnectors/{identityApiConnector-id}/uploadClientCertificate
Clouds: Global, China
This client's cloud: Delos, does not offer it
Permissions, any one of each line:
  application: APIConnectors.ReadWrite.All
  delegated (work or school account): APIConnectors.ReadWrite.All
    also enough: IdentityUserFlow.ReadWrite.All
  delegated (personal account): not supported
Documentation: https://learn.microsoft.com/graph/api/identityapiconnector-uploadclientcertificate?view=graph-rest-1.0"
        );
    }

    #[test]
    fn unknown_facts_are_called_unknown() {
        let operation = Operation {
            permissions: &Permissions::UNKNOWN,
            documentation: None,
            clouds: CloudSet::NONE,
            ..UPLOAD
        };
        let text = operation.explain().to_string();
        assert!(
            text.contains("Clouds: no cloud\nPermissions: not known\nDocumentation: none"),
            "{text}"
        );
    }
}
