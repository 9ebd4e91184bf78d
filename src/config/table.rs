//! A reader of tables by their shapes, which finds all faults at once and leaves no field unread.

use std::cell::{Cell, RefCell};

use serde_json::Value;

use super::ConfigError;
use super::nearest::did_you_mean;
use super::place::Place;
use super::placeholder;
use super::shape::{Default, Field, Kind, Shape};
use crate::json::{Pair, ValueRef, is_same_name};

/// Faults found so far.
#[derive(Debug, Default)]
pub(super) struct Errors(RefCell<Vec<ConfigError>>);

impl Errors {
    pub(super) fn into_inner(self) -> Vec<ConfigError> {
        self.0.into_inner()
    }

    fn push(&self, path: String, problem: String) {
        self.0.borrow_mut().push(ConfigError { path, problem });
    }
}

/// One table of the configuration: its members, its shape and its place.
#[derive(Debug)]
pub(super) struct Table<'a> {
    members: &'a [Pair<'a>],
    shape: &'static Shape,
    place: Option<Place<'a>>,
    errors: &'a Errors,
    /// A bit for each of the first 64 members that was read.
    read: Cell<u64>,
    /// The same for those whose value is of no kind that the field accepts.
    misfits: Cell<u64>,
    /// Whether a fault leaves open which other fields may stand here.
    is_undecided: Cell<bool>,
}

/// The declaration of a field, and its value where it has one.
type Entry<'a> = (&'static Field, Option<&'a ValueRef<'a>>);

impl<'a> Table<'a> {
    pub(super) fn root(
        raw: &'a ValueRef<'a>,
        shape: &'static Shape,
        errors: &'a Errors,
    ) -> Option<Self> {
        Self::at(raw, shape, None, errors)
    }

    fn at(
        value: &'a ValueRef<'a>,
        shape: &'static Shape,
        place: Option<Place<'a>>,
        errors: &'a Errors,
    ) -> Option<Self> {
        if let Some(members) = value.as_object() {
            return Some(Self::of(members, shape, place, errors));
        }
        let (path, problem) = match place {
            None => ("EDGEWARD".to_owned(), "expected a table `[vars.EDGEWARD]`"),
            Some(place) => (place.to_string(), "expected a table"),
        };
        errors.push(path, problem.to_owned());
        None
    }

