//! Answers what the gateway needs until it has decided, and counts how often it asked.

use std::collections::BTreeMap;
use std::rc::Rc;

use edgeward::gateway::{
    Decision, Gateway, KeyUpdate, Lease, LimitAnswer, Outcome, RemoteCall, RemoteQuery,
    RemoteReport, RemoteStep, Step,
};
use edgeward::jose::{self, JwkSet};
use edgeward::revocation::{RevocationAnswer, RevocationName};
use edgeward::route::Route;
use edgeward::time::NumericDate;
use edgeward::token::{RemoteFailure, RemoteReply};
use sha2::{Digest, Sha256};

use super::request::Request;
use super::sign::assertion_key;

/// The world around a gateway: what its issuers publish, what its store holds.
#[derive(Clone, Default)]
pub(crate) struct World {
    /// What each issuer publishes; nothing is an issuer that cannot be reached.
    pub(crate) published: BTreeMap<usize, JwkSet>,
    /// Entries of the store, by name.
    pub(crate) entries: BTreeMap<String, String>,
    /// Whether the store does not answer.
    pub(crate) store_is_down: bool,
    /// Whether nothing can be signed.
    pub(crate) signer_is_down: bool,
    /// How many assertions were to be signed.
    pub(crate) signed: usize,
    /// Requests by binding and key; two are within each limit.
    pub(crate) counts: BTreeMap<String, usize>,
    /// Whether no binding answers.
    pub(crate) limiter_is_down: bool,
    /// How often each need arose.
    pub(crate) asked: Asked,
    /// The auth server; none is one that cannot be reached.
    pub(crate) auth_server: Option<AuthServer>,
    /// How often it was called.
    pub(crate) calls: usize,
    /// What the attempts to ask it came to.
    pub(crate) reports: Vec<RemoteReport>,
}

/// What an auth server answers to a call.
pub(crate) type AuthServer = Rc<dyn Fn(&RemoteCall) -> Result<RemoteReply, RemoteFailure>>;

/// An answer without anything special.
pub(crate) fn reply(status: u16, body: &str) -> RemoteReply {
    RemoteReply { status, body: body.as_bytes().to_vec(), is_signed: false, retry_after: None }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) keys: usize,
    pub(crate) signatures: usize,
    pub(crate) store: usize,
}

impl World {
    /// Decides on a request, and starts counting anew.
    pub(crate) fn decide(
        &mut self,
        gateway: &Gateway,
        request: &Request,
        now: NumericDate,
    ) -> Decision {
        self.asked = Asked::default();
        self.calls = 0;
        self.reports.clear();
        let mut step = request.begin(gateway, now);
        loop {
            step = match self.answer(gateway, step, now) {
                Ok(decision) => return decision,
                Err(next) => next,
            };
        }
    }

    /// One step further.
    pub(crate) fn answer(
        &mut self,
        gateway: &Gateway,
        step: Step,
        now: NumericDate,
    ) -> Result<Decision, Step> {
        match step {
            Step::Done(decision) => Ok(*decision),
            Step::NeedKeys(need) => {
                self.asked.keys += 1;
                self.publish(gateway, need.issuer(), now);
                Err(need.resume(gateway, now))
            }
            Step::NeedSignature(need) => {
                self.asked.signatures += 1;
                let holds = verify(need.signature());
                Err(need.resume(gateway, holds, now))
            }
            Step::NeedRemoteClaims(need) => {
                if need.lease(gateway, now) == Lease::Taken {
                    self.attempt(gateway, need.question(), now);
                }
                Err(need.resume(gateway, now))
            }
            Step::NeedExchange(need) => {
                if need.lease(gateway, now) == Lease::Taken {
                    self.attempt(gateway, need.question(), now);
                }
                Err(need.resume(gateway, now))
            }
            Step::NeedRevocation(need) => {
                self.asked.store += 1;
                let answer = self.look_up(need.names());
                Err(need.resume(gateway, &answer, now))
            }
            Step::NeedAssertion(need) => {
                self.signed += 1;
                let signature = self.signature(need.signing_input());
                Err(need.resume(gateway, signature.as_deref(), now))
            }
            Step::NeedLimit(need) => {
                let key = format!("{} {}", need.binding(), need.key());
                let count = self.counts.entry(key).or_default();
                *count += 1;
                let is_within = *count <= 2;
                let within = if is_within { LimitAnswer::Within } else { LimitAnswer::Exceeded };
                let answer = if self.limiter_is_down { LimitAnswer::Unavailable } else { within };
                Err(need.resume(answer))
            }
        }
    }

