use super::recorder::Recorder;
use super::{Header, Outcome, Removed};
use crate::config::Address;
use crate::gateway::{self, Decision, ForwardPlan, Gateway, OwnRequest, Rejection};
use crate::http::{self, HopByHop, folds_to};
use crate::json;
use crate::route::OwnResource;

/// The outcome that a decision has for the request.
pub(super) fn of(gateway: &Gateway, journal: &Recorder, decision: &Decision) -> Outcome {
    match &decision.outcome {
        gateway::Outcome::Forward(plan) => forward(gateway, journal, plan),
        gateway::Outcome::Refuse(rejection) => refuse(gateway, decision, rejection),
        gateway::Outcome::Serve(own) => match own.refusal() {
            Some(rejection) => refuse(gateway, decision, &rejection),
            None => serve(own),
        },
    }
}

fn serve(own: &OwnRequest) -> Outcome {
    let (resource, status) = match own.resource {
        OwnResource::Health => ("health", Some(200)),
        OwnResource::Ready => ("ready", None),
        OwnResource::Me => ("me", Some(200)),
        OwnResource::KeySet => ("jwks.json", Some(200)),
        OwnResource::Audit => ("admin/audit", None),
        OwnResource::AuditSeals => ("admin/audit/seals", None),
        OwnResource::Metrics => ("metrics", None),
        OwnResource::Revocations => ("admin/revocations", None),
        OwnResource::TokenRevocation => ("token/revoke", None),
        OwnResource::Sessions => ("sessions", None),
        OwnResource::Tokens => ("admin/tokens", None),
        OwnResource::TokenExpiry => ("admin/tokens/expire", None),
        OwnResource::Subject => ("admin/subjects", None),
        OwnResource::Archive => ("admin/tokens/archive", None),
        OwnResource::RevocationImport => ("admin/revocations/import", None),
        OwnResource::Page => ("page", None),
        OwnResource::Unknown => ("", Some(404)),
    };
    Outcome::Serve { resource, status }
}

fn refuse(gateway: &Gateway, decision: &Decision, rejection: &Rejection) -> Outcome {
    let answer = rejection.answer(&gateway.config().realm, &decision.record);
    let id = &decision.record.id;
    let body = answer.body_for(id);
    let set = |(name, value): (&str, String)| Header { name: name.to_owned(), value, is_set: true };
    let named = ("x-request-id", id.as_str().to_owned());
    Outcome::Refuse {
        status: answer.status,
        code: rejection.code(),
        headers: answer.headers.into_iter().chain([named]).map(set).collect(),
        body: json::parse_value(body.as_bytes()).unwrap_or_default(),
    }
}

fn forward(gateway: &Gateway, journal: &Recorder, plan: &ForwardPlan) -> Outcome {
    let origin = plan.origin(gateway.config());
    let address = match origin.map(|origin| &origin.address) {
        Some(Address::Url(url)) => url.clone(),
        Some(Address::Service(binding)) => format!("service binding {binding}"),
        None => String::new(),
    };
    Outcome::Forward {
        origin: origin.map_or_else(String::new, |origin| origin.name.clone()),
        address,
        url: plan.url().to_owned(),
        headers: arriving(journal, plan),
        removed: removed(gateway, journal, plan),
    }
}

/// The text in place of an assertion: an assertion is made for the origin alone, and an explanation
/// does not contain one.
const SIGNED_LATER: &str = "… (a JWT of the gateway, signed when the request is sent)";

/// The text in place of an exchanged token: none is requested for the sake of an explanation.
const ISSUED_LATER: &str = "Bearer … (a token of its own, issued when the request is sent)";

