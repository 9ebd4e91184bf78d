//! Keys of issuers: where they are fetched, how a burst of requests shares one fetch, and the copy in
//! KV.

mod fetch;
mod kv_copy;
mod obtain;

pub(super) use obtain::{obtain, refresh};