    /// An attempt to learn about a token as the edge makes it: the store's copy, then a call.
    pub(crate) fn attempt(
        &mut self,
        gateway: &Gateway,
        question: &RemoteQuery,
        now: NumericDate,
    ) -> Option<RemoteFailure> {
        let copy = question.copy_name(gateway).and_then(|name| self.entries.get(&name));
        if copy.is_some_and(|copy| question.recall(gateway, copy, now)) {
            return None;
        }
        let call = question.call(gateway, now)?;
        self.calls += 1;
        let reply = match &self.auth_server {
            Some(server) => server(&call),
            None => Err(RemoteFailure::Unreachable),
        };
        let mut step = question.settle(gateway, now, reply, now);
        let report = loop {
            step = match step {
                RemoteStep::Done(report) => break *report,
                RemoteStep::NeedKeys(need) => {
                    self.asked.keys += 1;
                    self.publish(gateway, need.issuer(), now);
                    need.resume(question, gateway, now)
                }
                RemoteStep::NeedSignature(need) => {
                    self.asked.signatures += 1;
                    let holds = verify(need.signature());
                    need.resume(question, gateway, holds, now)
                }
            };
        };
        if let Some(copy) = &report.copy {
            self.entries.insert(copy.name.clone(), copy.text.clone());
        }
        let failure = report.failure;
        self.reports.push(report);
        failure
    }

    /// Hands an issuer's keys to the gateway, or tells it that there are none to be had.
    pub(crate) fn publish(&self, gateway: &Gateway, issuer: usize, now: NumericDate) {
        match self.published.get(&issuer) {
            Some(set) => gateway.keys().install(issuer, update(set, now)),
            None => gateway.keys().fail(issuer, now),
        }
    }

    fn signature(&self, input: &str) -> Option<Vec<u8>> {
        (!self.signer_is_down).then(|| assertion_key().sign(input))
    }

    pub(crate) fn look_up(&self, names: &[RevocationName]) -> RevocationAnswer {
        if self.store_is_down {
            return RevocationAnswer::Unavailable;
        }
        let value = |name: &RevocationName| self.entries.get(&name.to_string()).cloned();
        RevocationAnswer::Entries(names.iter().map(value).collect())
    }
}

/// Keys as they come from the issuer; what `Debug` shows, the kids, stands for the document.
pub(crate) fn update(set: &JwkSet, now: NumericDate) -> KeyUpdate {
    let text_hash = Sha256::digest(format!("{set:?}")).into();
    let fresh_for = std::time::Duration::from_secs(600);
    KeyUpdate { set: set.clone(), text_hash, fetched_at: now, fresh_for }
}

/// The honest answer to a signature check.
pub(crate) fn verify(check: &jose::SignatureCheck) -> bool {
    jose::verify(
        check.algorithm(),
        check.key(),
        check.signing_input().as_bytes(),
        check.signature(),
    )
}

/// The route that a request matched.
pub(crate) fn route<'a>(gateway: &'a Gateway, decision: &Decision) -> Option<&'a Route> {
    gateway.config().routes.routes().get(decision.record.route?).map(AsRef::as_ref)
}

/// The outcome in one line: `forward URL`, `serve RESOURCE`, or `STATUS CODE`, the code as logs
/// have it.
pub(crate) fn line(decision: &Decision) -> String {
    match &decision.outcome {
        Outcome::Forward(plan) => format!("forward {}", plan.url()),
        Outcome::Serve(own) => format!("serve {:?}", own.resource),
        Outcome::Refuse(rejection) => format!("{} {}", rejection.status(), rejection.code()),
    }
}
