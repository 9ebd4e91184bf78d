//! The decision as a machine without I/O: a request head goes in, a [`Step`] comes out.
//!
//! A step is either a [`Decision`] or a need: keys, a signature to verify, an auth server's word, a
//! revocation look-up, a token to exchange, an assertion to sign.
//! Whoever drives answers the need and resumes. Time is passed in; nothing here waits.

mod admission;
mod attest;
mod caller;
mod credential_sources;
mod decision;
mod exchange;
mod footprint;
mod forward;
mod forward_plan;
mod forwarded;
mod held;
mod identify;
mod issuer;
mod jwks_cache;
mod need;
mod permit;
mod pipeline;
mod rate_limit;
mod record;
mod refusal_response;
mod refuse;
mod rejection;
mod remote;
mod request;
mod resume;
mod revocation;
mod revocation_request;
mod sync;
mod sync_plan;
mod tenant;
mod url;
mod verified;
mod verify;
mod word_hash;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub use admission::{Admission, Attested, Exchanged};
pub use caller::Caller;
pub use decision::{Decision, Outcome, OwnRequest};
pub use forward_plan::ForwardPlan;
pub use forwarded::Forwarded;
pub(crate) use issuer::candidates;
pub use jwks_cache::{JwksCache, KeyState, KeyUpdate, Lease};
pub use need::{
    NeedAssertion, NeedExchange, NeedKeys, NeedLimit, NeedRemoteClaims, NeedRevocation,
    NeedSignature, Step,
};
pub use rate_limit::LimitAnswer;
pub use record::Record;
pub use refusal_response::RefusalResponse;
pub use rejection::Rejection;
pub use remote::{
    AuthServers, BreakerChange, BreakerState, EndpointId, NeedAnswerKeys, NeedAnswerSignature,
    RemoteCall, RemoteCopy, RemoteQuery, RemoteReport, RemoteStep,
};
pub use sync::SyncTarget;
pub use sync_plan::SyncPlan;
pub(crate) use url::split_url;

use crate::adapter_cache::AdapterCache;
use crate::config::Config;
use crate::http::FieldNames;
use crate::jose::KnownHeaders;
use forwarded::ForwardedHosts;
use verified::VerifiedTokens;

/// One configuration at work: what it says, the keys it has, the tokens it has seen.
///
/// Another configuration is another gateway, so that nothing remembered under the old one counts.
#[derive(Debug)]
pub struct Gateway {
    config: Config,
    keys: JwksCache,
    remote: AuthServers,
    headers: KnownHeaders,
    verified: RefCell<VerifiedTokens>,
    revocations: Cell<u64>,
    /// For each origin.
    prepared: Box<[AdapterCache]>,
    forwarded: ForwardedHosts,
}

impl Gateway {
    /// A gateway that has seen nothing yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let keys = JwksCache::new(&config.issuers);
        let remote = AuthServers::new(&config);
        let prepared = config.origins.iter().map(|_| AdapterCache::default()).collect();
        let (headers, verified, revocations, forwarded) = Default::default();
        Self { config, keys, remote, headers, verified, revocations, prepared, forwarded }
    }

    /// A gateway for another configuration that goes on with the keys of `before`, for every issuer
    /// that has the same keys from the same place. Nothing else that `before` learned counts here.
    #[must_use]
    pub fn succeeding(config: Config, before: &Self) -> Self {
        let gateway = Self::new(config);
        gateway.keys.take_over(&gateway.config.issuers, &before.keys, &before.config.issuers);
        gateway
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What follows from the names of a request's header fields, for [`RequestHead::names`].
    ///
    /// [`RequestHead::names`]: crate::http::RequestHead::names
    #[must_use]
    pub fn field_names<'n>(&self, names: impl Iterator<Item = &'n str>) -> FieldNames {
        let config = &self.config;
        FieldNames::new(names, |name| config.reads(name), |name| config.headers.reserves(name))
    }

    /// The keys of all issuers.
    #[must_use]
    pub fn keys(&self) -> &JwksCache {
        &self.keys
    }

    /// The auth servers that are asked.
    #[must_use]
    pub fn remote(&self) -> &AuthServers {
        &self.remote
    }

    /// Forgets every revocation verdict, every verified token and every auth server's yes: after a
    /// revocation nothing that was remembered, or asked for, before it may decide.
    pub fn forget_verdicts(&self) {
        *self.verified.borrow_mut() = VerifiedTokens::default();
        self.remote.drop_positive();
        self.revocations.set(self.revocations.get().wrapping_add(1));
    }

    /// The caller of a token with exactly this text, when it was verified here.
    pub(crate) fn remembered(&self, text: &str) -> Option<Rc<Caller>> {
        self.verified.borrow().find(text)
    }

    fn remember(&self, caller: &Rc<Caller>) {
        self.verified.borrow_mut().insert(Rc::clone(caller));
    }
}
