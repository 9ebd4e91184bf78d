use std::fmt;
use std::rc::Rc;

use super::FieldNames;

/// The head of a request as it came, borrowed from wherever the adapter keeps it.
#[derive(Clone)]
pub struct RequestHead<'a> {
    /// The method.
    pub method: &'a str,
    /// The absolute URL as it came, not re-parsed.
    pub url: &'a str,
    /// The names of all header fields.
    pub names: &'a Rc<FieldNames>,
    /// Names and values of those that are read, at least: lower-case names, each once; several
    /// fields of one name come joined by a comma ([RFC 9110 §5.3]).
    ///
    /// [RFC 9110 §5.3]: https://www.rfc-editor.org/rfc/rfc9110#section-5.3
    pub fields: &'a [(&'a str, &'a str)],
    /// The id of this request: its own, or a fresh one.
    pub id: RequestId,
}

impl<'a> RequestHead<'a> {
    /// The value of the header with this lower-case name, which must be one that is read.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        debug_assert!(
            !self.names.is_unread(name) || self.fields.iter().any(|(own, _)| *own == name),
            "`{name}` is looked at, and not on the list of what is read"
        );
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
pub struct RequestId {
    text: Rc<str>,
    is_sent: bool,
}

impl RequestId {
    /// Takes the client's own id when it can do no harm in a log: 1–128 of `[A-Za-z0-9._-]`.
    #[must_use]
    pub fn accept(text: &str) -> Option<Self> {
        Self::new(text, true)
    }

    /// Takes one that the adapter has made, and that must be as harmless.
    #[must_use]
    pub fn made(text: &str) -> Self {
        Self::new(text, false).unwrap_or_else(Self::unknown)
    }

    fn new(text: &str, is_sent: bool) -> Option<Self> {
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let sound = (1..=128).contains(&text.len()) && text.bytes().all(harmless);
        sound.then(|| Self { text: text.into(), is_sent })
    }

    /// The id of a request whose own could not be made.
    #[must_use]
    pub fn unknown() -> Self {
        Self { text: "unknown".into(), is_sent: false }
    }

    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the client sent it, so that the origin gets it anyway.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.is_sent
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
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
    fn an_id_that_was_made_is_told_from_one_that_was_sent() {
        assert!(RequestId::accept("r-1").is_some_and(|id| id.is_sent()));
        assert!(!RequestId::made("r-1").is_sent());
        assert_eq!(RequestId::made("a b"), RequestId::unknown());
    }
}
