//! The response when an origin has not answered.

use wasm_bindgen::prelude::*;

use super::{respond, state};
use crate::gateway::{Record, Rejection};
use crate::http::RequestId;
use crate::platform::clock;
use crate::time::NumericDate;

/// The response for an origin that gave none. `reason` is one of those of `forward.js`: the origin
/// could not be reached (0), it timed out (1), or it was not asked because the platform cannot send
/// the body (2).
///
/// Only failures need the data of the record, so it passes through JavaScript as numbers: a closure
/// for each request would cost every request.
#[wasm_bindgen]
pub fn origin_failure(
    id: &str,
    reason: u32,
    route: i32,
    tenant: i32,
    issuer: i32,
    started_at: f64,
) -> JsValue {
    let rejection = match reason {
        1 => Rejection::OriginTimeout,
        2 => Rejection::LengthRequired,
        _ => Rejection::OriginUnreachable,
    };
    let started_at = clock::from_js(started_at);
    // Under another configuration the numbers would name other things.
    let index = |number| state::is_since(started_at).then(|| index(number)).flatten();
    let id = RequestId::accept(id).unwrap_or_else(RequestId::unknown);
    let (route, tenant, issuer) = (index(route), index(tenant), index(issuer));
    let record = Record { route, tenant, issuer, ..Record::new(id, started_at) };
    match state::current() {
        Some(gateway) => respond::refuse(gateway.config(), &rejection, &record).into(),
        None => JsValue::UNDEFINED,
    }
}

/// The indices in a record that come back to [`origin_failure`]: route, tenant and issuer, −1 for
/// none.
pub(super) fn numbers(record: &Record) -> [i32; 3] {
    let number = |index: Option<usize>| index.and_then(|index| i32::try_from(index).ok());
    [record.route, record.tenant, record.issuer].map(|index| number(index).unwrap_or(-1))
}

fn index(number: i32) -> Option<usize> {
    usize::try_from(number).ok()
}

/// The time of a record as JavaScript keeps it, in milliseconds.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "below 2⁵³ for ages to come"
)]
pub(super) fn millis_to_js(date: NumericDate) -> f64 {
    date.millis() as f64
}
