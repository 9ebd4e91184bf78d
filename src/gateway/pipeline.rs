//! The way of a request through the gateway, in order:
//!
//! | stage | takes | adds | may need |
//! |---|---|---|---|
//! | identify | head | route, tenant, credential; or an anonymous admission | |
//! | verify | credential | caller: a verified token, with what was read from it | keys, a signature, an auth server's answer |
//! | claims | caller | [`Authenticated`] | |
//! | revocation | `Authenticated` | [`NotRevoked`] | the answer of the log, or of KV |
//! | permit | `NotRevoked` | [`Permitted`] | |
//! | headers | `Permitted` | the set of identity headers | |
//! | exchange | `Permitted` | [`Exchanged`]: the origin's own token, if it wants one | an auth server's answer |
//! | attest | `Exchanged` | [`Attested`]: an assertion, if one is due | a signature of ours |
//! | limit | admission | | a rate limiting binding's answer |
//! | forward | admission | [`Decision`] | |
//!
//! A stage returns what it adds, or the [`Step`] with which the request ends or waits: a refusal, or a
//! need. [`need`](super::need) has them all,
//! and [`resume`](super::resume) goes on behind the stage that had one.
//!
//! [`Attested`]: super::Attested
//! [`Authenticated`]: crate::token::Authenticated
//! [`NotRevoked`]: crate::revocation::NotRevoked
//! [`Permitted`]: crate::route::Permitted

use super::attest::Signed;
use super::identify::Identified;
use super::need::{Flow, step};
use super::request::{Passing, PendingRequest, Purpose};
use super::{Admission, Decision, Exchanged, Gateway, Step};
use crate::http::RequestHead;
use crate::revocation::NotRevoked;
use crate::time::NumericDate;

impl Gateway {
    /// Begins the decision on a request that came at `now`.
    ///
    /// A public request, a refusal, and a token that this gateway has seen before and whose
    /// revocation verdict is still fresh are decided here and now.
    #[must_use]
    pub fn begin(&self, head: &RequestHead<'_>, now: NumericDate) -> Step {
        step(self.run(head, now))
    }

    /// The same for a head of which every field was fetched, whatever its names say.
    #[must_use]
    pub fn begin_whole(&self, head: &RequestHead<'_>, now: NumericDate) -> Step {
        let names = &self.field_names(head.names.all().map(|(name, _)| name)).into();
        self.begin(&RequestHead { names, ..head.clone() }, now)
    }

    fn run(&self, head: &RequestHead<'_>, now: NumericDate) -> Flow<Decision> {
        match self.identify(head, now)? {
            Identified::Anonymous(request, anonymous) => {
                Self::proceed_with_admission(request, Admission::Anonymous(anonymous))
            }
            Identified::Remembered(request, caller) => {
                self.proceed_with_caller(self.verify_remembered(request, caller, now)?, now)
            }
            Identified::Presented(request, text) => {
                self.proceed_with_caller(self.verify_new(request, &text, now)?, now)
            }
        }
    }

    /// Goes on with a verified token.
    pub(super) fn proceed_with_caller(
        &self,
        caller: Passing<()>,
        now: NumericDate,
    ) -> Flow<Decision> {
        if caller.request.purpose == Purpose::Token {
            return Ok(caller.into_verified());
        }
        let mut authenticated = caller.check_claims(now)?;
        authenticated.request.note_end(&authenticated.caller);
        let not_revoked = self.check_revocation(authenticated, now)?;
        self.proceed_with_not_revoked(not_revoked, now)
    }

    /// Goes on with a token that is not revoked.
    pub(super) fn proceed_with_not_revoked(
        &self,
        not_revoked: Passing<NotRevoked>,
        now: NumericDate,
    ) -> Flow<Decision> {
        let permitted = self.permit(not_revoked, now)?;
        let permitted = self.select_headers(permitted)?;
        let exchanged = self.exchange(permitted, now)?;
        self.proceed_with_exchanged(exchanged, now)
    }

    /// Goes on with the token that the origin wants.
    pub(super) fn proceed_with_exchanged(
        &self,
        exchanged: Passing<Exchanged>,
        now: NumericDate,
    ) -> Flow<Decision> {
        let (request, attested) = self.attest(exchanged, now)?;
        Self::proceed_with_admission(request, Admission::Caller(attested))
    }

    /// Goes on with an assertion that was signed, or from the claims if it is outdated.
    pub(super) fn proceed_with_signed(&self, signed: Signed, now: NumericDate) -> Flow<Decision> {
        match signed {
            Signed::Made(request, attested) => {
                Self::proceed_with_admission(request, Admission::Caller(attested))
            }
            Signed::Outdated(caller) => self.proceed_with_caller(caller, now),
        }
    }

    fn proceed_with_admission(
        request: Box<PendingRequest>,
        admission: Admission,
    ) -> Flow<Decision> {
        // The renewed request is counted, and not the one that waits for its renewal.
        if request.is_renewal_due(&admission) {
            return Ok(Self::forward(*request, admission));
        }
        let (request, admission) = Self::limit(request, admission)?;
        Ok(Self::forward(*request, admission))
    }
}
