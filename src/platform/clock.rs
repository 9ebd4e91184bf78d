use crate::time::NumericDate;

/// The time of the last I/O: a Worker's clock stands still while it computes.
#[expect(
    clippy::disallowed_methods,
    reason = "besides the entry point the one place where the edge reads the clock"
)]
pub(crate) fn now() -> NumericDate {
    from_js(js_sys::Date::now())
}

/// A time as JavaScript tells it, in milliseconds.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "whole milliseconds")]
pub(crate) fn from_js(millis: f64) -> NumericDate {
    NumericDate::from_millis(millis as i64)
}

/// A date as HTTP writes it; `None` for a text that is none.
pub(crate) fn date(text: &str) -> Option<NumericDate> {
    let millis = js_sys::Date::parse(text);
    millis.is_finite().then(|| from_js(millis))
}
