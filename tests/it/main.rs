//! The native integration tests, by topic: one crate, so that it is linked once.
//!
//! `pipeline/` drives a gateway from a request's head to its decision; `support/` has the driver, keys
//! that sign, and requests. `CONTRIBUTING.md` says where a test goes.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    reason = "a test may fail loudly"
)]

mod added_headers;
mod cli;
mod compat_table;
mod docs;
mod explain;
mod fuzz_corpus;
#[cfg(feature = "conformance")]
mod interop;
mod layers;
#[cfg(feature = "conformance")]
mod mutations;
mod paths;
mod pipeline;
mod registry;
mod remote_soundness;
mod schema;
mod soundness;
mod support;
#[cfg(feature = "conformance")]
mod vectors;
mod warnings;
