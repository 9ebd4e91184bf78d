//! A wrangler.toml, .json or .jsonc (the table `EDGEWARD` and the bindings beside it) or the
//! document in KV, and the lines on which their items stand.

mod binding_names;
mod bindings;
mod misplaced;
mod workers_cache;

use std::ffi::OsStr;
use std::path::Path;

pub(super) use bindings::BindingFault;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::environment::Environment;
use super::report::{Failure, FileFault};
use super::{json_span, jsonc};
use crate::config;

/// One environment of a wrangler file, or a document.
#[derive(Debug)]
pub(super) struct Deployment {
    file: String,
    text: String,
    whole: Value,
    environment: Option<String>,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    WranglerToml,
    WranglerJson,
    Document,
}

impl Deployment {
    pub(super) fn read(
        files: &impl Environment,
        file: &str,
        environment: Option<&str>,
    ) -> Result<Self, Failure> {
        if USUAL.contains(&file) && !files.exists(file) {
            let usual = USUAL.join(", ");
            return Err(fault(
                file,
                None,
                format!(
                    "no such file: expected one of {usual} in this folder; `edgeward init` writes one"
                ),
            ));
        }
        let text = files.read(file).map_err(|error| fault(file, None, error))?;
        let deployment = if matches!(extension(file), Some("json" | "jsonc")) {
            Self::json(file, text, environment)?
        } else {
            Self::toml(file, text)?
        };
        let deployment = Self { environment: environment.map(str::to_owned), ..deployment };
        if let Some(name) = environment.filter(|_| deployment.section().is_none()) {
            let known = deployment.whole.get("env").and_then(Value::as_object);
            let names = known.into_iter().flat_map(Map::keys).map(String::as_str);
            let meant = config::did_you_mean(name, names);
            return Err(fault(file, None, format!("no environment `{name}` under `env`{meant}")));
        }
        Ok(deployment)
    }

    fn toml(file: &str, text: String) -> Result<Self, Failure> {
        let whole = toml::from_str(&text).map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| line_at(&text, span.start));
            fault(file, Some(line), error.message().to_owned())
        })?;
        Ok(Self { file: file.to_owned(), text, whole, environment: None, form: Form::WranglerToml })
    }

    /// Reads a wrangler file, recognized by its name or its members, or else a document, which is
    /// strict JSON.
    fn json(file: &str, text: String, environment: Option<&str>) -> Result<Self, Failure> {
        let plain = jsonc::to_json(text.strip_prefix('\u{feff}').unwrap_or(&text));
        let parsed = serde_json::from_str::<Value>(&plain);
        let is_named = Path::new(file).file_stem().is_some_and(|stem| stem == "wrangler");
        let has = |name: &str| parsed.as_ref().is_ok_and(|whole| whole.get(name).is_some());
        let has_comments = extension(file) == Some("jsonc");
        let is_wrangler = is_named || has_comments || WRANGLERS.into_iter().any(has);
        if !is_wrangler {
            return Self::document(file, text, environment);
        }
        let whole = parsed.map_err(|error| fault(file, Some(error.line()), error.to_string()))?;
        if let Some((offset, name)) = json_span::repeated(&plain) {
            let problem =
                format!("`{name}` stands here a second time: wrangler reads the last one alone");
            return Err(fault(file, Some(line_at(&plain, offset)), problem));
        }
        Ok(Self {
            file: file.to_owned(),
            text: plain,
            whole,
            environment: None,
            form: Form::WranglerJson,
        })
    }

    fn document(file: &str, text: String, environment: Option<&str>) -> Result<Self, Failure> {
        if environment.is_some() {
            return Err(fault(file, None, "a document for KV has no environments".to_owned()));
        }
        let whole = config::read_document(&text)
            .map_err(|errors| fault(file, None, errors.to_string()))?
            .into();
        Ok(Self { file: file.to_owned(), text, whole, environment: None, form: Form::Document })
    }

    /// Everything in the file.
    pub(super) fn whole(&self) -> &Value {
        &self.whole
    }

    /// The table `EDGEWARD`, or the whole document. Wrangler passes the `vars` of the whole file to
    /// no environment.
    pub(super) fn configuration(&self) -> Result<&Value, Failure> {
        if self.is_document() {
            return Ok(&self.whole);
        }
        let place = self.place().join(".");
        let found = self.section().and_then(|section| section.get("vars")?.get("EDGEWARD"));
        found.ok_or_else(|| {
            let inherited = if self.environment.is_some() {
                ": an environment inherits no vars, it needs its own"
            } else {
                ""
            };
            let near = self.near_tables().into_iter().next();
            let near = near.map(|near| {
                self.section_place().chain(near.into_iter().map(str::to_owned)).collect::<Vec<_>>()
            });
            let line = near.as_ref().map(|steps| self.line_of(steps));
            let meant = near
                .map(|near| format!("; there is `{}`: did you mean `{place}`?", near.join(".")));
            let meant = meant.unwrap_or_default();
            fault(&self.file, line, format!("no `{place}`{inherited}{meant}"))
        })
    }

    /// The paths of tables whose names are nearly `vars.EDGEWARD`.
    fn near_tables(&self) -> Vec<Vec<&str>> {
        let Some(section) = self.section().and_then(Value::as_object) else { return Vec::new() };
        let tables = || section.iter().filter_map(|(name, value)| Some((name, value.as_object()?)));
        let nested = tables().flat_map(|(name, inner)| {
            let inner = inner.iter().filter(|(_, value)| value.is_object());
            inner.map(move |(key, _)| vec![name.as_str(), key.as_str()])
        });
        let all = tables().map(|(name, _)| vec![name.as_str()]).chain(nested);
        all.filter(|steps| {
            let name = steps.join(".").to_lowercase();
            let is_near = ["vars.edgeward", "edgeward"].iter().any(|it| config::is_near(&name, it));
            is_near && *steps != ["vars", "EDGEWARD"]
        })
        .collect()
    }

    /// The line of an item of the configuration or, if it is absent, of what would contain it.
    pub(super) fn line(&self, path: &str) -> usize {
        let named = path.split(['.', '[']).filter(|step| !step.is_empty() && *step != "EDGEWARD");
        let named = named.map(|step| step.trim_end_matches(']').to_owned());
        let place = if self.is_document() { Vec::new() } else { self.place() };
        self.line_of(&place.into_iter().chain(named).collect::<Vec<_>>())
    }

    /// Text of the template that was left beside the table `EDGEWARD`, with its line and place.
    pub(super) fn placeholders(&self) -> Vec<(usize, String, String)> {
        let mut found = Vec::new();
        if let Some(section) = self.section().filter(|_| !self.is_document()) {
            placeholders(section, &mut Vec::new(), &mut found);
        }
        let place = self.section_place().collect::<Vec<_>>();
        let entry = |(steps, text): (Vec<String>, String)| {
            let whole: Vec<_> = place.iter().cloned().chain(steps).collect();
            (self.line_of(&whole), whole.join("."), text)
        };
        found.into_iter().map(entry).collect()
    }

    fn line_of(&self, steps: &[String]) -> usize {
        if self.form != Form::WranglerToml {
            return line_at(&self.text, json_span::offset(&self.text, steps));
        }
        DeTable::parse(&self.text).map_or(1, |table| line_at(&self.text, offset(&table, steps)))
    }

    fn is_document(&self) -> bool {
        self.form == Form::Document
    }

    fn section_place(&self) -> impl Iterator<Item = String> {
        self.environment.iter().flat_map(|name| ["env".to_owned(), name.clone()])
    }

    fn place(&self) -> Vec<String> {
        self.section_place().chain(["vars", "EDGEWARD"].map(str::to_owned)).collect()
    }

    fn section(&self) -> Option<&Value> {
        match &self.environment {
            Some(name) => self.whole.get("env")?.get(name),
            None => Some(&self.whole),
        }
    }
}

