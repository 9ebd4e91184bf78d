//! The cut-off of a family object: sessions that it has not seen, and that a change of the password ended.

use wasm_bindgen::JsValue;
use worker::SqlStorageValue;

use super::rows::{Rows, broken, number};
use crate::session::UnknownCutoff;

/// Refuses unknown tokens that were issued before. An earlier cut-off never takes the place of a later one.
pub(super) fn store(rows: &Rows, cutoff: UnknownCutoff) -> Result<(), JsValue> {
    rows.run(
        "INSERT INTO cutoff(id, before, until) VALUES (1, ?, ?) \
         ON CONFLICT(id) DO UPDATE SET before = max(before, excluded.before), until = max(until, excluded.until)",
        vec![
            SqlStorageValue::Integer(cutoff.before),
            SqlStorageValue::Integer(cutoff.kept_until().millis()),
        ],
    )
}

/// The second before which unknown tokens are refused, if there is one.
pub(super) fn before(rows: &Rows) -> Result<Option<i64>, JsValue> {
    let found = rows.select("SELECT before FROM cutoff", vec![])?;
    let before = |row: &Vec<_>| row.first().and_then(number).ok_or_else(|| broken("cutoff"));
    found.first().map(before).transpose()
}
