//! `admin`: who may revoke tokens.

use super::requirement;
use super::shape::{Shape, table};
use super::table::Table;
use crate::route::Requirement;

pub(super) static SHAPE: Shape = Shape {
    name: "admin",
    about: "Who is an administrator.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[table("require", &requirement::SHAPE)
        .required()
        .about("What an administrator must be or have.")],
};

/// `None` without the table, and for a requirement with faults.
pub(super) fn read(root: &Table<'_>, issuers: &[&str]) -> Option<Requirement> {
    let admin = root.table("admin")?;
    let requirement = requirement::read_in(&admin, "require", issuers);
    if requirement.as_ref().is_some_and(|tree| !tree.segments().is_empty()) {
        admin.error("require", "expected no `path_segment`: it is not about one path");
    }
    admin.finish();
    requirement
}
