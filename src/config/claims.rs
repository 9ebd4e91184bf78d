//! Which claim means what: for an issuer, and for its tokens where they differ from its answers.

use super::shape::{Default, Field, Kind, Shape, field, text};
use super::table::Table;
use crate::token::ClaimPaths;

pub(super) static SHAPE: Shape = Shape {
    name: "claims",
    about: "Dotted paths into the token. A claim whose own name holds the dots comes first.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &fields(true),
};

/// What is absent here is what the issuer's `claims` say.
pub(super) static FALLBACK: Shape = Shape {
    name: "fallback_claims",
    about: "Dotted paths into the token, where they differ from those into the answers.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &fields(false),
};

/// Every fact, with its default path or without.
const fn fields(has_defaults: bool) -> [Field; 6] {
    [
        fact(text("subject"), has_defaults, "sub").about("Who the caller is."),
        fact(field("roles", Kind::TextOrTexts), has_defaults, "roles").about(
            "The caller's roles: a text is one role, a list of texts several; several paths together.",
        ),
        fact(text("email"), has_defaults, "email").about("The caller's e-mail address."),
        fact(text("tenant"), has_defaults, "tenant")
            .about("The tenant that the caller belongs to."),
        fact(text("scope"), has_defaults, "scope")
            .about("What the token was granted: words in a text, or a list of texts."),
        fact(text("session"), has_defaults, "sid").about("The session that the token belongs to."),
    ]
}

const fn fact(field: Field, has_default: bool, path: &'static str) -> Field {
    if has_default { field.or(Default::Text(path)) } else { field }
}

/// Reads `claims` of a table; what it does not say is as in `paths`.
pub(super) fn read(table: &Table<'_>, mut paths: ClaimPaths) -> ClaimPaths {
    let Some(claims) = table.table_of_defaults("claims") else {
        return paths;
    };
    if let Some(roles) = claims.string_or_strings("roles") {
        paths.roles = roles;
    }
    for (name, path) in [
        ("subject", &mut paths.subject),
        ("email", &mut paths.email),
        ("tenant", &mut paths.tenant),
        ("scope", &mut paths.scope),
        ("session", &mut paths.session),
    ] {
        if let Some(configured) = claims.string(name) {
            *path = configured;
        }
    }
    claims.finish();
    paths
}
