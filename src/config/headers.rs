use super::table::Table;
use crate::identity::{Encoding, Facet, HeaderRule, HeaderRules};

/// Headers that may never carry an identity: overwriting them would break or misroute requests.
const FORBIDDEN: [&str; 9] = [
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "transfer-encoding",
    "upgrade",
    "x-request-id",
];

pub(super) fn read(root: &Table<'_>) -> HeaderRules {
    let Some(table) = root.table("headers") else {
        return HeaderRules::default();
    };
    let prefix = table.string("prefix").unwrap_or_else(|| "x-auth-".to_owned());
    if !prefix.ends_with('-') || prefix.len() < 3 || !is_header_name(&prefix) {
        table.error("prefix", "expected lower-case letters, digits and `-`, with `-` at the end");
    }
    let renamed = names(&table);
    let claims = table.tables("claims").iter().filter_map(rule).collect();
    table.finish();
    let rules = HeaderRules::new(&prefix, &renamed, claims);
    // Two facts in one header: the origin would take a nickname for a subject.
    if let Some(twice) = rules.collision() {
        table.error("", format!("expected one meaning for each header, got two for `{twice}`"));
    }
    rules
}

fn names(table: &Table<'_>) -> Vec<(Facet, String)> {
    let Some(names) = table.table("names") else {
        return Vec::new();
    };
    let read = |facet: Facet| {
        let name = names.string(facet.key())?;
        check_name(&names, facet.key(), &name);
        Some((facet, name))
    };
    let renamed = Facet::ALL.into_iter().filter_map(read).collect();
    names.finish();
    renamed
}

fn rule(table: &Table<'_>) -> Option<HeaderRule> {
    let encodings =
        [("plain", Encoding::Plain), ("list", Encoding::List), ("json", Encoding::Json)];
    let header = table.required_string("header");
    if let Some(header) = &header {
        check_name(table, "header", header);
    }
    let claim = table.required_string("claim");
    let encoding = table.choice("encoding", &encodings).unwrap_or(Encoding::Plain);
    table.finish();
    Some(HeaderRule { header: header?, claim: claim?, encoding })
}

fn check_name(table: &Table<'_>, field: &'static str, name: &str) {
    if !is_header_name(name) || FORBIDDEN.contains(&name) {
        table.error(field, "expected a header name in lower case that has no other meaning");
    }
}

fn is_header_name(name: &str) -> bool {
    let sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty() && name.bytes().all(sound)
}
