use std::rc::Rc;
use std::time::Duration;

use super::breaker::Breaker;
use super::query::RemoteQuery;
use super::verdicts::{CachedVerdict, Key};
use super::{BreakerChange, RemoteCopy, RemoteReport, RemoteStep};
use crate::gateway::caller::VerifiedBy;
use crate::gateway::{Caller, Gateway, Rejection};
use crate::limits;
use crate::time::NumericDate;
use crate::token::{ClaimError, RemoteFailure, RemoteVerdict, TokenError, VerifiedToken};

impl RemoteQuery {
    /// Keeps a verdict and ends the attempt, unless it is none yet.
    pub(super) fn conclude(
        &self,
        gateway: &Gateway,
        verdict: RemoteVerdict,
        (asked_at, pause): (NumericDate, Option<Duration>),
        now: NumericDate,
    ) -> RemoteStep {
        let mut report = match verdict {
            RemoteVerdict::CannotSay(failure) => {
                return RemoteStep::Done(Box::new(self.fail(gateway, failure, pause, now)));
            }
            // What is signed has been opened before: there is no answer in an answer.
            RemoteVerdict::Signed(_) => return self.fail_unverified(gateway, now),
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
            if failure.may_be_callers() && self.check().is_some() {
                // The endpoint answers. If this counted as a failure, one caller could stop the calls for everyone.
                gateway.remote.answers.borrow_mut().rest(self.key, now.plus(policy.open_for));
                return endpoint.breaker(Breaker::succeed);
            }
            if failure.is_outage() || asked_for.is_some() {
                return endpoint.breaker(|breaker| breaker.fail(policy, asked_for, now));
            }
            endpoint.breaker(Breaker::succeed)
        });
        gateway.remote.answers.borrow_mut().settle(self.key, true);
        RemoteReport { failure: Some(failure), change, ..RemoteReport::default() }
    }

    /// An answer that cannot be verified says nothing, neither yes nor no.
    pub(super) fn fail_unverified(&self, gateway: &Gateway, now: NumericDate) -> RemoteStep {
        let report = self.fail(gateway, RemoteFailure::Unverified, None, now);
        RemoteStep::Done(Box::new(report))
    }

    /// Works out who the caller is, and for how long the yes may be reused: never past `exp`, nor
    /// past `at_most`.
    pub(super) fn caller(
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
}

const NEVER: NumericDate = NumericDate::from_millis(i64::MAX);
