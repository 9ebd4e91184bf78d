use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use super::Caller;
use crate::http::{ErrorStyle, RequestId};
use crate::revocation::RevocationLevel;
use crate::time::NumericDate;

/// The facts about a decision that a log may contain: no token, no subject and, except for the
/// field that is marked as not for logs, no header value.
#[derive(Clone)]
pub struct Record {
    /// The id of the request.
    pub id: RequestId,
    /// The time at which the request came.
    pub started_at: NumericDate,
    /// The index of the route that the request matched.
    pub route: Option<usize>,
    /// The index of the tenant that the request is for.
    pub tenant: Option<usize>,
    /// The index of the issuer of its token.
    pub issuer: Option<usize>,
    /// The `kid` in the header of its token: untrusted text, which a log must escape and truncate.
    pub kid: Option<Rc<str>>,
    /// The caller who was refused, once the token is known to be genuine. Not for logs.
    pub caller: Option<Rc<Caller>>,
    /// How the token was found not revoked, or revoked, where a log is bound.
    pub revocation: Option<RevocationCheck>,
    /// The `Origin` whose pages may read a refusal. On a route that answers CORS preflights, a page
    /// could not tell a 401 from a network error otherwise. Not for logs.
    pub reader: Option<String>,
    /// Where a page is sent in the place of a 401. Not for logs.
    pub login: Option<String>,
    /// The style in which a 401 is written.
    pub error_style: ErrorStyle,
}

/// How a token was judged by the revocation log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the log line has all of it")]
pub struct RevocationCheck {
    /// The level of the route.
    pub level: RevocationLevel,
    /// The age of the copy that decided; `None` where the log itself did.
    pub copy_age: Option<Duration>,
    /// Whether the copy was older than the bound, which `revocation.fallback` allows.
    pub is_degraded: bool,
}

impl Record {
    /// A record of a request about which nothing else is known yet.
    #[must_use]
    pub fn new(id: RequestId, started_at: NumericDate) -> Self {
        let (route, tenant, issuer, kid, reader) = (None, None, None, None, None);
        let (caller, revocation, login, error_style) = Default::default();
        Self {
            id,
            started_at,
            route,
            tenant,
            issuer,
            kid,
            caller,
            revocation,
            reader,
            login,
            error_style,
        }
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
