use super::shape::{ANY, Default, Field, Form, Kind, Shape, choice, field, table, tables, text};
use super::sizes::Sizes;
use super::table::Table;
use crate::identity::{Encoding, HeaderRule, HeaderRules, IdentityField};
use crate::limits;

pub(super) static SHAPE: Shape = Shape {
    name: "headers",
    about: "Identity headers: what the origin learns about the caller.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        field("prefix", Kind::Text(&PREFIX)).or(Default::Text("x-auth-")).about(
            "What the names of the gateway's headers begin with; a client's own are removed.",
        ),
        table("names", &NAMES).about("Other names for single headers."),
        tables("claims", &CLAIM).about("Further claims for the origin."),
    ],
};

/// A set for one tenant; the prefix is everybody's.
pub(super) static TENANT_SHAPE: Shape = Shape {
    name: "tenant_headers",
    about: "Identity headers for the tenant's own origin, besides those for all.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        table("names", &NAMES).about("Other names for single headers."),
        tables("claims", &CLAIM).about("Further claims for this origin."),
    ],
};

static NAMES: Shape = Shape {
    name: "names",
    about: "Another header name for a fact about the caller; by default the prefix and the fact.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        header("subject").about("Header for `sub`."),
        header("issuer").about("Header for `iss`."),
        header("email").about("Header for the e-mail address."),
        header("roles").about("Header for the roles, a list of RFC 9651."),
        header("scope").about("Header for the scope, words with single spaces."),
        header("tenant").about("Header for the tenant."),
        header("session").about("Header for the session."),
        header("token_id").about("Header for `jti`."),
    ],
};

static CLAIM: Shape = Shape {
    name: "claim_header",
    about: "A header for one more claim.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        header("header").required().about("The header's name."),
        text("claim").required().about("Dotted path of the claim."),
        choice("encoding", &ENCODINGS).or(Default::Text("plain")).about(
            "How it is written: percent-encoded text, a list of RFC 9651, or base64url of JSON.",
        ),
    ],
};

const ENCODINGS: [(&str, Encoding); 3] =
    [("plain", Encoding::Plain), ("list", Encoding::List), ("json", Encoding::Json)];

static PREFIX: Form = Form {
    class: "a-z0-9-",
    least: 3,
    ending: "-",
    expected: "expected lower-case letters, digits and `-`, with `-` at the end",
    ..ANY
};

/// Some headers may never carry an identity: overwriting them would break or misroute requests.
static HEADER: Form = Form {
    class: "a-z0-9-",
    except: &[
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "transfer-encoding",
        "upgrade",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-request-id",
    ],
    expected: "expected a header name in lower case that has no other meaning",
    ..ANY
};

const fn header(name: &'static str) -> Field {
    field(name, Kind::Text(&HEADER))
}

pub(super) fn read(root: &Table<'_>, sizes: Option<&Sizes>) -> HeaderRules {
    let Some(table) = root.table_of_defaults("headers") else {
        return HeaderRules::default();
    };
    let prefix = table.string("prefix").unwrap_or_default();
    let renamed = names(&table);
    let claims = table.tables("claims").iter().filter_map(rule).collect();
    table.finish();
    let max_bytes = sizes.map_or(limits::IDENTITY_BYTES, |sizes| sizes.identity_bytes);
    let rules = HeaderRules::new(&prefix, &renamed, claims).of_at_most(max_bytes);
    check(&table, &rules);
    rules
}

/// The set of a tenant, which has those for all in it.
pub(super) fn read_tenants(tenant: &Table<'_>, all: &HeaderRules) -> Option<HeaderRules> {
    let table = tenant.table("headers")?;
    let renamed = names(&table);
    let claims = table.tables("claims").iter().filter_map(rule).collect();
    table.finish();
    let rules = all.extended(&renamed, claims);
    check(&table, &rules);
    Some(rules)
}

fn check(table: &Table<'_>, rules: &HeaderRules) {
    let shadow = rules.shadow();
    let own = rules.facets().iter().map(|(_, name)| name);
    if own.chain(rules.claims().iter().map(|rule| &rule.header)).any(|name| *name == shadow) {
        table.error("", format!("expected `{shadow}` for shadow mode alone"));
    }
    // Two facts in one header: the origin would take a nickname for a subject.
    if let Some(twice) = rules.collision() {
        table.error("", format!("expected one meaning for each header, got two for `{twice}`"));
    }
}

fn names(table: &Table<'_>) -> Vec<(IdentityField, String)> {
    let Some(names) = table.table("names") else {
        return Vec::new();
    };
    let read = |facet: IdentityField| Some((facet, names.string(facet.key())?));
    let renamed = IdentityField::ALL.into_iter().filter_map(read).collect();
    names.finish();
    renamed
}

fn rule(table: &Table<'_>) -> Option<HeaderRule> {
    let header = table.string("header");
    let claim = table.string("claim");
    let encoding = table.choice("encoding", &ENCODINGS);
    table.finish();
    Some(HeaderRule { header: header?, claim: claim?, encoding: encoding? })
}
