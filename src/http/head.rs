use std::fmt;
use std::rc::Rc;

/// The head of a request as it came, borrowed from wherever the adapter keeps it.
pub struct RequestHead<'a> {
    /// The method.
    pub method: &'a str,
    /// The absolute URL as it came, not re-parsed.
    pub url: &'a str,
    /// Names and values of all header fields: lower-case names, each once; several fields of one
    /// name come joined by a comma ([RFC 9110 §5.3]).
    ///
    /// [RFC 9110 §5.3]: https://www.rfc-editor.org/rfc/rfc9110#section-5.3
    pub fields: &'a [(&'a str, &'a str)],
    /// The id of this request: its own, or a fresh one.
    pub id: RequestId,
}

impl<'a> RequestHead<'a> {
    /// The value of the header with this lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.fields.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
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
pub struct RequestId(Rc<str>);

impl RequestId {
    /// Takes the caller's own id when it can do no harm in a log: 1–128 of `[A-Za-z0-9._-]`.
    #[must_use]
    pub fn accept(text: &str) -> Option<Self> {
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let sound = (1..=128).contains(&text.len()) && text.bytes().all(harmless);
        sound.then(|| Self(text.into()))
    }

    /// The request with this `number` among those whose ids begin with `start`.
    ///
    /// `start` must be harmless itself; what is not becomes [`RequestId::unknown`].
    #[must_use]
    pub fn numbered(start: &str, number: u64) -> Self {
        let mut digits = [0; 16];
        let mut rest = number;
        let mut first = digits.len();
        for (place, digit) in digits.iter_mut().enumerate().rev() {
            *digit = HEX.get(usize::try_from(rest & 15).unwrap_or(0)).copied().unwrap_or(b'0');
            first = place;
            rest >>= 4;
            if rest == 0 {
                break;
            }
        }
        let digits = digits.get(first..).and_then(|digits| std::str::from_utf8(digits).ok());
        let text = [start, "-", digits.unwrap_or_default()].concat();
        Self::accept(&text).unwrap_or_else(Self::unknown)
    }

    /// The id of a request whose own could not be made.
    #[must_use]
    pub fn unknown() -> Self {
        Self("unknown".into())
    }

    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

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
    folded(name).map(char::from).collect()
}

/// Whether a name, read so, is `wanted`, which is folded already.
#[must_use]
pub fn folds_to(name: &str, wanted: &str) -> bool {
    name.len() == wanted.len() && folds_to_start(name, wanted)
}

/// Whether a name, read so, begins with `start`, which is folded already.
#[must_use]
pub fn folds_to_start(name: &str, start: &str) -> bool {
    name.len() >= start.len() && folded(name).zip(start.bytes()).all(|(own, other)| own == other)
}

fn folded(name: &str) -> impl Iterator<Item = u8> + '_ {
    name.bytes().map(fold_byte)
}

/// The same for one byte of a name.
#[must_use]
pub const fn fold_byte(byte: u8) -> u8 {
    match byte {
        b'_' | b'.' => b'-',
        other => other.to_ascii_lowercase(),
    }
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
    fn a_number_is_written_in_hexadecimal_digits() {
        for (number, text) in [(0, "r-0"), (255, "r-ff"), (u64::MAX, "r-ffffffffffffffff")] {
            assert_eq!(RequestId::numbered("r", number).as_str(), text);
        }
        assert_eq!(RequestId::numbered("a b", 1), RequestId::unknown());
    }

    #[test]
    fn names_fold_as_careless_servers_read_them() {
        for name in ["X-Auth-Subject", "x_auth_subject", "X.AUTH-subject"] {
            assert_eq!(fold_name(name), "x-auth-subject");
            assert!(folds_to(name, "x-auth-subject") && folds_to_start(name, "x-auth-"));
        }
        assert!(
            !folds_to("x-auth-sub", "x-auth-subject")
                && !folds_to("x-auth-subjects", "x-auth-subject")
        );
        assert!(!folds_to_start("x-aut", "x-auth-") && !folds_to_start("xx-auth-a", "x-auth-"));
    }
}