fn fault(file: &str, line: Option<usize>, problem: String) -> Failure {
    Failure::File(FileFault { file: file.to_owned(), line, problem })
}

/// The file that is read where none is named: the one that wrangler reads.
pub(super) fn usual_file(environment: &impl Environment) -> String {
    let there = USUAL.into_iter().find(|file| environment.exists(file));
    there.unwrap_or("wrangler.toml").to_owned()
}

fn extension(file: &str) -> Option<&str> {
    Path::new(file).extension().and_then(OsStr::to_str)
}

/// The names of the file that wrangler reads, the first that is there.
const USUAL: [&str; 3] = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"];

/// Members that a wrangler file has and a document does not.
const WRANGLERS: [&str; 4] = ["vars", "main", "compatibility_date", "env"];

/// Collects the placeholders in everything except the table `EDGEWARD` and other environments.
fn placeholders(value: &Value, steps: &mut Vec<String>, found: &mut Vec<(Vec<String>, String)>) {
    let mut below = |step: String, inner: &Value| {
        steps.push(step);
        placeholders(inner, steps, found);
        steps.pop();
    };
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| below(index.to_string(), item));
        }
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !["EDGEWARD", "env"].contains(&name.as_str()))
            .for_each(|(name, member)| below(name.clone(), member)),
        Value::String(text) if config::is_placeholder(text) => {
            found.push((steps.clone(), text.clone()));
        }
        _ => {}
    }
}

/// The byte offset at which the last of `steps` that exists begins.
fn offset(root: &Spanned<DeTable<'_>>, steps: &[String]) -> usize {
    let mut found = root.span().start;
    let Some((first, rest)) = steps.split_first() else {
        return found;
    };
    let Some((key, mut value)) = root.get_ref().get_key_value(first.as_str()) else {
        return found;
    };
    found = key.span().start;
    for step in rest {
        let next = match value.get_ref() {
            DeValue::Table(table) => {
                table.get_key_value(step.as_str()).map(|(key, value)| (key.span().start, value))
            }
            DeValue::Array(items) => step
                .parse::<usize>()
                .ok()
                .and_then(|index| items.get(index))
                .map(|item| (item.span().start, item)),
            _ => None,
        };
        let Some((start, inner)) = next else {
            return found;
        };
        (found, value) = (start, inner);
    }
    found
}

fn line_at(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    before.matches('\n').count().saturating_add(1)
}
