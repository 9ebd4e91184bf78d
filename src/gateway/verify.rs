//! Verify: from a token's text to its caller.

use std::rc::Rc;

use super::caller::VerifiedBy;
use super::issuer::candidates;
use super::need::Flow;
use super::request::{Passing, PendingRequest};
use super::{Caller, Gateway, KeyState, NeedKeys, NeedSignature, Rejection, Step};
use crate::jose::JoseError;
use crate::time::NumericDate;
use crate::token::{PresentedToken, TokenError, TokenStep, UnverifiedToken};

impl Gateway {
    /// The caller by memory, while that counts; otherwise the token anew.
    pub(super) fn verify_remembered(
        &self,
        mut request: Box<PendingRequest>,
        caller: Rc<Caller>,
        now: NumericDate,
    ) -> Flow<Passing<()>> {
        if let Some(keys_are_stale) = self.still_valid(&caller, &request, now) {
            request.note(&caller, keys_are_stale);
            return Ok(Passing { request, caller, proof: () });
        }
        let text = caller.token().text();
        self.verified.borrow_mut().remove(text);
        self.verify_new(request, text, now)
    }

    /// The token from the beginning.
    pub(super) fn verify_new(
        &self,
        request: Box<PendingRequest>,
        text: &str,
        now: NumericDate,
    ) -> Flow<Passing<()>> {
        let max_bytes = self.config.token_bytes;
        match PresentedToken::parse_with(&self.headers, text.to_owned(), max_bytes) {
            Ok(token) => self.verify(request, token, now),
            Err(error) => Err(request.refuse(error.into())),
        }
    }

    /// Whether the verification of a caller's token still holds; the flag says whether that is a
    /// key that should have been replaced.
    pub(super) fn still_valid(
        &self,
        caller: &Caller,
        request: &PendingRequest,
        now: NumericDate,
    ) -> Option<bool> {
        let remote = self.config.issuers.get(caller.issuer)?.remote.as_ref();
        let is_asked = remote.is_some();
        let scheme = remote.and_then(|remote| request.scheme_for(remote));
        let is_away = || self.remote.leaves_alone(caller, scheme.as_deref(), now);
        match caller.basis {
            VerifiedBy::Keys { generation } => {
                // Under other keys, or none, the signature says nothing: it is verified anew.
                let state = self.keys.state(caller.issuer, now)?;
                // And it counts only for an issuer that cannot be asked, and has not refused.
                let is_refused =
                    || self.remote.refusal(caller.issuer, &caller.token().input_hash()).is_some();
                let holds =
                    state.generation == generation && (!is_asked || (is_away() && !is_refused()));
                holds.then_some(state.is_stale)
            }
            // What was said of it under another scheme says nothing.
            VerifiedBy::Remote { .. } if scheme != caller.scheme => None,
            VerifiedBy::Remote { .. } => {
                let holds = caller.is_fresh(now) || (caller.is_usable(now) && is_away());
                holds.then_some(false)
            }
        }
    }

    #[inline(never)]
    fn verify(
        &self,
        mut request: Box<PendingRequest>,
        token: PresentedToken,
        now: NumericDate,
    ) -> Flow<Passing<()>> {
        request.record.kid = token.header().and_then(|header| header.kid.clone());
        let index = match self.issuer_of(&token) {
            Ok(index) => index,
            Err(rejection) => return Err(request.refuse(rejection)),
        };
        request.record.issuer = Some(index);
        let Some(issuer) = self.config.issuers.get(index) else {
            return Err(request.refuse(Rejection::Internal));
        };
        // The header only says what the token claims to be; the list says what it may be. There is
        // none where no token of the issuer is ever verified here.
        let is_refused = |token: &UnverifiedToken| {
            issuer.verifies_tokens() && !issuer.algorithms.contains(&token.header().algorithm)
        };
        match (token, &issuer.remote) {
            (PresentedToken::Jwt(token), _) if is_refused(&token) => {
                refuse(request, JoseError::AlgorithmRefused)
            }
            (token, Some(remote)) => self.ask_remote(request, token, (index, remote), now),
            (PresentedToken::Jwt(token), None) => self.verify_by_keys(request, *token, index, now),
            (PresentedToken::Opaque(_), None) => refuse(request, JoseError::Parts),
        }
    }

