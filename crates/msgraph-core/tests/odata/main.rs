//! What objects must hold whatever their model: nothing lost, nothing leaked, nothing that panics.

mod any_json;
mod hierarchy;
mod models;
mod rules;
mod secrets;
mod table;
mod wire;

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Reads an object and writes it again.
fn round_trip<P: msgraph_core::odata::Props>(json: &str) -> Result<String> {
    Ok(serde_json::to_string(&serde_json::from_str::<
        msgraph_core::odata::Object<P>,
    >(json)?)?)
}
