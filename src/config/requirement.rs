use serde_json::Value;

use super::table::Table;
use crate::route::Requirement;

/// The kinds of requirement; a table holds exactly one.
const KINDS: &str = "expected exactly one of `role`, `scope`, `claim`, `all`, `any`";

/// Reads an optional requirement.
pub(super) fn optional(table: &Table<'_>, name: &'static str) -> Option<Requirement> {
    read(&table.table(name)?)
}

/// Reads a requirement that must be there.
pub(super) fn required(table: &Table<'_>, name: &'static str) -> Option<Requirement> {
    if !table.has(name) {
        table.error(name, "is required");
    }
    optional(table, name)
}

fn read(table: &Table<'_>) -> Option<Requirement> {
    let kinds = ["role", "scope", "claim", "all", "any"];
    let present: Vec<_> = kinds.into_iter().filter(|kind| table.has(kind)).collect();
    let requirement = match present.as_slice() {
        ["role"] => table.string("role").map(Requirement::Role),
        ["scope"] => table.string("scope").map(Requirement::Scope),
        ["claim"] => claim(table),
        ["all"] => branches(table, "all").map(Requirement::All),
        ["any"] => branches(table, "any").map(Requirement::Any),
        _ => {
            table.error("", KINDS);
            None
        }
    };
    table.finish();
    requirement
}

fn claim(table: &Table<'_>) -> Option<Requirement> {
    let path = table.string("claim");
    let values = table.value("one_of").and_then(Value::as_array).filter(|list| !list.is_empty());
    let scalar = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let one_of = values.filter(|list| list.iter().all(scalar));
    if one_of.is_none() {
        table.error(
            "one_of",
            "expected a list of texts, numbers or booleans with at least one entry",
        );
    }
    Some(Requirement::Claim { path: path?, one_of: one_of?.clone() })
}

/// The branches; an empty list is refused, because "all of nothing" would let everybody pass.
fn branches(table: &Table<'_>, name: &'static str) -> Option<Vec<Requirement>> {
    let tables = table.tables(name);
    if tables.is_empty() {
        table.error(name, "expected at least one requirement");
        return None;
    }
    let branches: Vec<_> = tables.iter().filter_map(read).collect();
    (branches.len() == tables.len()).then_some(branches)
}
