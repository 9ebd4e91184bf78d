use super::encoding::{list, plain, words};
use super::{Facet, HeaderRules};
use crate::json;
use crate::limits;
use crate::token::{Identity, VerifiedToken};

/// The identity headers of one verified token, ready to be set: computed once per token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityHeaders(Vec<(String, String)>);

/// The headers would be larger than [`limits::IDENTITY_BYTES`]. They are never cut: half a list of
/// roles is another list of roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected identity headers of at most {} bytes, got {got}", limits::IDENTITY_BYTES)]
pub struct TooLarge {
    /// Bytes of all names and values.
    pub got: usize,
}

impl TooLarge {
    pub(super) fn check(got: usize) -> Result<(), Self> {
        if got > limits::IDENTITY_BYTES { Err(Self { got }) } else { Ok(()) }
    }
}

impl IdentityHeaders {
    /// Writes what `rules` say about a token. An absent claim has no header.
    ///
    /// # Errors
    ///
    /// [`TooLarge`].
    #[inline(never)]
    pub fn write(
        rules: &HeaderRules,
        token: &VerifiedToken,
        identity: &Identity,
    ) -> Result<Self, TooLarge> {
        let mut headers = Vec::new();
        for (facet, name) in rules.facets() {
            headers.extend(facet_value(*facet, token, identity).map(|value| (name.clone(), value)));
        }
        for rule in rules.claims() {
            let claim = json::lookup(&token.claims().all, &rule.claim);
            let value = claim.and_then(|claim| rule.encoding.encode(claim));
            headers.extend(value.map(|value| (rule.header.clone(), value)));
        }
        let headers = Self(headers);
        TooLarge::check(headers.bytes()).map(|()| headers)
    }

    /// Bytes of all names and values.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let bytes = |(name, value): &(String, String)| name.len().saturating_add(value.len());
        self.0.iter().map(bytes).fold(0, usize::saturating_add)
    }

    /// Names and values, in a fixed order.
    #[must_use]
    pub fn as_slice(&self) -> &[(String, String)] {
        &self.0
    }
}

fn facet_value(facet: Facet, token: &VerifiedToken, identity: &Identity) -> Option<String> {
    let claims = token.claims();
    let text = |value: &Option<String>| value.as_deref().map(plain);
    match facet {
        Facet::Subject => text(&identity.subject),
        Facet::Issuer => text(&claims.issuer),
        Facet::Email => text(&identity.email),
        Facet::Roles => Some(list(&identity.roles)).filter(|roles| !roles.is_empty()),
        Facet::Scope => Some(words(&identity.scope)).filter(|scope| !scope.is_empty()),
        Facet::Tenant => text(&identity.tenant),
        Facet::Session => text(&identity.session),
        Facet::TokenId => text(&claims.token_id),
    }
}
