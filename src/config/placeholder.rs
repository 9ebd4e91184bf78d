use super::shape::Kind;
use crate::json::ValueRef;

/// Text of the template that was left in a field: it marks what is to be filled in with `<…>`.
///
/// What a claim is compared with may be any text.
pub(super) fn left_in<'v>(kind: &Kind, value: &'v ValueRef<'_>) -> Option<&'v str> {
    let is_any = matches!(kind, Kind::Scalar | Kind::Scalars);
    let texts = value.as_array().unwrap_or_else(|| std::slice::from_ref(value)).iter();
    let mut left = texts.filter_map(ValueRef::as_str).filter(|text| is_placeholder(text));
    left.next().filter(|_| !is_any)
}

/// Whether a text is one.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    text.len() > 2 && text.starts_with('<') && text.ends_with('>')
}

/// What is said of it.
#[must_use]
pub fn problem(text: &str) -> String {
    ["expected a value instead of the template's ", text].concat()
}
