//! Points in time as values: no clock lives in the core, `now` is always passed in.

use std::time::Duration;

use serde_json::Number;

/// The largest time a token may carry: 2⁵³ s, where a JSON number stops being exact.
const MAX_SECONDS: u64 = 1 << 53;

/// A point in time, in whole milliseconds since 1970-01-01T00:00:00Z ([RFC 7519 §2]).
///
/// Fractions of a second are kept, because real issuers send them; parts of a millisecond are cut.
/// All arithmetic saturates: no value that a token can carry wraps or panics.
///
/// [RFC 7519 §2]: https://www.rfc-editor.org/rfc/rfc7519#section-2
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumericDate {
    millis: i64,
}

impl NumericDate {
    /// A point in time given in seconds since the epoch.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self { millis: seconds.saturating_mul(1000) }
    }

    /// A point in time given in milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self { millis }
    }

    /// Reads a JSON number of seconds; `None` outside 0…2⁵³.
    #[must_use]
    pub fn from_json(number: &Number) -> Option<Self> {
        if let Some(seconds) = number.as_u64() {
            let seconds = i64::try_from(seconds).ok().filter(|_| seconds <= MAX_SECONDS)?;
            return Some(Self::from_seconds(seconds));
        }
        Self::from_fraction(number.as_f64()?)
    }

    fn from_fraction(seconds: f64) -> Option<Self> {
        // A negative zero is zero; NaN is in no range.
        if !(0.0..=9_007_199_254_740_992.0).contains(&seconds) {
            return None;
        }
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            reason = "checked above: at most 2⁵³·1000, which an i64 holds"
        )]
        let millis = (seconds * 1000.0).floor() as i64;
        Some(Self { millis })
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.millis.div_euclid(1000)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.millis
    }

    /// This time, later by `span`.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self { millis: self.millis.saturating_add(millis_of(span)) }
    }

    /// This time, earlier by `span`.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self { millis: self.millis.saturating_sub(millis_of(span)) }
    }

    /// The time from `earlier` until this; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.millis.saturating_sub(earlier.millis);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

fn millis_of(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<i64> {
        let number: Number = serde_json::from_str(text).ok()?;
        NumericDate::from_json(&number).map(NumericDate::millis)
    }

    #[test]
    fn whole_and_fractional_seconds_are_read() {
        assert_eq!(parsed("0"), Some(0));
        assert_eq!(parsed("1767225600"), Some(1_767_225_600_000));
        assert_eq!(parsed("1767225600.5"), Some(1_767_225_600_500));
        assert_eq!(parsed("4102444800.0"), Some(4_102_444_800_000));
    }

    #[test]
    fn two_to_the_53_is_the_last_value() {
        assert_eq!(parsed("9007199254740992"), Some(9_007_199_254_740_992_000));
        assert_eq!(parsed("9007199254740993"), None);
        assert_eq!(parsed("9223372036854775807"), None);
        assert_eq!(parsed("1e300"), None);
    }

    #[test]
    fn negative_times_are_refused() {
        assert_eq!(parsed("-1"), None);
        assert_eq!(parsed("-0.5"), None);
    }

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        let far = NumericDate::from_seconds(i64::MAX);
        assert_eq!(far.plus(Duration::MAX).millis(), i64::MAX);
        let past = NumericDate::from_seconds(i64::MIN);
        assert_eq!(past.minus(Duration::MAX).millis(), i64::MIN);
        assert_eq!(past.since(far), Duration::ZERO);
    }
}
