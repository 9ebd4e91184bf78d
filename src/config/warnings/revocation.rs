//! Revocation: what holds while the log is unreachable, and what KV alone promises.

use serde_json::Value;

use super::Warnings;
use crate::config::Config;
use crate::config::revocation::OF_LOG;
use crate::revocation::RevocationLevel;
use crate::route::{Access, Route};

impl Config {
    /// Facts about this configuration that its author should know although nothing is unusual.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let asks_kv = !self.revocation.has_log && self.uses_copy();
        let note = "revocation: without the binding EDGEWARD_REVOCATION_LOG `bounded` promises what KV \
                    does, 60 s or more";
        asks_kv.then(|| note.to_owned()).into_iter().collect()
    }

    /// Whether this configuration, which was made from `raw`, is an error where the log is not bound.
    #[must_use]
    pub fn needs_log(&self, raw: &Value) -> bool {
        let rules = raw.get("revocation");
        let has = |name: &&str| rules.is_some_and(|rules| rules.get(*name).is_some());
        let is_strict = |route: &Route| route.revocation == RevocationLevel::Strict;
        OF_LOG.iter().any(has) || self.configured().any(|(_, route)| is_strict(route))
    }

    /// Whether a route looks at tokens and is content with an answer that is not of this moment.
    fn uses_copy(&self) -> bool {
        let is_content = |level| !matches!(level, RevocationLevel::Off | RevocationLevel::Strict);
        self.configured()
            .any(|(_, route)| route.access != Access::Public && is_content(route.revocation))
    }
}

impl Warnings<'_> {
    pub(super) fn revocation(&mut self) {
        let Some(most) = self.config.revocation.fallback else { return };
        let message = format!(
            "while the log is unreachable, a token that was revoked after the copy was made passes on \
             `bounded` and `eventual` routes, for up to {} s; `refuse` answers 503 instead",
            most.as_secs()
        );
        self.add("revocation_fallback", "revocation.fallback", message);
    }
}
