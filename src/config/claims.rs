//! The mapping of claims to facts about the caller, for an issuer, and for its tokens where they
//! differ from its answers.

use super::shape::{Default, Field, Kind, Shape, field, text};
use super::table::Table;
use crate::json::ValueRef;
use crate::token::{ClaimPaths, ListClaim, ListForm};

pub(super) static SHAPE: Shape = Shape {
    name: "claims",
    about: "Dotted paths into the token. A claim whose own name holds the dots comes first.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &fields(true),
};

/// The shape of `claims` under `fallback`. The issuer's `claims` apply where a field is absent
/// here.
pub(super) static FALLBACK: Shape = Shape {
    name: "fallback_claims",
    about: "Dotted paths into the token, where they differ from those into the answers.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &fields(false),
};

static LIST: Shape = Shape {
    name: "claim_list",
    about: "A claim that holds several names, and how they are written in it.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        text("path").required().about("Dotted path into the token."),
        field("keys", Kind::True).about("The names are the keys of an object."),
        text("separator").about("What stands between the names in a text."),
    ],
};

/// The fields for all facts about the caller, with their default paths or without.
const fn fields(has_defaults: bool) -> [Field; 6] {
    [
        fact(text("subject"), has_defaults, "sub").about("Who the caller is."),
        fact(field("roles", Kind::TextsOrTable(&LIST)), has_defaults, "roles").about(
            "The caller's roles: a text is one role, a list of texts several; several paths together.",
        ),
        fact(text("email"), has_defaults, "email").about("The caller's e-mail address."),
        fact(text("tenant"), has_defaults, "tenant")
            .about("The tenant that the caller belongs to."),
        fact(field("scope", Kind::TextOrTable(&LIST)), has_defaults, "scope")
            .about("What the token was granted: words in a text, or a list of texts."),
        fact(text("session"), has_defaults, "sid").about("The session that the token belongs to."),
    ]
}

const fn fact(field: Field, has_default: bool, path: &'static str) -> Field {
    if has_default { field.or(Default::Text(path)) } else { field }
}

/// Reads `claims` of a table; a path that it does not give is taken from `paths`.
pub(super) fn read(table: &Table<'_>, mut paths: ClaimPaths) -> ClaimPaths {
    let Some(claims) = table.table_of_defaults("claims") else {
        return paths;
    };
    if let Some(roles) = lists(&claims, "roles", &ListForm::Whole) {
        paths.roles = roles;
    }
    if let Some([scope]) = lists(&claims, "scope", &ListForm::Words).as_deref() {
        paths.scope = scope.clone();
    }
    for (name, path) in [
        ("subject", &mut paths.subject),
        ("email", &mut paths.email),
        ("tenant", &mut paths.tenant),
        ("session", &mut paths.session),
    ] {
        if let Some(configured) = claims.string(name) {
            *path = configured;
        }
    }
    claims.finish();
    paths
}

/// Reads the claims that hold several names. `usual` is the form in which a text is read where the
/// table gives none.
fn lists(claims: &Table<'_>, name: &'static str, usual: &ListForm) -> Option<Vec<ListClaim>> {
    if claims.value(name).and_then(ValueRef::as_object).is_none() {
        let paths = claims.string_or_strings(name)?.into_iter();
        return Some(paths.map(|path| ListClaim { path, form: usual.clone() }).collect());
    }
    let table = claims.table(name)?;
    let (path, keys) = (table.string("path"), table.boolean("keys"));
    let form = match (keys, table.string("separator")) {
        (Some(_), Some(_)) => {
            table.error("separator", "expected none with `keys`: no key is separated");
            None
        }
        (Some(_), None) => Some(ListForm::Keys),
        (None, Some(separator)) => Some(ListForm::Separated(separator)),
        (None, None) => Some(usual.clone()),
    };
    table.finish();
    Some(vec![ListClaim { path: path?, form: form? }])
}
