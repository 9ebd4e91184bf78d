//! `config_from` and `config_refresh_seconds`: where the configuration is stored.

use std::time::Duration;

use super::Environment;
use super::shape::{Default, Field, choice, number};
use super::table::Table;
use crate::json::ValueRef;
use crate::limits;

/// The place where the configuration is stored, according to the deployed table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must read from each")]
pub enum ConfigLocation {
    /// The configuration is in the deployed table alone.
    Table,
    /// The configuration is in the store's document, while there is one.
    Store {
        /// How long until an isolate looks at the document again.
        refresh: Duration,
    },
}

impl ConfigLocation {
    /// Reads the location from the deployed table. A table with an invalid `config_from` counts as
    /// [`Self::Table`], so that [`Config::check`](super::Config::check) finds the fault.
    #[must_use]
    pub fn of(deployed: &ValueRef<'_>, has_store: bool) -> Self {
        let is_store = deployed.get("config_from").is_some_and(is_kv) && has_store;
        if !is_store {
            return Self::Table;
        }
        let seconds = deployed.get("config_refresh_seconds").and_then(ValueRef::as_u64);
        let seconds = seconds.filter(|seconds| (REFRESH.0..=REFRESH.1).contains(seconds));
        Self::Store { refresh: seconds.map_or(limits::CONFIG_REFRESH, Duration::from_secs) }
    }
}

/// Whether the deployed table holds no configuration of its own, but leaves it to the document.
#[must_use]
pub fn is_left_to_document(deployed: &ValueRef<'_>) -> bool {
    let own = [FROM.name, REFRESH_SECONDS.name];
    deployed.get(FROM.name).is_some_and(is_kv)
        && deployed
            .as_object()
            .is_some_and(|table| table.iter().all(|(name, _)| own.contains(&name.as_ref())))
}

const SOURCES: [(&str, bool); 2] = [("vars", false), ("kv", true)];
const REFRESH: (u64, u64) = (1, 3600);

pub(super) const FROM: Field = choice("config_from", &SOURCES).or(Default::Text("vars")).about(
    "`kv`: the document `config` in EDGEWARD_KV takes this table's place while it is there.",
);
pub(super) const REFRESH_SECONDS: Field = number("config_refresh_seconds", REFRESH.0, REFRESH.1)
    .or(Default::Number(limits::CONFIG_REFRESH.as_secs()))
    .about("How long until an isolate looks at the document in EDGEWARD_KV again.");

/// Checks the fields that choose the source; they have no effect in a document.
pub(super) fn check(root: &Table<'_>, environment: &Environment<'_>) {
    let is_store = root.choice("config_from", &SOURCES);
    let _ = root.number("config_refresh_seconds");
    if is_store == Some(true) && !environment.has_store {
        root.error("config_from", "expected a KV binding `EDGEWARD_KV` for it");
    }
}

fn is_kv(from: &ValueRef<'_>) -> bool {
    from.as_str() == Some("kv")
}
