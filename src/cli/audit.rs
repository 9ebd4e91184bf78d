//! `edgeward audit verify`: whether the audit trail is as it was sealed.

use serde::Deserialize;
use serde_json::{Deserializer, Map, Value};

use super::arguments::AuditOptions;
use super::environment::Environment;
use super::report::{Failure, FileFault, Report};
use crate::registry::{Seal, verify};

/// A document with rows, seals or both: a page of the admin API, or what `wrangler d1 execute --json` prints.
#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Page {
        #[serde(default)]
        events: Vec<Map<String, Value>>,
        #[serde(default)]
        seals: Vec<Seal>,
    },
    Query(Vec<QueryResult>),
}

#[derive(Deserialize)]
struct QueryResult {
    results: Vec<Map<String, Value>>,
}

#[derive(Default)]
struct Trail {
    rows: Vec<Map<String, Value>>,
    seals: Vec<Seal>,
}

pub(super) fn run(
    options: &AuditOptions,
    environment: &impl Environment,
) -> Result<Report, Failure> {
    let mut trail = Trail::default();
    for file in &options.files {
        read(environment, file, &mut trail).map_err(Failure::File)?;
    }
    let sealed = match verify(&trail.rows, &trail.seals) {
        Ok(sealed) => sealed,
        Err(fault) => return Err(Failure::Told(fault.to_string())),
    };
    if let Some(hash) = &options.hash
        && !trail.seals.iter().any(|seal| seal.hash == *hash)
    {
        let told = "no seal has this hash: seals were removed or replaced, or the files lack them";
        return Err(Failure::Told(told.to_owned()));
    }
    let last = trail.seals.iter().max_by_key(|seal| seal.last);
    let Some(last) = last else {
        return Err(Failure::Told("expected at least one seal in the files".to_owned()));
    };
    let ids = trail.rows.iter().filter_map(|row| row.get("id")?.as_i64());
    let unsealed = ids.filter(|id| *id > last.last).count();
    let text = format!(
        "{sealed} events are as they were sealed; {unsealed} are not sealed yet\nthe last seal is {}, over rows {} to {}\n",
        last.hash, last.first, last.last
    );
    Ok(Report { text, is_good: true })
}

/// Reads all documents of a file, one behind the other.
fn read(environment: &impl Environment, file: &str, trail: &mut Trail) -> Result<(), FileFault> {
    let fault = |line, problem: String| FileFault { file: file.to_owned(), line, problem };
    let text = environment.read(file).map_err(|problem| fault(None, problem))?;
    for document in Deserializer::from_str(&text).into_iter::<Document>() {
        let expected = "expected pages of the audit trail, or of its seals, in JSON";
        match document.map_err(|error| fault(Some(error.line()), expected.to_owned()))? {
            Document::Page { events, seals } => {
                trail.rows.extend(events);
                trail.seals.extend(seals);
            }
            Document::Query(results) => {
                for row in results.into_iter().flat_map(|result| result.results) {
                    trail.add(row);
                }
            }
        }
    }
    Ok(())
}

impl Trail {
    /// Adds a row of either table.
    fn add(&mut self, row: Map<String, Value>) {
        let seal = serde_json::from_value(Value::Object(row.clone())).ok();
        match seal.filter(|_| !row.contains_key("id")) {
            Some(seal) => self.seals.push(seal),
            None => self.rows.push(row),
        }
    }
}
