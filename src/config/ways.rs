use super::remote;
use super::table::Table;
use super::{Environment, KeySource, Remote, keys};
use crate::jose::Algorithm;
use crate::token::RemoteWay;

/// The ways of verifying; an issuer has exactly one, and one that asks may have another behind it.
const WAYS: &str =
    "expected exactly one of `jwks`, `discovery`, `keys`, `secrets`, `me`, `introspection`";

/// Reads `verify`: where keys come from, and who is asked before them.
pub(super) fn read(
    issuer_table: &Table<'_>,
    issuer: Option<&str>,
    algorithms: &[Algorithm],
    environment: &Environment<'_>,
) -> Option<(KeySource, Option<Remote>)> {
    if !issuer_table.has("verify") {
        issuer_table.error("verify", "is required");
    }
    let table = issuer_table.table("verify")?;
    let present = keys::present(&table);
    let remote: Vec<_> = [RemoteWay::Me, RemoteWay::Introspection]
        .into_iter()
        .filter(|way| table.has(way.word()))
        .collect();
    let ways = match (present.as_slice(), remote.as_slice()) {
        ([way], []) => {
            keys::check_symmetry(issuer_table, algorithms, *way == "secrets");
            keys::read(&table, way, issuer, algorithms, environment).map(|keys| (keys, None))
        }
        ([], [way]) => asked(issuer_table, &table, *way, issuer, algorithms, environment),
        _ => {
            issuer_table.error("verify", WAYS);
            keys::check_symmetry(issuer_table, algorithms, false);
            None
        }
    };
    table.finish();
    ways
}

/// An endpoint, and the keys that come with it.
fn asked(
    issuer_table: &Table<'_>,
    table: &Table<'_>,
    way: RemoteWay,
    issuer: Option<&str>,
    algorithms: &[Algorithm],
    environment: &Environment<'_>,
) -> Option<(KeySource, Option<Remote>)> {
    let is_signed = way == RemoteWay::Introspection && table.has("signed_by");
    let way = if is_signed { RemoteWay::SignedIntrospection } else { way };
    let remote = remote::read(table, way, environment);
    let keys = if is_signed {
        // One set of keys for two purposes would let an answer pass for a token.
        if table.has("fallback") {
            table.error("signed_by", "expected no `fallback` with it");
        }
        let keys = second(issuer_table, table, "signed_by", issuer, algorithms, environment);
        if table.value("signed_by").is_some_and(|way| way.get("secrets").is_some()) {
            table.error("signed_by", "expected public keys");
        }
        keys
    } else if table.has("fallback") {
        second(issuer_table, table, "fallback", issuer, algorithms, environment)
    } else {
        Some(KeySource::Absent)
    };
    keys.zip(remote).map(|(keys, remote)| (keys, Some(remote)))
}

/// Keys beside an endpoint: for its tokens while it cannot say, or for its answers.
fn second(
    issuer_table: &Table<'_>,
    table: &Table<'_>,
    name: &'static str,
    issuer: Option<&str>,
    algorithms: &[Algorithm],
    environment: &Environment<'_>,
) -> Option<KeySource> {
    let table = table.table(name)?;
    let present = keys::present(&table);
    let source = if let [way] = present.as_slice() {
        keys::check_symmetry(issuer_table, algorithms, *way == "secrets");
        keys::read(&table, way, issuer, algorithms, environment)
    } else {
        table.error("", keys::WAYS);
        None
    };
    table.finish();
    source
}
