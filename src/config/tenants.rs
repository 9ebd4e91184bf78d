use std::collections::BTreeSet;

use super::origin::{Origin, Origins};
use super::rewrite::literal_path;
use super::shape::{ANY, Form, Kind, Shape, field, table, text, texts};
use super::table::Table;
use super::{Address, Environment, builtin, headers, limit};
use crate::http::{is_authority, split_port};
use crate::identity::HeaderRules;
use crate::route::{HostPattern, Tenant, TenantPlace, TenantTable};

pub(super) static SHAPE: Shape = Shape {
    name: "tenant",
    about: "A customer with a server of its own. Routes without `origin` lead there.",
    exactly_one: &["hosts", "path_prefix"],
    sets_beside: ("", &[]),
    fields: &[
        field("name", Kind::Text(&NAME))
            .required()
            .about("What logs call it, and what its tokens call it without `claim`."),
        texts("hosts").about(
            "Hosts of its requests: `acme.example.com`, with `:port` that port's alone, or \
             `*.example.com` for exactly one label.",
        ),
        text("path_prefix")
            .about("Or what the paths of its requests begin with. It is forwarded, too."),
        text("origin")
            .required()
            .about("The name of an origin, or its address as in `origins[].url`."),
        texts("issuers").about("Names of the issuers whose tokens it accepts. Absent: all."),
        field("claim", Kind::TextOrFalse).about(
            "What its tokens say under `claims.tenant` of their issuer. Absent: its name. `false`: \
             tokens of every tenant, and of none, pass.",
        ),
        table("headers", &headers::TENANT_SHAPE)
            .about("Identity headers for its own origin, besides those for all."),
        table("limit", &limit::TENANT_SHAPE)
            .about("How many requests it accepts. Absent: any number."),
    ],
};

/// A line break would end its line in what the adapters are told.
static NAME: Form = Form {
    class: " -~",
    expected: "expected a text of visible ASCII characters and spaces",
    ..ANY
};

/// Reads all tenants. An address in the place of an origin's name becomes an origin of its own.
/// The sets of headers are those of the tenants with the same index.
pub(super) fn read_all(
    root: &Table<'_>,
    origins: &mut Origins,
    issuers: &[&str],
    all: &mut HeaderRules,
    environment: &Environment<'_>,
) -> Option<(TenantTable, Vec<Option<HeaderRules>>)> {
    let tables = root.tables("tenants");
    if tables.is_empty() && root.has("tenants") {
        root.error("tenants", "expected at least one tenant, or no `tenants` at all");
    }
    let mut tenants: Vec<Tenant> = Vec::new();
    let (mut places, mut sets) = (Vec::new(), Vec::new());
    let mut names = BTreeSet::new();
    for (index, table) in tables.iter().enumerate() {
        let set = headers::read_tenants(table, all);
        if let Some(tenant) = read(table, origins, issuers, environment) {
            if !table.text("name").is_some_and(|name| names.insert(name)) {
                table.error("name", "expected a name that no other tenant has");
            }
            // Where both chose, one request could be two tenants'.
            if tenants.first().is_some_and(|first| is_by_path(first) != is_by_path(&tenant)) {
                table.error("", "expected the same of `hosts` and `path_prefix` as tenants[0] has");
            }
            tenants.push(tenant);
            places.push((index, table));
            sets.push(set);
        }
        table.finish();
    }
    for set in sets.iter().flatten() {
        all.reserve_all_of(set);
    }
    build(tenants, &places).map(|tenants| (tenants, sets))
}

fn is_by_path(tenant: &Tenant) -> bool {
    matches!(tenant.place, TenantPlace::Prefix(_))
}

