//! Where the pipeline goes on once a need is answered.

use super::need::step;
use super::rate_limit::LimitAnswer;
use super::{
    Gateway, NeedAssertion, NeedExchange, NeedKeys, NeedLimit, NeedRemoteClaims, NeedRevocation,
    NeedSignature, Step,
};
use crate::revocation::RevocationAnswer;
use crate::time::NumericDate;

impl NeedKeys {
    /// Goes on with the keys that the cache holds now.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, now: NumericDate) -> Step {
        let verified = gateway.verify_with_held_keys(self, now);
        step(verified.and_then(|caller| gateway.proceed_with_caller(caller, now)))
    }
}

impl NeedSignature {
    /// Goes on with the outcome: `true` means that the signature holds.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, holds: bool, now: NumericDate) -> Step {
        let checked = self.check.resume(holds);
        let verified =
            gateway.after_signature(self.request, checked, (self.issuer, self.generation));
        step(verified.and_then(|caller| gateway.proceed_with_caller(caller, now)))
    }
}

impl NeedRemoteClaims {
    /// Goes on with what was answered since the need arose.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, now: NumericDate) -> Step {
        let verified = gateway.after_remote(self, now);
        step(verified.and_then(|caller| gateway.proceed_with_caller(caller, now)))
    }
}

impl NeedRevocation {
    /// Goes on with the answer of the log or of KV.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, answer: &RevocationAnswer, now: NumericDate) -> Step {
        let not_revoked = gateway.after_revocation(self, answer, now);
        step(not_revoked.and_then(|token| gateway.proceed_with_not_revoked(token, now)))
    }
}

impl NeedRevocation {
    /// Goes on after the log was asked without names, on behalf of this request. If the copy is recent
    /// now it decides; if there was no answer, there is none for this request either.
    #[must_use]
    pub fn resume_with_copy(self, gateway: &Gateway, now: NumericDate) -> Step {
        if gateway.log_copy().is_failing(now) {
            return self.resume(gateway, &RevocationAnswer::Unavailable, now);
        }
        step(gateway.check_revocation_again(self, now))
    }
}

impl NeedExchange {
    /// Goes on with what was answered since the need arose.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, now: NumericDate) -> Step {
        let caller = gateway.after_exchange(self, now);
        step(caller.and_then(|caller| gateway.proceed_with_caller(caller, now)))
    }
}

impl NeedAssertion {
    /// Goes on with the signature; without one the request is refused.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, signature: Option<&[u8]>, now: NumericDate) -> Step {
        let signed = gateway.after_assertion(self, signature);
        step(signed.and_then(|signed| gateway.proceed_with_signed(signed, now)))
    }
}

impl NeedLimit {
    /// Goes on with the answer.
    #[must_use]
    pub fn resume(self, answer: LimitAnswer) -> Step {
        let limited = Gateway::after_limit(self, answer);
        step(limited.map(|(request, admission)| Gateway::forward(*request, admission)))
    }
}
