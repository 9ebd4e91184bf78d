//! The input of `explain`: a request to be explained, with the fixtures for it.

use serde_json::{Map, Value};

use super::fault::Fault;
use crate::config::{ConfigError, ConfigErrors};
use crate::explain::{FixtureAnswer, Fixtures, Request, Revoked};
use crate::jose::JwkSet;
use crate::time::NumericDate;

/// The parsed input of `explain`, except `config`.
#[derive(Debug)]
pub(super) struct ExplainOptions {
    pub(super) request: Request,
    pub(super) now: NumericDate,
    pub(super) secrets: Vec<(String, String)>,
    pub(super) given: Fixtures,
}

const FIELDS: [&str; 8] =
    ["config", "request", "now_seconds", "keys", "secrets", "revoked", "store_down", "answer"];

impl ExplainOptions {
    /// Reads all of the input but `config`, which has a check of its own.
    pub(super) fn read(order: &Value) -> Result<Self, Fault> {
        let mut faults = Faults::default();
        let members = order.as_object().cloned().unwrap_or_default();
        faults.unknown(&members, &FIELDS);
        let member = |name: &str| members.get(name).filter(|value| !value.is_null());
        let request = request(member("request"), &mut faults);
        let now = member("now_seconds").and_then(Value::as_number);
        let now = now.and_then(NumericDate::from_json);
        if now.is_none() {
            faults.add("now_seconds", "expected seconds since 1970");
        }
        let secrets = secrets(member("secrets"), &mut faults);
        let given = Fixtures {
            keys: keys(member("keys"), &mut faults),
            answer: answer(member("answer"), &mut faults),
            revoked: revoked(member("revoked"), &mut faults),
            is_store_down: flag(member("store_down"), &mut faults),
        };
        match (request, now) {
            (Some(request), Some(now)) if faults.0.is_empty() => {
                Ok(Self { request, now, secrets, given })
            }
            _ => Err(Fault::of_options(faults.0)),
        }
    }
}

/// All faults of the input.
#[derive(Debug, Default)]
pub(super) struct Faults(pub(super) Vec<ConfigError>);

impl Faults {
    pub(super) fn add(&mut self, path: &str, problem: &str) {
        self.0.extend_from_slice(ConfigErrors::one(path, problem).as_slice());
    }

    pub(super) fn unknown(&mut self, members: &Map<String, Value>, known: &[&str]) {
        let unknown = members.keys().filter(|name| !known.contains(&name.as_str()));
        unknown.for_each(|name| self.add(name, "unknown field"));
    }
}

fn request(value: Option<&Value>, faults: &mut Faults) -> Option<Request> {
    // What is said of a fault repeats nothing: there may be a token in it.
    let request = value.and_then(Value::as_object).and_then(read_request);
    if request.is_none() {
        faults.add("request", "expected `method`, `url` and `headers`, a list of pairs of texts");
    }
    let mut request = request?;
    if request.url.starts_with('/') {
        request.url.insert_str(0, "https://localhost");
    }
    Some(request)
}

fn read_request(members: &Map<String, Value>) -> Option<Request> {
    let is_known = |name: &String| ["method", "url", "headers"].contains(&name.as_str());
    if !members.keys().all(is_known) {
        return None;
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let header = |pair: &Value| match pair.as_array()?.as_slice() {
        [name, value] => Some((text(name)?, text(value)?)),
        _ => None,
    };
    let headers = match members.get("headers") {
        Some(headers) => headers.as_array()?.iter().map(header).collect::<Option<_>>()?,
        None => Vec::new(),
    };
    Some(Request {
        method: text(members.get("method")?)?,
        url: text(members.get("url")?)?,
        headers,
    })
}

fn secrets(value: Option<&Value>, faults: &mut Faults) -> Vec<(String, String)> {
    let secret =
        |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    let none = Map::new();
    let members = value.map_or(Some(&none), Value::as_object);
    let secrets = members.and_then(|members| members.iter().map(secret).collect());
    secrets.unwrap_or_else(|| {
        faults.add("secrets", "expected texts by their secrets' names");
        Vec::new()
    })
}

fn keys(value: Option<&Value>, faults: &mut Faults) -> Vec<(Option<String>, JwkSet)> {
    let mut keys = Vec::new();
    if value.is_some_and(|value| !value.is_object()) {
        faults.add("keys", "expected JWK Sets by their issuers' names");
    }
    for (issuer, set) in value.and_then(Value::as_object).into_iter().flatten() {
        match JwkSet::from_json(set) {
            Ok(set) => keys.push((Some(issuer.clone()), set)),
            Err(problem) => faults.add(&format!("keys.{issuer}"), &problem.to_string()),
        }
    }
    keys
}

/// Reads the answer of an auth server. A text is a signed answer, or JSON as it would be sent.
fn answer(value: Option<&Value>, faults: &mut Faults) -> FixtureAnswer {
    match value {
        None => FixtureAnswer::Untold,
        Some(Value::String(word)) if word == "none" => FixtureAnswer::Silence,
        Some(Value::String(word)) if word == "no" => FixtureAnswer::No,
        Some(Value::String(body)) => FixtureAnswer::Body(body.clone()),
        Some(body @ Value::Object(_)) => FixtureAnswer::Body(body.to_string()),
        Some(_) => {
            faults.add("answer", "expected an object, a signed answer, `no` or `none`");
            FixtureAnswer::Untold
        }
    }
}

fn revoked(value: Option<&Value>, faults: &mut Faults) -> Vec<Revoked> {
    let mut kinds = Vec::new();
    if value.is_some_and(|value| !value.is_array()) {
        faults.add("revoked", "expected a list of kinds");
    }
    for (index, kind) in value.and_then(Value::as_array).into_iter().flatten().enumerate() {
        let word = kind.as_str().unwrap_or_default();
        match Revoked::parse(if word == "jti" { "token" } else { word }) {
            Ok(revoked) => kinds.push(revoked),
            Err(expected) => faults.add(&format!("revoked[{index}]"), expected),
        }
    }
    kinds
}

fn flag(value: Option<&Value>, faults: &mut Faults) -> bool {
    if value.is_some_and(|value| !value.is_boolean()) {
        faults.add("store_down", "expected true or false");
    }
    value.and_then(Value::as_bool).unwrap_or_default()
}
