mod claims;

use std::rc::Rc;
use std::time::Duration;

use super::claims::audience_at;
use super::{ClaimError, Claims, IssuerTemplate, TokenTypes, VerifiedToken};
use crate::time::NumericDate;

/// The rules that an issuer's tokens must satisfy to be accepted ([RFC 7519 §4.1], [RFC 9068 §4]).
///
/// [RFC 7519 §4.1]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1
/// [RFC 9068 §4]: https://www.rfc-editor.org/rfc/rfc9068#section-4
#[derive(Clone, Debug)]
pub struct ClaimsPolicy {
    /// The exact `iss`, or the text of a template.
    pub issuer: String,
    /// The form of `iss`, where each of the issuer's tenants has one of its own.
    pub template: Option<IssuerTemplate>,
    /// `aud` must contain one of these. An empty list refuses every token.
    pub audiences: Vec<String>,
    /// Whether a positive answer of the issuer itself suffices as proof that a token is meant for
    /// us, so that `aud` is not checked. This never applies to a token that was verified by its
    /// signature.
    pub any_audience: bool,
    /// The path of the claim that names the audience of a token without `aud`: one text, or a list.
    pub audience_claim: Option<String>,
    /// Whether a token that names no audience is accepted. One with an `aud` must name us all the
    /// same ([RFC 7519 §4.1.3]).
    ///
    /// [RFC 7519 §4.1.3]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3
    pub accepts_no_audience: bool,
    /// The types of token that are accepted.
    pub token_types: TokenTypes,
    /// The tolerance for clocks that differ, in both directions.
    pub leeway: Duration,
    /// The longest accepted time since `iat`; `None` for no limit.
    pub max_age: Option<Duration>,
    /// The longest accepted time from `iat` to `exp`; `None` for no limit.
    pub longest_life: Option<Duration>,
    /// The paths of claims that must be present. `exp` is always required.
    pub required: Vec<String>,
}

/// Proof that a token was verified and that its claims satisfy its issuer's policy *now*.
///
/// Made by [`PolicyChecked::at`] alone, anew for every request: a token kept in memory is checked
/// against the time again each time.
///
/// ```compile_fail
/// // Nothing else makes one.
/// fn forge(token: std::rc::Rc<edgeward::token::VerifiedToken>) -> edgeward::token::Authenticated {
///     edgeward::token::Authenticated { token }
/// }
/// ```
///
/// ```compile_fail
/// // And none is used twice.
/// fn copy(proof: &edgeward::token::Authenticated) -> edgeward::token::Authenticated {
///     proof.clone()
/// }
/// ```
#[derive(Debug)]
pub struct Authenticated {
    token: Rc<VerifiedToken>,
}

/// A token with the result of those checks of its issuer's policy that do not depend on time, and
/// the policy's rules about time: all that is needed to check this very token again and again.
#[derive(Debug)]
pub struct PolicyChecked {
    token: Rc<VerifiedToken>,
    untimed: Result<(), ClaimError>,
    times: TimeRules,
}

#[derive(Clone, Copy, Debug)]
struct TimeRules {
    leeway: Duration,
    max_age: Option<Duration>,
}

/// One of the checks of a [`ClaimsPolicy`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each must be judged, and explained")]
pub enum ClaimCheck {
    /// `exp` is there, unless the issuer was asked, and still to come.
    Expiry,
    /// `nbf` has come.
    NotBefore,
    /// `iat` does not lie in the future.
    IssuedAt,
    /// The time since `iat` is not too long.
    Age,
    /// `iss`.
    Issuer,
    /// `aud`.
    Audience,
    /// `typ`, and the claims that state a type.
    Type,
    /// The time from `iat` to `exp` is not too long.
    Life,
    /// The required claims are present.
    Required,
}

impl ClaimCheck {
    /// All checks, in the order in which they are made: those that depend on time come first.
    pub const ALL: [Self; 9] = [
        Self::Expiry,
        Self::NotBefore,
        Self::IssuedAt,
        Self::Age,
        Self::Issuer,
        Self::Audience,
        Self::Type,
        Self::Life,
        Self::Required,
    ];

    /// Whether the result of the check depends on time.
    #[must_use]
    pub const fn is_timed(self) -> bool {
        matches!(self, Self::Expiry | Self::NotBefore | Self::IssuedAt | Self::Age)
    }
}

impl Authenticated {
    /// The token behind it.
    #[must_use]
    pub fn token(&self) -> &Rc<VerifiedToken> {
        &self.token
    }
}

impl ClaimsPolicy {
    /// Whether the issuer of this policy is responsible for tokens with this `iss`.
    #[must_use]
    pub fn takes(&self, iss: &str) -> bool {
        match &self.template {
            Some(template) => template.takes(iss),
            None => iss == self.issuer,
        }
    }

    /// Judges a token at `now`: every [`ClaimCheck`], in its order.
    ///
    /// # Errors
    ///
    /// The first [`ClaimError`] found.
    pub fn check(
        &self,
        token: Rc<VerifiedToken>,
        now: NumericDate,
    ) -> Result<Authenticated, ClaimError> {
        self.check_untimed(token).at(now)
    }

