//! The command line: checks a configuration, explains a decision, verifies an audit trail, prints the JSON Schema.
//!
//! It has no process of its own: files, the clock and signatures are the [`Environment`]'s, so that the
//! native program and the npm package print the same.

mod arguments;
mod audit;
mod check;
mod deployment;
mod environment;
mod explain;
mod json_span;
mod jsonc;
mod render;
mod report;
mod run;
mod wrangler_schema;

pub use environment::Environment;
pub use report::Output;
pub use run::{run, wrangler_file};
