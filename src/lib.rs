//! Edgeward: an authentication gateway for Cloudflare Workers.
pub mod config;
#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(all(target_arch = "wasm32", feature = "edge"))]
pub mod edge;
pub mod gateway;
pub mod http;
pub mod identity;
pub mod jose;
mod json;
pub mod limits;
pub mod revocation;
pub mod route;
pub mod time;
pub mod token;
#[cfg(target_arch = "wasm32")]
pub mod webcrypto;