/// The headers that arrive at the origin: those of the client that may be forwarded, and those that
/// the gateway sets, which replace the client's headers of the same names.
fn arriving(journal: &Recorder, plan: &ForwardPlan) -> Vec<Header> {
    let id = ("x-request-id".to_owned(), plan.id().as_str().to_owned());
    let assertion = plan.assertion().map(|(name, _)| (name.to_owned(), SIGNED_LATER.to_owned()));
    let exchanged = plan.exchanged().map(|_| ("authorization".to_owned(), ISSUED_LATER.to_owned()));
    let ours = plan.identity().into_iter().chain(plan.replaced().iter().cloned());
    let ours = ours.chain(exchanged).chain(assertion).chain(forwarded(journal, plan));
    // What the platform makes of `no-store` towards the origin.
    let uncached = ["cache-control", "pragma"].map(|name| (name.to_owned(), "no-cache".to_owned()));
    let ours = ours.chain(uncached.into_iter().filter(|_| !plan.uses_zone_cache()));
    let ours: Vec<_> = ours.chain([id]).collect();
    let is_ours = |name: &String| ours.iter().any(|(own, _)| own == name);
    let names = journal.request.names().into_iter();
    let is_removed = |name: &str| plan.removed().any(|removed| removed == name);
    // The platform writes the origin's own `Host`.
    let kept = names.filter(|name| name != "host" && !is_removed(name) && !is_ours(name));
    let kept = kept.map(|name| {
        let value = journal.request.header(&name).unwrap_or_default();
        Header { value: masked(journal, &name, &value), name, is_set: false }
    });
    let set = ours.iter().map(|(name, value)| Header {
        name: name.clone(),
        value: value.clone(),
        is_set: true,
    });
    kept.chain(set).collect()
}

/// The host, scheme and address that the client used, if the origin receives them.
fn forwarded(journal: &Recorder, plan: &ForwardPlan) -> Vec<(String, String)> {
    let Some(forwarded) = plan.forwarded() else { return Vec::new() };
    let address = journal.request.header("cf-connecting-ip");
    let address = address.map(|address| ("x-forwarded-for".to_owned(), address));
    let fields = forwarded.fields().map(|(name, value)| (name.to_owned(), value.to_owned()));
    fields.into_iter().chain(address).collect()
}

/// The value of a header without the token: an explanation is shown to others sooner than a token
/// should be.
fn masked(journal: &Recorder, name: &str, value: &str) -> String {
    let may_hold_token = journal.sources.as_ref().is_some_and(|all| all.read_header(name));
    if name != "authorization" && !may_hold_token {
        return journal.unsaid(value);
    }
    match http::bearer(value, journal.grammar) {
        Ok(Some(token)) => format!("Bearer … ({} bytes, as it came)", token.len()),
        _ => format!("… ({} bytes, as it came)", value.len()),
    }
}

fn removed(gateway: &Gateway, journal: &Recorder, plan: &ForwardPlan) -> Vec<Removed> {
    journal.request.with_head(|head| {
        let hop = HopByHop::of(head);
        let is_exchanged =
            plan.origin(gateway.config()).is_some_and(|origin| origin.exchange.is_some());
        let reason = |name: &str| match reason(gateway, &hop, name) {
            STRIPPED if is_exchanged => "the origin gets only its own token",
            reason => reason,
        };
        let mut removed: Vec<_> = plan.removed().collect();
        removed.sort_unstable();
        let shown = |name: &str| Removed { name: name.to_owned(), reason: reason(name) };
        removed.into_iter().map(shown).collect()
    })
}

const STRIPPED: &str = "the route strips it";

fn reason(gateway: &Gateway, hop: &HopByHop<'_>, name: &str) -> &'static str {
    if gateway.config().headers.reserves(name) {
        "could be taken for an identity header"
    } else if hop.contains(name) {
        "belongs to one connection"
    } else if folds_to(name, "x-request-id") {
        "could be taken for `x-request-id`"
    } else if http::is_alias(name) {
        "could be taken for what the platform says, or for what describes the body"
    } else if name == "authorization" {
        STRIPPED
    } else if http::is_forwarded(name) {
        "says what the gateway says itself: host, scheme or address"
    } else if http::is_path(name) {
        "says another path than the one that was checked"
    } else if matches!(name, "cache-control" | "pragma") {
        "the gateway says itself that no cache is to be asked"
    } else if http::is_method_override(name) {
        "asks for another method than the one that was checked"
    } else {
        "holds the caller's token"
    }
}
