use std::cmp::Ordering;

use serde_json::{Number, Value};

/// Whether two values are equal in type and value. Numbers are equal by what they say: `2` and
/// `2.0` are one number (RFC 8259 §6 knows one type of numbers).
#[must_use]
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            compare(left, right) == Some(Ordering::Equal)
        }
        _ => left == right,
    }
}

/// Whether two values have one JSON type.
#[must_use]
pub(crate) fn same_type(left: &Value, right: &Value) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right)
}

/// Compares two numbers exactly: no integer is rounded to a double on the way, so 2⁵³ and 2⁵³ + 1
/// differ. (An integer beyond 64 bits has become a double when it was parsed.)
#[must_use]
pub(crate) fn compare(left: &Number, right: &Number) -> Option<Ordering> {
    match (integer(left), integer(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        (Some(left), None) => compare_with_double(left, right.as_f64()?),
        (None, Some(right)) => compare_with_double(right, left.as_f64()?).map(Ordering::reverse),
        (None, None) => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

fn integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

fn compare_with_double(integer: i128, double: f64) -> Option<Ordering> {
    /// 2⁶⁴: beyond every integer that [`integer`] gives, on both sides.
    const BEYOND: f64 = 18_446_744_073_709_551_616.0;
    if double >= BEYOND {
        return Some(Ordering::Less);
    }
    if double <= -BEYOND {
        return Some(Ordering::Greater);
    }
    let whole = double.trunc();
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "checked above: a whole number within ±2⁶⁴, which an i128 holds"
    )]
    let ordering = integer.cmp(&(whole as i128));
    // The fraction decides between equal whole parts; NaN is in no order.
    Some(ordering.then(whole.partial_cmp(&double)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn ordering(left: &str, right: &str) -> Option<Ordering> {
        let number = |text: &str| serde_json::from_str::<Number>(text).expect(text);
        compare(&number(left), &number(right))
    }

    #[test]
    fn numbers_are_compared_by_what_they_say_and_never_rounded() {
        for (less, greater) in [
            ("1", "2"),
            ("-2", "-1"),
            ("-1", "0"),
            ("9007199254740992", "9007199254740993"),
            ("9007199254740992.0", "9007199254740993"),
            ("-9007199254740993", "-9007199254740992.0"),
            ("9223372036854775807", "9223372036854775808"),
            ("9223372036854775807", "9223372036854775808.0"),
            ("18446744073709551615", "18446744073709551616.0"),
            ("-18446744073709551616.0", "-9223372036854775808"),
            ("18446744073709551615", "1e300"),
            ("-1e300", "-9223372036854775808"),
            ("1", "1.5"),
            ("0.5", "1"),
            ("-1", "-0.5"),
            ("-1.5", "-1"),
            ("0.1", "0.2"),
            ("0", "5e-324"),
            ("-5e-324", "0"),
        ] {
            assert_eq!(ordering(less, greater), Some(Ordering::Less), "{less} {greater}");
            assert_eq!(ordering(greater, less), Some(Ordering::Greater), "{greater} {less}");
        }
        for (one, other) in [
            ("2", "2.0"),
            ("0", "-0.0"),
            ("9007199254740993", "9007199254740993"),
            ("9007199254740992", "9007199254740992.0"),
            ("18446744073709551615", "18446744073709551615"),
            ("0.5", "5e-1"),
        ] {
            assert_eq!(ordering(one, other), Some(Ordering::Equal), "{one} {other}");
            assert_eq!(ordering(other, one), Some(Ordering::Equal), "{other} {one}");
        }
    }

    #[test]
    fn values_are_equal_in_type_and_value() {
        let value = |text: &str| serde_json::from_str::<Value>(text).expect(text);
        for (one, other) in [("2", "2.0"), (r#""a""#, r#""\u0061""#), ("true", "true")] {
            assert!(equal(&value(one), &value(other)), "{one} {other}");
            assert!(same_type(&value(one), &value(other)), "{one} {other}");
        }
        for (one, other) in
            [("2", r#""2""#), ("1", "true"), ("0", "false"), ("0", "null"), (r#""a""#, r#"["a"]"#)]
        {
            assert!(!equal(&value(one), &value(other)), "{one} {other}");
            assert!(!same_type(&value(one), &value(other)), "{one} {other}");
        }
        assert!(!equal(&value(r#""a""#), &value(r#""A""#)));
        assert!(same_type(&value("1"), &value("1.5")));
    }
}
