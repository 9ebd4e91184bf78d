use std::rc::Rc;
use std::time::Duration;

use super::breaker::Breaker;
use super::query_kind::QueryKind;
use super::verdicts::{CachedVerdict, Key};
use super::{BreakerChange, IssuerEndpoint, RemoteCall, RemoteStep};
use crate::gateway::caller::VerifiedBy;
use crate::gateway::{Caller, Gateway, Rejection};
use crate::jose::base64url;
use crate::limits;
use crate::time::NumericDate;
use crate::token::{
    ClaimError, ExchangeVerdict, PresentedToken, RemoteCheck, RemoteFailure, RemoteMethod,
    RemoteReply, RemoteVerdict, TokenError, VerifiedToken,
};

/// What an auth server is asked: about which token, at which endpoint.
#[derive(Debug)]
pub struct RemoteQuery {
    pub(super) key: Key,
    pub(super) about: QueryKind,
}

/// What came of an attempt, for the log and the store.
#[derive(Clone, Debug, Default)]
pub struct RemoteReport {
    /// Why there was no answer.
    pub failure: Option<RemoteFailure>,
    /// What that did to the endpoint's breaker.
    pub change: Option<BreakerChange>,
    /// Why no other token was given in exchange, as the auth server calls it.
    pub refusal: Option<&'static str>,
    /// A yes that other isolates may use.
    pub copy: Option<RemoteCopy>,
}

/// A yes as it is stored: name, value, life.
#[derive(Clone, Debug)]
pub struct RemoteCopy {
    /// Where.
    pub name: String,
    /// What.
    pub text: String,
    /// How long the store may keep it; that is longer than it may be used, which the text says.
    pub ttl: Duration,
}

impl RemoteQuery {
    pub(super) fn new(
        issuer: usize,
        place: &IssuerEndpoint,
        way: RemoteMethod,
        (scheme, token): (Option<Rc<str>>, PresentedToken),
    ) -> Self {
        let key = place.endpoint.key(scheme.as_deref(), token.text());
        let (name, kept) = (Rc::clone(&place.issuer), Rc::clone(&place.kept));
        let check = RemoteCheck::new(token, way, name, kept);
        Self { key, about: QueryKind::Token { issuer, scheme, check } }
    }

    /// Where the store may hold a copy of a yes: `remote:` and a hash; nothing when none is kept.
    #[must_use]
    pub fn copy_name(&self, gateway: &Gateway) -> Option<String> {
        let (_, _, remote) = self.at(gateway)?;
        remote.is_stored.then(|| self.name())
    }

    /// Takes the store's copy into account; `true` when it answers the question.
    ///
    /// One that is no longer fresh is kept for the case that the endpoint cannot say.
    pub fn recall(&self, gateway: &Gateway, copy: &str, now: NumericDate) -> bool {
        self.recalled(gateway, copy, now).unwrap_or(false)
    }

    fn recalled(&self, gateway: &Gateway, copy: &str, now: NumericDate) -> Option<bool> {
        let recalled = self.check()?.recall(copy, now)?;
        let caller = self.caller(gateway, recalled.token, recalled.fresh_until).ok()?;
        let is_fresh = caller.is_fresh(now);
        let mut answers = gateway.remote.answers.borrow_mut();
        // What this isolate has heard later stands: a no is not taken back by an older yes.
        let answers_it = answers.keep(self.key, CachedVerdict::Yes(caller)) && is_fresh;
        if answers_it {
            answers.settle(self.key, false);
        }
        Some(answers_it)
    }

    /// The call to make; `None` when the endpoint is left alone now, at all or about this token, and with that the attempt has
    /// ended. Who got a call owes [`RemoteQuery::settle`] its outcome.
    #[must_use]
    pub fn call(&self, gateway: &Gateway, now: NumericDate) -> Option<RemoteCall> {
        let (endpoint, _, life) = self.endpoint_policy(gateway)?;
        let open_until = gateway.remote.answers.borrow().open_until(&self.key);
        let rests = open_until.is_some_and(|until| now < until);
        if !rests && endpoint.breaker(|breaker| breaker.admit(life, now)) {
            return self.to_make(gateway);
        }
        gateway.remote.answers.borrow_mut().settle(self.key, true);
        None
    }

