//! What must hold for every input, whatever it is. The fuzzer looks for an input for which it does
//! not; `cargo test` replays the corpus through the same functions.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "each fuzzer runs one target, and a broken promise ends it loudly"
)]

pub(crate) mod authorization;
pub(crate) mod claims;
pub(crate) mod compact;
pub(crate) mod config;
pub(crate) mod jwks;
pub(crate) mod path;
