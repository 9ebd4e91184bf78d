//! The fields of an administrator's order to revoke something, or to lift a revocation.

use serde_json::Value;

use crate::json::Object;
use crate::revocation::{Reason, RevocationKind};

/// Why an order is refused.
pub(super) type Refused = &'static str;

/// Takes the reason out of an order; an administrator's own if it has none. KV keeps no reasons.
pub(super) fn reason(order: &mut Object, has_log: bool) -> Result<Reason, Refused> {
    match order.remove("reason") {
        None => Ok(Reason::Admin),
        Some(_) if !has_log => Err("expected no `reason`: KV keeps none, only the revocation log"),
        Some(Value::String(word)) => Reason::parse(&word).ok_or(REASON_EXPECTED),
        Some(_) => Err(REASON_EXPECTED),
    }
}

const REASON_EXPECTED: Refused =
    "expected `reason` to be `admin`, `client`, `logout`, `reuse`, `backchannel` or `event`";

const KINDS: [RevocationKind; 4] = [
    RevocationKind::Token,
    RevocationKind::Session,
    RevocationKind::Subject,
    RevocationKind::Tenant,
];

pub(super) const fn field(kind: RevocationKind) -> &'static str {
    match kind {
        RevocationKind::Token => "jti",
        RevocationKind::Session => "session",
        RevocationKind::Subject => "subject",
        RevocationKind::Tenant => "tenant",
        // The issuer alone has no field besides `issuer`.
        RevocationKind::Input | RevocationKind::Issuer => "issuer",
    }
}

/// The kind and the value of the one thing that the order revokes. An order with nothing but an
/// issuer revokes for the issuer as a whole.
pub(super) fn subject_of(order: &Object) -> Result<(RevocationKind, String), Refused> {
    let mut named = Vec::new();
    for kind in KINDS {
        if let Some(value) = text(order, field(kind))? {
            named.push((kind, value));
        }
    }
    match named.pop() {
        None => Ok((RevocationKind::Issuer, String::new())),
        Some(one) if named.is_empty() => Ok(one),
        Some(_) => Err("expected one of `jti`, `session`, `subject`, `tenant`"),
    }
}

/// The time that a cut-off may have, and what is said of other fields; then those of an entry.
pub(super) const CUTOFF_FIELDS: (&str, Refused) =
    ("before", "expected only `before` and `reason` beside `issuer`, `subject` or `tenant`");
pub(super) const ENTRY_FIELDS: (&str, Refused) = (
    "expires_at",
    "expected only `expires_at` and `reason` beside `issuer` with `jti` or `session`",
);

/// Refuses an order with a field that is not in `known`: a field that is not understood may be the
/// one that mattered.
pub(super) fn only(order: &Object, known: &[&str], expected: Refused) -> Result<(), Refused> {
    if order.keys().all(|name| known.contains(&name.as_str())) { Ok(()) } else { Err(expected) }
}

pub(super) fn text(order: &Object, name: &str) -> Result<Option<String>, Refused> {
    match order.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(_) => Err("expected texts that are not empty"),
    }
}

pub(super) fn seconds(order: &Object, name: &str) -> Result<Option<i64>, Refused> {
    match order.get(name) {
        None => Ok(None),
        Some(value) => {
            value.as_i64().filter(|s| *s >= 0).map(Some).ok_or("expected whole seconds since 1970")
        }
    }
}
