//! Renewal: when the tokens of a cookie session are refreshed before a request goes on, and where a
//! page without a session is sent.

use std::rc::Rc;

use super::request::PendingRequest;
use super::{Admission, Caller, Rejection};
use crate::http::{self, RequestHead};
use crate::route::Access;
use crate::token::{ClaimError, TokenError};

impl PendingRequest {
    /// Refuses a request to a handler that another site may have caused, and notes what its session needs.
    pub(super) fn begin_session(
        &mut self,
        head: &RequestHead<'_>,
        path: &str,
        is_preflight: bool,
    ) -> Result<(), Rejection> {
        let is_plain = self.route.session.is_none() && self.route.login.is_none();
        if is_plain || is_preflight {
            return Ok(());
        }
        if self.is_forged(head) {
            return Err(Rejection::CrossSite);
        }
        let query = self.url.find('?').and_then(|at| self.url.get(at..));
        let query = query.unwrap_or_default().to_owned();
        self.note_session(head, (path, &query));
        Ok(())
    }

    /// Notes whether the request has a refresh token by which its session can be renewed, and where its
    /// page is sent if it has no session.
    #[inline(never)]
    fn note_session(&mut self, head: &RequestHead<'_>, (path, query): (&str, &str)) {
        if let Some(session) = &self.route.session {
            let cookies = head.header("cookie").unwrap_or_default();
            let is_renewable = self.route.access != Access::Public
                && session.has_refresh(cookies)
                && !session.may_be_cross_site(head);
            self.renewal = is_renewable.then(|| Rc::clone(session));
        }
        let is_page =
            head.method == "GET" && head.header("sec-fetch-mode").is_some_and(|m| m == "navigate");
        if let Some(login) = self.route.login.as_deref().filter(|_| is_page) {
            self.record.login = Some(with_next(login, path, query));
        }
    }

    /// Whether the request asks a handler for something that another site may have made the browser ask. A browser
    /// adds cookies by itself, and `Basic` or `Negotiate`, but no `Bearer` without asking the gateway whether that
    /// site may.
    fn is_forged(&self, head: &RequestHead<'_>) -> bool {
        let session = self.route.session.as_ref().filter(|_| self.route.handler.is_some());
        let is_bearer = |value: &str| {
            value.split_once(' ').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        };
        let is_by_bearer =
            head.header("cookie").is_none() && head.header("authorization").is_some_and(is_bearer);
        !is_by_bearer && session.is_some_and(|session| session.may_be_cross_site(head))
    }

    /// Whether the session is to be renewed before the request passes: it has no access token, or one
    /// that ends within the leeway.
    pub(super) fn is_renewal_due(&self, admission: &Admission) -> bool {
        if self.renewal.is_none() {
            return false;
        }
        match admission {
            Admission::Anonymous(_) => true,
            Admission::Shadow(_, rejection) => is_renewable(rejection),
            Admission::Caller(_) => self.is_ending,
        }
    }

    /// Notes whether the caller's token ends within the leeway of a session that can be renewed: before that, it
    /// is neither compared for good nor exchanged.
    pub(super) fn note_end(&mut self, caller: &Caller) {
        let Some(session) = &self.renewal else { return };
        let until = self.record.started_at.plus(session.leeway);
        self.is_ending = caller.token().claims().expires_at.is_some_and(|at| at <= until);
    }

    /// Whether the session is to be renewed in the place of a refusal.
    pub(super) fn may_renew(&self, rejection: &Rejection) -> bool {
        let is_of_caller = matches!(rejection, Rejection::Denied(_) | Rejection::ExchangeRefused);
        is_renewable(rejection) || (self.is_ending && is_of_caller)
    }
}

/// Whether a new access token may be all that is missing; of most other faults the next would have the
/// same. A token that was revoked may have been ended by a refresh in another tab; where its session was
/// revoked, there is no new one.
fn is_renewable(rejection: &Rejection) -> bool {
    matches!(
        rejection,
        Rejection::CredentialMissing
            | Rejection::Revoked
            | Rejection::Token(
                TokenError::Claim(ClaimError::Expired { .. } | ClaimError::TooOld { .. })
                    | TokenError::Jose(_)
                    | TokenError::RefusedByAuthServer
            )
    )
}

/// The login page with the way back as one parameter, `next`: a path of this host.
fn with_next(login: &str, path: &str, query: &str) -> String {
    let is_own = path.strip_prefix('/').is_some_and(|rest| !rest.starts_with(['/', '\\']));
    let next = if is_own { [path, query].concat() } else { "/".to_owned() };
    let mark = if login.contains('?') { '&' } else { '?' };
    format!("{login}{mark}{}", http::form(&[("next", &next)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::JoseError;
    use crate::time::NumericDate;

    #[test]
    fn the_way_back_is_one_parameter_and_a_path_of_this_host() {
        for (login, path, query, location) in [
            ("/login/", "/a/b", "", "/login/?next=%2Fa%2Fb"),
            ("/login/?x=1", "/a", "?q=1&r=2", "/login/?x=1&next=%2Fa%3Fq%3D1%26r%3D2"),
            ("https://login.example", "/", "", "https://login.example?next=%2F"),
            ("/login/", "//evil.example", "", "/login/?next=%2F"),
            ("/login/", "/\\evil.example", "", "/login/?next=%2F"),
            ("/login/", "evil.example", "", "/login/?next=%2F"),
            ("/login/", "/a%2Fb", "?n=%26", "/login/?next=%2Fa%252Fb%3Fn%3D%2526"),
        ] {
            assert_eq!(with_next(login, path, query), location);
        }
    }

    #[test]
    fn only_what_a_new_token_can_mend_is_renewed() {
        let at = NumericDate::from_seconds(0);
        let claim = |error| Rejection::Token(TokenError::Claim(error));
        assert!(is_renewable(&Rejection::CredentialMissing));
        assert!(is_renewable(&claim(ClaimError::Expired { exp: at, now: at })));
        assert!(is_renewable(&Rejection::Token(JoseError::KeyUnknown.into())));
        for other in [
            Rejection::IssuerUnknown,
            Rejection::CrossSite,
            Rejection::KeysUnavailable,
            Rejection::RevocationUnavailable,
            claim(ClaimError::AudienceMismatch),
            claim(ClaimError::TypeRefused),
        ] {
            assert!(!is_renewable(&other), "{other:?}");
        }
    }
}
