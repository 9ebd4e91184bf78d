use super::{Record, Rejection};
use crate::http::{self, RequestId};

/// The response to a refused request, complete except for the request's id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusalResponse {
    /// The status.
    pub status: u16,
    /// All headers but `x-request-id`, by their lower-case names.
    pub headers: Vec<(&'static str, String)>,
    /// The body in two parts: the text before the request's id, and the text after it. The second
    /// part is `None` if the body has no id.
    pub body: (String, Option<String>),
}

impl RefusalResponse {
    /// The complete body of the response to the request with this id.
    #[must_use]
    pub fn body_for(&self, id: &RequestId) -> String {
        match &self.body {
            (before, Some(after)) => [before, id.as_str(), after].concat(),
            (whole, None) => whole.clone(),
        }
    }
}

impl Rejection {
    /// The response that refuses the request of `record`, with `realm` in its challenge.
    #[must_use]
    pub fn answer(&self, realm: &str, record: &Record) -> RefusalResponse {
        let (status, code, title) = (self.status(), self.wire_code(), self.title());
        let login = self.login(record);
        let styled = self.unauthenticated();
        let styled = styled.and_then(|reason| record.error_style.body(reason, title));
        let (content_type, body) = if let Some(body) = styled {
            ("application/json", (body, None))
        } else {
            let [before, after] = http::problem(status, code, title, self.detail());
            ("application/problem+json", (before, Some(after)))
        };
        let headers = [
            Some(("content-type", content_type.to_owned())),
            // What one caller may not do is nobody else's answer.
            Some(("cache-control", "no-store".to_owned())),
            Some(("cloudflare-cdn-cache-control", "no-store".to_owned())),
            login.map(|login| ("location", login.clone())),
            self.challenge().map(|challenge| ("www-authenticate", challenge.header(realm))),
            self.retry_after().map(|wait| ("retry-after", wait.as_secs().to_string())),
            match self {
                Self::MethodNotAllowed(allowed) => Some(("allow", allowed.clone().into_owned())),
                _ => None,
            },
        ];
        let headers = headers.into_iter().flatten().chain(readable(record)).collect();
        RefusalResponse { status: self.answered_status(record), headers, body }
    }

    /// The status of the response that refuses the request of `record`: 302 for a page that is sent to the login, and
    /// otherwise that of the rejection.
    #[must_use]
    pub fn answered_status(&self, record: &Record) -> u16 {
        if self.login(record).is_some() { 302 } else { self.status() }
    }

    /// The address of the login for a page whose caller has to log in.
    fn login<'a>(&self, record: &'a Record) -> Option<&'a String> {
        record.login.as_ref().filter(|_| self.status() == 401)
    }

    /// Whether all rejections with this wire code get the same response under one realm, as a
    /// problem document, if the request has no `Origin`. This is `true` only for rejections that
    /// come in floods, and for no other.
    #[must_use]
    pub const fn is_answered_alike(&self) -> bool {
        matches!(
            self,
            Self::CredentialMissing
                | Self::IssuerUnknown
                | Self::Token(_)
                | Self::Revoked
                | Self::RouteNotFound
                | Self::PathAmbiguous
        )
    }
}

/// The CORS headers that let the page that sent the request read the refusal; none if
/// `record.reader` is `None`.
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::http::CredentialError;
    use crate::jose::JoseError;
    use crate::route::{Denial, NotTaken};
    use crate::time::NumericDate;
    use crate::token::{ClaimError, TokenError};

    fn answer(rejection: &Rejection) -> RefusalResponse {
        let record = Record::new(RequestId::made("r-1"), NumericDate::from_seconds(0));
        rejection.answer("api", &record)
    }

    #[test]
    fn what_is_answered_alike_is_alike_for_each_wire_code() {
        let all = [
            Rejection::CredentialMissing,
            Rejection::IssuerUnknown,
            Rejection::Token(TokenError::Jose(JoseError::Parts)),
            Rejection::Token(TokenError::Claim(ClaimError::Missing)),
            Rejection::Revoked,
            Rejection::RouteNotFound,
            Rejection::PathAmbiguous,
        ];
        assert!(all.iter().all(Rejection::is_answered_alike));
        for one in &all {
            for other in all.iter().filter(|other| other.wire_code() == one.wire_code()) {
                assert_eq!(answer(one), answer(other));
            }
        }
    }

    #[test]
    fn what_says_more_than_its_wire_code_is_not_answered_alike() {
        for rejection in [
            Rejection::Credential(CredentialError::Malformed),
            Rejection::BadRequest("expected JSON"),
            Rejection::Denied(Denial::Insufficient { scopes: Vec::new() }),
            Rejection::Denied(Denial::NotTaken(NotTaken::Tenant)),
            Rejection::RateLimited(Duration::from_secs(1)),
            Rejection::AuthServerUnavailable(Duration::from_secs(1)),
            Rejection::ExchangeUnavailable(Duration::from_secs(1)),
            Rejection::MethodNotAllowed("GET".into()),
        ] {
            assert!(!rejection.is_answered_alike(), "{rejection:?}");
        }
    }

    #[test]
    fn the_id_stands_in_the_body() {
        let body = answer(&Rejection::BadRequest("expected JSON"));
        let body = body.body_for(&RequestId::made("r-1"));
        assert!(body.ends_with(r#""request_id":"r-1","detail":"expected JSON"}"#), "{body}");
    }
}
