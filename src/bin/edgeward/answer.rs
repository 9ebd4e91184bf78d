//! Stands in for an auth server that is asked.

use edgeward::gateway::{Gateway, RemotePlace, RemoteQuestion, RemoteStep};
use edgeward::time::NumericDate;
use edgeward::token::{RemoteFailure, RemoteReply, RemoteWay};

use crate::Failure;
use crate::arguments::ExplainOptions;
use crate::explain::{publish, verify};

/// What is assumed where the answer was not given.
pub(crate) fn assumption(answer: Option<&str>) -> Option<String> {
    let text = match answer {
        None => "the auth server does not answer, because nothing is fetched here: --answer FILE",
        Some("none") => "the auth server does not answer",
        Some("no") => "the auth server says no",
        Some(_) => return None,
    };
    Some(text.to_owned())
}

/// Asks, and settles what is answered; the outcome is why nobody could say.
pub(crate) fn settle(
    gateway: &Gateway,
    options: &ExplainOptions,
    question: &RemoteQuestion,
    now: NumericDate,
) -> Result<Option<RemoteFailure>, Failure> {
    if question.call(gateway, now).is_none() {
        return Ok(Some(RemoteFailure::Unreachable));
    }
    let issuer = match question.place() {
        RemotePlace::Issuer(index) => gateway.config().issuers.get(index),
        RemotePlace::Origin(_) => None,
    };
    let way = issuer.and_then(|issuer| issuer.remote.as_ref()).map(|remote| remote.way);
    let reply = reply(options.answer.as_deref(), way)?;
    let mut step = question.settle(gateway, now, reply, now);
    loop {
        step = match step {
            RemoteStep::Done(report) => return Ok(report.failure),
            RemoteStep::NeedKeys(need) => {
                publish(gateway, options, need.issuer(), now)?;
                need.resume(question, gateway, now)
            }
            RemoteStep::NeedSignature(need) => {
                let holds = verify(need.signature());
                need.resume(question, gateway, holds, now)
            }
        };
    }
}

fn reply(
    answer: Option<&str>,
    way: Option<RemoteWay>,
) -> Result<Result<RemoteReply, RemoteFailure>, Failure> {
    let (status, body) = match (answer, way) {
        (None | Some("none"), _) => return Ok(Err(RemoteFailure::Unreachable)),
        (Some("no"), Some(RemoteWay::Me)) => (401, Vec::new()),
        (Some("no"), _) => (200, br#"{"active":false}"#.to_vec()),
        (Some(file), _) => {
            let body = std::fs::read_to_string(file);
            let body = body.map_err(|error| Failure::Told(format!("{file}: {error}")))?;
            (200, body.trim().as_bytes().to_vec())
        }
    };
    let is_signed = status == 200 && !body.starts_with(b"{");
    Ok(Ok(RemoteReply { status, body, is_signed, retry_after: None }))
}
