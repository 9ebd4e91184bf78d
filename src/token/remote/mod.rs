//! A token whose issuer is asked about it: what is asked, what an answer means, what a yes proves.

mod copy;
mod exchange;
mod failure;
mod reply;
mod signed;
#[cfg(test)]
mod tests;

use std::rc::Rc;

pub use copy::Recalled;
pub use exchange::{ExchangeVerdict, ExchangedToken};
pub use failure::RemoteFailure;
pub use reply::{RemoteReply, RemoteVerdict};
pub use signed::SignedAnswer;

use serde_json::Value;

use super::claims::{audience, date, string};
use super::token_types::TYPE_CLAIMS;
use super::{ClaimError, Claims, PresentedToken, VerifiedToken};
use crate::json::{self, Object};
use crate::time::NumericDate;

/// How an endpoint is asked, and how it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must ask in every way")]
pub enum RemoteMethod {
    /// Token introspection ([RFC 7662]): the answer says whether the token is active.
    ///
    /// [RFC 7662]: https://www.rfc-editor.org/rfc/rfc7662
    Introspection,
    /// The same with answers that are signed ([RFC 9701]): one that is not is not believed.
    ///
    /// [RFC 9701]: https://www.rfc-editor.org/rfc/rfc9701
    SignedIntrospection,
    /// The caller's own token is used at an endpoint that shows the caller: that it works is the
    /// answer.
    Me,
}

/// A token about which an endpoint is to be asked.
#[derive(Debug)]
pub struct RemoteCheck {
    token: Rc<PresentedToken>,
    way: RemoteMethod,
    issuer: Rc<str>,
    kept: Rc<[String]>,
}

/// Proof that an issuer said yes to a token, and when it was asked; only this module makes it, from
/// an endpoint's reply or from the copy of one.
#[derive(Debug)]
pub struct RemoteYes {
    token: Rc<PresentedToken>,
    own_id: Option<String>,
    asked_at: NumericDate,
    way: RemoteMethod,
}

/// Claims that are kept whatever the configuration reads.
const REGISTERED: [&str; 8] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "token_type"];

/// The same of an introspection, which shows a token and not a person.
const INTROSPECTED: [&str; 10] =
    ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "token_type", "token_use", "typ"];

impl RemoteMethod {
    /// The word for it in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Introspection | Self::SignedIntrospection => "introspection",
            Self::Me => "me",
        }
    }

    const fn registered(self) -> &'static [&'static str] {
        match self {
            Self::Introspection | Self::SignedIntrospection => &INTROSPECTED,
            Self::Me => &REGISTERED,
        }
    }
}

impl RemoteCheck {
    /// A check of `token` by `way`. `issuer` is its issuer's name, to the letter of an `iss`; of the
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

    /// Makes a verified token of the claims that came with a yes.
    ///
    /// A member that is null, and an introspection's `exp` of 0, are what some servers write where
    /// they have nothing to say (RFC 7662 §2.2 requires none of them).
    ///
    /// A yes is about the whole token, so that what the answer leaves out is taken from the JWT
    /// itself: `aud`, `iat` and `jti`. Its `exp` can only make the time shorter.
    fn vouch(&self, answer: &Object, asked_at: NumericDate) -> Result<VerifiedToken, ClaimError> {
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
        let yes = RemoteYes { token: Rc::clone(&self.token), own_id, asked_at, way: self.way };
        Ok(VerifiedToken::vouched(yes, claims))
    }
}

impl RemoteYes {
    pub(super) fn token(&self) -> &PresentedToken {
        &self.token
    }

    pub(super) fn own_id(&self) -> Option<&str> {
        self.own_id.as_deref()
    }

    pub(super) fn asked_at(&self) -> NumericDate {
        self.asked_at
    }

    /// Which claims of the answer state the token's type. `typ` of a person may be anything.
    pub(super) fn type_claims(&self) -> &'static [&'static str] {
        if self.way == RemoteMethod::Me { &["token_type"] } else { &TYPE_CLAIMS }
    }
}

fn earlier(one: Option<NumericDate>, other: Option<NumericDate>) -> Option<NumericDate> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
