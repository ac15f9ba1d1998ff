//! The facade as its consumers use it, on real sockets.

mod answers;
mod documents;
mod local;
mod refusals;
mod support;
mod wire;
