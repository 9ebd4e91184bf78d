//! Requirements: a table for each node of the tree, with exactly one kind in it.

mod claim;

use std::cell::Cell;
use std::time::Duration;

use super::table::Table;
use crate::limits;
use crate::route::Requirement;

/// The kinds of requirement; a table holds exactly one.
const KINDS: [&str; 10] =
    ["role", "scope", "claim", "issuer", "tenant", "acr", "max_age_seconds", "all", "any", "not"];

/// Reads an optional requirement, in which these names of issuers may stand.
pub(super) fn optional(
    table: &Table<'_>,
    name: &'static str,
    issuers: &[&str],
) -> Option<Requirement> {
    let tree = Tree { issuers, nodes: Cell::new(0) };
    let requirement = tree.read(&table.table(name)?, 1);
    let nodes = tree.nodes.get();
    if nodes > limits::REQUIREMENT_NODES {
        let most = limits::REQUIREMENT_NODES;
        table.error(name, format!("expected at most {most} requirements in all, got {nodes}"));
    }
    requirement
}

/// Reads a requirement that must be there.
pub(super) fn required(
    table: &Table<'_>,
    name: &'static str,
    issuers: &[&str],
) -> Option<Requirement> {
    if !table.has(name) {
        table.error(name, "is required");
    }
    optional(table, name, issuers)
}

struct Tree<'a> {
    issuers: &'a [&'a str],
    nodes: Cell<usize>,
}

impl Tree<'_> {
    fn read(&self, table: &Table<'_>, level: usize) -> Option<Requirement> {
        if level > limits::REQUIREMENT_DEPTH {
            let most = limits::REQUIREMENT_DEPTH;
            table.error("", format!("expected at most {most} levels of requirements"));
            return None;
        }
        self.nodes.set(self.nodes.get().saturating_add(1));
        let present: Vec<_> = KINDS.into_iter().filter(|kind| table.has(kind)).collect();
        let requirement = if let [kind] = present.as_slice() {
            self.of_kind(kind, table, level.saturating_add(1))
        } else {
            table.error("", format!("expected exactly one of `{}`", KINDS.join("`, `")));
            None
        };
        table.finish();
        requirement
    }

    fn of_kind(&self, kind: &str, table: &Table<'_>, below: usize) -> Option<Requirement> {
        match kind {
            "role" => table.string("role").map(Requirement::Role),
            "scope" => scope(table),
            "claim" => claim::read(table),
            "issuer" => self.issuer(table),
            "tenant" => table.string("tenant").map(Requirement::Tenant),
            "acr" => acr(table),
            "max_age_seconds" => max_age(table),
            "all" => self.branches(table, "all", below).map(Requirement::All),
            "any" => self.branches(table, "any", below).map(Requirement::Any),
            "not" => {
                let branch = self.read(&table.table("not")?, below)?;
                Some(Requirement::Not(Box::new(branch)))
            }
            _ => None,
        }
    }

    /// A name that no issuer has would never hold, and under `not` always.
    fn issuer(&self, table: &Table<'_>) -> Option<Requirement> {
        let name = table.string("issuer")?;
        if !self.issuers.contains(&name.as_str()) {
            table.error("issuer", "expected the name of a configured issuer");
        }
        Some(Requirement::Issuer(name))
    }

    /// The branches; an empty list is refused, because "all of nothing" would let everybody pass.
    fn branches(
        &self,
        table: &Table<'_>,
        name: &'static str,
        below: usize,
    ) -> Option<Vec<Requirement>> {
        let tables = table.tables(name);
        if tables.is_empty() {
            table.error(name, "expected at least one requirement");
            return None;
        }
        let branches: Vec<_> =
            tables.iter().filter_map(|branch| self.read(branch, below)).collect();
        (branches.len() == tables.len()).then_some(branches)
    }
}

fn scope(table: &Table<'_>) -> Option<Requirement> {
    let scope = table.string("scope")?;
    check_word(table, "scope", &scope);
    Some(Requirement::Scope(scope))
}

fn acr(table: &Table<'_>) -> Option<Requirement> {
    let accepted = table.strings("acr")?;
    for (index, value) in accepted.iter().enumerate() {
        check_word(table, &format!("acr[{index}]"), value);
    }
    claim::check_count(table, "acr", accepted.len());
    Some(Requirement::Acr(accepted))
}

fn max_age(table: &Table<'_>) -> Option<Requirement> {
    let seconds = table.number("max_age_seconds", 1..=315_360_000)?;
    Some(Requirement::MaxAge(Duration::from_secs(seconds)))
}

/// What is named in a challenge stands there between quotes, and spaces part it from the next
/// word: the characters of RFC 6749 §3.3 and no others.
fn check_word(table: &Table<'_>, place: &str, word: &str) {
    let sound = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if !word.bytes().all(sound) {
        table.error(place, "expected visible ASCII without spaces, `\"` and `\\`");
    }
}
