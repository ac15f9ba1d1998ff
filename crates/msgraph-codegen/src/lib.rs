//! msgraph-codegen

pub mod import;
pub mod json;
pub mod regen;
pub mod write;
