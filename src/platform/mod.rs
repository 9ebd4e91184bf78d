//! The parts of the Workers platform that adapters use: bindings, clock, random, bodies, KV,
//! outgoing fetches, single flight.

pub(crate) mod bindings;
pub(crate) mod body;
pub(crate) mod clock;
pub(crate) mod fetch;
pub(crate) mod future;
pub(crate) mod kv;
pub(crate) mod random;
pub(crate) mod single_flight;