    fn of(
        members: &'a [Pair<'a>],
        shape: &'static Shape,
        place: Option<Place<'a>>,
        errors: &'a Errors,
    ) -> Self {
        let (read, misfits, is_undecided) = (Cell::new(0), Cell::new(0), Cell::new(false));
        Self { members, shape, place, errors, read, misfits, is_undecided }
    }

    pub(super) fn error(&self, name: &str, problem: impl AsRef<str>) {
        self.note(name, problem.as_ref());
    }

    /// Notes a fault of a member. What follows from a value of no kind that is accepted is no fault of its own.
    #[cold]
    #[inline(never)]
    fn note(&self, name: &str, problem: &str) {
        if self.bit_of(name) & self.misfits.get() == 0 {
            self.errors.push(self.path(name), problem.to_owned());
        }
    }

    pub(super) fn has(&self, name: &'static str) -> bool {
        self.value(name).is_some()
    }

    /// The value of a field, unchecked.
    pub(super) fn value(&self, name: &'static str) -> Option<&'a ValueRef<'a>> {
        self.present(name)?.1
    }

    #[inline(never)]
    pub(super) fn string(&self, name: &'static str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    #[inline(never)]
    pub(super) fn text(&self, name: &'static str) -> Option<&'a str> {
        match self.judged(name)? {
            (_, Some(value)) => value.as_str(),
            (Field { default: Default::Text(word), .. }, None) => Some(word),
            _ => None,
        }
    }

    /// A list of texts; never empty. Each one that does not fit the form is a fault of its own.
    #[inline(never)]
    pub(super) fn texts(&self, name: &'static str) -> Option<Vec<&'a str>> {
        let (field, value) = self.judged(name)?;
        let Some(value) = value else {
            let Default::Texts(words) = field.default else { return None };
            return Some(words.to_vec());
        };
        let texts = value.as_array()?.iter().map(ValueRef::as_str);
        let texts: Vec<_> = texts.collect::<Option<_>>()?;
        if let Kind::Texts(form) = field.kind {
            let misfits = texts.iter().enumerate().filter(|(_, text)| !form.fits(text));
            misfits.for_each(|(index, _)| self.error(&format!("{name}[{index}]"), form.expected));
        }
        Some(texts)
    }

    #[inline(never)]
    pub(super) fn strings(&self, name: &'static str) -> Option<Vec<String>> {
        Some(self.texts(name)?.into_iter().map(str::to_owned).collect())
    }

    /// One text, or a list of texts as [`Self::texts`] takes it.
    pub(super) fn string_or_strings(&self, name: &'static str) -> Option<Vec<String>> {
        match self.judged(name)? {
            (_, Some(ValueRef::String(text))) => Some(vec![text.as_ref().to_owned()]),
            (Field { default: Default::Text(word), .. }, None) => Some(vec![(*word).to_owned()]),
            _ => self.strings(name),
        }
    }

    /// A text, a number or a boolean.
    pub(super) fn scalar(&self, name: &'static str) -> Option<Value> {
        self.judged(name)?.1.cloned().map(Value::from)
    }

    /// Texts, numbers and booleans; never empty.
    pub(super) fn scalars(&self, name: &'static str) -> Option<Vec<Value>> {
        let values = self.judged(name)?.1?.as_array()?;
        Some(values.iter().cloned().map(Value::from).collect())
    }

    #[inline(never)]
    pub(super) fn number(&self, name: &'static str) -> Option<u64> {
        match self.judged(name)? {
            (_, Some(value)) => value.as_u64(),
            (Field { default: Default::Number(number), .. }, None) => Some(*number),
            _ => None,
        }
    }

    #[inline(never)]
    pub(super) fn boolean(&self, name: &'static str) -> Option<bool> {
        match self.judged(name)? {
            (_, Some(value)) => value.as_bool(),
            (Field { default: Default::Flag(flag), .. }, None) => Some(*flag),
            _ => None,
        }
    }

    pub(super) fn choice<T: Copy>(&self, name: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let word = self.text(name)?;
        choices.iter().find(|(own, _)| is_same_name(own, word)).map(|(_, choice)| *choice)
    }

    /// The only field of the shape's `exactly_one` that is present; none or several are a fault.
    #[inline(never)]
    pub(super) fn only(&self) -> Option<&'static str> {
        let choices = self.shape.exactly_one;
        let of = |(name, _): &Pair<'_>| {
            choices.iter().copied().find(|choice| is_same_name(choice, name))
        };
        let mut present = self.members.iter().filter_map(of).filter(|choice| self.has(choice));
        let (first, second) = (present.next(), present.next());
        // The others have been asked for, too: they are too many, but not unknown.
        present.for_each(drop);
        if let (Some(only), None) = (first, second) {
            return Some(only);
        }
        self.error("", format!("expected exactly one of `{}`", choices.join("`, `")));
        None
    }

    #[inline(never)]
    pub(super) fn table(&self, name: &'static str) -> Option<Table<'_>> {
        let (field, value) = self.judged(name)?;
        Table::at(value?, field.inner()?, Some(self.below(name, None)), self.errors)
    }

    /// A table whose fields may all be absent, and which may be absent itself.
    pub(super) fn table_of_defaults(&self, name: &'static str) -> Option<Table<'_>> {
        match self.present(name)? {
            (_, Some(_)) => self.table(name),
            (field, None) => {
                let place = Some(self.below(name, None));
                Some(Table::of(&[], field.inner()?, place, self.errors))
            }
        }
    }

    /// A list of tables, or one table where the field may be one; absent means none.
    #[inline(never)]
    pub(super) fn tables(&self, name: &'static str) -> Vec<Table<'_>> {
        let Some((field, Some(value))) = self.judged(name) else { return Vec::new() };
        let (Some(shape), Some(items)) = (field.inner(), value.as_array()) else {
            return self.table(name).into_iter().collect();
        };
        let place = |index| Some(self.below(name, Some(index)));
        let table = |(index, item)| Table::at(item, shape, place(index), self.errors);
        items.iter().enumerate().filter_map(table).collect()
    }

    /// Reports the members that were not read: those are faults, not comments. Whether a known one may stand here can
    /// depend on another, so that a fault in that says nothing of it.
    #[inline(never)]
    pub(super) fn finish(&self) {
        for (name, _) in self.members.iter().filter(|(name, _)| self.shape.field(name).is_none()) {
            self.is_undecided.set(true);
            let known = self.shape.fields.iter().map(|field| field.name);
            self.error(name, ["unknown field", &did_you_mean(name, known)].concat());
        }
        // No shape has as many fields as there are bits.
        let is_unread = |at| bit(at).is_some_and(|bit| self.read.get() & bit == 0);
        let unread = self.members.iter().enumerate().filter(|(at, _)| is_unread(*at));
        for (_, (name, _)) in unread.filter(|_| !self.is_undecided.get()) {
            self.error(name, "unknown field");
        }
    }

    #[inline(never)]
    fn present(&self, name: &'static str) -> Option<Entry<'a>> {
        let field = self.shape.field(name);
        debug_assert!(field.is_some(), "no `{name}` in {}", self.shape.name);
        let mut members = self.members.iter().enumerate();
        let found = members.find(|(_, (own, _))| is_same_name(own, name));
        let bit = found.and_then(|(at, _)| bit(at)).unwrap_or_default();
        self.read.set(self.read.get() | bit);
        Some((field?, found.map(|(_, (_, value))| value)))
    }

    /// The field with its value, or without one, where the shape accepts that.
    #[inline(never)]
    fn judged(&self, name: &'static str) -> Option<Entry<'a>> {
        let (field, value) = self.present(name)?;
        let placeholder = value.and_then(|value| placeholder::left_in(&field.kind, value));
        if placeholder.is_none() && field.accepts(value) {
            return Some((field, value));
        }
        match placeholder {
            Some(text) => self.error(name, placeholder::problem(text)),
            None => self.error(name, field.expected(value)),
        }
        self.misfits.set(self.misfits.get() | self.bit_of(name));
        if !matches!(field.kind, Kind::Boolean | Kind::Number(..)) {
            self.is_undecided.set(true);
        }
        None
    }

    /// The bit of the member with this name; none for one that is absent or behind the 64th.
    #[inline(never)]
    fn bit_of(&self, name: &str) -> u64 {
        let at = self.members.iter().position(|(own, _)| is_same_name(own, name));
        at.and_then(bit).unwrap_or_default()
    }

    fn below(&self, name: &'static str, index: Option<usize>) -> Place<'_> {
        Place { above: self.place.as_ref(), name, index }
    }

    fn path(&self, name: &str) -> String {
        match (&self.place, name) {
            (None, name) => name.to_owned(),
            (Some(place), "") => place.to_string(),
            (Some(place), name) => format!("{place}.{name}"),
        }
    }
}

/// The bit of the member at this position; members behind the 64th have none.
fn bit(at: usize) -> Option<u64> {
    1_u64.checked_shl(u32::try_from(at).ok()?)
}
