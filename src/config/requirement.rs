use super::shape::{Kind, Shape, field, tables, text};
use super::table::Table;
use crate::route::Requirement;

pub(super) static SHAPE: Shape = Shape {
    name: "requirement",
    about: "What a caller must be or have.",
    exactly_one: &["role", "scope", "claim", "all", "any"],
    fields: &[
        text("role").about("The text is among the caller's roles, to the letter."),
        text("scope").about("The word is in the token's scope."),
        text("claim").about("Dotted path of a claim that equals one of `one_of`."),
        field("one_of", Kind::Scalars)
            .required()
            .beside(&["claim"])
            .about("The claim's accepted values, type included."),
        tables("all", &SHAPE).required().beside(&["all"]).about("Every one holds."),
        tables("any", &SHAPE).required().beside(&["any"]).about("At least one holds."),
    ],
};

/// Reads a requirement, where there is one.
pub(super) fn read_in(table: &Table<'_>, name: &'static str) -> Option<Requirement> {
    read(&table.table(name)?)
}

fn read(table: &Table<'_>) -> Option<Requirement> {
    let requirement = match table.only() {
        Some("role") => table.string("role").map(Requirement::Role),
        Some("scope") => table.string("scope").map(Requirement::Scope),
        Some("claim") => claim(table),
        Some("all") => branches(table, "all").map(Requirement::All),
        Some("any") => branches(table, "any").map(Requirement::Any),
        _ => None,
    };
    table.finish();
    requirement
}

fn claim(table: &Table<'_>) -> Option<Requirement> {
    let path = table.string("claim");
    let one_of = table.scalars("one_of");
    Some(Requirement::Claim { path: path?, one_of: one_of? })
}

/// The branches; an empty list is refused, because "all of nothing" would let everybody pass.
fn branches(table: &Table<'_>, name: &'static str) -> Option<Vec<Requirement>> {
    let tables = table.tables(name);
    let branches: Vec<_> = tables.iter().filter_map(read).collect();
    (!tables.is_empty() && branches.len() == tables.len()).then_some(branches)
}
