//! The memory that a remembered token takes. Counting its text alone would let a hundred thousand
//! small tokens fill an isolate.
//!
//! The constants were measured in the wasm (`make bench`, part `memory`), rounded up.

use serde_json::Value;

use crate::config::Config;
use crate::identity::IdentityHeaders;
use crate::json::Object;
use crate::limits;
use crate::token::{Identity, VerifiedToken};

/// Bytes that every token takes, whatever it contains: its caller, its place in the cache, the
/// typed claims, and the names of its revocations.
const FIXED: usize = 800;

/// Bytes that an assertion takes in addition to its facts: its header and registered claims, its
/// signature, and the places where it is kept.
const PER_ASSERTION: usize = 640;

/// Bytes that a set of headers takes in addition to its lines.
const PER_SET: usize = 160;

/// Bytes that an allocation takes in addition to its contents.
const PER_ALLOCATION: usize = 16;

/// Bytes that a node of an object's tree takes. A node has room for eleven members and is rarely
/// more than half full; an object of one member takes a whole node, too.
const PER_NODE: usize = 448;
const MEMBERS_OF_NODE: usize = 6;

/// Bytes that an item of a list takes, including what was read from it.
const PER_ITEM: usize = 80;

/// The bytes of memory that `token` takes, including the assertions and sets of headers that may be
/// made for it later.
pub(super) fn of(
    token: &VerifiedToken,
    identity: &Identity,
    headers: Option<&IdentityHeaders>,
    config: &Config,
) -> u64 {
    let lines = headers.map_or(0, |headers| headers.lines().len());
    let sets = config.tenant_headers.iter().flatten().count().min(limits::HELD_ORIGINS);
    let assertions = match config.assertion {
        Some(_) => config.origins.len().min(limits::HELD_ORIGINS),
        None => 0,
    };
    // The facts in base64url, and escaped before that.
    let assertion = lines.saturating_mul(2).saturating_add(PER_ASSERTION);
    let all = [
        FIXED,
        // Once more where an adapter keeps it for `Authorization`.
        token.text().len().saturating_mul(if config.session.is_some() { 2 } else { 1 }),
        object(&token.claims().all),
        // A text of words is one text in the claims, and a list of words beside them.
        words(&identity.roles),
        words(&identity.scope),
        // With the room that they were written into, and the facts in them.
        lines.saturating_mul(3),
        sets.saturating_mul(lines.saturating_mul(2).saturating_add(PER_SET)),
        assertions.saturating_mul(assertion),
    ];
    u64::try_from(all.into_iter().fold(0, usize::saturating_add)).unwrap_or(u64::MAX)
}

fn words(words: &[String]) -> usize {
    let word = |word: &String| PER_ITEM.saturating_add(word.len());
    words.iter().map(word).fold(0, usize::saturating_add)
}

fn object(object: &Object) -> usize {
    let member = |(name, inner): (&String, &Value)| {
        PER_ALLOCATION.saturating_add(name.len()).saturating_add(value(inner))
    };
    let nodes = object.len().div_ceil(MEMBERS_OF_NODE).saturating_mul(PER_NODE);
    object.iter().map(member).fold(nodes, usize::saturating_add)
}

fn value(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len().saturating_add(PER_ALLOCATION),
        Value::Array(items) => {
            let item = |inner: &Value| PER_ITEM.saturating_add(self::value(inner));
            items.iter().map(item).fold(PER_ALLOCATION, usize::saturating_add)
        }
        Value::Object(inner) => object(inner),
    }
}
