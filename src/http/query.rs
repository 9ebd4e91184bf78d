//! Parameters of a query, as forms write them: `name=value` with `&` between.

use std::borrow::Cow;

use super::CredentialError;
use crate::percent;

/// The value of the parameter with this name. Both are compared and taken decoded: an encoded
/// spelling is the same parameter to the origin.
///
/// # Errors
///
/// [`CredentialError::Several`] for two parameters of the name.
pub(super) fn value<'a>(
    query: &'a str,
    name: &str,
) -> Result<Option<Cow<'a, str>>, CredentialError> {
    let mut values = query.split('&').filter(|part| is_named(part, name));
    let first = values.next().map(|part| part.split_once('=').map_or("", |(_, value)| value));
    if values.next().is_some() {
        return Err(CredentialError::Several);
    }
    first.map(|value| decoded(value).ok_or(CredentialError::Malformed)).transpose()
}

/// The query without the parameters of which `is_ours` holds, all else unchanged.
pub(super) fn without(query: &str, is_ours: impl Fn(&str) -> bool) -> String {
    query.split('&').filter(|part| !is_ours(part)).collect::<Vec<_>>().join("&")
}

/// Whether this part of a query is the parameter with this name.
pub(super) fn is_named(part: &str, name: &str) -> bool {
    let own = part.split_once('=').map_or(part, |(own, _)| own);
    decoded(own).is_some_and(|own| own == name)
}

/// Percent-encoding undone; `None` for what is no UTF-8 then. `+` stays: no token has a space.
fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    String::from_utf8(percent::decode_leniently(text)).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(query: &str) -> Result<Option<String>, CredentialError> {
        value(query, "access_token").map(|found| found.map(Cow::into_owned))
    }

    #[test]
    fn a_parameter_is_found_however_it_is_encoded() {
        for query in [
            "access_token=a.b",
            "x=1&access_token=a.b&y",
            "access%5ftoken=a.b",
            "%61ccess_token=a%2Eb",
        ] {
            assert_eq!(token(query), Ok(Some("a.b".to_owned())), "{query}");
        }
        for query in ["", "x=access_token=a", "Access_token=a", "access_token[]=a", "%zz=a"] {
            assert_eq!(token(query), Ok(None), "{query}");
        }
        assert_eq!(token("access_token"), Ok(Some(String::new())));
        assert_eq!(token("access_token=%ff"), Err(CredentialError::Malformed));
    }

    #[test]
    fn two_parameters_of_one_name_are_refused() {
        for query in ["access_token=a&access_token=b", "access_token=a&access%5Ftoken"] {
            assert_eq!(token(query), Err(CredentialError::Several), "{query}");
        }
    }

    #[test]
    fn the_others_stay_to_the_letter() {
        let without = |query| without(query, |part| is_named(part, "t"));
        for (query, rest) in [
            ("t=a&x=%2f&&y", "x=%2f&&y"),
            ("x=1&t=a", "x=1"),
            ("x=1&%74=a&tt=b", "x=1&tt=b"),
            ("t=a", ""),
        ] {
            assert_eq!(without(query), rest, "{query}");
        }
    }
}
