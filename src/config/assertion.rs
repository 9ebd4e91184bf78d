use std::time::Duration;

use super::shape::{Default, Kind, Shape, field, number, text};
use super::table::Table;
use super::{Environment, keys, secrets};
use crate::identity::AssertionRules;
use crate::jose::{PublishedKey, SigningKey};

pub(super) static SHAPE: Shape = Shape {
    name: "assertion",
    about: "A JWT of the gateway's own for the origin, in the header `x-auth-assertion`.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        field("key", Kind::Text(&secrets::NAME)).required().about(
            "Name of a Worker secret, a private JWK (`OKP`, `Ed25519`): the key that signs.",
        ),
        field("published", Kind::KeySet).about(
            "A JWK Set, in place: public keys published besides, of the past and of the future.",
        ),
        text("issuer").or(Default::Text("edgeward")).about("`iss` of the assertions."),
        number("lifetime_seconds", 10, 300)
            .or(Default::Number(60))
            .about("From `iat` to `exp`; never beyond the `exp` of the caller's token."),
    ],
};

/// `None` without the table, and for a table with faults.
pub(super) fn read(root: &Table<'_>, environment: &Environment<'_>) -> Option<AssertionRules> {
    let table = root.table("assertion")?;
    let key = key(&table, environment);
    let published = if table.has("published") { published(&table) } else { Some(Vec::new()) };
    let issuer = table.string("issuer");
    let lifetime = table.number("lifetime_seconds").map(Duration::from_secs);
    table.finish();
    let (key, published) = (key?, published?);
    check_names(&table, &key, &published);
    Some(AssertionRules { issuer: issuer?, lifetime: lifetime?, key, published })
}

fn key(table: &Table<'_>, environment: &Environment<'_>) -> Option<SigningKey> {
    let name = table.string("key")?;
    let text = secrets::read(table, "key", &name, environment)?;
    match SigningKey::parse(&text) {
        Ok(key) => Some(key),
        Err(problem) => {
            table.error("key", format!("expected a private JWK of Ed25519: {problem}"));
            None
        }
    }
}

fn published(table: &Table<'_>) -> Option<Vec<PublishedKey>> {
    let set = keys::set(table, "published")?;
    let keys: Option<Vec<_>> = set.keys().iter().map(|key| PublishedKey::of(key)).collect();
    if keys.is_none() {
        table.error("published", "expected keys of Ed25519 only");
    }
    keys
}

/// Under one name an origin would find either of two keys.
fn check_names(table: &Table<'_>, key: &SigningKey, published: &[PublishedKey]) {
    let all = || std::iter::once(key.published()).chain(published);
    let is_twice = |one: &PublishedKey| all().any(|other| one.kid() == other.kid() && one != other);
    if all().any(is_twice) {
        table.error("published", "expected a `kid` that no other key has");
    }
}
