use crate::http;
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

/// A date as HTTP writes it ([RFC 9110 §5.6.7], IMF-fixdate); `None` for any other text.
///
/// [RFC 9110 §5.6.7]: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
pub(crate) fn date(text: &str) -> Option<NumericDate> {
    // The platform's own parser takes nearly anything for a date.
    if !http::is_imf_fixdate(text) {
        return None;
    }
    let millis = js_sys::Date::parse(text);
    millis.is_finite().then(|| from_js(millis))
}
