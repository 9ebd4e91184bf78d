use std::time::Duration;

use super::Truth;
use crate::json::{self, Member};
use crate::route::ComparedSegments;
use crate::time::NumericDate;
use crate::token::{Claims, Identity};

/// The facts that a requirement is judged by: those about one caller, at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The claims of a verified token.
    pub claims: &'a Claims,
    /// The identity that the issuer's mapping reads from the claims.
    pub identity: &'a Identity,
    /// The name of its issuer in the configuration.
    pub issuer: &'a str,
    /// The segments of the request's path that requirements compare; none where there is no
    /// request.
    pub segments: &'a ComparedSegments,
    /// The current time.
    pub now: NumericDate,
    /// The tolerance for clocks that differ.
    pub leeway: Duration,
}

impl Facts<'_> {
    pub(super) fn role(&self, role: &str) -> Truth {
        listed(&self.identity.roles, role, self.identity.roles_known)
    }

    pub(super) fn scope(&self, scope: &str) -> Truth {
        listed(&self.identity.scope, scope, self.identity.scope_known)
    }

    pub(super) fn tenant(&self, tenant: &str) -> Truth {
        self.identity.tenant.as_deref().map_or(Truth::Unknown, |own| Truth::from(own == tenant))
    }

    /// Judges `acr`, which RFC 9470 §6.1 defines as one text in an access token.
    pub(super) fn acr(&self, accepted: &[String]) -> Truth {
        match json::member(&self.claims.all, "acr") {
            Member::Value(serde_json::Value::String(acr)) => Truth::from(accepted.contains(acr)),
            _ => Truth::Unknown,
        }
    }

    /// Whether the caller has authenticated within `max_age`, leeway added.
    ///
    /// It is judged by `auth_time` alone (RFC 9470 §6.1). `iat` must not replace it: that is when
    /// the token was made, and a refresh makes a new one without the user being present.
    pub(super) fn authenticated_within(&self, max_age: Duration) -> Truth {
        let auth_time = match json::member(&self.claims.all, "auth_time") {
            Member::Value(serde_json::Value::Number(number)) => NumericDate::from_json(number),
            _ => None,
        };
        match auth_time {
            // A time that is still to come says nothing about how long ago it was.
            Some(at) if at > self.now.plus(self.leeway) => Truth::Unknown,
            Some(at) => Truth::from(at.plus(max_age).plus(self.leeway) > self.now),
            None => Truth::Unknown,
        }
    }
}

fn listed(words: &[String], word: &str, are_known: bool) -> Truth {
    if words.iter().any(|own| own == word) {
        return Truth::Holds;
    }
    // What was not read may have named it.
    if are_known { Truth::Fails } else { Truth::Unknown }
}
