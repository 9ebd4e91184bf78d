use std::time::Duration;

use super::table::Table;
use super::{Address, Environment};
use crate::limits;

/// A server behind the gateway.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Its name in routes.
    pub name: String,
    /// Where it is.
    pub address: Address,
    /// Longest wait for its first byte.
    pub timeout: Duration,
}

pub(super) fn read_all(root: &Table<'_>, environment: &Environment<'_>) -> Vec<Origin> {
    let tables = root.tables("origins");
    if tables.is_empty() {
        root.error("origins", "expected at least one origin");
    }
    let mut origins: Vec<Origin> = Vec::new();
    for table in &tables {
        if let Some(origin) = read(table, environment) {
            if origins.iter().any(|other| other.name == origin.name) {
                table.error("name", "expected a name that no other origin has");
            }
            origins.push(origin);
        }
        table.finish();
    }
    origins
}

fn read(table: &Table<'_>, environment: &Environment<'_>) -> Option<Origin> {
    let name = table.required_string("name");
    let address = table.required_string("url").and_then(|text| address(table, &text, environment));
    let default = u64::try_from(limits::ORIGIN_TIMEOUT.as_millis()).unwrap_or(u64::MAX);
    let timeout = table.number("timeout_ms", 1..=300_000).unwrap_or(default);
    Some(Origin { name: name?, address: address?, timeout: Duration::from_millis(timeout) })
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