    /// Makes the checks that do not depend on time, once for as long as a token is kept.
    #[must_use]
    pub fn check_untimed(&self, token: Rc<VerifiedToken>) -> PolicyChecked {
        let mut checks = ClaimCheck::ALL.into_iter().filter(|check| !check.is_timed());
        let untimed = checks.try_for_each(|check| self.judge_untimed(check, &token));
        PolicyChecked { token, untimed, times: self.time_rules() }
    }

    fn time_rules(&self) -> TimeRules {
        TimeRules { leeway: self.leeway, max_age: self.max_age }
    }

    /// Makes one check of a token. [`Self::check`] decides by it, and explanations use it too.
    ///
    /// # Errors
    ///
    /// [`ClaimError`].
    pub fn judge(
        &self,
        check: ClaimCheck,
        token: &VerifiedToken,
        now: NumericDate,
    ) -> Result<(), ClaimError> {
        if check.is_timed() {
            self.time_rules().judge(check, token, now)
        } else {
            self.judge_untimed(check, token)
        }
    }

    #[inline(never)]
    fn judge_untimed(&self, check: ClaimCheck, token: &VerifiedToken) -> Result<(), ClaimError> {
        let claims = token.claims();
        match check {
            ClaimCheck::Issuer => {
                if let Some(template) = &self.template {
                    return template.check(claims);
                }
                holds(claims.issuer.as_deref() == Some(&self.issuer), ClaimError::IssuerMismatch)
            }
            ClaimCheck::Audience => {
                let is_for_us =
                    (self.any_audience && token.asked_at().is_some()) || self.is_audience(token)?;
                holds(is_for_us, ClaimError::AudienceMismatch)
            }
            ClaimCheck::Type => {
                let typ = token.header().and_then(|header| header.typ.as_deref());
                self.token_types.check(typ, &token.stated_types()?)
            }
            ClaimCheck::Life => match self.longest_life {
                Some(longest) => claims.check_life(longest, token.asked_at().is_some()),
                None => Ok(()),
            },
            ClaimCheck::Required => claims.have(&self.required),
            // Never asked here; what was not judged does not hold.
            ClaimCheck::Expiry | ClaimCheck::NotBefore | ClaimCheck::IssuedAt | ClaimCheck::Age => {
                Err(ClaimError::Missing)
            }
        }
    }

    /// Whether `aud`, or without it the claim that its issuer uses instead, names one of our audiences: that of the
    /// issuer's answer, or else that of the token.
    fn is_audience(&self, token: &VerifiedToken) -> Result<bool, ClaimError> {
        let (claims, own) = (token.claims(), token.own_claims());
        if std::iter::once(&claims.all).chain(own).any(|claims| claims.contains_key("aud")) {
            return Ok(claims.audience.contains_any(&self.audiences));
        }
        let at = |all| self.audience_claim.as_ref().map_or(Ok(None), |path| audience_at(all, path));
        let named =
            at(&claims.all)?.map_or_else(|| own.map_or(Ok(None), at), |named| Ok(Some(named)))?;
        Ok(named.map_or(self.accepts_no_audience, |named| named.contains_any(&self.audiences)))
    }
}

impl PolicyChecked {
    /// The token.
    #[must_use]
    pub fn token(&self) -> &Rc<VerifiedToken> {
        &self.token
    }

    /// Checks the token at `now`: first the checks that depend on time, then the result of the
    /// others.
    ///
    /// # Errors
    ///
    /// The first [`ClaimError`] found.
    pub fn at(&self, now: NumericDate) -> Result<Authenticated, ClaimError> {
        for check in ClaimCheck::ALL.into_iter().filter(|check| check.is_timed()) {
            self.times.judge(check, &self.token, now)?;
        }
        self.untimed.map(|()| Authenticated { token: Rc::clone(&self.token) })
    }
}

impl TimeRules {
    fn judge(
        &self,
        check: ClaimCheck,
        token: &VerifiedToken,
        now: NumericDate,
    ) -> Result<(), ClaimError> {
        let claims = token.claims();
        match check {
            ClaimCheck::Expiry => {
                // An issuer's answer is asked for again soon enough; a signature would hold for ever.
                let is_bounded = claims.expires_at.is_some() || token.asked_at().is_some();
                holds(is_bounded, ClaimError::Missing)?;
                claims.check_expiry(now, self.leeway)
            }
            ClaimCheck::NotBefore => claims.check_not_before(now, self.leeway),
            ClaimCheck::IssuedAt => claims.check_issued_at(now, self.leeway),
            ClaimCheck::Age => self.check_age(claims, now),
            // Never asked here; what was not checked does not hold.
            ClaimCheck::Issuer
            | ClaimCheck::Audience
            | ClaimCheck::Type
            | ClaimCheck::Life
            | ClaimCheck::Required => Err(ClaimError::Missing),
        }
    }

    fn check_age(&self, claims: &Claims, now: NumericDate) -> Result<(), ClaimError> {
        let Some(max_age) = self.max_age else {
            return Ok(());
        };
        // Without `iat` the age is unknown, and what is unknown is refused.
        let iat = claims.issued_at.ok_or(ClaimError::Missing)?;
        if iat.plus(max_age).plus(self.leeway) <= now {
            return Err(ClaimError::TooOld { iat, now });
        }
        Ok(())
    }
}

fn holds(holds: bool, error: ClaimError) -> Result<(), ClaimError> {
    if holds { Ok(()) } else { Err(error) }
}

#[cfg(test)]
mod tests;
