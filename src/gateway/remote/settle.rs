use super::query::{QueryKind, RemoteQuery};
use super::verdicts::CachedVerdict;
use super::{RemoteCall, RemoteStep};
use crate::gateway::Gateway;
use crate::time::NumericDate;
use crate::token::{ExchangeVerdict, RemoteFailure, RemoteReply, RemoteVerdict};

impl RemoteQuery {
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
        // Beside another status it is about this request alone, and holds up nobody else.
        let asks_for_pause = |reply: &&RemoteReply| matches!(reply.status, 429 | 503);
        let pause = reply.as_ref().ok().filter(asks_for_pause).and_then(|reply| reply.retry_after);
        let verdict = match (reply, &self.about) {
            (Err(failure), _) => RemoteVerdict::CannotSay(failure),
            (Ok(reply), QueryKind::Token { check, .. }) => check.read(&reply, asked_at),
            (Ok(reply), QueryKind::Exchange { token, .. }) => {
                let verdict = ExchangeVerdict::read(&reply);
                return self.conclude_exchange(gateway, token, verdict, (asked_at, pause), now);
            }
        };
        match verdict {
            RemoteVerdict::Signed(answer) => self.verify(gateway, *answer, asked_at, now),
            verdict => self.conclude(gateway, verdict, (asked_at, pause), now),
        }
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
}
