use crate::http::{FieldNames, OWS, RequestHead, RequestId};

/// A request to explain.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "whoever asks makes one")]
pub struct Request {
    /// The method.
    pub method: String,
    /// The absolute URL, exactly as it was sent.
    pub url: String,
    /// Header names, in any case, and values.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// The value of a header; several of one name are joined with a comma, as the platform does.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let values = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        values
            .map(|(_, value)| value.trim_matches(OWS).to_owned())
            .reduce(|all, next| format!("{all}, {next}"))
    }

    /// The lower-case names, each once, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            self.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Lends its head to `use_head`.
    pub(super) fn with_head<T>(&self, use_head: impl FnOnce(&RequestHead<'_>) -> T) -> T {
        let names = self.names();
        let values: Vec<_> =
            names.iter().map(|name| self.header(name).unwrap_or_default()).collect();
        let fields = names.iter().zip(&values).map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<_> = fields.collect();
        let (method, url) = (self.method.as_str(), self.url.as_str());
        let names = &FieldNames::whole(names.iter().map(String::as_str)).into();
        use_head(&RequestHead { method, url, names, fields: &fields, id: self.id() })
    }

    /// The client's own id, where it is harmless; else words in the place of a fresh one.
    fn id(&self) -> RequestId {
        let own = self.header("x-request-id").and_then(|id| RequestId::accept(&id));
        let fresh = || RequestId::accept("made-by-the-gateway").unwrap_or_else(RequestId::unknown);
        own.unwrap_or_else(fresh)
    }
}
