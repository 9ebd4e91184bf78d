use super::remote::{self, Outline};
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
    outline: Outline,
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
        ([], [way]) => {
            let remote = remote::read(&table, *way, environment);
            let keys = if outline.has_keys {
                fallback(issuer_table, &table, issuer, algorithms, environment)
            } else {
                Some(KeySource::Absent)
            };
            keys.zip(remote).map(|(keys, remote)| (keys, Some(remote)))
        }
        _ => {
            issuer_table.error("verify", WAYS);
            keys::check_symmetry(issuer_table, algorithms, false);
            None
        }
    };
    table.finish();
    ways
}

/// A second way, by keys, for when the endpoint cannot say.
fn fallback(
    issuer_table: &Table<'_>,
    table: &Table<'_>,
    issuer: Option<&str>,
    algorithms: &[Algorithm],
    environment: &Environment<'_>,
) -> Option<KeySource> {
    let table = table.table("fallback")?;
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
