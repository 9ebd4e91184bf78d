//! Asking an auth server: what it said, who asks, whether it is left alone.
//!
//! All of it is values and comparisons, as with keys: a call is held by a lease that others can see
//! and, once it has run out, take.

mod ask;
mod auth_servers;
mod breaker;
mod call;
mod conclude;
mod endpoint;
mod exchange;
mod query;
mod retained_claims;
mod settle;
mod signed;
mod step;
mod verdicts;

pub use auth_servers::AuthServers;
pub use breaker::{BreakerChange, BreakerState};
pub use call::RemoteCall;
pub use endpoint::EndpointId;
pub use query::RemoteQuery;
pub use step::{NeedAnswerKeys, NeedAnswerSignature, RemoteCopy, RemoteReport, RemoteStep};
pub(super) use verdicts::CachedVerdict;
