use super::random;
use crate::http::{RequestHead, RequestId};

/// Shows `decide` the head in a text of `crossing.js`; `None` when it does not tell its fields apart.
pub(super) fn read<T>(text: &str, decide: impl FnOnce(&RequestHead<'_>) -> T) -> Option<T> {
    let mut lines = text.split('\n');
    let (method, url, count) = (lines.next()?, lines.next()?, lines.next()?);
    let mut fields = Vec::with_capacity(FIELDS_USUAL);
    while let Some(name) = lines.next() {
        fields.push((name, lines.next()?));
    }
    // A line break inside a value would make one field look like several here, and not to the
    // origin. The platform lets none through; should it ever, nothing is decided on such a head.
    if count.parse() != Ok(fields.len()) {
        return None;
    }
    let own = fields.iter().find(|(name, _)| *name == "x-request-id");
    let id = own.and_then(|(_, id)| RequestId::accept(id)).unwrap_or_else(random::request_id);
    Some(decide(&RequestHead { method, url, fields: &fields, id }))
}

/// Browsers send about fifteen fields, the platform adds some.
const FIELDS_USUAL: usize = 24;
