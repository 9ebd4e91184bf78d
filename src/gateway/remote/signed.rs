use super::{NeedAnswerKeys, NeedAnswerSignature, RemoteQuery, RemoteStep};
use crate::gateway::Gateway;
use crate::jose::{JoseError, SignatureCheck, SignatureStep};
use crate::time::NumericDate;
use crate::token::SignedAnswer;

impl NeedAnswerKeys {
    /// The issuer, by its index in the configuration.
    #[must_use]
    pub fn issuer(&self) -> usize {
        self.issuer
    }

    /// The number of fetch attempts that had ended when the need arose, for
    /// [`crate::gateway::JwksCache::lease`].
    #[must_use]
    pub fn attempts(&self) -> u64 {
        self.attempts
    }

    /// Whether the gateway has keys and only this answer's is not among them. Then a copy that is
    /// kept elsewhere is of no use.
    #[must_use]
    pub fn is_for_unknown_kid(&self) -> bool {
        self.only_unknown_kid
    }

    /// Resumes with the keys that the gateway holds now.
    #[must_use]
    pub fn resume(self, question: &RemoteQuery, gateway: &Gateway, now: NumericDate) -> RemoteStep {
        question.verify_with_held_keys(gateway, self.answer, self.asked_at, now)
    }
}

impl NeedAnswerSignature {
    /// The signature to verify, with its key and its algorithm.
    #[must_use]
    pub fn signature(&self) -> &SignatureCheck {
        &self.check
    }

    /// Resumes with the outcome: `true` means that the signature holds.
    #[must_use]
    pub fn resume(
        self,
        question: &RemoteQuery,
        gateway: &Gateway,
        holds: bool,
        now: NumericDate,
    ) -> RemoteStep {
        question.after_signature(gateway, self.check.resume(holds), self.asked_at, now)
    }
}

impl RemoteQuery {
    /// Verifies a signed answer. If the issuer's keys are stale or missing, or do not include the
    /// answer's key, they are first fetched from the issuer, once.
    pub(super) fn verify(
        &self,
        gateway: &Gateway,
        answer: SignedAnswer,
        asked_at: NumericDate,
        now: NumericDate,
    ) -> RemoteStep {
        let Some((issuer, ..)) = self.at(gateway) else {
            return self.fail_unverified(gateway, now);
        };
        let keys = gateway.keys();
        let state = keys.state(issuer, now).filter(|state| !state.is_stale);
        let only_unknown_kid = match state.map(|state| state.set.select(answer.header())) {
            None => false,
            Some(Err(JoseError::KeyUnknown)) => true,
            Some(_) => return self.verify_with_held_keys(gateway, answer, asked_at, now),
        };
        let kid = answer.header().kid.as_deref();
        let may_ask = if only_unknown_kid {
            keys.may_look_for(issuer, kid, now)
        } else {
            !keys.is_failing(issuer, now)
        };
        if !may_ask {
            return self.verify_with_held_keys(gateway, answer, asked_at, now);
        }
        let attempts = keys.attempts(issuer);
        RemoteStep::NeedKeys(Box::new(NeedAnswerKeys {
            issuer,
            answer,
            asked_at,
            attempts,
            only_unknown_kid,
        }))
    }

    fn verify_with_held_keys(
        &self,
        gateway: &Gateway,
        answer: SignedAnswer,
        asked_at: NumericDate,
        now: NumericDate,
    ) -> RemoteStep {
        let state = self.at(gateway).and_then(|(index, issuer, _)| {
            let is_listed = issuer.algorithms.contains(&answer.header().algorithm);
            gateway.keys().state(index, now).filter(|_| is_listed)
        });
        match state.and_then(|state| state.set.select(answer.header()).ok()) {
            Some(keys) => self.after_signature(gateway, answer.check(keys), asked_at, now),
            None => self.fail_unverified(gateway, now),
        }
    }

    fn after_signature(
        &self,
        gateway: &Gateway,
        step: SignatureStep,
        asked_at: NumericDate,
        now: NumericDate,
    ) -> RemoteStep {
        let proof = match step {
            SignatureStep::Valid(proof) => proof,
            SignatureStep::Invalid(_) => return self.fail_unverified(gateway, now),
            SignatureStep::Pending(check) => {
                let need = NeedAnswerSignature { check, asked_at };
                return RemoteStep::NeedSignature(Box::new(need));
            }
        };
        let (Some((_, issuer, remote)), Some(check)) = (self.at(gateway), self.check()) else {
            return self.fail_unverified(gateway, now);
        };
        let client = remote.client.as_ref().map_or("", |client| client.id.as_str());
        let leeway = issuer.policy.leeway;
        let verdict = check.read_signed(&proof, client, (asked_at, now), leeway);
        self.conclude(gateway, verdict, (asked_at, None), now)
    }
}
