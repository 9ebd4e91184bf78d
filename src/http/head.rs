use std::fmt;

/// Looks up the value of a header by its lower-case name; several fields of one name come joined
/// by a comma ([RFC 9110 §5.3]).
///
/// [RFC 9110 §5.3]: https://www.rfc-editor.org/rfc/rfc9110#section-5.3
pub type HeaderLookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The head of a request, as little of it as a decision needs.
///
/// Names are listed once; values are fetched one by one, because on Workers each crosses from
/// JavaScript and most are never looked at.
pub struct RequestHead<'a> {
    /// The method.
    pub method: &'a str,
    /// The absolute URL as it came, not re-parsed.
    pub url: &'a str,
    /// The names of all headers, lower-case, each once.
    pub names: &'a [&'a str],
    /// The values.
    pub value: &'a HeaderLookup<'a>,
    /// The id of this request: its own, or a fresh one.
    pub id: RequestId,
}

impl RequestHead<'_> {
    /// The value of the header with this lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        // The list is asked first: a look-up that finds nothing costs as much as one that does.
        if self.names.contains(&name) { (self.value)(name) } else { None }
    }
}

impl fmt::Debug for RequestHead<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("RequestHead");
        debug.field("method", &self.method).field("id", &self.id).finish_non_exhaustive()
    }
}

/// Names one request in logs, in answers, and to the origin (`x-request-id`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// Takes the caller's own id when it can do no harm in a log: 1–128 of `[A-Za-z0-9._-]`.
    #[must_use]
    pub fn accept(text: &str) -> Option<Self> {
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let sound = (1..=128).contains(&text.len()) && text.bytes().all(harmless);
        sound.then(|| Self(text.to_owned()))
    }

    /// The id of a request whose own could not be made.
    #[must_use]
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }

    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A header name as a careless server may read it: lower case, `_` and `.` taken for `-`.
///
/// CGI-style servers (WSGI among them) cannot tell `X-Auth-Subject` from `X_Auth_Subject`
/// (CVE-2025-64484), others fold dots too.
#[must_use]
pub fn fold_name(name: &str) -> String {
    let fold = |byte: u8| match byte {
        b'_' | b'.' => '-',
        other => char::from(other.to_ascii_lowercase()),
    };
    name.bytes().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_request_ids_are_kept() {
        assert!(RequestId::accept("a-B_1.c").is_some());
        assert!(RequestId::accept(&"a".repeat(128)).is_some());
        for text in ["", "a b", "a\nb", "ü", "a\"", &"a".repeat(129)] {
            assert_eq!(RequestId::accept(text), None, "{text:?}");
        }
    }

    #[test]
    fn names_fold_as_careless_servers_read_them() {
        for name in ["X-Auth-Subject", "x_auth_subject", "X.AUTH-subject"] {
            assert_eq!(fold_name(name), "x-auth-subject");
        }
    }
}
