use super::{Gateway, Rejection};
use crate::config::Issuer;
use crate::jose::{Candidates, JoseError, JwkSet};
use crate::token::{PresentedToken, TokenError, UnverifiedToken};

impl Gateway {
    /// The issuer that is to judge a token, by index: the one that `iss` names, or the one to whom
    /// tokens belong that name none. Chosen by unverified claims, and for nothing else.
    pub(super) fn issuer_of(&self, token: &PresentedToken) -> Result<usize, Rejection> {
        let issuers = &self.config.issuers;
        let opaque = || issuers.iter().position(|issuer| issuer.is_opaque);
        let unnamed = || issuers.iter().position(Issuer::takes_unnamed);
        match token {
            PresentedToken::Opaque(_) => {
                opaque().ok_or(Rejection::Token(TokenError::Jose(JoseError::Parts)))
            }
            PresentedToken::Jwt(token) if token.names_no_issuer() => {
                unnamed().ok_or(Rejection::IssuerUnknown)
            }
            // One that names a stranger is not sent to the auth server: it may be good elsewhere.
            PresentedToken::Jwt(token) => {
                let iss = token.unverified_issuer().ok_or(Rejection::IssuerUnknown)?;
                self.issuer_by(iss).ok_or(Rejection::IssuerUnknown)
            }
        }
    }

    /// The issuer whose tokens say this `iss`, by index: the one that is named exactly, before one
    /// whose template it fits.
    pub(super) fn issuer_by(&self, iss: &str) -> Option<usize> {
        let issuers = &self.config.issuers;
        let is_exact = |issuer: &Issuer| issuer.policy.template.is_none();
        let exact = |issuer: &Issuer| is_exact(issuer) && issuer.policy.takes(iss);
        let of_template = |issuer: &Issuer| !is_exact(issuer) && issuer.policy.takes(iss);
        issuers.iter().position(exact).or_else(|| issuers.iter().position(of_template))
    }
}

/// The keys to try for a token: where the issuer has a template, only those that sign for the token's
/// own `iss`.
pub(crate) fn candidates(
    issuer: &Issuer,
    set: &JwkSet,
    token: &UnverifiedToken,
) -> Result<Candidates, JoseError> {
    let Some(template) = &issuer.policy.template else { return set.select(token.header()) };
    let iss = token.unverified_issuer().unwrap_or_default();
    set.select_among(token.header(), &|key| {
        key.issuer().is_none_or(|own| template.takes_key_of(own, iss))
    })
}