    /// The token by the keys of its issuer, whose algorithm is on the list.
    pub(super) fn verify_by_keys(
        &self,
        request: Box<PendingRequest>,
        token: UnverifiedToken,
        index: usize,
        now: NumericDate,
    ) -> Flow<Passing<()>> {
        let attempts = self.keys.attempts(index);
        let need = NeedKeys { request, token, issuer: index, attempts, only_unknown_kid: false };
        match self.keys.state(index, now) {
            Some(state) => self.verify_with(need, &state, now),
            None if self.keys.is_failing(index, now) => {
                Err(need.request.refuse(Rejection::KeysUnavailable))
            }
            None => Err(Step::NeedKeys(Box::new(need))),
        }
    }

    /// Goes on after somebody has tried to get keys.
    pub(super) fn verify_with_held_keys(
        &self,
        need: NeedKeys,
        now: NumericDate,
    ) -> Flow<Passing<()>> {
        match self.keys.state(need.issuer, now) {
            Some(state) => self.verify_with(need, &state, now),
            None => Err(need.request.refuse(Rejection::KeysUnavailable)),
        }
    }

    fn verify_with(
        &self,
        mut need: NeedKeys,
        state: &KeyState,
        now: NumericDate,
    ) -> Flow<Passing<()>> {
        if state.is_stale {
            need.request.revalidate = Some(need.issuer);
        }
        let Some(issuer) = self.config.issuers.get(need.issuer) else {
            return Err(need.request.refuse(Rejection::Internal));
        };
        match candidates(issuer, &state.set, &need.token) {
            Ok(keys) => {
                let from = (need.issuer, state.generation);
                self.after_signature(need.request, need.token.check(keys), from)
            }
            Err(JoseError::KeyUnknown) => self.look_for_key(need, state, now),
            Err(error) => refuse(need.request, error),
        }
    }

    /// The key may be newer than the set: asks the issuer once, then not again for a while.
    #[inline(never)]
    fn look_for_key(
        &self,
        need: NeedKeys,
        state: &KeyState,
        now: NumericDate,
    ) -> Flow<Passing<()>> {
        let issuer = need.issuer;
        // A set that came after the request did is as new as it gets.
        let may_be_newer =
            !need.only_unknown_kid && state.fetched_at < need.request.record.started_at;
        let kid = need.token.header().kid.as_deref();
        if may_be_newer && self.keys.may_look_for(issuer, kid, now) {
            let attempts = self.keys.attempts(issuer);
            let need = NeedKeys { only_unknown_kid: true, attempts, ..need };
            return Err(Step::NeedKeys(Box::new(need)));
        }
        // Unknown is a verdict only when the issuer could be asked; otherwise nobody knows.
        if self.keys.is_failing(issuer, now) {
            return Err(need.request.refuse(Rejection::KeysUnavailable));
        }
        refuse(need.request, JoseError::KeyUnknown)
    }

    #[inline(never)]
    pub(super) fn after_signature(
        &self,
        request: Box<PendingRequest>,
        step: TokenStep,
        (issuer, generation): (usize, u64),
    ) -> Flow<Passing<()>> {
        let token = match step {
            TokenStep::Verified(token) => token,
            TokenStep::Refused(error) => return Err(request.refuse(error.into())),
            TokenStep::Pending(check) => {
                let need = NeedSignature { request, check, issuer, generation };
                return Err(Step::NeedSignature(Box::new(need)));
            }
        };
        let Some(of) = self.config.issuers.get(issuer) else {
            return Err(request.refuse(Rejection::Internal));
        };
        token.teach(&self.headers);
        let token = if of.takes_unnamed() { token.of_issuer(&of.policy.issuer) } else { token };
        let basis = VerifiedBy::Keys { generation };
        match Caller::new(token, (issuer, of), basis, &self.config) {
            Ok(caller) => {
                let caller = Rc::new(caller);
                self.remember(&caller);
                Ok(Passing { request, caller, proof: () })
            }
            Err(error) => Err(request.refuse(Rejection::Token(error.into()))),
        }
    }
}

fn refuse<T>(request: Box<PendingRequest>, error: JoseError) -> Flow<T> {
    Err(request.refuse(Rejection::Token(TokenError::Jose(error))))
}
