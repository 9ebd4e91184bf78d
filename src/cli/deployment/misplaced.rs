//! Members of the table `EDGEWARD` that stand beside it.

use serde_json::Value;

use super::Deployment;
use super::bindings::{BindingFault, items};

/// Members that wrangler does not know at the top of its file.
const OWN: [&str; 16] = [
    "realm",
    "origins",
    "issuers",
    "tenants",
    "assertion",
    "revocation",
    "admin",
    "leeway_seconds",
    "error_style",
    "config_from",
    "headers",
    "mode",
    "log",
    "audit",
    "metrics",
    "metrics_require",
];

/// Lists and tables of the configuration that no other program is likely to have among its variables.
const AMONG_VARS: [&str; 7] =
    ["origins", "issuers", "tenants", "routes", "revocation", "assertion", "admin"];

impl Deployment {
    /// Warns of members of the table that stand at the top of the file or of the environment, or among the
    /// variables, where the gateway does not read them.
    pub(crate) fn misplaced(&self) -> Vec<BindingFault> {
        let Some(section) = self.section().filter(|_| !self.is_document()) else {
            return Vec::new();
        };
        let own = OWN.into_iter().filter(|name| section.get(name).is_some());
        // Wrangler's own routes have a `pattern`.
        let routes = items(&section["routes"]).any(|route| route.get("access").is_some());
        let top = own.chain(routes.then_some("routes")).map(|name| vec![name]);
        let is_table = |value: &Value| value.is_array() || value.is_object();
        let vars = AMONG_VARS.into_iter();
        let vars = vars.filter(|name| section["vars"].get(name).is_some_and(is_table));
        let vars = vars.map(|name| vec!["vars", name]);
        top.chain(vars)
            .chain(self.near_tables())
            .map(|steps| self.misplaced_fault(&steps))
            .collect()
    }

    /// Warns of secrets whose text stands among the variables.
    pub(crate) fn secrets_in_vars(&self, secrets: &[String]) -> Vec<BindingFault> {
        let vars = self.section().filter(|_| !self.is_document()).map(|section| &section["vars"]);
        let plain = secrets.iter().filter(|name| vars.is_some_and(|vars| vars.get(name).is_some()));
        let fault = |name: &String| {
            let steps: Vec<_> =
                self.section_place().chain(["vars".to_owned(), name.clone()]).collect();
            BindingFault {
                line: self.line_of(&steps),
                path: steps.join("."),
                code: Some("secret_in_vars"),
                text: format!(
                    "this secret stands in plain text in the file: remove it, and run \
                     `npx wrangler secret put {name}`"
                ),
            }
        };
        plain.map(fault).collect()
    }

    fn misplaced_fault(&self, steps: &[&str]) -> BindingFault {
        let steps = steps.iter().map(|step| (*step).to_owned());
        let steps: Vec<_> = self.section_place().chain(steps).collect();
        BindingFault {
            line: self.line_of(&steps),
            path: steps.join("."),
            code: Some("misplaced"),
            text: format!(
                "the gateway does not read it here: expected it in `{}`",
                self.place().join(".")
            ),
        }
    }
}
