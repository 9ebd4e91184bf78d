use crate::time::NumericDate;

/// The time of the last I/O: a Worker's clock stands still while it computes.
#[expect(clippy::disallowed_methods, reason = "the one place where the edge reads the clock")]
pub(super) fn now() -> NumericDate {
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "whole milliseconds"
    )]
    let millis = js_sys::Date::now() as i64;
    NumericDate::from_millis(millis)
}

/// A date as HTTP writes it; `None` for a text that is none.
pub(super) fn date(text: &str) -> Option<NumericDate> {
    let millis = js_sys::Date::parse(text);
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "whole milliseconds, and no NaN"
    )]
    millis.is_finite().then(|| NumericDate::from_millis(millis as i64))
}
