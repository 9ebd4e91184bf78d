use std::collections::BTreeMap;
use std::time::Duration;

use super::shape::{self, Shape, number, table, text};
use super::table::Table;
use super::{Address, Environment, Exchange, exchange};
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
        table("exchange", &exchange::SHAPE)
            .about("The origin gets a token for itself in the place of the caller's."),
    ],
};

/// What an origin has without `timeout_ms`.
pub(super) const TIMEOUT: Duration = Duration::from_millis(limits::ORIGIN_TIMEOUT_MS);

/// A server behind the gateway.
#[derive(Debug)]
pub struct Origin {
    /// Its name in routes.
    pub name: String,
    /// Where it is.
    pub address: Address,
    /// Longest wait for its first byte; `None` where it is left to the platform.
    pub timeout: Option<Duration>,
    /// How the caller's token becomes one for this origin; `None` where it is sent none of its own.
    pub exchange: Option<Exchange>,
}

/// All origins, found by name without going through all of them: each of thousands of tenants may
/// have one.
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

    /// Adds it behind the others; whether no other has its name.
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
    let address = table.text("url").and_then(|text| address(table, text, environment));
    // Faulty is as good as any: the fault is noted, and routes may still name this origin.
    let timeout = table.number("timeout_ms").filter(|ms| *ms > 0).map(Duration::from_millis);
    let exchange = exchange::read(table, environment);
    Some(Origin { name: name?, address: address?, timeout, exchange })
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
