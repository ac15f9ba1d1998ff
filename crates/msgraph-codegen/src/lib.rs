//! Generates the models and the client of Microsoft Graph from Microsoft's own metadata.
//!
//! [`fetch`] downloads the pinned metadata, [`import`] turns it into the reviewed documents under `specs`, [`regen`]
//! turns those into Rust, and [`coverage`] counts what came through and explains what did not.

pub mod coverage;
pub mod fetch;
pub mod import;
pub mod json;
pub mod regen;
mod sources;
pub mod write;
