//! Edgeward: an authentication gateway for Cloudflare Workers.
//!
//! It verifies a caller's JWT, refuses revoked ones, decides by route who may pass, and forwards what
//! may pass with identity headers that the origin can trust. What it is for, and how it is run, stands
//! in `README.md`; how a request goes through the files, in `docs/request.md`.
//!
//! # Layers
//!
//! Each imports only from those below it (`tests/it/layers` holds that):
//!
//! | module | question |
//! |---|---|
//! | `edge` | how are the platform's requests, stores and keys reached? (wasm32 only) |
//! | `js` | what do pages and Node programs ask of the core? (wasm32 only, for the npm package) |
//! | `cli` | what do the commands `check`, `explain` and `schema` print? (native, and wasm32 for the npm package) |
//! | [`explain`] | why is this done with the request? |
//! | [`gateway`] | what is done with this request? A machine without I/O: a head in, a [`gateway::Step`] out |
//! | [`config`] | does the configuration hold together? |
//! | [`metrics`] | what is counted, and how is it shown? |
//! | [`registry`] | which tokens are there, and from what? Statements for a database, outside every verdict |
//! | [`session`], [`oauth`] | which refresh token succeeds which; what is said about them on the wire? |
//! | [`route`] | which route, and may this caller pass it? |
//! | [`revocation`], [`identity`] | was it revoked; what is the origin told? |
//! | [`token`] | what does the token say, and is it in force? |
//! | [`jose`], [`http`] | is the signature good; what do the headers say? |
//! | [`json`], [`time`], [`limits`], [`adapter_cache`] | strict JSON, points in time, every cap, an adapter's own forms |
//!
//! # What cannot be got round
//!
//! A [`gateway::ForwardPlan`] is made in one place, from proofs that only the modules that check can
//! make, and of which each wraps the one before: [`token::Authenticated`], [`revocation::NotRevoked`],
//! [`route::Permitted`] (or [`route::Anonymous`]). No clock, no randomness and no platform type is known below `edge`.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, reason = "a test may fail loudly"))]

pub mod adapter_cache;
#[cfg(all(target_arch = "wasm32", feature = "authority"))]
pub mod authority;
#[cfg(any(not(target_arch = "wasm32"), feature = "cli"))]
pub mod cli;
pub mod config;
#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(all(target_arch = "wasm32", feature = "edge"))]
pub mod edge;
pub mod explain;
pub mod gateway;
pub mod http;
pub mod identity;
pub mod jose;
#[cfg(all(target_arch = "wasm32", feature = "js"))]
pub mod js;
pub mod json;
pub mod limits;
pub mod metrics;
pub mod oauth;
mod percent;
#[cfg(all(target_arch = "wasm32", feature = "edge"))]
pub(crate) mod platform;
pub mod registry;
pub mod revocation;
pub mod route;
pub mod session;
pub mod time;
pub mod token;
#[cfg(target_arch = "wasm32")]
pub mod webcrypto;
