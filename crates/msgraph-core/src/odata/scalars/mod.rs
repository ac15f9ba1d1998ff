//! The scalar types of OData that Rust has no type for.

mod binary;
mod convert;
mod date;
mod date_time;
mod decimal;
mod duration;
mod error;
mod guid;
mod secret;
mod text;
mod time_of_day;

pub use binary::Binary;
pub use date::Date;
pub use date_time::DateTime;
pub use decimal::Decimal;
pub use duration::Duration;
pub use error::ParseError;
pub use guid::Guid;
pub use secret::Secret;
pub use time_of_day::TimeOfDay;
