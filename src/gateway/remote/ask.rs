use std::rc::Rc;

use super::RemoteQuery;
use super::verdicts::{CachedVerdict, Entry};
use crate::config::Remote;
use crate::gateway::need::Flow;
use crate::gateway::request::Passing;
use crate::gateway::request::PendingRequest;
use crate::gateway::{Gateway, NeedRemoteClaims, Rejection, Step};
use crate::time::NumericDate;
use crate::token::{PresentedToken, UnverifiedToken};

impl Gateway {
    /// The answer about a token by memory, or the need for one.
    pub(in crate::gateway) fn ask_remote(
        &self,
        request: Box<PendingRequest>,
        token: PresentedToken,
        (index, remote): (usize, &Remote),
        now: NumericDate,
    ) -> Flow<Passing<()>> {
        let Some(endpoint) = self.remote.issuer(index) else {
            return Err(request.refuse(Rejection::Internal));
        };
        let scheme = request.scheme_for(remote);
        let question = RemoteQuery::new(index, endpoint, remote.way, (scheme, token));
        let entry = self.remote.answers.borrow().find(&question.key);
        match entry.answer {
            Some(CachedVerdict::Yes(caller))
                if self.still_valid(&caller, &request, now).is_some() =>
            {
                self.remember(&caller);
                Ok(Passing { request, caller, proof: () })
            }
            Some(CachedVerdict::No { rejection, asked_at, until })
                if asked_at <= now && now < until =>
            {
                Err(request.refuse(rejection))
            }
            _ => {
                let (question, attempt) = (Rc::new(question), entry.attempt);
                let need = NeedRemoteClaims { request, question, attempt };
                Err(Step::NeedRemoteClaims(Box::new(need)))
            }
        }
    }

    pub(in crate::gateway) fn after_remote(
        &self,
        need: NeedRemoteClaims,
        now: NumericDate,
    ) -> Flow<Passing<()>> {
        let entry = self.remote.answers.borrow().find(&need.question.key);
        let has_answered = entry.attempt != need.attempt && !entry.has_failed;
        match &entry.answer {
            Some(CachedVerdict::Yes(caller)) if has_answered => {
                Ok(Passing { request: need.request, caller: Rc::clone(caller), proof: () })
            }
            Some(CachedVerdict::No { rejection, .. }) if has_answered => {
                Err(need.request.refuse(rejection.clone()))
            }
            _ => self.cannot_say(need, entry, now),
        }
    }

    /// The endpoint cannot say: an earlier answer as far as the issuer lets it serve, then the other
    /// way of verifying, then nothing.
    fn cannot_say(
        &self,
        need: NeedRemoteClaims,
        entry: Entry,
        now: NumericDate,
    ) -> Flow<Passing<()>> {
        let NeedRemoteClaims { request, question, .. } = need;
        match entry.answer {
            Some(CachedVerdict::Yes(caller)) if caller.is_usable(now) => {
                return Ok(Passing { request, caller, proof: () });
            }
            // A no stays one: an outage of the auth server must not bring back what it refused.
            Some(CachedVerdict::No { rejection, .. }) => return Err(request.refuse(rejection)),
            _ => {}
        }
        if let Some((issuer, token)) = self.fallback(&question) {
            // Nor does it under another scheme, or by another signature of the same token.
            if let Some(rejection) = self.remote.refusal(issuer, &token.signing_input_hash()) {
                return Err(request.refuse(rejection));
            }
            return self.verify_by_keys(request, token, issuer, now);
        }
        let wait = self.remote.retry_after(question.source(), now);
        Err(request.refuse(Rejection::AuthServerUnavailable(wait)))
    }

    /// The token again, for the issuer's keys: where it names the issuer, or names none and is the
    /// issuer's to judge. The auth server's answer, which is missing, was all that tied any other
    /// token to it.
    fn fallback(&self, question: &RemoteQuery) -> Option<(usize, UnverifiedToken)> {
        let (index, issuer, _) = question.at(self)?;
        let PresentedToken::Jwt(token) = question.check()?.token() else {
            return None;
        };
        let names_it = token.unverified_issuer().is_some_and(|iss| issuer.policy.takes(iss))
            || (token.names_no_issuer() && issuer.takes_unnamed());
        let is_tried = names_it && issuer.verifies_tokens();
        let max_bytes = self.config.token_bytes;
        let parse = || UnverifiedToken::parse_at_most(token.text().to_owned(), max_bytes).ok();
        Some((index, is_tried.then(parse)??))
    }
}
