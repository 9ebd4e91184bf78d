//! Reading tables by their shapes so that every fault is found at once, and no field goes unread.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::ConfigError;
use super::shape::{Default, Field, Kind, Shape};

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

/// One table of the configuration: what stands in it, what may, and where it is.
#[derive(Debug)]
pub(super) struct Table<'a> {
    members: Option<&'a Map<String, Value>>,
    shape: &'static Shape,
    place: Option<Rc<Place>>,
    errors: &'a Errors,
    /// A bit for each field of the shape that was asked for.
    read: Cell<u32>,
}

/// Where a table stands: its path is written out only where something is wrong in it.
#[derive(Debug)]
struct Place {
    above: Option<Rc<Self>>,
    name: &'static str,
    index: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = &self.above {
            write!(formatter, "{above}.")?;
        }
        formatter.write_str(self.name)?;
        self.index.map_or(Ok(()), |index| write!(formatter, "[{index}]"))
    }
}

impl<'a> Table<'a> {
    pub(super) fn root(raw: &'a Value, shape: &'static Shape, errors: &'a Errors) -> Option<Self> {
        Self::at(raw, shape, None, errors)
    }

    fn at(
        value: &'a Value,
        shape: &'static Shape,
        place: Option<Rc<Place>>,
        errors: &'a Errors,
    ) -> Option<Self> {
        if let Value::Object(members) = value {
            return Some(Self::of(Some(members), shape, place, errors));
        }
        let (path, problem) = match place {
            None => ("EDGEWARD".to_owned(), "expected a table `[vars.EDGEWARD]`"),
            Some(place) => (place.to_string(), "expected a table"),
        };
        errors.push(path, problem.to_owned());
        None
    }

    fn of(
        members: Option<&'a Map<String, Value>>,
        shape: &'static Shape,
        place: Option<Rc<Place>>,
        errors: &'a Errors,
    ) -> Self {
        Self { members, shape, place, errors, read: Cell::default() }
    }

    pub(super) fn error(&self, name: &str, problem: impl Into<String>) {
        self.errors.push(self.path(name), problem.into());
    }

    pub(super) fn has(&self, name: &'static str) -> bool {
        self.value(name).is_some()
    }

