//! `Cookie` headers ([RFC 6265 §4.2]): pairs with semicolons between them.
//!
//! [RFC 6265 §4.2]: https://www.rfc-editor.org/rfc/rfc6265#section-4.2

use super::{CredentialError, OWS};

/// The value of the cookie with this name, unchanged; quotes around it are not part of it.
///
/// # Errors
///
/// [`CredentialError::Several`] for two cookies of the name: which one counts differs from server to
/// server, and a neighbouring subdomain may have set one of them.
pub fn value<'a>(header: &'a str, name: &str) -> Result<Option<&'a str>, CredentialError> {
    let mut values = header.split(';').map(pair).filter(|(own, _)| *own == name);
    let first = values.next().map(|(_, value)| unquoted(value));
    if values.next().is_some() { Err(CredentialError::Several) } else { Ok(first) }
}

/// Whether a cookie with this name is `own`, or one of its numbered parts: `own.1`, `own.2` and so on.
pub(super) fn is_part_of(name: &str, own: &str) -> bool {
    let Some(rest) = name.strip_prefix(own) else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    rest.is_empty() || rest.strip_prefix('.').is_some_and(is_number)
}

/// The names that what stands between two semicolons may have: where a request has two `Cookie` fields, the
/// second one stands behind a comma here, and by itself at an origin.
pub(super) fn names(part: &str) -> impl Iterator<Item = &str> {
    part.split(',').map(|cookie| pair(cookie).0)
}

/// The header without the cookies of which `is_ours` holds, by all between two semicolons; all else is
/// unchanged. `None` when nothing is left.
pub(super) fn without(header: &str, is_ours: impl Fn(&str) -> bool) -> Option<String> {
    let others = header.split(';').filter(|part| !is_ours(part));
    let rest = others.collect::<Vec<_>>().join(";");
    let rest = rest.trim_matches(OWS);
    (!rest.is_empty()).then(|| rest.to_owned())
}

fn pair(part: &str) -> (&str, &str) {
    let (name, value) = part.split_once('=').unwrap_or((part, ""));
    (name.trim_matches(OWS), value.trim_matches(OWS))
}

fn unquoted(value: &str) -> &str {
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_exact_name() {
        for header in ["t=a.b", "x=1; t=a.b; y=2", "x=1;t=a.b", "x;t = a.b ", "t=\"a.b\""] {
            assert_eq!(value(header, "t"), Ok(Some("a.b")), "{header:?}");
        }
        for header in ["", "T=a.b", "xt=a.b", "tx=a.b", "x=t=a.b", "t%3da.b=1"] {
            assert_eq!(value(header, "t"), Ok(None), "{header:?}");
        }
        assert_eq!(value("t", "t"), Ok(Some("")));
        assert_eq!(value("t=\"a.b", "t"), Ok(Some("\"a.b")));
    }

    #[test]
    fn two_cookies_of_one_name_are_refused() {
        for header in ["t=a; t=b", "t=a;t=a", "t=a; x=1; t=", "t; t=a", "t=a; t =b"] {
            assert_eq!(value(header, "t"), Err(CredentialError::Several), "{header:?}");
        }
    }

    #[test]
    fn the_others_stay_to_the_letter() {
        for (header, rest) in [
            ("t=a; x=\"1\";  y==; z", Some("x=\"1\";  y==; z")),
            ("x=1;t=a; y=2", Some("x=1; y=2")),
            ("x=1; t=a", Some("x=1")),
            ("x=1; tt=a", Some("x=1; tt=a")),
            ("t=a; t=b", None),
            ("x=1, t=a; y=2", Some("y=2")),
            ("x=1,t = a", None),
            ("x=1, tt=a, z=t", Some("x=1, tt=a, z=t")),
            ("t", None),
        ] {
            assert_eq!(
                without(header, |part| names(part).any(|name| name == "t")).as_deref(),
                rest,
                "{header:?}"
            );
        }
    }
}
