//! Heads as `bridge.js` hands them over: a list of names, which is learned once, and the rest.

use std::cell::RefCell;
use std::rc::Rc;
use std::{slice, str};

use wasm_bindgen::prelude::*;

use super::{bridge, name_lists, state};
use crate::gateway::Gateway;
use crate::http::{FieldNames, RequestHead, RequestId};
use crate::limits;

/// Learns a list of names, a line each: its number, then the places of the names whose values are
/// read. Nothing where there is no gateway yet, or the list is too long to be kept.
#[must_use]
#[wasm_bindgen]
pub fn learn(names: &str) -> Vec<u32> {
    let Some(gateway) = state::current().filter(|_| names.len() <= limits::NAME_LIST_BYTES) else {
        return Vec::new();
    };
    let learned = gateway.field_names(names.lines());
    let is_read = |(place, (_, is_read)): (usize, (&str, bool))| is_read.then_some(place);
    let read: Vec<_> = learned.all().enumerate().filter_map(is_read).collect();
    let number = name_lists::add(learned);
    std::iter::once(number).chain(read).filter_map(|number| u32::try_from(number).ok()).collect()
}

/// Where `bridge.js` writes the texts of a head, one after the other, and how long each is.
struct HeadBuffer {
    text: Box<[u8]>,
    lengths: Box<[u32]>,
}

thread_local! {
    static BUFFER: RefCell<HeadBuffer> = RefCell::new(HeadBuffer {
        text: vec![0; limits::HEAD_BYTES].into(),
        lengths: vec![0; limits::HEAD_TEXTS].into(),
    });
}

/// Shows `bridge.js` the buffer for a head. It writes there before it calls [`decide`], when nothing
/// here runs, and so nothing borrows it.
///
/// [`decide`]: super::decide
#[wasm_bindgen]
pub fn show_head_buffer() {
    BUFFER
        .with_borrow_mut(|buffer| bridge::keep_head_buffer(&mut buffer.text, &mut buffer.lengths));
}

/// Shows `read` so many texts; `None` should they not be there, or be no UTF-8.
pub(super) fn with_texts<T>(count: u32, read: impl FnOnce(Texts<'_>) -> T) -> Option<T> {
    BUFFER.with_borrow(|buffer| {
        let lengths = buffer.lengths.get(..usize::try_from(count).ok()?)?;
        let bytes = lengths.iter().try_fold(0_u32, |sum, length| sum.checked_add(*length))?;
        let text = str::from_utf8(buffer.text.get(..usize::try_from(bytes).ok()?)?).ok()?;
        Some(read(Texts::Measured(text, lengths.iter())))
    })
}

/// The texts of a head: method, URL, an id for the request, and the values of its fields.
#[derive(Clone)]
pub(super) enum Texts<'a> {
    /// One after the other, and how many bytes each has: what is long need not be looked through.
    Measured(&'a str, slice::Iter<'a, u32>),
    /// A line each.
    Lines(str::Split<'a, char>),
}

impl<'a> Iterator for Texts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        match self {
            Self::Lines(lines) => lines.next(),
            Self::Measured(text, lengths) => {
                let (one, rest) = text.split_at_checked(usize::try_from(*lengths.next()?).ok()?)?;
                *text = rest;
                Some(one)
            }
        }
    }
}

/// A head: the names of its fields, and its texts.
pub(super) struct Head<'a> {
    names: Rc<FieldNames>,
    texts: Texts<'a>,
    /// Whether the values are there that nobody reads.
    is_whole: bool,
}

impl<'a> Head<'a> {
    pub(super) fn listed(names: Rc<FieldNames>, texts: Texts<'a>) -> Self {
        Self { names, texts, is_whole: false }
    }

    /// A head whose list of names is not known, under `gateway` or under none; a text to each line.
    #[cold]
    pub(super) fn unlisted(names: &str, text: &'a str, gateway: Option<&Gateway>) -> Self {
        let each = names.lines();
        let names = Rc::new(match gateway {
            Some(gateway) => gateway.field_names(each),
            None => FieldNames::whole(each),
        });
        Self { names, texts: Texts::Lines(text.split('\n')), is_whole: true }
    }

    /// Shows it to `decide`; `None` when it does not tell its fields apart.
    pub(super) fn read<T>(&self, decide: impl FnOnce(&RequestHead<'_>) -> T) -> Option<T> {
        let mut texts = self.texts.clone();
        let (method, url, made) = (texts.next()?, texts.next()?, texts.next()?);
        let mut fields = Vec::with_capacity(limits::FIELDS_READ);
        for (name, is_read) in self.names.all() {
            if is_read || self.is_whole {
                fields.push((name, texts.next()?));
            }
        }
        // A line break inside a value would make one field look like several here, and not to the
        // origin. The platform lets none through; should it ever, nothing is decided on such a head.
        if texts.next().is_some() {
            return None;
        }
        let own = fields.iter().find(|(name, _)| *name == "x-request-id");
        let own = own.and_then(|(_, id)| RequestId::accept(id));
        let id = own.unwrap_or_else(|| RequestId::made(made));
        Some(decide(&RequestHead { method, url, names: &self.names, fields: &fields, id }))
    }
}