    /// Says how the call that began at `asked_at` ended. The attempt has ended when the last step is
    /// [`RemoteStep::Done`]; a signed answer needs more before.
    #[must_use]
    pub fn settle(
        &self,
        gateway: &Gateway,
        asked_at: NumericDate,
        reply: Result<RemoteReply, RemoteFailure>,
        now: NumericDate,
    ) -> RemoteStep {
        let pause = reply.as_ref().ok().and_then(|reply| reply.retry_after);
        let verdict = match (reply, &self.about) {
            (Err(failure), _) => RemoteVerdict::CannotSay(failure),
            (Ok(reply), QueryKind::Token { check, .. }) => check.read(&reply, asked_at),
            (Ok(reply), QueryKind::Exchange { token, .. }) => {
                let verdict = ExchangeVerdict::read(&reply);
                return self.conclude_exchange(gateway, token, verdict, (asked_at, pause), now);
            }
        };
        self.conclude(gateway, verdict, (asked_at, pause), now)
    }

    fn to_make(&self, gateway: &Gateway) -> Option<RemoteCall> {
        match &self.about {
            QueryKind::Token { scheme, check, .. } => {
                let (_, _, remote) = self.at(gateway)?;
                Some(RemoteCall::new(remote, scheme.as_deref(), check.token().text()))
            }
            QueryKind::Exchange { origin, token } => {
                let exchange = gateway.config.origins.get(*origin)?.exchange.as_ref()?;
                Some(RemoteCall::exchange(exchange, token.text()))
            }
        }
    }

    /// Keeps a verdict and ends the attempt, unless it is none yet.
    pub(super) fn conclude(
        &self,
        gateway: &Gateway,
        verdict: RemoteVerdict,
        (asked_at, pause): (NumericDate, Option<Duration>),
        now: NumericDate,
    ) -> RemoteStep {
        let mut report = match verdict {
            RemoteVerdict::Signed(answer) => return self.verify(gateway, *answer, asked_at, now),
            RemoteVerdict::CannotSay(failure) => {
                return RemoteStep::Done(Box::new(self.fail(gateway, failure, pause, now)));
            }
            RemoteVerdict::No(error) => {
                self.cache_reject(gateway, error, asked_at);
                RemoteReport::default()
            }
            RemoteVerdict::Yes(token) => self.cache_accept(gateway, *token, asked_at, now),
        };
        report.change = self.finish_call(gateway);
        RemoteStep::Done(Box::new(report))
    }

    /// Ends an attempt that got an answer, whichever.
    pub(super) fn finish_call(&self, gateway: &Gateway) -> Option<BreakerChange> {
        gateway.remote.answers.borrow_mut().settle(self.key, false);
        self.endpoint_policy(gateway).and_then(|(endpoint, ..)| endpoint.breaker(Breaker::succeed))
    }

    fn cache_accept(
        &self,
        gateway: &Gateway,
        token: VerifiedToken,
        asked_at: NumericDate,
        now: NumericDate,
    ) -> RemoteReport {
        match self.caller(gateway, token, NEVER) {
            Ok(caller) => {
                let answer = CachedVerdict::Yes(Rc::clone(&caller));
                if !gateway.remote.answers.borrow_mut().keep(self.key, answer) {
                    return RemoteReport::default();
                }
                gateway.remember(&caller);
                if let Some(key) = self.refusal_key(gateway) {
                    gateway.remote.answers.borrow_mut().remove(&key);
                }
                let copy = self.copy(gateway, &caller, now);
                RemoteReport { copy, ..RemoteReport::default() }
            }
            Err(error) => {
                self.cache_reject(gateway, error.into(), asked_at);
                RemoteReport::default()
            }
        }
    }

