//! Requirements: a table for each node of the tree, with exactly one kind in it.

mod claim;

use std::cell::Cell;
use std::time::Duration;

use super::nearest::did_you_mean;
use super::shape::{Kind, Shape, boolean, field, number, table, tables, text, texts};
use super::table::Table;
use crate::limits;
use crate::route::{Pattern, Requirement};

/// The shape of a requirement: a table holds exactly one kind of it.
pub(super) static SHAPE: Shape = Shape {
    name: "requirement",
    about: "What a caller must be or have.",
    exactly_one: &[
        "role",
        "scope",
        "claim",
        "issuer",
        "tenant",
        "acr",
        "max_age_seconds",
        "all",
        "any",
        "not",
    ],
    sets_beside: ("claim", &claim::TESTS),
    fields: &[
        text("role").about("Exactly this text is among the caller's roles."),
        text("scope").about("The word is in the token's scope."),
        text("claim").about("Dotted path of a claim, of which something is asked beside it."),
        text("issuer").about("The token is by this issuer, by its `name` in the configuration."),
        text("tenant").about("The caller's tenant is this text."),
        texts("acr").about("`acr` is exactly one of these."),
        number("max_age_seconds", 1, 315_360_000)
            .about("Less than this has passed since `auth_time`."),
        tables("all", &SHAPE).required().beside(&["all"]).about("Every one holds."),
        tables("any", &SHAPE).required().beside(&["any"]).about("At least one holds."),
        table("not", &SHAPE).about("It fails. What is unknown stays unknown."),
        field("equals", Kind::Scalar)
            .beside(&["claim"])
            .about("The claim is this text, number or boolean."),
        field("one_of", Kind::Scalars).beside(&["claim"]).about("The claim is one of these."),
        field("contains", Kind::Scalar)
            .beside(&["claim"])
            .about("The claim is a list, and this is one of its items."),
        boolean("exists").beside(&["claim"]).about("The claim is there, or is not."),
        field("min", Kind::Numeric)
            .beside(&["claim"])
            .about("The claim is a number, and not below this."),
        field("max", Kind::Numeric)
            .beside(&["claim"])
            .about("The claim is a number, and not above this."),
        number("path_segment", 0, 63)
            .beside(&["claim"])
            .about("The claim is the segment of the path with this index, counted from 0."),
    ],
};

/// Reads a requirement, where there is one; it may name these issuers.
pub(super) fn read_in(
    table: &Table<'_>,
    name: &'static str,
    issuers: &[&str],
) -> Option<Requirement> {
    let tree = Tree { issuers, nodes: Cell::new(0) };
    let requirement = tree.read(&table.table(name)?, 1);
    let nodes = tree.nodes.get();
    if requirement.as_ref().is_some_and(Requirement::negates_segment) {
        table.error(
            name,
            "expected no `path_segment` under `not`: an origin may take another spelling of a \
             segment for the same",
        );
    }
    if nodes > limits::REQUIREMENT_NODES {
        let most = limits::REQUIREMENT_NODES;
        table.error(name, format!("expected at most {most} requirements in all, got {nodes}"));
    }
    requirement
}

/// The segments that a route's requirement compares. Each must be a segment that the route's path
/// has and that varies from request to request.
pub(super) fn compared_segments(
    table: &Table<'_>,
    pattern: Option<&Pattern>,
    requirement: Option<&Requirement>,
) -> Vec<usize> {
    let indexes = requirement.map(Requirement::segments).unwrap_or_default();
    let fixed = |pattern: &&Pattern| indexes.iter().any(|index| !pattern.varies_at(*index));
    if let Some(pattern) = pattern.filter(fixed) {
        let expected =
            "expected the index of a `*`, or of a segment below `**`, for `path_segment`";
        table.error("require", format!("{expected}: {}", varying(pattern)));
    }
    indexes
}

/// Describes the segments of a pattern that vary from request to request: `` `*` has index 2 ``.
fn varying(pattern: &Pattern) -> String {
    let (count, is_open) = pattern.size();
    let stars = (0..count).filter(|at| pattern.varies_at(*at));
    let stars: Vec<_> = stars.map(|at| ["`*` has index ", &at.to_string()].concat()).collect();
    let open = is_open.then(|| ["`**` begins at index ", &count.to_string()].concat());
    let found: Vec<_> = stars.into_iter().chain(open).collect();
    if found.is_empty() { "the path has neither".to_owned() } else { found.join(", ") }
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
        let kind = table.only();
        let requirement = kind.and_then(|kind| self.of_kind(kind, table, level.saturating_add(1)));
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

    /// Reads `issuer`, and refuses a name that no issuer has: it would never hold, and under `not`
    /// always.
    fn issuer(&self, table: &Table<'_>) -> Option<Requirement> {
        let name = table.string("issuer")?;
        if !self.issuers.contains(&name.as_str()) {
            let meant = did_you_mean(&name, self.issuers.iter().copied());
            table.error("issuer", ["expected the name of a configured issuer", &meant].concat());
        }
        Some(Requirement::Issuer(name))
    }

    /// Reads the branches; an empty list is refused, because "all of nothing" would let everybody
    /// pass.
    fn branches(
        &self,
        table: &Table<'_>,
        name: &'static str,
        below: usize,
    ) -> Option<Vec<Requirement>> {
        let tables = table.tables(name);
        let branches: Vec<_> =
            tables.iter().filter_map(|branch| self.read(branch, below)).collect();
        (!tables.is_empty() && branches.len() == tables.len()).then_some(branches)
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
    let seconds = table.number("max_age_seconds")?;
    Some(Requirement::MaxAge(Duration::from_secs(seconds)))
}

/// Checks a word that challenges name. It stands there between quotes, and spaces separate it from
/// the next word, so it may have the characters of RFC 6749 §3.3 and no others.
fn check_word(table: &Table<'_>, place: &str, word: &str) {
    let sound = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if !word.bytes().all(sound) {
        table.error(place, "expected visible ASCII without spaces, `\"` and `\\`");
    }
}
