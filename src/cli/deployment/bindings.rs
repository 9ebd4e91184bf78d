//! The bindings in a wrangler file, beside the table `EDGEWARD`.

use serde_json::Value;

use super::Deployment;
use crate::explain::Bound;

/// The name under which the revocation log is bound, and the class that it must be.
pub(super) const LOG: &str = "EDGEWARD_REVOCATION_LOG";
const LOG_CLASS: &str = "RevocationLog";

/// The name under which session families are bound, and the class that they must be.
pub(super) const SESSIONS: &str = "EDGEWARD_SESSIONS";
const SESSIONS_CLASS: &str = "SessionFamily";

/// The name under which the sums of metrics are bound, and the class that they must be.
pub(super) const METRICS: &str = "EDGEWARD_METRICS";
const METRICS_CLASS: &str = "MetricsSink";

/// The name under which the registry's database is bound, and the queue on the way to it.
pub(super) const DATABASE: &str = "EDGEWARD_DB";
pub(super) const EVENTS: &str = "EDGEWARD_EVENTS";

/// The variable that says how many days an expired token stays in the registry.
const ARCHIVE_DAYS: &str = "EDGEWARD_ARCHIVE_DAYS";
const MOST_ARCHIVE_DAYS: u16 = 3650;

/// A fault or a likely mistake in the bindings.
#[derive(Debug)]
pub(crate) struct BindingFault {
    pub(crate) line: usize,
    pub(crate) path: String,
    /// The code of a warning; `None` for an error.
    pub(crate) code: Option<&'static str>,
    pub(crate) text: String,
}

