//! Bindings whose names are nearly those that the gateway reads.

use serde_json::Value;

use super::Deployment;
use super::bindings::{BindingFault, DATABASE, EVENTS, LOG, METRICS, SESSIONS, items};
use crate::config;

/// The queue on the way to tenants' origins.
const SYNC: &str = "EDGEWARD_SYNC";

/// Where bindings of a kind stand, the member with their name, and the names that the gateway reads.
const KINDS: [(&[&str], &str, &[&str]); 4] = [
    (&["kv_namespaces"], "binding", &["EDGEWARD_KV"]),
    (&["d1_databases"], "binding", &[DATABASE]),
    (&["queues", "producers"], "binding", &[EVENTS, SYNC]),
    (&["durable_objects", "bindings"], "name", &[LOG, SESSIONS, METRICS]),
];

impl Deployment {
    /// Warns of a binding that looks like one of the gateway's and is read by nothing: its name begins
    /// with `EDGEWARD`, or is nearly one of the names of its kind.
    pub(crate) fn name_faults(&self) -> Vec<BindingFault> {
        let section = self.section().filter(|_| !self.is_document());
        let faults = KINDS.iter().flat_map(|(place, member, known)| {
            let list =
                section.and_then(|whole| place.iter().try_fold(whole, |all, step| all.get(step)));
            let named = list.map(items).into_iter().flatten().enumerate();
            named.filter_map(move |(index, binding)| {
                let name = binding.get(member).and_then(Value::as_str)?;
                is_mistaken(name, known)
                    .then(|| self.name_fault((place, member), index, (name, known)))
            })
        });
        faults.collect()
    }

    fn name_fault(
        &self,
        (place, member): (&[&str], &str),
        index: usize,
        (name, known): (&str, &[&str]),
    ) -> BindingFault {
        let index = index.to_string();
        let steps = place.iter().copied().chain([index.as_str(), member]).map(str::to_owned);
        let steps: Vec<_> = self.section_place().chain(steps).collect();
        let expected =
            known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(" or ");
        BindingFault {
            line: self.line_of(&steps),
            path: steps.join("."),
            code: Some("binding_unknown"),
            text: format!("the gateway reads nothing under `{name}`: expected {expected} here"),
        }
    }
}

fn is_mistaken(name: &str, known: &[&str]) -> bool {
    let upper = name.to_uppercase();
    !known.contains(&name)
        && (upper.starts_with("EDGEWARD")
            || known.iter().any(|known| config::is_near(&upper, known)))
}
