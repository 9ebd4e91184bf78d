//! Edgeward: an authentication gateway for Cloudflare Workers.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, reason = "a test may fail loudly"))]

pub mod config;
#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(all(target_arch = "wasm32", feature = "edge"))]
pub mod edge;
pub mod gateway;
pub mod http;
pub mod identity;
pub mod jose;
pub mod json;
pub mod limits;
pub mod revocation;
pub mod route;
pub mod time;
pub mod token;
#[cfg(target_arch = "wasm32")]
pub mod webcrypto;
