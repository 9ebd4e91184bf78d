use super::{Record, Rejection};
use crate::http;

/// The response to a refused request, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// All headers, by their lower-case names.
    pub headers: Vec<(&'static str, String)>,
    /// A problem document (RFC 9457).
    pub body: String,
}

impl Rejection {
    /// The response to the request of `record`.
    #[must_use]
    pub fn answer(&self, realm: &str, record: &Record) -> Answer {
        let (status, code, title) = (self.status(), self.wire_code(), self.title());
        let body = http::problem(status, code, title, &record.id, self.detail());
        let headers = [
            Some(("content-type", "application/problem+json".to_owned())),
            // What one caller may not do is nobody else's answer.
            Some(("cache-control", "no-store".to_owned())),
            Some(("x-request-id", record.id.as_str().to_owned())),
            self.challenge().map(|challenge| ("www-authenticate", challenge.header(realm))),
            self.retry_after().map(|seconds| ("retry-after", seconds.to_string())),
            match self {
                Self::MethodNotAllowed(allowed) => Some(("allow", (*allowed).to_owned())),
                _ => None,
            },
        ];
        let headers = headers.into_iter().flatten().chain(readable(record)).collect();
        Answer { status, headers, body }
    }
}

/// Nothing in a refusal is anybody's secret, so any page may read it.
fn readable(record: &Record) -> impl Iterator<Item = (&'static str, String)> {
    let exposed = "retry-after, www-authenticate, x-request-id";
    record.reader.iter().flat_map(move |origin| {
        [
            ("access-control-allow-origin", origin.clone()),
            ("access-control-allow-credentials", "true".to_owned()),
            ("access-control-expose-headers", exposed.to_owned()),
            ("vary", "origin".to_owned()),
        ]
    })
}
