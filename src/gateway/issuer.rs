use super::{Gateway, Rejection};
use crate::config::Issuer;
use crate::jose::JoseError;
use crate::token::{PresentedToken, TokenError};

impl Gateway {
    /// The issuer that is to judge a token, by index: the one that `iss` names, or the one to whom
    /// tokens belong that name none. Chosen by what nobody has vouched for, and for nothing else.
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
                let iss = token.unverified_issuer();
                let named = |issuer: &Issuer| Some(issuer.policy.issuer.as_str()) == iss;
                issuers.iter().position(named).ok_or(Rejection::IssuerUnknown)
            }
        }
    }
}