    fn cache_reject(&self, gateway: &Gateway, error: TokenError, asked_at: NumericDate) {
        let until = asked_at.plus(limits::REMOTE_NO);
        let answer = CachedVerdict::No { rejection: Rejection::Token(error), asked_at, until };
        let is_kept = gateway.remote.answers.borrow_mut().keep(self.key, answer.clone());
        if let Some(check) = self.check().filter(|_| is_kept) {
            gateway.verified.borrow_mut().remove(check.token().text());
        }
        if let Some(key) = self.refusal_key(gateway) {
            gateway.remote.answers.borrow_mut().keep(key, answer);
        }
    }

    /// Where a refusal keeps the issuer's keys from accepting the token; nowhere without such keys.
    fn refusal_key(&self, gateway: &Gateway) -> Option<Key> {
        let (index, issuer, _) = self.at(gateway)?;
        let endpoint = &gateway.remote.issuer(index)?.endpoint;
        let token = self.check()?.token();
        issuer.verifies_tokens().then(|| endpoint.refusal_key(&token.input_hash()))
    }

    pub(super) fn fail(
        &self,
        gateway: &Gateway,
        failure: RemoteFailure,
        pause: Option<Duration>,
        now: NumericDate,
    ) -> RemoteReport {
        let change = self.endpoint_policy(gateway).and_then(|(endpoint, policy, _)| {
            let asked_for =
                pause.map(|pause| pause.clamp(Duration::from_secs(1), limits::REMOTE_PAUSE_MAX));
            if failure == RemoteFailure::Busy {
                let pause = asked_for.unwrap_or(policy.open_for);
                gateway.remote.answers.borrow_mut().rest(self.key, now.plus(pause));
                return endpoint
                    .breaker(|breaker| breaker.throttle(policy, self.tag(), pause, now));
            }
            if failure.is_outage() || asked_for.is_some() {
                return endpoint.breaker(|breaker| breaker.fail(policy, asked_for, now));
            }
            endpoint.breaker(Breaker::succeed)
        });
        gateway.remote.answers.borrow_mut().settle(self.key, true);
        RemoteReport { failure: Some(failure), change, ..RemoteReport::default() }
    }

    /// Works out who the caller is, and for how long the yes may be reused: never past `exp`, nor
    /// past `at_most`.
    fn caller(
        &self,
        gateway: &Gateway,
        token: VerifiedToken,
        at_most: NumericDate,
    ) -> Result<Rc<Caller>, ClaimError> {
        let (index, issuer, remote) = self.at(gateway).ok_or(ClaimError::Missing)?;
        let asked_at = token.asked_at().ok_or(ClaimError::Missing)?;
        let exp = token.claims().expires_at.unwrap_or(NEVER);
        let fresh_until = asked_at.plus(remote.fresh_for).min(exp).min(at_most);
        let stale_until = asked_at.plus(remote.fresh_for).plus(remote.stale_for).min(exp);
        let basis = VerifiedBy::Remote { key: self.key, fresh_until, stale_until };
        let caller = Caller::new(token, (index, issuer), basis, &gateway.config)?;
        Ok(Rc::new(caller.asked_about_under(self.scheme())))
    }

    fn copy(&self, gateway: &Gateway, caller: &Caller, now: NumericDate) -> Option<RemoteCopy> {
        let (_, _, remote) = self.at(gateway)?;
        let VerifiedBy::Remote { fresh_until, stale_until, .. } = caller.basis else {
            return None;
        };
        let is_worth_it = remote.is_stored && now < fresh_until;
        let text = caller.token().copy(fresh_until).filter(|_| is_worth_it)?;
        let ttl = stale_until.since(now).max(limits::KV_TTL_MIN);
        Some(RemoteCopy { name: self.name(), text, ttl })
    }

    /// Tells tokens apart, among a few, whatever their schemes and signatures are.
    fn tag(&self) -> u64 {
        let hash = match &self.about {
            QueryKind::Token { check, .. } => check.token().input_hash(),
            QueryKind::Exchange { token, .. } => token.input_hash(),
        };
        hash.first_chunk().copied().map(u64::from_be_bytes).unwrap_or_default()
    }

    fn name(&self) -> String {
        format!("remote:{}", base64url(&self.key))
    }
}

const NEVER: NumericDate = NumericDate::from_millis(i64::MAX);
