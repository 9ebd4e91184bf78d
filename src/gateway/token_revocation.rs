//! The requests by which anyone who holds a token ends it ([RFC 7009]).
//!
//! [RFC 7009]: https://www.rfc-editor.org/rfc/rfc7009

use sha2::{Digest, Sha256};

use super::caller::VerifiedBy;
use super::{Caller, Gateway, RevocationOrder};
use crate::http;
use crate::revocation::{Reason, RevocationEntry, RevocationName};
use crate::time::NumericDate;
use crate::token::PresentedToken;

/// A request to end a token.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "an adapter carries it out")]
pub struct TokenRevocation {
    /// The token without the space around it.
    pub token: String,
    /// Whether a client has authenticated itself.
    pub is_authenticated: bool,
}

/// Why a request to end a token is refused: the `error` of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each has a status of its own")]
pub enum TokenRevocationError {
    /// The request is no form with exactly one `token`.
    InvalidRequest,
    /// The client must authenticate, or did so wrongly.
    InvalidClient,
}

impl Gateway {
    /// Reads a request to end a token. `authorization` is the header of that name.
    ///
    /// # Errors
    ///
    /// [`TokenRevocationError`].
    pub fn token_revocation(
        &self,
        body: &[u8],
        authorization: Option<&str>,
    ) -> Result<TokenRevocation, TokenRevocationError> {
        const INVALID: TokenRevocationError = TokenRevocationError::InvalidRequest;
        let body = std::str::from_utf8(body).map_err(|_| INVALID)?;
        let pairs = http::parameters(body).ok_or(INVALID)?;
        let one = |wanted: &str| {
            let mut values =
                pairs.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value);
            match (values.next(), values.next()) {
                (first, None) => Ok(first),
                // Two servers could read two parameters of one name differently.
                _ => Err(INVALID),
            }
        };
        let token = one("token")?.map(|token| token.trim()).filter(|token| !token.is_empty());
        let token = token.ok_or(INVALID)?.to_owned();
        let posted = one("client_id")?.zip(one("client_secret")?);
        let posted = posted.map(|(id, secret)| (id.clone(), secret.clone()));
        let is_authenticated = self.authenticates(posted, authorization)?;
        Ok(TokenRevocation { token, is_authenticated })
    }

    /// Whether a client has authenticated itself. Where clients are configured, one must have.
    fn authenticates(
        &self,
        posted: Option<(String, String)>,
        authorization: Option<&str>,
    ) -> Result<bool, TokenRevocationError> {
        let clients = &self.config.revocation.clients;
        if clients.is_empty() {
            return Ok(false);
        }
        let basic = authorization.and_then(http::basic_credentials);
        // RFC 6749 §2.3: not more than one way.
        let ((Some((id, secret)), None) | (None, Some((id, secret)))) = (posted, basic) else {
            return Err(TokenRevocationError::InvalidClient);
        };
        let hash = |text: &str| Sha256::digest(text);
        // Hashes are compared, so that the time taken tells nothing of the secret.
        let is_one =
            clients.iter().any(|client| client.id == id && hash(&client.secret) == hash(&secret));
        if is_one { Ok(true) } else { Err(TokenRevocationError::InvalidClient) }
    }

    /// The order that ends a verified token; `None` where it has expired, and nothing is left to end.
    #[must_use]
    pub fn end_of(&self, caller: &Caller, now: NumericDate) -> Option<RevocationOrder> {
        let issuer = self.config.issuers.get(caller.issuer)?;
        let token = caller.token();
        let iss = token.claims().issuer.as_deref().unwrap_or(&issuer.policy.issuer);
        let exp = token.claims().expires_at;
        if exp.is_some_and(|at| at.plus(issuer.policy.leeway) <= now) {
            return None;
        }
        let name = RevocationName::of_token(iss, token.own_id(), &token.input_hash());
        // What an auth server says of its token may change while the token lives.
        let expires_at = exp.filter(|_| matches!(caller.basis, VerifiedBy::Keys { .. }));
        Some(RevocationOrder {
            entry: RevocationEntry { name, cutoff: None, expires_at },
            reason: Reason::Client,
            issuer: caller.issuer,
            tenant: caller.identity().tenant.clone(),
            leeway: issuer.policy.leeway,
            token: None,
            issued_at: None,
        })
    }

    /// The order that ends an opaque token which its auth server did not accept, for a client that has
    /// authenticated itself; `None` for a JWT, which is refused anyway.
    #[must_use]
    pub fn end_of_unknown(&self, text: &str) -> Option<RevocationOrder> {
        let token = PresentedToken::parse_at_most(text.to_owned(), self.config.token_bytes).ok()?;
        let PresentedToken::Opaque(_) = &token else { return None };
        let index = self.issuer_of(&token).ok()?;
        let issuer = self.config.issuers.get(index)?;
        let name = RevocationName::of_token(&issuer.policy.issuer, None, &token.input_hash());
        Some(RevocationOrder {
            entry: RevocationEntry { name, cutoff: None, expires_at: None },
            reason: Reason::Client,
            issuer: index,
            tenant: None,
            leeway: issuer.policy.leeway,
            token: None,
            issued_at: None,
        })
    }
}
