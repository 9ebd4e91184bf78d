use std::fmt;
use std::rc::Rc;

use crate::http::{ErrorStyle, RequestId};
use crate::time::NumericDate;

/// What a log may say about a decision: no token, no subject, no header value.
#[derive(Clone)]
pub struct Record {
    /// The request.
    pub id: RequestId,
    /// When it came.
    pub started_at: NumericDate,
    /// The route that it matched, by index.
    pub route: Option<usize>,
    /// The tenant that it is for, by index.
    pub tenant: Option<usize>,
    /// The issuer of its token, by index.
    pub issuer: Option<usize>,
    /// The `kid` in its token's header: an untrusted text, to be escaped and cut.
    pub kid: Option<Rc<str>>,
    /// The `Origin` that may read a refusal: on a route that answers CORS preflights a page could
    /// not tell a 401 from a broken network otherwise. Not for logs.
    pub reader: Option<String>,
    /// How a 401 is written.
    pub error_style: ErrorStyle,
}

impl Record {
    /// A record of a request about which nothing else is known yet.
    #[must_use]
    pub fn new(id: RequestId, started_at: NumericDate) -> Self {
        let (route, tenant, issuer, kid, reader) = (None, None, None, None, None);
        let error_style = ErrorStyle::default();
        Self { id, started_at, route, tenant, issuer, kid, reader, error_style }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Record")
            .field("id", &self.id)
            .field("route", &self.route)
            .field("tenant", &self.tenant)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
