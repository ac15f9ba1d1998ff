//! Signing in, against the local Graph's token endpoints and against servers that follow a script.

mod support;

mod applications;
mod certificates;
mod outages;
mod persistent;
mod secrets;
mod users;
