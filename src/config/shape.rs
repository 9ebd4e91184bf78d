//! The shape of every table, declared once beside its reader.
//!
//! [`Table`](super::table::Table) reads by it and [`schema`](super::schema()) prints it, so that the
//! two cannot differ: a field that is not declared is unknown to both, and what a field may be is
//! said in its declaration alone.

#![cfg_attr(
    all(target_arch = "wasm32", not(feature = "js")),
    expect(dead_code, reason = "some of it is for the schema alone")
)]

use serde_json::Value;

pub(super) use super::form::{ANY, Form};

/// One kind of table.
#[derive(Debug)]
pub(super) struct Shape {
    /// What one such table is called.
    pub(super) name: &'static str,
    /// What it is, for whoever writes one.
    pub(super) about: &'static str,
    /// Its fields. Whatever else stands in it is a mistake.
    pub(super) fields: &'static [Field],
    /// Of these fields a table has exactly one; nothing where there is no such choice.
    pub(super) exactly_one: &'static [&'static str],
    /// Beside this one of them, exactly one of these sets; nothing where there is no such rule.
    pub(super) sets_beside: (&'static str, &'static [&'static [&'static str]]),
}

/// One field of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) is_required: bool,
    pub(super) default: Default,
    pub(super) about: &'static str,
    /// The choices of `exactly_one` that it belongs to; nothing means all of them.
    pub(super) beside: &'static [&'static str],
}

/// What a field may hold.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Boolean,
    Choice(&'static dyn Words),
    KeySet,
    /// A list of names out of these; the reader knows why one may be refused all the same.
    Names(&'static [&'static str]),
    /// A whole number, ends included.
    Number(u64, u64),
    /// Any number.
    Numeric,
    /// A text, a number or a boolean.
    Scalar,
    /// A list of texts, numbers and booleans.
    Scalars,
    Table(&'static Shape),
    Tables(&'static Shape),
    Text(&'static Form),
    /// A text, or `false` for none.
    TextOrFalse,
    /// One text, or a list of them.
    TextOrTexts,
    Texts(&'static Form),
    /// Nothing but `true`.
    True,
}

/// What an absent field means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Default {
    Absent,
    Flag(bool),
    Number(u64),
    Text(&'static str),
    Texts(&'static [&'static str]),
}

/// The words of a choice: a list of words and what each means to the reader.
pub(super) trait Words: std::fmt::Debug + Sync {
    fn words(&self) -> Vec<&'static str>;
    fn has(&self, word: &str) -> bool;
}

impl<T: std::fmt::Debug + Sync, const N: usize> Words for [(&'static str, T); N] {
    fn words(&self) -> Vec<&'static str> {
        self.iter().map(|(word, _)| *word).collect()
    }

    fn has(&self, word: &str) -> bool {
        self.iter().any(|(own, _)| *own == word)
    }
}

impl Shape {
    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

pub(super) const fn boolean(name: &'static str) -> Field {
    field(name, Kind::Boolean)
}

pub(super) const fn choice(name: &'static str, words: &'static dyn Words) -> Field {
    field(name, Kind::Choice(words))
}

pub(super) const fn number(name: &'static str, first: u64, last: u64) -> Field {
    field(name, Kind::Number(first, last))
}

pub(super) const fn table(name: &'static str, shape: &'static Shape) -> Field {
    field(name, Kind::Table(shape))
}

pub(super) const fn tables(name: &'static str, shape: &'static Shape) -> Field {
    field(name, Kind::Tables(shape))
}

pub(super) const fn text(name: &'static str) -> Field {
    field(name, Kind::Text(&ANY))
}

pub(super) const fn texts(name: &'static str) -> Field {
    field(name, Kind::Texts(&ANY))
}

pub(super) const fn field(name: &'static str, kind: Kind) -> Field {
    let (about, beside): (_, &[_]) = ("", &[]);
    Field { name, kind, is_required: false, default: Default::Absent, about, beside }
}

impl Field {
    pub(super) const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    pub(super) const fn or(self, default: Default) -> Self {
        Self { default, ..self }
    }

    pub(super) const fn beside(self, beside: &'static [&'static str]) -> Self {
        Self { beside, ..self }
    }

    /// What it is for. The Worker prints no schema, and does not carry the texts of one.
    pub(super) const fn about(self, about: &'static str) -> Self {
        let is_worker = cfg!(all(target_arch = "wasm32", not(feature = "js")));
        if is_worker { self } else { Self { about, ..self } }
    }
}

impl Kind {
    /// What was expected instead of `value`; nothing where it is right as far as a declaration can
    /// say. Tables say it themselves.
    pub(super) fn problem(&self, value: &Value) -> Option<String> {
        let (is_right, problem) = match self {
            Self::KeySet | Self::Table(_) => return None,
            Self::Boolean => (value.is_boolean(), "expected true or false"),
            Self::True => (value == &Value::Bool(true), "expected true"),
            Self::Tables(_) => (value.is_array(), "expected a list of tables"),
            Self::Text(form) => (value.as_str().is_some_and(|text| form.fits(text)), form.expected),
            Self::TextOrFalse => (
                is_text(value) || value == &Value::Bool(false),
                "expected a text that is not empty, or false",
            ),
            Self::TextOrTexts if value.is_string() => (is_text(value), ANY.expected),
            Self::Names(_) | Self::TextOrTexts | Self::Texts(_) => {
                (is_list_of(value, is_text), "expected a list of texts with at least one entry")
            }
            Self::Numeric => (value.is_number(), "expected a number"),
            Self::Scalar => {
                (is_scalar(value), "expected a text that is not empty, a number or a boolean")
            }
            Self::Scalars => (
                is_list_of(value, is_scalar),
                "expected a list of texts, numbers or booleans with at least one entry",
            ),
            Self::Number(first, last) => {
                let fits = value.as_u64().is_some_and(|number| (*first..=*last).contains(&number));
                let problem = || format!("expected a whole number from {first} to {last}");
                return (!fits).then(problem);
            }
            Self::Choice(words) => {
                let fits = value.as_str().is_some_and(|text| words.has(text));
                let problem = || format!("expected \"{}\"", words.words().join("\" or \""));
                return (!fits).then(problem);
            }
        };
        (!is_right).then(|| problem.to_owned())
    }
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

fn is_scalar(value: &Value) -> bool {
    is_text(value) || value.is_number() || value.is_boolean()
}

/// An empty list would mean "nothing" to one reader and "anything" to another.
fn is_list_of(value: &Value, is_right: fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(is_right))
}

impl Default {
    pub(super) fn value(self) -> Option<Value> {
        match self {
            Self::Absent => None,
            Self::Flag(flag) => Some(flag.into()),
            Self::Number(number) => Some(number.into()),
            Self::Text(text) => Some(text.into()),
            Self::Texts(texts) => Some(texts.into()),
        }
    }
}