impl Deployment {
    /// The bindings beside the table; `None` for a document, where they are not known.
    pub(crate) fn bound(&self) -> Option<Bound<'_>> {
        let period = |binding: &Value| binding.pointer("/simple/period").and_then(Value::as_u64);
        (!self.is_document()).then(|| Bound {
            // A VPC service has a `fetch` as another Worker has.
            has_service: Box::new(|name| {
                self.binds("services", name) || self.binds("vpc_services", name)
            }),
            limiter: Box::new(move |name| self.limiter(name).map(period)),
            has_store: self.has_store(),
            has_log: self.log().is_some(),
            has_sessions: self.has_authority() && self.object(SESSIONS).is_some(),
            has_database: self.has_authority() && self.binds("d1_databases", DATABASE),
            has_metrics: self.has_authority() && self.object(METRICS).is_some(),
        })
    }

    /// Whether the Worker is more than the gate alone, as far as the name of its file tells.
    fn has_authority(&self) -> bool {
        let main = self.inherited("main").and_then(Value::as_str);
        !main.is_some_and(|main| main.ends_with("gate.js"))
    }

    pub(crate) fn has_store(&self) -> bool {
        self.is_document() || self.binds("kv_namespaces", "EDGEWARD_KV")
    }

    /// The faults of the bindings of Durable Objects: another class, or a class that nothing creates.
    pub(crate) fn object_faults(&self) -> Vec<BindingFault> {
        [
            (LOG, LOG_CLASS, "revocation_log_not_created"),
            (SESSIONS, SESSIONS_CLASS, "session_family_not_created"),
            (METRICS, METRICS_CLASS, "metrics_sink_not_created"),
        ]
        .into_iter()
        .filter_map(|(name, class, code)| self.object_fault(name, class, code))
        .collect()
    }

    /// Errors and likely mistakes about the registry and the audit trail, where the configuration at `path` uses them.
    pub(crate) fn registry_faults(&self, path: &str) -> Vec<BindingFault> {
        let warning = |code, text: &str| BindingFault {
            line: self.line(path),
            path: path.to_owned(),
            code: Some(code),
            text: text.to_owned(),
        };
        let crons = self.inherited("triggers").map(|triggers| &triggers["crons"]);
        let mut faults = Vec::new();
        if crons.is_none_or(|crons| items(crons).next().is_none()) {
            let text = "nothing removes expired tokens or seals the audit trail: add `[triggers]` with \
                        `crons = [\"0 3 * * *\"]`";
            faults.push(warning("registry_not_triggered", text));
        }
        if self.has_unconsumed_events() {
            let text = "nothing reads the queue of `EDGEWARD_EVENTS`: add `[[queues.consumers]]` with the \
                        same `queue`";
            faults.push(warning("events_not_consumed", text));
        }
        faults.extend(self.archive_fault());
        faults
    }

    /// The archiver removes nothing when it cannot read the number of days.
    fn archive_fault(&self) -> Option<BindingFault> {
        let days = self.section()?.get("vars")?.get(ARCHIVE_DAYS)?;
        let text = days.as_str().map_or_else(|| days.to_string(), str::to_owned);
        let is_digits = text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_digits && text.parse().is_ok_and(|days: u16| days <= MOST_ARCHIVE_DAYS) {
            return None;
        }
        let steps = ["vars", ARCHIVE_DAYS].map(str::to_owned);
        let steps: Vec<_> = self.section_place().chain(steps).collect();
        let text = format!("expected a number of days, 0 to {MOST_ARCHIVE_DAYS}");
        Some(BindingFault { line: self.line_of(&steps), path: steps.join("."), code: None, text })
    }

    fn has_unconsumed_events(&self) -> bool {
        let queues = self.section().and_then(|section| section.get("queues"));
        queues.is_some_and(|queues| {
            let mut producers = items(&queues["producers"]);
            let producer = producers.find(|producer| producer["binding"] == EVENTS);
            producer.is_some_and(|producer| {
                !items(&queues["consumers"]).any(|own| own["queue"] == producer["queue"])
            })
        })
    }

    fn object_fault(
        &self,
        name: &str,
        class: &'static str,
        code: &'static str,
    ) -> Option<BindingFault> {
        let (index, binding) = self.object(name)?;
        let at = ["durable_objects", "bindings", &index.to_string()].map(str::to_owned);
        let place: Vec<_> = self.section_place().chain(at).collect();
        let fault = |field: &[&str], code, text: String| {
            let steps: Vec<_> =
                place.iter().cloned().chain(field.iter().map(|step| (*step).to_owned())).collect();
            BindingFault { line: self.line_of(&steps), path: steps.join("."), code, text }
        };
        if binding["class_name"] != class {
            return Some(fault(&["class_name"], None, format!("expected the class `{class}`")));
        }
        if binding.get("script_name").is_some() || self.creates(class) {
            return None;
        }
        let text = format!(
            "nothing creates the class `{class}` with SQLite: add `[[migrations]]` with \
             `new_sqlite_classes = [\"{class}\"]`, or `script_name` where another Worker has it"
        );
        Some(fault(&[], Some(code), text))
    }

    /// The binding of the revocation log, with its index.
    fn log(&self) -> Option<(usize, &Value)> {
        self.object(LOG)
    }

    /// The binding of a Durable Object, with its index.
    fn object(&self, name: &str) -> Option<(usize, &Value)> {
        let section = self.section().filter(|_| !self.is_document())?;
        let bindings = section.get("durable_objects")?.get("bindings")?.as_array()?;
        bindings.iter().enumerate().find(|(_, binding)| binding["name"] == name)
    }

    /// Whether this Worker creates a class with `SQLite`, or has got it from a class of another name or
    /// Worker.
    fn creates(&self, class: &str) -> bool {
        let creates = |step: &Value| {
            let is_moved = |name| items(&step[name]).any(|moved| moved["to"] == class);
            items(&step["new_sqlite_classes"]).any(|new| new == class)
                || is_moved("renamed_classes")
                || is_moved("transferred_classes")
        };
        let is_exported = |exports: &Value| {
            let export = &exports[class];
            export["type"] == "durable-object" && export["storage"] == "sqlite"
        };
        self.inherited("migrations").is_some_and(|steps| items(steps).any(creates))
            || self.inherited("exports").is_some_and(is_exported)
    }

    /// A member of the environment, or else of the whole file, from which environments inherit some.
    fn inherited(&self, name: &str) -> Option<&Value> {
        self.section().and_then(|section| section.get(name)).or_else(|| self.whole.get(name))
    }

    /// A rate limiting binding.
    fn limiter(&self, name: &str) -> Option<&Value> {
        let named = |kind: &[&str]| {
            let section = kind.iter().try_fold(self.section()?, |inner, step| inner.get(step))?;
            section.as_array()?.iter().find(|binding| binding["name"] == name)
        };
        // Wrangler before 4.36 knew them among the unsafe bindings alone.
        let old = || named(&["unsafe", "bindings"]).filter(|old| old["type"] == "ratelimit");
        named(&["ratelimits"]).or_else(old)
    }

    fn binds(&self, kind: &str, name: &str) -> bool {
        let bindings = self.section().and_then(|section| section.get(kind));
        bindings.is_some_and(|all| items(all).any(|binding| binding["binding"] == name))
    }
}

/// The items of a list; none of anything else.
pub(super) fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}
