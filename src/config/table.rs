//! Reading tables so that every fault is found at once, and no field goes unread.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::ConfigError;

/// Faults found so far.
#[derive(Debug, Default)]
pub(super) struct Errors(RefCell<Vec<ConfigError>>);

impl Errors {
    pub(super) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    pub(super) fn into_inner(self) -> Vec<ConfigError> {
        self.0.into_inner()
    }

    fn push(&self, path: String, problem: String) {
        self.0.borrow_mut().push(ConfigError { path, problem });
    }
}

/// One table of the configuration, and where it stands.
#[derive(Debug)]
pub(super) struct Table<'a> {
    members: &'a Map<String, Value>,
    path: String,
    errors: &'a Errors,
    read: RefCell<Vec<&'static str>>,
}

impl<'a> Table<'a> {
    pub(super) fn root(raw: &'a Value, errors: &'a Errors) -> Option<Self> {
        Self::at(raw, String::new(), errors)
    }

    fn at(value: &'a Value, path: String, errors: &'a Errors) -> Option<Self> {
        if let Value::Object(members) = value {
            Some(Self { members, path, errors, read: RefCell::default() })
        } else {
            let (path, problem) = match path.as_str() {
                "" => ("EDGEWARD".to_owned(), "expected a table `[vars.EDGEWARD]`"),
                _ => (path, "expected a table"),
            };
            errors.push(path, problem.to_owned());
            None
        }
    }

    pub(super) fn error(&self, name: &str, problem: impl Into<String>) {
        self.errors.push(self.place(name), problem.into());
    }

    pub(super) fn has(&self, name: &'static str) -> bool {
        self.value(name).is_some()
    }

    pub(super) fn value(&self, name: &'static str) -> Option<&'a Value> {
        self.read.borrow_mut().push(name);
        self.members.get(name)
    }

    pub(super) fn string(&self, name: &'static str) -> Option<String> {
        let value = self.value(name)?;
        let text = value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        self.expect(name, text, "expected a text that is not empty")
    }

    pub(super) fn required_string(&self, name: &'static str) -> Option<String> {
        if !self.has(name) {
            self.error(name, "is required");
        }
        self.string(name)
    }

    /// A list of texts; present means not empty, because an empty list would mean "nothing" to one
    /// reader and "anything" to another.
    pub(super) fn strings(&self, name: &'static str) -> Option<Vec<String>> {
        let text =
            |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let value = self.value(name)?;
        let list = value.as_array().filter(|list| !list.is_empty());
        let texts = list.and_then(|list| list.iter().map(text).collect());
        self.expect(name, texts, "expected a list of texts with at least one entry")
    }

    /// One text, or a list of texts as [`Self::strings`] takes it.
    pub(super) fn string_or_strings(&self, name: &'static str) -> Option<Vec<String>> {
        match self.value(name)? {
            Value::String(_) => self.string(name).map(|text| vec![text]),
            _ => self.strings(name),
        }
    }

    pub(super) fn required_strings(&self, name: &'static str) -> Vec<String> {
        if !self.has(name) {
            self.error(name, "is required");
        }
        self.strings(name).unwrap_or_default()
    }

    pub(super) fn number(&self, name: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = self.value(name)?;
        let number = value.as_u64().filter(|number| range.contains(number));
        let problem = format!("expected a whole number from {} to {}", range.start(), range.end());
        self.expect(name, number, &problem)
    }

    pub(super) fn boolean(&self, name: &'static str) -> Option<bool> {
        let value = self.value(name)?;
        self.expect(name, value.as_bool(), "expected true or false")
    }

    pub(super) fn choice<T: Copy>(&self, name: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let value = self.value(name)?;
        let chosen = choices.iter().find(|(word, _)| value.as_str() == Some(word));
        let words: Vec<_> = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        self.expect(
            name,
            chosen.map(|(_, choice)| *choice),
            &format!("expected {}", words.join(" or ")),
        )
    }

    pub(super) fn table(&self, name: &'static str) -> Option<Self> {
        Self::at(self.value(name)?, self.place(name), self.errors)
    }

    /// A list of tables; absent means none.
    pub(super) fn tables(&self, name: &'static str) -> Vec<Self> {
        let Some(value) = self.value(name) else {
            return Vec::new();
        };
        let Some(list) = self.expect(name, value.as_array(), "expected a list of tables") else {
            return Vec::new();
        };
        let place = self.place(name);
        let table = |(index, value)| Self::at(value, format!("{place}[{index}]"), self.errors);
        list.iter().enumerate().filter_map(table).collect()
    }

    /// Says that every field was read: what is left over is a mistake, not a comment.
    pub(super) fn finish(&self) {
        for name in self.members.keys() {
            if !self.read.borrow().contains(&name.as_str()) {
                self.error(name, "unknown field");
            }
        }
    }

    fn expect<T>(&self, name: &str, value: Option<T>, problem: &str) -> Option<T> {
        if value.is_none() {
            self.error(name, problem);
        }
        value
    }

    fn place(&self, name: &str) -> String {
        match (self.path.as_str(), name) {
            ("", name) => name.to_owned(),
            (path, "") => path.to_owned(),
            (path, name) => format!("{path}.{name}"),
        }
    }
}
