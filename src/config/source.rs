//! The choice of the configuration in force, where a document in the store may replace the deployed
//! table.

use super::{Config, ConfigErrors, Environment, is_left_to_document};
use crate::json::{self, JsonError, ValueRef};
use crate::limits;

/// The source of the configuration in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each has its word in the log")]
pub enum ConfigInForce {
    /// The deployed table.
    Table,
    /// The store's document.
    Document,
    /// The last good document, because the current one has faults.
    LastGood,
}

/// The action to take on the stored copy of the last good document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must do each")]
pub enum BackupAction {
    /// The copy stays as it is.
    Leave,
    /// The document replaces the copy.
    Replace,
    /// The copy is removed: the deployed table is the last good configuration.
    Remove,
}

/// Reads a document as it stands in the store: JSON of the table `[vars.EDGEWARD]`, at most
/// [`limits::CONFIG_BYTES`]. Parsing is strict: a duplicate member is refused, since a reviewer
/// could read one of the two and the gateway the other.
///
/// # Errors
///
/// [`ConfigErrors`], with one fault.
pub fn read_document(text: &str) -> Result<ValueRef<'_>, ConfigErrors> {
    if text.len() > limits::CONFIG_BYTES {
        return Err(ConfigErrors::one("config", "expected a document of at most 4 MiB"));
    }
    let object = json::parse_ref(text).ok().filter(|value| value.as_object().is_some());
    object.ok_or_else(|| ConfigErrors::one("config", &JsonError.to_string()))
}

/// The configuration that should be in force: the store's `document` when there is one, else the
/// `deployed` table.
///
/// # Errors
///
/// [`ConfigErrors`]: then the configuration in force stays, and where none is, [`fall_back`] gives
/// one.
pub fn succeed(
    document: Option<&str>,
    deployed: &ValueRef<'_>,
    environment: &Environment<'_>,
) -> Result<(Config, ConfigInForce), ConfigErrors> {
    match document {
        Some(text) => Ok((checked(text, environment)?, ConfigInForce::Document)),
        None => Ok((deployed_config(deployed, environment)?, ConfigInForce::Table)),
    }
}

/// The configuration to use when none is in force yet and the one that should be has faults: the
/// last good document. Only when no document was ever good is it the `deployed` table: an operator
/// who closed a hole by a document must not see it opened again by a typing error in the next.
#[must_use]
pub fn fall_back(
    last_good: Option<&str>,
    deployed: &ValueRef<'_>,
    environment: &Environment<'_>,
) -> Option<(Config, ConfigInForce)> {
    match last_good {
        // One that is no longer good is not passed over: what lies behind it may let more pass.
        Some(text) => Some((checked(text, environment).ok()?, ConfigInForce::LastGood)),
        None => Some((deployed_config(deployed, environment).ok()?, ConfigInForce::Table)),
    }
}

fn checked(text: &str, environment: &Environment<'_>) -> Result<Config, ConfigErrors> {
    Config::check(&read_document(text)?, environment)
}

fn deployed_config(
    deployed: &ValueRef<'_>,
    environment: &Environment<'_>,
) -> Result<Config, ConfigErrors> {
    if is_left_to_document(deployed) {
        return Err(ConfigErrors::one("EDGEWARD", "expected a document `config` in EDGEWARD_KV"));
    }
    Config::check(deployed, environment)
}

impl ConfigInForce {
    /// The name of the source in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "vars",
            Self::Document => "document",
            Self::LastGood => "last_good",
        }
    }
}

impl BackupAction {
    /// The action to take once the configuration that should be in force (the document, or without
    /// one the deployed table) has been found good.
    #[must_use]
    pub fn of<T: PartialEq>(document: Option<&T>, last_good: Option<&T>) -> Self {
        match (document, last_good) {
            (document, last_good) if document == last_good => Self::Leave,
            (Some(_), _) => Self::Replace,
            (None, _) => Self::Remove,
        }
    }
}

#[cfg(test)]
mod tests;
