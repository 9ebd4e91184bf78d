//! Members of the table `EDGEWARD` that stand beside it.

use serde_json::Value;

use super::Deployment;
use super::bindings::{BindingFault, items};

/// Members that wrangler does not know at the top of its file.
const OWN: [&str; 10] = [
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
];

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
        let lists = ["origins", "issuers", "tenants", "routes"].into_iter();
        let vars = lists.filter(|name| section["vars"].get(name).is_some_and(Value::is_array));
        let vars = vars.map(|name| vec!["vars", name]);
        top.chain(vars).map(|steps| self.misplaced_fault(&steps)).collect()
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