    /// What stands there, unjudged.
    pub(super) fn value(&self, name: &'static str) -> Option<&'a Value> {
        debug_assert!(self.shape.field(name).is_some(), "no `{name}` in {}", self.shape.name);
        self.read.set(self.read.get() | self.bit(name));
        self.members?.get(name)
    }

    pub(super) fn string(&self, name: &'static str) -> Option<String> {
        self.judged(name)?.as_str().map(str::to_owned)
    }

    /// A list of texts; never empty. Each that has not the form is a fault of its own.
    pub(super) fn strings(&self, name: &'static str) -> Option<Vec<String>> {
        let value = self.judged(name)?;
        let texts = value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned));
        let texts: Vec<_> = texts.collect::<Option<_>>()?;
        if let Some(Kind::Texts(form)) = self.shape.field(name).map(|field| field.kind) {
            let misfits = texts.iter().enumerate().filter(|(_, text)| !form.fits(text));
            misfits.for_each(|(index, _)| self.error(&format!("{name}[{index}]"), form.expected));
        }
        Some(texts)
    }

    /// One text, or a list of texts as [`Self::strings`] takes it.
    pub(super) fn string_or_strings(&self, name: &'static str) -> Option<Vec<String>> {
        match self.judged(name)?.as_ref() {
            Value::String(text) => Some(vec![text.clone()]),
            _ => self.strings(name),
        }
    }

    /// A text, a number or a boolean.
    pub(super) fn scalar(&self, name: &'static str) -> Option<Value> {
        self.judged(name).map(Cow::into_owned)
    }

    /// Texts, numbers and booleans; never empty.
    pub(super) fn scalars(&self, name: &'static str) -> Option<Vec<Value>> {
        self.judged(name)?.as_array().cloned()
    }

    pub(super) fn number(&self, name: &'static str) -> Option<u64> {
        self.judged(name)?.as_u64()
    }

    pub(super) fn boolean(&self, name: &'static str) -> Option<bool> {
        self.judged(name)?.as_bool()
    }

    pub(super) fn choice<T: Copy>(&self, name: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let of = |word: &str| choices.iter().find(|(own, _)| *own == word);
        // The default of a choice is a word, and needs no value made of it.
        let chosen = match self.shape.field(name)?.default {
            Default::Text(word) if !self.has(name) => of(word),
            _ => self.judged(name)?.as_str().and_then(of),
        };
        chosen.map(|(_, choice)| *choice)
    }

    /// The one field of the shape's `exactly_one` that is there.
    pub(super) fn only(&self) -> Option<&'static str> {
        let choices = self.shape.exactly_one;
        let of = |name: &String| choices.iter().copied().find(|choice| choice == name);
        let present: Vec<_> = self.members.into_iter().flat_map(Map::keys).filter_map(of).collect();
        self.read.set(present.iter().fold(self.read.get(), |read, name| read | self.bit(name)));
        if let [only] = present.as_slice() {
            return Some(only);
        }
        self.error("", format!("expected exactly one of `{}`", choices.join("`, `")));
        None
    }

    pub(super) fn table(&self, name: &'static str) -> Option<Self> {
        let value = self.judged(name)?;
        let Cow::Borrowed(value) = value else {
            return None;
        };
        Self::at(value, self.inner(name)?, Some(self.below(name, None)), self.errors)
    }

    /// A table of which every field may be absent, and which may be absent itself.
    pub(super) fn table_of_defaults(&self, name: &'static str) -> Option<Self> {
        if self.has(name) {
            return self.table(name);
        }
        Some(Self::of(None, self.inner(name)?, Some(self.below(name, None)), self.errors))
    }

    /// A list of tables; absent means none.
    pub(super) fn tables(&self, name: &'static str) -> Vec<Self> {
        let (Some(Cow::Borrowed(value)), Some(shape)) = (self.judged(name), self.inner(name))
        else {
            return Vec::new();
        };
        let place = |index| Some(self.below(name, Some(index)));
        let table = |(index, value)| Self::at(value, shape, place(index), self.errors);
        value.as_array().into_iter().flatten().enumerate().filter_map(table).collect()
    }

    /// Says that every field was read: what is left over is a mistake, not a comment.
    pub(super) fn finish(&self) {
        let known = |name: &str| self.read.get() & self.bit(name) != 0;
        for name in self.members.into_iter().flat_map(Map::keys) {
            if !known(name) {
                self.error(name, "unknown field");
            }
        }
    }

    /// Of the field, by its place in the shape; none of what is no field.
    fn bit(&self, name: &str) -> u32 {
        let index = self.shape.fields.iter().position(|field| field.name == name);
        let index = index.and_then(|index| u32::try_from(index).ok());
        index.and_then(|index| 1_u32.checked_shl(index)).unwrap_or_default()
    }

    /// What stands there, or else the default, when it is what the shape says.
    fn judged(&self, name: &'static str) -> Option<Cow<'a, Value>> {
        let value = self.value(name);
        let field = self.shape.field(name)?;
        if let Some(problem) = problem(field, value) {
            self.error(name, problem);
            return None;
        }
        value.map(Cow::Borrowed).or_else(|| field.default.value().map(Cow::Owned))
    }

    fn inner(&self, name: &str) -> Option<&'static Shape> {
        match self.shape.field(name)?.kind {
            Kind::Table(shape) | Kind::Tables(shape) => Some(shape),
            _ => None,
        }
    }

    fn below(&self, name: &'static str, index: Option<usize>) -> Rc<Place> {
        Rc::new(Place { above: self.place.clone(), name, index })
    }

    fn path(&self, name: &str) -> String {
        match (&self.place, name) {
            (None, name) => name.to_owned(),
            (Some(place), "") => place.to_string(),
            (Some(place), name) => format!("{place}.{name}"),
        }
    }
}

fn problem(field: &Field, value: Option<&Value>) -> Option<String> {
    let problem = value.and_then(|value| field.kind.problem(value));
    let is_missing = value.is_none_or(|value| value.as_array().is_some_and(Vec::is_empty));
    match field.kind {
        _ if problem.is_some() => problem,
        Kind::Tables(shape) if field.is_required && is_missing => {
            Some(format!("expected at least one {}", shape.name))
        }
        _ if field.is_required && value.is_none() => Some("is required".to_owned()),
        _ => None,
    }
}
