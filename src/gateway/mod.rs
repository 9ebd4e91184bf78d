//! The decision as a state machine without I/O: a request head goes in, a [`Step`] comes out.
//!
//! A step is either a [`Decision`] or a need: keys, a signature to verify, an auth server's answer,
//! a revocation look-up, a token to exchange, an assertion to sign, a rate limit to check. The
//! driver answers the need and resumes. The time is passed in; nothing here waits.

mod administrator;
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
mod log_copy;
mod need;
mod permit;
mod pipeline;
mod presented;
mod rate_limit;
mod record;
mod refusal_response;
mod refuse;
mod rejection;
mod remote;
mod renewal;
mod request;
mod resume;
mod revocation;
mod revocation_fields;
mod revocation_list;
mod revocation_request;
mod session_token;
mod sync;
mod sync_plan;
mod tenant;
mod token_revocation;
mod url;
mod verified;
mod verify;
mod word_hash;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

pub use administrator::AdminScope;
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
pub use record::{Record, RevocationCheck};
pub use refusal_response::RefusalResponse;
pub use rejection::Rejection;
pub use remote::{
    AuthServers, BreakerChange, BreakerState, EndpointId, NeedAnswerKeys, NeedAnswerSignature,
    RemoteCall, RemoteCopy, RemoteQuery, RemoteReport, RemoteStep,
};
pub use revocation_request::{LiftOrder, RevocationOrder};
pub use session_token::SessionToken;
pub use sync::SyncTarget;
pub use sync_plan::SyncPlan;
pub use token_revocation::{TokenRevocation, TokenRevocationError};
pub(crate) use url::split_url;

use crate::adapter_cache::AdapterCache;
use crate::config::Config;
use crate::http::FieldNames;
use crate::jose::KnownHeaders;
use crate::revocation::LogCopy;
use forwarded::ForwardedHosts;
use verified::VerifiedTokens;

/// The gateway of one configuration, with the keys that it has and the tokens that it has seen.
///
/// A changed configuration needs a new gateway, so that nothing that was remembered under the old
/// one counts.
#[derive(Debug)]
pub struct Gateway {
    config: Config,
    keys: JwksCache,
    remote: AuthServers,
    headers: KnownHeaders,
    verified: RefCell<VerifiedTokens>,
    revocations: Cell<u64>,
    /// The copy of the revocation log, which outlives the configuration.
    log_copy: Rc<RefCell<LogCopy>>,
    /// How old the copy was when it last decided about a token.
    copy_age: Cell<Option<Duration>>,
    /// The adapter's own form of each origin.
    prepared: Box<[AdapterCache]>,
    forwarded: ForwardedHosts,
}

impl Gateway {
    /// Creates a gateway that has seen nothing yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let keys = JwksCache::new(&config.issuers);
        let remote = AuthServers::new(&config);
        let prepared = config.origins.iter().map(|_| AdapterCache::default()).collect();
        let (headers, verified, forwarded) = Default::default();
        let (revocations, log_copy, copy_age) = Default::default();
        Self {
            config,
            keys,
            remote,
            headers,
            verified,
            revocations,
            log_copy,
            copy_age,
            prepared,
            forwarded,
        }
    }

    /// Creates a gateway for another configuration that takes over the keys of `before`, for every
    /// issuer with the same `iss` whose keys come from the same place, and the copy of the revocation
    /// log. Nothing else that `before` learned counts here.
    #[must_use]
    pub fn succeeding(config: Config, before: &Self) -> Self {
        let gateway = Self { log_copy: Rc::clone(&before.log_copy), ..Self::new(config) };
        gateway.keys.take_over(&gateway.config.issuers, &before.keys, &before.config.issuers);
        gateway
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The classification of a request's header fields by their names, for [`RequestHead::names`].
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

    /// The auth servers that are asked, with their answers.
    #[must_use]
    pub fn remote(&self) -> &AuthServers {
        &self.remote
    }

    /// Forgets every revocation verdict, every verified token and every positive answer of an auth
    /// server. After a revocation, nothing that was remembered or requested before it may decide.
    pub fn forget_verdicts(&self) {
        *self.verified.borrow_mut() = VerifiedTokens::default();
        self.remote.drop_positive();
        self.revocations.set(self.revocations.get().wrapping_add(1));
    }

    /// The caller of a token with exactly this text, if the token was verified here.
    pub(crate) fn remembered(&self, text: &str) -> Option<Rc<Caller>> {
        self.verified.borrow().find(text)
    }

    fn remember(&self, caller: &Rc<Caller>) {
        self.verified.borrow_mut().insert(Rc::clone(caller));
    }
}