fn build(tenants: Vec<Tenant>, places: &[(usize, &Table<'_>)]) -> Option<TenantTable> {
    match TenantTable::new(tenants) {
        Ok(table) => Some(table),
        Err(conflicts) => {
            for conflict in conflicts {
                let places = (places.get(conflict.first), places.get(conflict.second));
                if let (Some((first, _)), Some((_, table))) = places {
                    table.error(
                        "",
                        format!(
                            "ties with tenants[{first}]: same host, or same prefix but for case"
                        ),
                    );
                }
            }
            None
        }
    }
}

fn read(
    table: &Table<'_>,
    origins: &mut Origins,
    issuers: &[&str],
    environment: &Environment<'_>,
) -> Option<Tenant> {
    let name = table.text("name");
    let place = place(table);
    let origin = origin_of(table, name, origins, environment);
    let issuers = listed(table, issuers);
    let claim = claim(table, name);
    let limit = limit::read_tenants(table, environment);
    Some(Tenant { name: name?.to_owned(), place: place?, origin: origin?, issuers, claim, limit })
}

fn place(table: &Table<'_>) -> Option<TenantPlace> {
    match table.only()? {
        "hosts" => hosts(table).map(TenantPlace::Hosts),
        _ => prefix(table).map(TenantPlace::Prefix),
    }
}

fn hosts(table: &Table<'_>) -> Option<Vec<HostPattern>> {
    let texts = table.texts("hosts")?;
    let hosts = texts.iter().enumerate().filter_map(|(index, text)| {
        let host = host(text);
        if host.is_none() {
            let expected =
                "expected a host in lower case, with a port at most, or `*.` and a host without one";
            table.error(&format!("hosts[{index}]"), expected);
        }
        host
    });
    Some(hosts.collect())
}

fn host(text: &str) -> Option<HostPattern> {
    let is_host = |text: &str| {
        let (host, _) = split_port(text);
        // An empty label, or one more dot at the end, is no host's name.
        let has_labels = host.starts_with('[') || host.split('.').all(|label| !label.is_empty());
        is_authority(text) && has_labels && !text.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    match text.strip_prefix("*.") {
        Some(parent) if is_host(parent) && split_port(parent).1.is_none() => {
            Some(HostPattern::AnyLabel(parent.to_owned()))
        }
        None if is_host(text) => Some(HostPattern::Exact(text.to_owned())),
        _ => None,
    }
}

fn prefix(table: &Table<'_>) -> Option<Vec<String>> {
    let text = table.text("path_prefix")?;
    let path = literal_path(text);
    let segments: Option<Vec<_>> = path
        .map(|path| path.segments().iter().map(|segment| segment.as_ref().to_owned()).collect());
    match segments.filter(|segments| !segments.is_empty()) {
        Some(segments) if segments.first().is_some_and(|first| builtin::is_own(first)) => {
            table.error("path_prefix", "`/.edgeward/` belongs to the gateway");
            None
        }
        Some(segments) => Some(segments),
        None => {
            table.error("path_prefix", "expected a plain path with a segment, such as `/acme`");
            None
        }
    }
}

fn origin_of(
    table: &Table<'_>,
    name: Option<&str>,
    origins: &mut Origins,
    environment: &Environment<'_>,
) -> Option<usize> {
    let text = table.text("origin")?;
    if let Some(index) = origins.find(text) {
        return Some(index);
    }
    let address = match Address::parse(text) {
        Ok(Address::Service(binding)) if !(environment.has_service)(&binding) => {
            table.error("origin", format!("no service binding `{binding}`"));
            return None;
        }
        Ok(address) => address,
        Err(problem) => {
            table.error(
                "origin",
                format!("expected the name of an origin, or its address: {problem}"),
            );
            return None;
        }
    };
    let name = name.unwrap_or_default().to_owned();
    // An assertion names the origin that it is for: under one name two could use each other's.
    if !origins.add(Origin::at(name, address)) {
        table
            .error("name", "expected a name that no origin has, or that origin's name as `origin`");
    }
    origins.list.len().checked_sub(1)
}

/// A name that is no issuer's would leave the tenant with fewer than it seems to have.
fn listed(table: &Table<'_>, issuers: &[&str]) -> Option<Vec<String>> {
    let names = table.strings("issuers")?;
    for (index, name) in names.iter().enumerate() {
        if !issuers.contains(&name.as_str()) {
            table.error(&format!("issuers[{index}]"), "expected the name of an issuer");
        }
    }
    Some(names)
}

/// Only `false`, and nothing that is left out, opens a tenant to the tokens of others.
fn claim(table: &Table<'_>, name: Option<&str>) -> Option<String> {
    let claim = table.value("claim");
    if claim.is_some_and(|claim| claim.as_bool() == Some(false)) {
        return None;
    }
    table.text("claim").or(name).map(str::to_owned)
}
