use std::rc::Rc;

use serde_json::Value;

use super::{RemoteMethod, RemoteYes};
use crate::json::{self, Object};
use crate::time::NumericDate;
use crate::token::claims::{audience, date, string};
use crate::token::{ClaimError, Claims, PresentedToken, VerifiedToken};

/// A token about which an endpoint is to be asked.
#[derive(Debug)]
pub struct RemoteCheck {
    token: Rc<PresentedToken>,
    way: RemoteMethod,
    issuer: Rc<str>,
    kept: Rc<[String]>,
}

impl RemoteCheck {
    /// A check of `token` by `way`. `issuer` is its issuer's name, exactly as an `iss` has it; of the
    /// claims in an answer those at the paths `kept` are kept, and the registered ones.
    #[must_use]
    pub fn new(
        token: PresentedToken,
        way: RemoteMethod,
        issuer: Rc<str>,
        kept: Rc<[String]>,
    ) -> Self {
        Self { token: Rc::new(token), way, issuer, kept }
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> &PresentedToken {
        &self.token
    }

    /// How its issuer is asked.
    pub(super) fn way(&self) -> RemoteMethod {
        self.way
    }

    /// Its issuer's name.
    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Makes a verified token of the claims that came with a yes.
    ///
    /// A member that is null, and an introspection's `exp` of 0, are what some servers write where
    /// they have nothing to say (RFC 7662 §2.2 requires none of them).
    ///
    /// A yes is about the whole token, so that what the answer leaves out is taken from the JWT
    /// itself: `aud`, `iat` and `jti`. Its `exp` can only make the time shorter.
    pub(super) fn vouch(
        &self,
        answer: &Object,
        asked_at: NumericDate,
    ) -> Result<VerifiedToken, ClaimError> {
        let mut all = json::keep(answer, &self.kept, self.way.registered());
        let is_unset = |name: &str, value: &Value| {
            value.is_null() || (name == "exp" && self.way != RemoteMethod::Me && *value == 0)
        };
        all.retain(|name, value| !is_unset(name, value));
        // Whose yes it is does not depend on the answer; a name in it is compared by the policy.
        all.entry("iss").or_insert_with(|| self.issuer.as_ref().into());
        let mut claims = Claims::from_object(all)?;
        let mut own_id = None;
        if let Some(own) = self.token.own_claims() {
            own_id = string(own, "jti")?;
            claims.expires_at = earlier(claims.expires_at, date(own, "exp")?);
            claims.issued_at = claims.issued_at.or(date(own, "iat")?);
            claims.token_id = claims.token_id.or_else(|| own_id.clone());
            if !claims.all.contains_key("aud") {
                claims.audience = audience(own)?;
            }
        }
        let yes = RemoteYes::new(Rc::clone(&self.token), own_id, asked_at, self.way);
        Ok(VerifiedToken::vouched(yes, claims))
    }
}

fn earlier(one: Option<NumericDate>, other: Option<NumericDate>) -> Option<NumericDate> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
