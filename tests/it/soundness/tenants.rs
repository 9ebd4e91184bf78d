//! Tenants as the oracle knows them: whose each host and each prefix is stands here word by word, worked out by hand.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// How the configuration tells tenants apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    Without,
    Hosts,
    Prefixes,
}

/// Where a request goes to, and the `Host` that came with it where that is said apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    host: (&'static str, Whose),
    header: Option<(&'static str, Whose)>,
    prefix: (&'static str, Whose),
}

type Whose = Option<&'static Owner>;

/// A tenant: where its requests go, the issuers whose tokens it takes, and what these must say.
#[derive(Debug)]
pub(crate) struct Owner {
    name: &'static str,
    hosts: &'static [&'static str],
    prefix: &'static str,
    issuers: Option<&'static [&'static str]>,
    claim: Option<&'static str>,
}

static ACME: Owner = Owner {
    name: "acme",
    hosts: &["acme.example.com"],
    prefix: "/t/acme",
    issuers: None,
    claim: Some("acme"),
};
static BETA: Owner = Owner {
    name: "beta",
    hosts: &["*.beta.example", "beta.example:8443"],
    prefix: "/t/acme/beta",
    issuers: Some(&["main", "secret"]),
    claim: Some("beta-1"),
};
static SEVEN: Owner = Owner {
    name: "seven",
    hosts: &["seven.beta.example"],
    prefix: "/t/seven",
    issuers: None,
    claim: Some("7"),
};
static OPEN: Owner = Owner {
    name: "open",
    hosts: &["open.example.com"],
    prefix: "/t/open",
    issuers: Some(&["second"]),
    claim: None,
};
static OWNERS: [&Owner; 4] = [&ACME, &BETA, &SEVEN, &OPEN];

fn hosts() -> Vec<(&'static str, Whose)> {
    vec![
        ("acme.example.com", Some(&ACME)),
        ("ACME.Example.com", Some(&ACME)),
        ("acme.example.com.", Some(&ACME)),
        ("acme.example.com:8080", Some(&ACME)),
        ("acme.example.com..", None),
        ("x.acme.example.com", None),
        ("evil-acme.example.com", None),
        ("x.beta.example", Some(&BETA)),
        ("x.beta.example:99", Some(&BETA)),
        ("beta.example:8443", Some(&BETA)),
        ("beta.example", None),
        ("beta.example:8444", None),
        ("x.y.beta.example", None),
        (".beta.example", None),
        ("seven.beta.example", Some(&SEVEN)),
        ("open.example.com", Some(&OPEN)),
        ("api.example.com", None),
        ("192.0.2.1", None),
    ]
}

fn prefixes() -> Vec<(&'static str, Whose)> {
    vec![
        ("/t/acme", Some(&ACME)),
        ("/t/%61cme", Some(&ACME)),
        ("/t/acme/x", Some(&ACME)),
        ("/t/acme/beta", Some(&BETA)),
        ("/t/acme/bet%61", Some(&BETA)),
        ("/t/seven", Some(&SEVEN)),
        ("/t/open", Some(&OPEN)),
        ("/t/acmes", None),
        ("/T/acme", None),
        ("/t/other", None),
        ("/t/acme;x", None),
        ("/t;x/acme", None),
        ("/acme", None),
        ("", None),
    ]
}

pub(crate) fn layouts() -> impl Strategy<Value = Layout> {
    select(vec![Layout::Without, Layout::Hosts, Layout::Prefixes])
}

pub(crate) fn places() -> impl Strategy<Value = Place> {
    let host = || prop_oneof![1 => select(hosts()), 2 => select(owned(hosts()))];
    let header = prop_oneof![8 => Just(None), 1 => host().prop_map(Some)];
    let prefix = prop_oneof![1 => select(prefixes()), 2 => select(owned(prefixes()))];
    (host(), header, prefix).prop_map(|(host, header, prefix)| Place { host, header, prefix })
}

fn owned(places: Vec<(&'static str, Whose)>) -> Vec<(&'static str, Whose)> {
    places.into_iter().filter(|(_, whose)| whose.is_some()).collect()
}

/// What a token says about its tenant; nothing, for some.
pub(crate) fn claims() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        4 => Just(Some(json!("acme"))),
        3 => Just(Some(json!("beta-1"))),
        2 => select(vec![Some(json!("7")), Some(json!(7))]),
        1 => select(vec![
            None, Some(json!(null)), Some(json!("")), Some(json!("ACME")), Some(json!("acme ")), Some(json!("beta")),
            Some(json!(7.0)), Some(json!(-7)), Some(json!(true)), Some(json!(["acme"])), Some(json!({ "id": "acme" })),
        ]),
    ]
}

