use std::collections::BTreeMap;
use std::time::Duration;

use super::shape::{self, Shape, boolean, choice, number, table, text};
use super::table::Table;
use super::{Address, Environment, Exchange, exchange};
use crate::http::KeptHeaders;
use crate::limits;

pub(super) static SHAPE: Shape = Shape {
    name: "origin",
    about: "A server behind the gateway. The first one is the default.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        text("name").required().about("What routes call it."),
        text("url").required().about(
            "`https://host[:port][/base]`, or `service:BINDING`; `http` for loopback hosts only.",
        ),
        number("timeout_ms", 0, 300_000)
            .or(shape::Default::Number(limits::ORIGIN_TIMEOUT_MS))
            .about("Wait for the first byte, from when the body has been sent; 0: as long as the platform waits."),
        choice("forwarded", &FORWARDED).or(shape::Default::Text("set")).about(
            "`set`: it is told the client's host, scheme and address in `x-forwarded-*`; `strip`: it is told \
             none; `keep`: it gets what the client says.",
        ),
        choice("method_override", &METHOD_OVERRIDE).or(shape::Default::Text("strip")).about(
            "Whether it gets headers of the client that ask for another method than the one that was checked.",
        ),
        boolean("case_sensitive_paths")
            .or(shape::Default::Flag(false))
            .about("Whether it tells `/Admin` from `/admin`. Otherwise a path that is another route's but for case is refused."),
        table("exchange", &exchange::SHAPE)
            .about("The origin gets a token for itself instead of the caller's."),
    ],
};

const FORWARDED: [(&str, ForwardedRule); 3] =
    [("set", ForwardedRule::Set), ("keep", ForwardedRule::Keep), ("strip", ForwardedRule::Strip)];

const METHOD_OVERRIDE: [(&str, bool); 2] = [("strip", false), ("keep", true)];

/// Which host, scheme and address an origin receives as the client's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each is a word of the configuration")]
pub enum ForwardedRule {
    /// The origin gets the gateway's own values in `x-forwarded-*`, and not the client's.
    #[default]
    Set,
    /// The origin gets the client's values, which the client can choose freely.
    Keep,
    /// The origin gets none of these headers.
    Strip,
}

/// The timeout of an origin without `timeout_ms`.
const TIMEOUT: Duration = Duration::from_millis(limits::ORIGIN_TIMEOUT_MS);

/// A server behind the gateway.
#[derive(Debug)]
pub struct Origin {
    /// Its name in routes.
    pub name: String,
    /// Its address.
    pub address: Address,
    /// The longest wait for its first byte; `None` where it is left to the platform.
    pub timeout: Option<Duration>,
    /// How the caller's token is exchanged for one of this origin; `None` where it gets none of its
    /// own.
    pub exchange: Option<Exchange>,
    /// Which host, scheme and address it receives as the client's.
    pub forwarded: ForwardedRule,
    /// Whether it gets headers that ask for a method other than that of the request line.
    pub keeps_method_override: bool,
    /// Whether it distinguishes `/Admin` from `/admin`.
    pub has_case_sensitive_paths: bool,
}

impl Origin {
    /// An origin with nothing configured but its name and address.
    pub(super) fn at(name: String, address: Address) -> Self {
        Self {
            name,
            address,
            timeout: Some(TIMEOUT),
            exchange: None,
            forwarded: ForwardedRule::Set,
            keeps_method_override: false,
            has_case_sensitive_paths: false,
        }
    }

    /// The client's headers that this origin gets and others do not.
    #[must_use]
    pub fn kept_headers(&self) -> KeptHeaders {
        KeptHeaders {
            forwarded: self.forwarded == ForwardedRule::Keep,
            method_override: self.keeps_method_override,
            cache_control: false,
        }
    }
}

/// All origins, indexed by name: each of thousands of tenants may have one.
#[derive(Debug, Default)]
pub(super) struct Origins {
    pub(super) list: Vec<Origin>,
    by_name: BTreeMap<String, usize>,
}

impl Origins {
    /// The index of the first one of this name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// Whether the origin with this index distinguishes `/Admin` from `/admin`.
    pub(super) fn has_case_sensitive_paths(&self, index: usize) -> bool {
        self.list.get(index).is_some_and(|origin| origin.has_case_sensitive_paths)
    }

    /// Appends an origin, and returns whether no other has its name.
    pub(super) fn add(&mut self, origin: Origin) -> bool {
        let is_new = self.find(&origin.name).is_none();
        if is_new {
            self.by_name.insert(origin.name.clone(), self.list.len());
        }
        self.list.push(origin);
        is_new
    }
}

pub(super) fn read_all(root: &Table<'_>, environment: &Environment<'_>) -> Origins {
    let mut origins = Origins::default();
    for table in root.tables("origins") {
        if let Some(origin) = read(&table, environment)
            && !origins.add(origin)
        {
            table.error("name", "expected a name that no other origin has");
        }
        table.finish();
    }
    origins
}

fn read(table: &Table<'_>, environment: &Environment<'_>) -> Option<Origin> {
    let name = table.string("name");
    // Faulty is as good as any: the fault is noted, and routes may still name this origin.
    let address = table.text("url").and_then(|text| address(table, text, environment));
    let address = address.unwrap_or_else(|| Address::Url(String::new()));
    let timeout = table.number("timeout_ms").filter(|ms| *ms > 0).map(Duration::from_millis);
    let exchange = exchange::read(table, environment);
    let forwarded = table.choice("forwarded", &FORWARDED).unwrap_or_default();
    let keeps_method_override = table.choice("method_override", &METHOD_OVERRIDE).unwrap_or(false);
    let has_case_sensitive_paths = table.boolean("case_sensitive_paths").unwrap_or(false);
    Some(Origin {
        name: name?,
        address,
        timeout,
        exchange,
        forwarded,
        keeps_method_override,
        has_case_sensitive_paths,
    })
}

fn address(table: &Table<'_>, text: &str, environment: &Environment<'_>) -> Option<Address> {
    match Address::parse(text) {
        Ok(Address::Service(binding)) if !(environment.has_service)(&binding) => {
            table.error("url", format!("no service binding `{binding}`"));
            None
        }
        Ok(address) => Some(address),
        Err(problem) => {
            table.error("url", problem);
            None
        }
    }
}
