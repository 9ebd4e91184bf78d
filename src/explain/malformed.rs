//! The finding on a malformed claim: its path, what was expected there, and the JSON type that was
//! found.

use serde_json::Value;

use super::evidence::Evidence;
use crate::config::Issuer;
use crate::jose::UnverifiedJws;
use crate::json::{self, Member, Object};
use crate::time::NumericDate;
use crate::token::{ClaimPaths, ListForm};

/// The type that a claim must have.
enum Wanted<'a> {
    Text,
    /// A text or a whole number; null counts as absent.
    Name,
    Time,
    Texts,
    List(&'a ListForm),
}

/// A sentence such as `` `exp` is a text; expected … `` about the claim that the error calls
/// `name`. For an auth server's answer, the types that were found are not known here.
pub(super) fn found(findings: &Evidence<'_>, issuer: &Issuer, name: &str) -> Option<String> {
    let candidates = candidates(name, issuer, findings.paths(issuer));
    if !findings.is_by_keys() {
        let (path, wanted) = candidates.first()?;
        let start = "the auth server's answer is malformed: expected `";
        return Some([start, path, "` to be ", wanted.expected()].concat());
    }
    let claims = claims(findings)?;
    candidates.iter().find_map(|(path, wanted)| misfit(&claims, path, wanted))
}

fn claims(findings: &Evidence<'_>) -> Option<Object> {
    let max_bytes = findings.gateway.config().token_bytes;
    let jws = UnverifiedJws::parse(findings.journal.token()?, max_bytes).ok()?;
    json::parse_object(jws.unverified_payload()).ok()
}

/// The claims that an error may be about, in the order in which they are read.
fn candidates<'a>(
    name: &'a str,
    issuer: &'a Issuer,
    paths: &'a ClaimPaths,
) -> Vec<(&'a str, Wanted<'a>)> {
    match name {
        "subject" => vec![(&paths.subject, Wanted::Name)],
        "email" => vec![(&paths.email, Wanted::Name)],
        "tenant" => vec![(&paths.tenant, Wanted::Name)],
        "session" => vec![(&paths.session, Wanted::Name)],
        "roles" => {
            let lists = paths.roles.iter();
            lists.map(|list| (list.path.as_str(), Wanted::List(&list.form))).collect()
        }
        "scope" => vec![(&paths.scope.path, Wanted::List(&paths.scope.form))],
        "exp" | "nbf" | "iat" => vec![(name, Wanted::Time)],
        "aud" => {
            let instead = issuer.policy.audience_claim.as_deref();
            let instead = instead.map(|path| (path, Wanted::Texts));
            [(name, Wanted::Texts)].into_iter().chain(instead).collect()
        }
        _ => vec![(name, Wanted::Text)],
    }
}

fn misfit(claims: &Object, path: &str, wanted: &Wanted<'_>) -> Option<String> {
    match json::member(claims, path) {
        Member::Value(value) if !wanted.fits(value) => {
            Some(told(path, wanted.got(value), wanted.expected()))
        }
        // Of the registered claims null is not an absent one.
        Member::Absent if !wanted.may_be_null() && claims.contains_key(path) => {
            Some(told(path, "null", wanted.expected()))
        }
        Member::Blocked => {
            let (inner, value) = blocking(claims, path)?;
            let rest = told(inner, type_of(value), "an object");
            Some(["`", path, "`: ", &rest].concat())
        }
        Member::Value(_) | Member::Absent => None,
    }
}

fn told(path: &str, got: &str, expected: &str) -> String {
    ["`", path, "` is ", got, "; expected ", expected].concat()
}

/// The value on the way to `path` that is not an object, with its own path.
fn blocking<'c, 'p>(claims: &'c Object, path: &'p str) -> Option<(&'p str, &'c Value)> {
    path.rmatch_indices('.').find_map(|(dot, _)| match json::member(claims, path.get(..dot)?) {
        Member::Value(value) if !value.is_object() => Some((path.get(..dot)?, value)),
        _ => None,
    })
}

impl Wanted<'_> {
    fn fits(&self, value: &Value) -> bool {
        let is_texts = || value.as_array().is_some_and(|items| items.iter().all(Value::is_string));
        match self {
            Self::Text => value.is_string(),
            Self::Name => value.is_string() || value.is_u64(),
            Self::Time => value.as_number().and_then(NumericDate::from_json).is_some(),
            Self::List(ListForm::Keys) => value.is_object(),
            Self::Texts | Self::List(_) => value.is_string() || is_texts(),
        }
    }

    fn may_be_null(&self) -> bool {
        matches!(self, Self::Name | Self::List(_))
    }

    fn expected(&self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Name => "a text or a whole number",
            Self::Time => "a number of seconds since 1970",
            Self::Texts => "a text or a list of texts",
            Self::List(ListForm::Keys) => "an object, because of `keys = true`",
            Self::List(_) => "a text or a list of texts, or an object with `keys = true`",
        }
    }

    /// The type of the value or, if the type alone is not what is wrong, what is.
    fn got(&self, value: &Value) -> &'static str {
        match (self, value) {
            (Self::Time, Value::Number(_)) => "a number out of range",
            (Self::Name, Value::Number(_)) => "a number that is negative or a fraction",
            (Self::Texts | Self::List(_), Value::Array(_)) => "a list with something else in it",
            _ => type_of(value),
        }
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
