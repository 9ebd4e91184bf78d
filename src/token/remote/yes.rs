use std::rc::Rc;

use super::RemoteMethod;
use crate::time::NumericDate;
use crate::token::PresentedToken;
use crate::token::token_types::TYPE_CLAIMS;

/// Proof that an issuer said yes to a token, and when it was asked; only [`super::RemoteCheck`]
/// makes it, from an endpoint's reply or from the copy of one.
#[derive(Debug)]
pub struct RemoteYes {
    token: Rc<PresentedToken>,
    own_id: Option<String>,
    asked_at: NumericDate,
    way: RemoteMethod,
}

impl RemoteYes {
    /// The proof of a yes to `token`, which names itself `own_id`.
    pub(super) const fn new(
        token: Rc<PresentedToken>,
        own_id: Option<String>,
        asked_at: NumericDate,
        way: RemoteMethod,
    ) -> Self {
        Self { token, own_id, asked_at, way }
    }

    /// The token.
    pub(in crate::token) fn token(&self) -> &PresentedToken {
        &self.token
    }

    /// The token's own `jti`.
    pub(in crate::token) fn own_id(&self) -> Option<&str> {
        self.own_id.as_deref()
    }

    /// When its issuer was asked.
    pub(in crate::token) fn asked_at(&self) -> NumericDate {
        self.asked_at
    }

    /// Which claims of the answer state the token's type. `typ` of a person may be anything.
    pub(in crate::token) fn type_claims(&self) -> &'static [&'static str] {
        if self.way == RemoteMethod::Me { &["token_type"] } else { &TYPE_CLAIMS }
    }
}
