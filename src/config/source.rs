//! Which configuration is in force when a document in the store may take the deployed table's place.

use std::time::Duration;

use serde_json::Value;

use super::shape::{Default, Field, choice, number};
use super::table::Table;
use super::{Config, ConfigErrors, Environment};
use crate::{json, limits};

/// Where the configuration stands, as the deployed table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must read from each")]
pub enum Source {
    /// In the deployed table alone.
    Table,
    /// In the store's document, while there is one.
    Store {
        /// How long until an isolate looks at the document again.
        refresh: Duration,
    },
}

/// What the store holds: texts, or whatever an adapter has in their place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "an adapter fills it")]
pub struct Stored<T> {
    /// The document.
    pub document: Option<T>,
    /// The last document that was good.
    pub last_good: Option<T>,
}

/// Which configuration it is that is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each has its word in the log")]
pub enum Origination {
    /// The deployed table.
    Table,
    /// The store's document.
    Document,
    /// The last good document, because the present one is not good.
    LastGood,
}

/// What follows from what the store holds.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "an adapter acts on all of it")]
pub struct Succession {
    /// What comes into force; nothing means that what was in force stays, were it nothing.
    pub successor: Option<(Config, Origination)>,
    /// Why what should be in force is not.
    pub errors: Option<ConfigErrors>,
}

/// What is to be done with the stored copy of the last good document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must do each")]
pub enum Keeping {
    /// Nothing.
    Leave,
    /// The document takes its place.
    Replace,
    /// It goes: the deployed table is the last that was good.
    Remove,
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

impl Source {
    /// What the deployed table says. One that does not say it properly is not left to the store:
    /// [`Config::check`] then finds the fault.
    #[must_use]
    pub fn of(deployed: &Value, has_store: bool) -> Self {
        let is_store = deployed.get("config_from").is_some_and(|from| from == "kv") && has_store;
        if !is_store {
            return Self::Table;
        }
        let seconds = deployed.get("config_refresh_seconds").and_then(Value::as_u64);
        let seconds = seconds.filter(|seconds| (REFRESH.0..=REFRESH.1).contains(seconds));
        Self::Store { refresh: seconds.map_or(limits::CONFIG_REFRESH, Duration::from_secs) }
    }
}

/// Whether the deployed table holds no configuration of its own, but leaves it to the document.
#[must_use]
pub fn is_left_to_document(deployed: &Value) -> bool {
    let own = [FROM.name, REFRESH_SECONDS.name];
    deployed.get(FROM.name).is_some_and(|from| from == "kv")
        && deployed.as_object().is_some_and(|table| table.keys().all(|name| own.contains(&&**name)))
}

/// Reads a document as it stands in the store: JSON of the table `[vars.EDGEWARD]`, at most
/// [`limits::CONFIG_BYTES`]. Strict, so that no member stands there twice, once for whoever reviews
/// it and once for the gateway.
///
/// # Errors
///
/// [`ConfigErrors`], with one.
pub fn read_document(text: &str) -> Result<Value, ConfigErrors> {
    if text.len() > limits::CONFIG_BYTES {
        return Err(ConfigErrors::one("config", "expected a document of at most 4 MiB"));
    }
    let object = json::parse_object(text.as_bytes());
    object.map(Value::Object).map_err(|error| ConfigErrors::one("config", &error.to_string()))
}

/// Settles which configuration comes into force.
///
/// The document when there is one, else the `deployed` table, if it is good. If it is not, then
/// what is in force stays (`has_one` says whether there is anything), and where nothing is, the
/// last good document. Only when no document was ever good is it the deployed table: an operator
/// who closed a hole by a document must not see it opened again by a typing error in the next.
#[must_use]
pub fn succeed(
    stored: &Stored<&str>,
    deployed: &Value,
    has_one: bool,
    environment: &Environment<'_>,
) -> Succession {
    let from_text = |text| Config::check(&read_document(text)?, environment);
    let from_table = || Ok((deployed_config(deployed, environment)?, Origination::Table));
    let wanted = match stored.document {
        Some(text) => from_text(text).map(|config| (config, Origination::Document)),
        None => from_table(),
    };
    let errors = match wanted {
        Ok(successor) => return Succession { successor: Some(successor), errors: None },
        Err(errors) => errors,
    };
    let fallback = match stored.last_good {
        _ if has_one => None,
        // One that is no longer good is not passed over: what lies behind it may let more pass.
        Some(text) => from_text(text).ok().map(|config| (config, Origination::LastGood)),
        None => from_table().ok(),
    };
    Succession { successor: fallback, errors: Some(errors) }
}

fn deployed_config(
    deployed: &Value,
    environment: &Environment<'_>,
) -> Result<Config, ConfigErrors> {
    if is_left_to_document(deployed) {
        return Err(ConfigErrors::one("EDGEWARD", "expected a document `config` in EDGEWARD_KV"));
    }
    Config::check(deployed, environment)
}

impl Origination {
    /// Its word in logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Table => "vars",
            Self::Document => "document",
            Self::LastGood => "last_good",
        }
    }
}

impl<T: PartialEq> Stored<T> {
    /// What is to be done with the copy of the last good document when what should be in force
    /// (the document, or without one the deployed table) is good.
    #[must_use]
    pub fn keeping(&self) -> Keeping {
        match (&self.document, &self.last_good) {
            (document, last_good) if document == last_good => Keeping::Leave,
            (Some(_), _) => Keeping::Replace,
            (None, _) => Keeping::Remove,
        }
    }
}

#[cfg(test)]
mod tests;