impl Layout {
    /// The tenants of the configuration.
    pub(crate) fn tenants(self) -> Option<Value> {
        let tenant = |owner: &&Owner| {
            let mut tenant = json!({ "name": owner.name, "origin": origin(owner) });
            match self {
                Self::Hosts => tenant["hosts"] = json!(owner.hosts),
                _ => tenant["path_prefix"] = json!(owner.prefix),
            }
            if let Some(issuers) = owner.issuers {
                tenant["issuers"] = json!(issuers);
            }
            match owner.claim {
                None => tenant["claim"] = json!(false),
                Some(claim) if claim != owner.name => tenant["claim"] = json!(claim),
                Some(_) => {}
            }
            tenant
        };
        (self != Self::Without).then(|| OWNERS.iter().map(tenant).collect())
    }

    /// The patterns under which a route's path stands: behind a prefix of any depth that there is.
    pub(crate) fn patterns(self, path: &str) -> Vec<String> {
        let before: &[&str] = if self == Self::Prefixes { &["", "/t/*", "/t/*/*"] } else { &[""] };
        before.iter().map(|before| format!("{before}{path}")).collect()
    }

    /// The URL of a request for this path; the gateway's own paths stand behind no prefix.
    pub(crate) fn url(self, place: Place, path: &str) -> String {
        let host = if self == Self::Hosts { place.host.0 } else { "api.example.com" };
        let is_behind = self == Self::Prefixes && !path.starts_with("/.edgeward/");
        format!("https://{host}{}{path}", if is_behind { place.prefix.0 } else { "" })
    }

    /// The `Host` that a client sends besides.
    pub(crate) fn header(self, place: Place) -> Option<&'static str> {
        place.header.filter(|_| self == Self::Hosts).map(|(host, _)| host)
    }

    fn whose(self, place: Place) -> Whose {
        match self {
            Self::Without => None,
            Self::Hosts => place.host.1,
            Self::Prefixes => place.prefix.1,
        }
    }

    /// Why a request may not go to this URL; `is_shared` says that its route has an origin of its own.
    pub(crate) fn objection_to(self, place: Place, url: &str, is_shared: bool) -> Option<String> {
        let whose = self.whose(place);
        let expected = match (self, whose) {
            _ if is_shared => "https://origin.example".to_owned(),
            (Self::Without, _) => "https://origin.example".to_owned(),
            (_, Some(owner)) => origin(owner),
            (_, None) => return Some(format!("{url}: it is nobody's")),
        };
        let is_there = url.strip_prefix(&expected).is_some_and(|rest| rest.starts_with('/'));
        (!is_there).then(|| format!("{url} is not at {expected}"))
    }

    /// Why `Host` forbids the request: the origin may believe it, and the URL says another tenant.
    pub(crate) fn objection_to_host(self, place: Place) -> Option<String> {
        let header = place.header.filter(|_| self == Self::Hosts)?;
        let name = |whose: Whose| whose.map_or("nobody", |owner| owner.name);
        let (url, host) = (name(place.host.1), name(header.1));
        (url != host).then(|| format!("`Host` is {host}'s, the URL {url}'s"))
    }

    /// Why a token of this issuer with these claims is not for whom the request is.
    pub(crate) fn objection(self, place: Place, issuer: &str, claims: &Value) -> Option<String> {
        let owner = self.whose(place)?;
        if owner.issuers.is_some_and(|issuers| !issuers.contains(&issuer)) {
            return Some(format!("{} takes no tokens of {issuer}", owner.name));
        }
        let said = claims
            .get("tenant")
            .map(|said| said.as_str().map_or_else(|| said.to_string(), str::to_owned));
        let is_named = owner.claim.is_none_or(|claim| said.as_deref() == Some(claim));
        (!is_named).then(|| format!("{} is named {said:?}", owner.name))
    }
}

/// Whether no token may say this of its tenant: another type than a text or a whole number.
pub(crate) fn is_malformed(claims: &Value) -> bool {
    match &claims["tenant"] {
        Value::Null | Value::String(_) => false,
        Value::Number(number) => !number.is_u64(),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => true,
    }
}

fn origin(owner: &Owner) -> String {
    format!("https://{}.internal", owner.name)
}
