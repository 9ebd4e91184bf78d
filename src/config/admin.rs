//! `admin`: who may revoke tokens, and which issuers and tenants each administrator may act on.

use super::nearest::did_you_mean;
use super::requirement;
use super::shape::{Shape, table, texts};
use super::table::Table;
use crate::route::Requirement;

pub(super) static SHAPE: Shape = Shape {
    name: "admin",
    about: "Who is an administrator, and of what.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        table("require", &requirement::SHAPE)
            .required()
            .about("What an administrator must be or have."),
        texts("issuers")
            .about("Names of the issuers whose revocations it may list and change. Absent: all."),
        texts("tenants").about(
            "Values of the tenant claim: the tenants whose revocations it may list and change. \
             Absent: all.",
        ),
    ],
};

/// One group of administrators: the callers who meet its requirement.
#[derive(Clone, Debug)]
pub struct Administrator {
    /// The requirement that makes a caller one of them.
    pub requirement: Requirement,
    /// The indexes in [`Config::issuers`](super::Config::issuers) of the issuers that they may list
    /// and act on; `None` for all. Never empty.
    pub issuers: Option<Vec<usize>>,
    /// The tenants that they may list and act on, by the value of the tenant claim; `None` for all.
    /// Never empty.
    pub tenants: Option<Vec<String>>,
}

/// Reads the administrators; none without the table, and none for a requirement with faults.
pub(super) fn read_all(root: &Table<'_>, issuers: &[&str]) -> Vec<Administrator> {
    root.tables("admin").iter().filter_map(|admin| read(admin, issuers)).collect()
}

fn read(admin: &Table<'_>, names: &[&str]) -> Option<Administrator> {
    let requirement = requirement::read_in(admin, "require", names);
    if requirement.as_ref().is_some_and(|tree| !tree.segments().is_empty()) {
        admin.error("require", "expected no `path_segment`: it is not about one path");
    }
    let issuers = issuers(admin, names);
    let tenants = admin.strings("tenants");
    admin.finish();
    Some(Administrator { requirement: requirement?, issuers, tenants })
}

/// Reads the names of issuers. A name that no issuer has is refused: it would leave the
/// administrator with fewer issuers than the configuration seems to give.
fn issuers(admin: &Table<'_>, names: &[&str]) -> Option<Vec<usize>> {
    let mut indexes = Vec::new();
    for (at, name) in admin.texts("issuers")?.into_iter().enumerate() {
        let index = names.iter().position(|own| *own == name);
        if index.is_none() {
            let meant = did_you_mean(name, names.iter().copied());
            let problem = ["expected the name of a configured issuer", &meant].concat();
            admin.error(&format!("issuers[{at}]"), problem);
        }
        indexes.extend(index);
    }
    Some(indexes)
}

/// The requirement that any administrator meets; `None` when nobody is one.
pub(super) fn any_of(admins: &[Administrator]) -> Option<Requirement> {
    match admins {
        [] => None,
        [only] => Some(only.requirement.clone()),
        several => {
            Some(Requirement::Any(several.iter().map(|one| one.requirement.clone()).collect()))
        }
    }
}
