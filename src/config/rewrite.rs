//! `routes[].strip_prefix` and `add_prefix`: how the path at the origin differs from the client's.

use super::shape::{Field, text};
use super::table::Table;
use crate::route::{CanonicalPath, Pattern, Rewrite};

pub(super) const STRIP: Field = text("strip_prefix")
    .about("What the path at the origin lacks of the client's: the first segments of `path`.");
pub(super) const ADD: Field =
    text("add_prefix").about("What stands before the rest of the path at the origin.");

const EXPECTED: &str = "expected a plain path with a segment, such as `/api`";

/// A path without wildcards, empty segments and parameters.
pub(super) fn literal_path(text: &str) -> Option<CanonicalPath<'_>> {
    let is_literal = Pattern::parse(text).is_ok() && !text.contains('*');
    CanonicalPath::parse(text).ok().filter(|_| is_literal)
}

/// The same, canonical as it is written.
pub(super) fn plain_path(text: &str) -> Option<CanonicalPath<'_>> {
    literal_path(text).filter(|path| path.as_str() == text)
}

pub(super) fn read(table: &Table<'_>, pattern: Option<&Pattern>) -> Rewrite {
    let prefix = |field| {
        let text = table.text(field)?;
        let path = plain_path(text).filter(|path| !path.segments().is_empty());
        if path.is_none() {
            table.error(field, EXPECTED);
        }
        path
    };
    let strip = prefix("strip_prefix").map_or(0, |path| {
        if pattern.is_some_and(|pattern| !pattern.begins_with(path.segments())) {
            table.error("strip_prefix", "expected the first segments of `path`, as literals");
        }
        path.segments().len()
    });
    let add = prefix("add_prefix");
    Rewrite::new(strip, add.as_ref().map_or("", CanonicalPath::as_str))
}
