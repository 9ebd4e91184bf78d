//! `limits`: how large tokens and identity headers may be.

use super::shape::{Default, Field, Shape, number};
use super::table::Table;
use crate::limits;

/// Sizes in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) token_bytes: usize,
    pub(super) identity_bytes: usize,
}

pub(super) static SHAPE: Shape = Shape {
    name: "limits",
    about: "How large tokens and identity headers may be.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        bytes("token_bytes", 8192).about("Longest token, in bytes."),
        bytes("identity_bytes", 6144)
            .about("All identity headers together, names and values, in bytes."),
    ],
};

const fn bytes(name: &'static str, usual: u64) -> Field {
    number(name, 1024, 16_384).or(Default::Number(usual))
}

const _: () = assert!(
    limits::TOKEN_BYTES == 8192
        && limits::IDENTITY_BYTES == 6144
        && limits::CONFIGURED_BYTES == 16_384,
    "the declaration must have the same numbers"
);

/// Reads them.
pub(super) fn read(root: &Table<'_>) -> Option<Sizes> {
    let table = root.table_of_defaults("limits")?;
    let [token, identity] = ["token_bytes", "identity_bytes"].map(|name| table.number(name));
    table.finish();
    Some(Sizes {
        token_bytes: usize::try_from(token?).ok()?,
        identity_bytes: usize::try_from(identity?).ok()?,
    })
}
