//! The types of Microsoft Graph v1.0, generated from Microsoft's metadata.
//!
//! The types of the namespace `microsoft.graph` are here, those of `microsoft.graph.security` in [`security`], and so
//! on. A type's everyday name, such as [`User`], is an [`Object`](msgraph_core::odata::Object) of the properties in
//! [`props`]; what an action takes is in [`parameters`].
//!
//! ```
//! use msgraph_core::odata::{Open, Prop};
//! use msgraph_models::{ConditionalAccessPolicy, ConditionalAccessPolicyState, User};
//!
//! let user: User = serde_json::from_str(r#"{"displayName": "Adele", "hairColour": "red"}"#)?;
//! assert_eq!(user.display_name.as_deref(), Some("Adele"));
//! assert_eq!(serde_json::to_string(&user)?, r#"{"displayName":"Adele","hairColour":"red"}"#);
//!
//! let change = User::build(|user| {
//!     user.account_enabled = true.into();
//!     user.job_title = Prop::Null;
//! });
//! assert_eq!(serde_json::to_string(&change)?, r#"{"accountEnabled":true,"jobTitle":null}"#);
//!
//! let policy: ConditionalAccessPolicy = serde_json::from_str(r#"{"state": "disabled"}"#)?;
//! let state = policy.state.get().and_then(Open::known);
//! assert!(matches!(state, Some(ConditionalAccessPolicyState::Disabled)));
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! Nothing that the service sends is lost: members that no schema declares, names of enumerations that are not known
//! yet and types derived later travel through unchanged.

#[rustfmt::skip]
mod generated;

pub use generated::*;
