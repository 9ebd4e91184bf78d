use super::shape::Kind;
use crate::json::ValueRef;

/// The placeholder of the template that was left in a field. The template writes `<…>` for values
/// to fill in, also inside a text, as in `https://<tenant>.auth0.com/jwks`.
///
/// A value that a claim is compared with may be any text, and is not searched.
pub(super) fn left_in<'v>(kind: &Kind, value: &'v ValueRef<'_>) -> Option<&'v str> {
    let texts = value.as_array().unwrap_or_else(|| std::slice::from_ref(value)).iter();
    let mut texts = texts.filter_map(ValueRef::as_str);
    match kind {
        Kind::Scalar | Kind::Scalars => None,
        kind if is_text(kind) => texts.find_map(inside),
        _ => texts.find(|text| is_placeholder(text)),
    }
}

/// Whether a field holds free texts.
fn is_text(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Text(_)
            | Kind::TextOrFalse
            | Kind::TextOrTable(_)
            | Kind::Texts(_)
            | Kind::TextsOrAny
            | Kind::TextsOrTable(_)
            | Kind::TrueOrText
    )
}

/// The first `<…>` in a text. A path is left to the pattern's parser, which knows frameworks that
/// write `/users/<id>`.
fn inside(text: &str) -> Option<&str> {
    if is_placeholder(text) {
        return Some(text);
    }
    let rest = text.get(text.find('<')?..).filter(|_| !text.starts_with('/'))?;
    let found = rest.get(..=rest.find('>')?)?;
    let is_blank = found.trim_matches(['<', '>']).trim().is_empty();
    (!is_blank).then_some(found)
}

/// Whether the whole text is a placeholder.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    text.len() > 2 && text.starts_with('<') && text.ends_with('>')
}

/// The message about a placeholder.
#[must_use]
pub fn problem(text: &str) -> String {
    ["expected a value instead of the template's ", text].concat()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::config::shape::ANY;

    #[test]
    fn a_placeholder_is_found_inside_a_text_that_somebody_makes_up() {
        let left = |kind: &Kind, value: Value| {
            left_in(kind, &(&value).into()).map(str::to_owned).unwrap_or_default()
        };
        let text = Kind::Text(&ANY);
        for (value, found) in [
            ("<https://a.example>", "<https://a.example>"),
            ("https://<tenant>.auth0.com/jwks", "<tenant>"),
            ("https://a.example/<x>/<y>", "<x>"),
            ("https://a.example/", ""),
            ("/users/<id>", ""),
            ("a < b", ""),
            ("a > b < c", ""),
            ("a <> b", ""),
            ("a <  > b", ""),
        ] {
            assert_eq!(left(&text, json!(value)), found, "{value}");
        }
        for kind in [Kind::Texts(&ANY), Kind::TextsOrAny, Kind::TrueOrText, Kind::TextOrFalse] {
            assert_eq!(left(&kind, json!(["a", "urn:<b>"])), "<b>", "{kind:?}");
        }
        assert_eq!(left(&Kind::Scalar, json!("<x>")), "");
        assert_eq!(left(&Kind::Scalars, json!(["a<x>"])), "");
        assert_eq!(left(&Kind::Boolean, json!("<x>")), "<x>");
        assert_eq!(left(&Kind::Boolean, json!("a<x>")), "");
    }
}
