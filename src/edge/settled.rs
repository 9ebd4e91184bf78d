//! What is done when an origin has answered, or has not.

use js_sys::{Function, JsString};
use wasm_bindgen::prelude::*;
use worker::worker_sys::web_sys::Response;

use super::bindings::Bindable;
use super::{isolate, respond};
use crate::gateway::{Record, Rejection};
use crate::http::RequestId;
use crate::time::NumericDate;

/// One function for all requests, bound to what a failure would have to say: a closure for each
/// would cost every request what only failures need.
type Settled = dyn Fn(JsString, f64, f64, f64, JsValue) -> JsValue;

thread_local! {
    static SETTLED: Bindable = Closure::<Settled>::new(settled).into_js_value().unchecked_into();
}

/// A function that hands a response on as it is and answers for an origin that gave none.
pub(super) fn function(id: &JsString, record: &Record) -> Function {
    let number = |index: Option<usize>| {
        index.and_then(|index| u32::try_from(index).ok()).map_or(-1.0, f64::from)
    };
    let (route, issuer) = (number(record.route), number(record.issuer));
    let started_at = millis_to_js(record.started_at);
    SETTLED.with(|settled| settled.bind(&JsValue::UNDEFINED, id, route, issuer, started_at))
}

/// `undefined` is the timeout; anything else that is no response is a failure.
fn settled(id: JsString, route: f64, issuer: f64, started_at: f64, outcome: JsValue) -> JsValue {
    if outcome.is_instance_of::<Response>() {
        return outcome;
    }
    let timed_out = outcome.is_undefined();
    let rejection = if timed_out { Rejection::OriginTimeout } else { Rejection::OriginUnreachable };
    let id = RequestId::accept(&String::from(id)).unwrap_or_else(RequestId::unknown);
    let record = Record {
        route: index(route),
        issuer: index(issuer),
        ..Record::new(id, millis_from_js(started_at))
    };
    match isolate::current() {
        Some(gateway) => respond::refuse(gateway.config(), &rejection, &record).into(),
        None => JsValue::UNDEFINED,
    }
}

#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "made from a usize")]
#[expect(clippy::cast_sign_loss, reason = "negative numbers are sorted out first")]
fn index(number: f64) -> Option<usize> {
    (number >= 0.0).then_some(number as usize)
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "below 2⁵³ for ages to come"
)]
fn millis_to_js(date: NumericDate) -> f64 {
    date.millis() as f64
}

#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "whole milliseconds")]
fn millis_from_js(millis: f64) -> NumericDate {
    NumericDate::from_millis(millis as i64)
}
