//! Explanations, driven as decisions are, and held against them.

use edgeward::explain::{self, ExplainStep, Explanation, Header, Outcome, Stage};
use edgeward::gateway::{self, Decision, ForwardPlan, Forwarded, Gateway};
use edgeward::time::NumericDate;
use serde_json::Value;

use super::drive::{World, line, verify};
use super::request::Request;

/// Explains a request to a gateway that serves nothing else.
pub(crate) fn explained(
    world: &World,
    gateway: &Gateway,
    request: &Request,
    now: NumericDate,
) -> Explanation {
    let mut world = world.clone();
    let Request { method, url, headers } = request.clone();
    let mut inquiry = explain::begin(gateway, explain::Request { method, url, headers }, now);
    loop {
        inquiry = match inquiry {
            ExplainStep::Done(explanation) => return *explanation,
            ExplainStep::NeedKeys(need) => {
                world.publish(gateway, need.issuer(), now);
                need.resume(gateway)
            }
            ExplainStep::NeedSignature(need) => {
                let holds = verify(need.signature());
                need.resume(gateway, holds)
            }
            ExplainStep::NeedRemoteClaims(need) => {
                let failure = world.attempt(gateway, need.question(), now);
                need.resume(gateway, failure)
            }
            ExplainStep::NeedRevocation(need) => {
                let answer = world.look_up(need.names());
                need.resume(gateway, answer)
            }
        };
    }
}

/// An explanation says what a gateway that has seen nothing decides, and tells no secret.
#[track_caller]
pub(crate) fn agrees(raw: &Value, world: &World, request: &Request, now: NumericDate) {
    let (one, other) = (super::gateway(raw), super::gateway(raw));
    // What was counted before is no part of an explanation.
    let mut unused = World { counts: std::collections::BTreeMap::new(), ..world.clone() };
    let decision = unused.decide(&one, request, now);
    let explanation = explained(world, &other, request, now);
    assert_eq!(said(&explanation), decided(&decision), "{explanation:#?}");
    says_where(&explanation, &decision);
    tells_no_secret(&explanation, world, request);
}

fn decided(decision: &Decision) -> String {
    match &decision.outcome {
        gateway::Outcome::Forward(plan) => {
            let mut removed: Vec<_> = plan.removed().map(str::to_owned).collect();
            removed.sort();
            let set = [&plan.identity(), plan.replaced(), &forwarded(plan)].concat();
            let proofs = (plan.assertion().is_some(), plan.exchanged().is_some());
            format!("{} {set:?} {proofs:?} -{removed:?}", line(decision))
        }
        gateway::Outcome::Serve(own) => match own.refusal() {
            Some(refusal) => format!("{} {}", refusal.status(), refusal.code()),
            None => "serve".to_owned(),
        },
        gateway::Outcome::Refuse(_) => line(decision),
    }
}

fn forwarded(plan: &ForwardPlan) -> Vec<(String, String)> {
    let fields = plan.forwarded().into_iter().flat_map(Forwarded::fields);
    fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn said(explanation: &Explanation) -> String {
    match &explanation.outcome {
        Outcome::Forward { url, headers, removed, .. } => {
            let others = [
                "x-request-id",
                "x-auth-assertion",
                "authorization",
                "x-forwarded-for",
                "cache-control",
                "pragma",
            ];
            let is_identity =
                |header: &&Header| header.is_set && !others.contains(&header.name.as_str());
            let identity: Vec<_> = headers
                .iter()
                .filter(is_identity)
                .map(|header| (header.name.clone(), header.value.clone()))
                .collect();
            let mut removed: Vec<_> = removed.iter().map(|one| one.name.clone()).collect();
            removed.sort();
            let is_set =
                |name: &str| headers.iter().any(|header| header.is_set && header.name == name);
            let proofs = (is_set("x-auth-assertion"), is_set("authorization"));
            format!("forward {url} {identity:?} {proofs:?} -{removed:?}")
        }
        Outcome::Serve { .. } => "serve".to_owned(),
        Outcome::Refuse { status, code, .. } => format!("{status} {code}"),
    }
}

/// The steps come in order, and the last one alone fails, with the reason of the refusal; and where
/// its details are judged, they say the same.
#[track_caller]
fn says_where(explanation: &Explanation, decision: &Decision) {
    let stages: Vec<_> = explanation.findings.iter().map(|finding| finding.stage).collect();
    assert!(stages.is_sorted(), "{stages:?}");
    let (last, before) = explanation.findings.split_last().expect("a step");
    assert!(before.iter().all(|finding| finding.holds && finding.code.is_none()), "{before:#?}");
    let refused = match &decision.outcome {
        gateway::Outcome::Refuse(rejection) => Some(rejection.code()),
        gateway::Outcome::Forward(plan) => {
            plan.admission().would_refuse().map(gateway::Rejection::code)
        }
        gateway::Outcome::Serve(_) => None,
    };
    assert_eq!((last.holds, last.code), (refused.is_none(), refused), "{last:#?}");
    for finding in &explanation.findings {
        let judged = finding.checks.iter().filter(|check| check.depth == 0);
        let verdicts: Vec<_> = judged.filter_map(|check| check.holds).collect();
        // Of keys that were tried one is enough; the issuers that are known are no verdicts.
        let by_all = [Stage::Request, Stage::Claims, Stage::Membership, Stage::Requirement]
            .contains(&finding.stage);
        if by_all && !verdicts.is_empty() {
            assert_eq!(verdicts.iter().all(|holds| *holds), finding.holds, "{finding:#?}");
        }
    }
}

#[track_caller]
fn tells_no_secret(explanation: &Explanation, world: &World, request: &Request) {
    let text = serde_json::to_string(explanation).expect("JSON");
    // In a place that the route does not read, a text is a text.
    let is_read = |name: &str| name == "authorization" || explanation.token.is_some();
    let query = request.url.split_once('?').map(|(_, query)| ("", query));
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let sent = headers.chain(query).filter(|(name, _)| is_read(name)).map(|(_, value)| value);
    // And where the request goes is told as it is.
    let goes_on = |text: &str| matches!(&explanation.outcome, Outcome::Forward { url, .. } if url.contains(text));
    for value in sent.filter(|value| value.contains("eyJ")) {
        let long = |part: &&str| part.len() > 20 && !goes_on(part);
        for secret in value.rsplit(['.', ' ']).take(1).filter(long) {
            assert!(!text.contains(secret), "the token shows");
        }
    }
    for name in ["SECRET", "OTHER"] {
        let secret = super::sign::secret(name).expect(name);
        assert!(!text.contains(&secret), "a secret shows");
    }
    for set in world.published.values() {
        assert!(!text.contains("modulus") && set.usable() < 64);
    }
}
