//! The shape of every table, declared once beside its reader.
//!
//! [`Table`](super::table::Table) reads by it and [`schema`](super::schema()) prints it, so that
//! the two cannot differ: a field that is not declared is unknown to both, and its declaration
//! alone defines the values that a field may have.

#![cfg_attr(
    all(target_arch = "wasm32", not(feature = "js")),
    expect(dead_code, reason = "some of it is for the schema alone")
)]

pub(super) use super::form::{ANY, Form};
use crate::json::{ValueRef, is_same_name};

/// One kind of table.
#[derive(Debug)]
pub(super) struct Shape {
    /// The name of such a table.
    pub(super) name: &'static str,
    /// A description of the table for those who write one.
    pub(super) about: &'static str,
    /// Its fields. Any other member is a fault.
    pub(super) fields: &'static [Field],
    /// The fields of which a table has exactly one; empty where there is no such choice.
    pub(super) exactly_one: &'static [&'static str],
    /// One of those fields, and the sets of fields of which exactly one must stand beside it; empty
    /// where there is no such rule.
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
    /// The choices of `exactly_one` that it belongs to; empty means all of them.
    pub(super) beside: &'static [&'static str],
}

/// The kind of value that a field may hold.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Boolean,
    Choice(&'static dyn Words),
    KeySet,
    /// A list of these names; the reader may still refuse one for reasons of its own.
    Names(&'static [&'static str]),
    /// A whole number within this range, ends included.
    Number(u64, u64),
    /// Any number.
    Numeric,
    /// A text, a number or a boolean.
    Scalar,
    /// A list of texts, numbers and booleans.
    Scalars,
    Table(&'static Shape),
    Tables(&'static Shape),
    /// One table, or a list of such tables, each with the same fields.
    TableOrTables(&'static Shape),
    Text(&'static Form),
    /// A text, or `false` for none.
    TextOrFalse,
    /// A text, or a table that says more.
    TextOrTable(&'static Shape),
    /// A text, a list of texts, or a table that says more.
    TextsOrTable(&'static Shape),
    Texts(&'static Form),
    /// A list of texts, or the text `any`.
    TextsOrAny,
    /// Nothing but `true`.
    True,
    /// `true`, or a text.
    TrueOrText,
}

/// The value that an absent field stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Default {
    Absent,
    Flag(bool),
    Number(u64),
    Text(&'static str),
    Texts(&'static [&'static str]),
}

/// The words of a choice: a list of words, each with its meaning to the reader.
pub(super) trait Words: std::fmt::Debug + Sync {
    fn words(&self) -> Vec<&'static str>;
    fn has(&self, word: &str) -> bool;
}

impl<T: std::fmt::Debug + Sync, const N: usize> Words for [(&'static str, T); N] {
    fn words(&self) -> Vec<&'static str> {
        self.iter().map(|(word, _)| *word).collect()
    }

    fn has(&self, word: &str) -> bool {
        self.iter().any(|(own, _)| is_same_name(own, word))
    }
}

impl Shape {
    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        // The reader's word and the declaration's are one constant, as a rule: found by its address.
        let by_address = self.fields.iter().find(|field| std::ptr::eq(field.name, name));
        by_address.or_else(|| self.fields.iter().find(|field| is_same_name(field.name, name)))
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

    /// Adds the description of the field. The Worker prints no schema, so it does not carry its
    /// texts.
    pub(super) const fn about(self, about: &'static str) -> Self {
        let is_worker = cfg!(all(target_arch = "wasm32", not(feature = "js")));
        if is_worker { self } else { Self { about, ..self } }
    }

    /// Whether the value, or its absence, is valid as far as the declaration can tell.
    pub(super) fn accepts(&self, value: Option<&ValueRef<'_>>) -> bool {
        let Some(value) = value else { return !self.is_required };
        let may_be_empty = !(self.is_required && matches!(self.kind, Kind::Tables(_)));
        self.kind.accepts(value) && (may_be_empty || !is_empty(value))
    }

    /// The shape of the tables that it takes.
    pub(super) const fn inner(&self) -> Option<&'static Shape> {
        match self.kind {
            Kind::Table(shape)
            | Kind::Tables(shape)
            | Kind::TableOrTables(shape)
            | Kind::TextOrTable(shape)
            | Kind::TextsOrTable(shape) => Some(shape),
            _ => None,
        }
    }

    /// The message about a value, or an absence, that [`Self::accepts`] refuses: what was expected.
    pub(super) fn expected(&self, value: Option<&ValueRef<'_>>) -> String {
        match (self.kind, value) {
            (Kind::Tables(shape), value) if value.is_none_or(is_empty) => {
                format!("expected at least one {}", shape.name)
            }
            (_, None) => "is required".to_owned(),
            (kind, Some(value)) => kind.expected(value),
        }
    }
}

impl Kind {
    /// Whether a value is of this kind. The fields inside a table are checked by its own reader.
    fn accepts(&self, value: &ValueRef<'_>) -> bool {
        match self {
            Self::KeySet | Self::Table(_) => true,
            Self::Boolean => value.as_bool().is_some(),
            Self::True => value.as_bool() == Some(true),
            Self::TrueOrText => is_text(value) || value.as_bool() == Some(true),
            Self::TextsOrAny => is_list_of(value, is_text) || value.as_str() == Some("any"),
            Self::Tables(_) => value.as_array().is_some(),
            Self::TableOrTables(_) => value.as_object().is_some() || is_list_of(value, |_| true),
            Self::Text(form) => value.as_str().is_some_and(|text| form.fits(text)),
            Self::TextOrFalse => is_text(value) || value.as_bool() == Some(false),
            Self::TextOrTable(_) => is_text(value) || value.as_object().is_some(),
            Self::TextsOrTable(_) => {
                is_text(value) || is_list_of(value, is_text) || value.as_object().is_some()
            }
            Self::Names(_) | Self::Texts(_) => is_list_of(value, is_text),
            Self::Numeric => value.as_number().is_some(),
            Self::Scalar => is_scalar(value),
            Self::Scalars => is_list_of(value, is_scalar),
            Self::Number(first, last) => {
                value.as_u64().is_some_and(|number| (*first..=*last).contains(&number))
            }
            Self::Choice(words) => value.as_str().is_some_and(|text| words.has(text)),
        }
    }

    fn expected(&self, value: &ValueRef<'_>) -> String {
        let expected = match self {
            // What they take is judged elsewhere.
            Self::KeySet | Self::Table(_) => return String::new(),
            Self::Boolean => "expected true or false",
            Self::True => "expected true",
            Self::TrueOrText => "expected true, or a URL",
            Self::TextsOrAny => "expected a list of texts with at least one entry, or \"any\"",
            Self::Tables(_) => "expected a list of tables",
            Self::TableOrTables(_) => {
                "expected a table, or a list of tables with at least one entry"
            }
            Self::Text(form) => form.expected,
            Self::TextOrFalse => "expected a text that is not empty, or false",
            Self::TextOrTable(_) | Self::TextsOrTable(_) if value.as_str().is_some() => {
                ANY.expected
            }
            Self::TextOrTable(_) => "expected a text or a table",
            Self::TextsOrTable(_) => {
                "expected a text, a list of texts with at least one entry, or a table"
            }
            Self::Names(_) | Self::Texts(_) => "expected a list of texts with at least one entry",
            Self::Numeric => "expected a number",
            Self::Scalar => "expected a text that is not empty, a number or a boolean",
            Self::Scalars => {
                "expected a list of texts, numbers or booleans with at least one entry"
            }
            Self::Number(first, last) => {
                return format!("expected a whole number from {first} to {last}");
            }
            Self::Choice(words) => {
                return format!("expected \"{}\"", words.words().join("\" or \""));
            }
        };
        expected.to_owned()
    }
}

fn is_empty(list: &ValueRef<'_>) -> bool {
    list.as_array().is_some_and(<[_]>::is_empty)
}

fn is_text(value: &ValueRef<'_>) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

fn is_scalar(value: &ValueRef<'_>) -> bool {
    is_text(value) || value.as_number().is_some() || value.as_bool().is_some()
}

/// Whether a value is a list of at least one item, all of which are right. An empty list would mean
/// "nothing" to one reader and "anything" to another.
fn is_list_of(value: &ValueRef<'_>, is_right: fn(&ValueRef<'_>) -> bool) -> bool {
    value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(is_right))
}
