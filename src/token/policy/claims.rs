//! The checks of claims that do not depend on the issuer.

use std::time::Duration;

use super::{ClaimError, Claims};
use crate::json;
use crate::time::NumericDate;

impl Claims {
    /// Checks `exp`, `nbf` and `iat`, where present, against `now`.
    ///
    /// # Errors
    ///
    /// [`ClaimError::Expired`], [`ClaimError::NotYetValid`], [`ClaimError::IssuedInFuture`].
    pub fn in_force(&self, now: NumericDate, leeway: Duration) -> Result<(), ClaimError> {
        self.check_expiry(now, leeway)?;
        self.check_not_before(now, leeway)?;
        self.check_issued_at(now, leeway)
    }

    pub(super) fn check_expiry(
        &self,
        now: NumericDate,
        leeway: Duration,
    ) -> Result<(), ClaimError> {
        let earliest = now.minus(leeway);
        match self.expires_at {
            Some(exp) if exp <= earliest => Err(ClaimError::Expired { exp, now: earliest }),
            _ => Ok(()),
        }
    }

    pub(super) fn check_not_before(
        &self,
        now: NumericDate,
        leeway: Duration,
    ) -> Result<(), ClaimError> {
        let latest = now.plus(leeway);
        match self.not_before {
            Some(nbf) if nbf > latest => Err(ClaimError::NotYetValid { nbf, now: latest }),
            _ => Ok(()),
        }
    }

    pub(super) fn check_issued_at(
        &self,
        now: NumericDate,
        leeway: Duration,
    ) -> Result<(), ClaimError> {
        let latest = now.plus(leeway);
        match self.issued_at {
            Some(iat) if iat > latest => Err(ClaimError::IssuedInFuture { iat, now: latest }),
            _ => Ok(()),
        }
    }

    /// Checks that no more than `longest` lies between `iat` and `exp`. A token that lacks one of them
    /// may live for any time, so it is refused, unless its issuer accepted it when asked: the
    /// issuer is asked again soon enough.
    pub(super) fn check_life(&self, longest: Duration, is_vouched: bool) -> Result<(), ClaimError> {
        let holds = match (self.issued_at, self.expires_at) {
            (Some(iat), Some(exp)) => exp <= iat.plus(longest),
            _ => is_vouched,
        };
        if holds { Ok(()) } else { Err(ClaimError::LifetimeTooLong) }
    }

    /// Checks that `sub` is a text where it is present (RFC 7519 §4.1.2). Where the subject is
    /// another claim, `sub` is not read.
    ///
    /// # Errors
    ///
    /// [`ClaimError::Malformed`].
    pub fn check_subject(&self) -> Result<(), ClaimError> {
        match self.all.get("sub") {
            Some(sub) if !sub.is_string() => Err(ClaimError::Malformed("sub")),
            _ => Ok(()),
        }
    }

    /// Checks that there is a claim at every path.
    ///
    /// # Errors
    ///
    /// [`ClaimError::Missing`].
    pub fn have(&self, paths: &[String]) -> Result<(), ClaimError> {
        let all =
            paths.iter().all(|path| json::lookup(&self.all, path).is_some_and(|v| !v.is_null()));
        if all { Ok(()) } else { Err(ClaimError::Missing) }
    }
}
