//! The assertion: a JWT of the gateway's own, by which an origin can prove that a request came
//! through the gateway, and for which caller.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::encoding::write_words;
use super::{HeaderRules, IdentityField, IdentityHeaders, TooLarge};
use crate::jose::{PublishedKey, SigningKey, base64url};
use crate::json::{self, Object};
use crate::time::NumericDate;
use crate::token::{Identity, VerifiedToken};

/// The `typ` of assertions. It is explicit, so that no verifier of access tokens takes an assertion
/// for one ([RFC 8725 §3.11]).
///
/// [RFC 8725 §3.11]: https://www.rfc-editor.org/rfc/rfc8725#section-3.11
const TYPE: &str = "edgeward-assertion+jwt";

/// Bytes of an Ed25519 signature.
const SIGNATURE_BYTES: usize = 64;

/// The rules for making assertions, and the keys that are published for them.
#[derive(Debug)]
pub struct AssertionRules {
    /// `iss`.
    pub issuer: String,
    /// The time from `iat` to `exp`, unless the token expires earlier.
    pub lifetime: Duration,
    /// The key that signs.
    pub key: SigningKey,
    /// Further public keys to publish: past ones, whose assertions are still on their way, and
    /// future ones, which origins should know before they are used.
    pub published: Vec<PublishedKey>,
}

/// An assertion that lacks its signature. Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct UnsignedAssertion {
    signing_input: String,
    made_at: NumericDate,
    renew_at: NumericDate,
}

/// A signed assertion. Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Assertion {
    text: String,
    made_at: NumericDate,
    renew_at: NumericDate,
}

impl fmt::Debug for UnsignedAssertion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("UnsignedAssertion").finish_non_exhaustive()
    }
}

impl fmt::Debug for Assertion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Assertion").finish_non_exhaustive()
    }
}

impl AssertionRules {
    /// The JWK Set that origins verify with: the key that signs, then the others.
    #[must_use]
    pub fn jwks(&self) -> Value {
        let own = self.key.published();
        let others = self.published.iter().filter(|other| *other != own);
        let keys: Vec<_> = std::iter::once(own).chain(others).map(PublishedKey::to_jwk).collect();
        json!({ "keys": keys })
    }
}

impl UnsignedAssertion {
    /// Writes an assertion of the identity headers of the caller of `token` for `audience`, at
    /// `now`.
    ///
    /// It is valid for any request of this token to this audience, not for one alone: it holds
    /// neither method nor URL, and no `jti`. It expires with the token at the latest.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] when it does not fit beside the identity headers.
    pub fn write(
        rules: &AssertionRules,
        (names, headers): (&HeaderRules, &IdentityHeaders),
        audience: &str,
        (token, identity): (&VerifiedToken, &Identity),
        now: NumericDate,
    ) -> Result<Self, TooLarge> {
        let end = now.plus(rules.lifetime);
        let end = token.claims().expires_at.map_or(end, |own| own.min(end));
        let unsigned = Self::seal(rules, facts(names, token, identity), audience, (now, end));
        // A dot and 64 bytes in base64url follow.
        let bytes = [names.assertion().len(), unsigned.signing_input.len(), 87, headers.bytes()];
        let got = bytes.into_iter().fold(0, usize::saturating_add);
        TooLarge::check(names, got).map(|()| unsigned)
    }

    /// Writes an assertion, at `now`, of `facts` that were recorded when the caller's request
    /// passed. Its lifetime does not depend on the token: what happened then is still true when the
    /// token has expired.
    #[must_use]
    pub fn of_facts(
        rules: &AssertionRules,
        facts: Object,
        audience: &str,
        now: NumericDate,
    ) -> Self {
        Self::seal(rules, facts, audience, (now, now.plus(rules.lifetime)))
    }

    fn seal(
        rules: &AssertionRules,
        mut claims: Object,
        audience: &str,
        (now, end): (NumericDate, NumericDate),
    ) -> Self {
        let own: [(&str, Value); 4] = [
            ("iss", rules.issuer.as_str().into()),
            ("aud", audience.into()),
            ("iat", now.seconds().into()),
            ("exp", end.seconds().into()),
        ];
        for (name, value) in own {
            claims.insert(name.to_owned(), value);
        }
        let kid = Value::from(rules.key.published().kid());
        let header = format!(r#"{{"alg":"EdDSA","kid":{kid},"typ":"{TYPE}"}}"#);
        let claims = Value::Object(claims).to_string();
        let signing_input = [header, claims].map(|part| base64url(part.as_bytes())).join(".");
        // The rest of its life is for the request to arrive, and for clocks that differ.
        let renew_at = now.plus(rules.lifetime.checked_div(2).unwrap_or_default());
        Self { signing_input, made_at: now, renew_at }
    }

    /// The text to be signed.
    #[must_use]
    pub fn signing_input(&self) -> &str {
        &self.signing_input
    }

    /// Appends the signature; `None` when it does not have the length of one. It is not verified.
    #[must_use]
    pub fn sign(self, signature: &[u8]) -> Option<Assertion> {
        if signature.len() != SIGNATURE_BYTES {
            return None;
        }
        let text = format!("{}.{}", self.signing_input, base64url(signature));
        Some(Assertion { text, made_at: self.made_at, renew_at: self.renew_at })
    }
}

impl Assertion {
    /// The whole JWT.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it may be reused for another request: less than half of its lifetime has passed. A
    /// clock that went back makes it stale as well.
    #[must_use]
    pub fn is_fresh(&self, now: NumericDate) -> bool {
        self.made_at <= now && now < self.renew_at
    }
}

/// The facts of the identity headers, each under its name in the configuration, but for `sub`; and
/// under `claims` those of further claims, by their paths, as the token has them.
#[must_use]
#[inline(never)]
pub fn facts(names: &HeaderRules, token: &VerifiedToken, identity: &Identity) -> Object {
    let mut facts = Object::new();
    for facet in IdentityField::ALL {
        if let Some(value) = fact(facet, token, identity) {
            let name = if facet == IdentityField::Subject { "sub" } else { facet.key() };
            facts.insert(name.to_owned(), value);
        }
    }
    let mut claims = Object::new();
    for rule in names.claims() {
        let claim = json::lookup(&token.claims().all, &rule.claim);
        if let Some(claim) = claim.filter(|claim| rule.encoding.takes(claim)) {
            claims.insert(rule.claim.clone(), claim.clone());
        }
    }
    if !claims.is_empty() {
        facts.insert("claims".to_owned(), claims.into());
    }
    facts
}

fn fact(facet: IdentityField, token: &VerifiedToken, identity: &Identity) -> Option<Value> {
    let claims = token.claims();
    let text =
        |value: &Option<String>| value.as_deref().filter(|text| !text.is_empty()).map(Value::from);
    match facet {
        IdentityField::Subject => text(&identity.subject),
        IdentityField::Issuer => text(&claims.issuer),
        IdentityField::Email => text(&identity.email),
        IdentityField::Roles => (!identity.roles.is_empty()).then(|| identity.roles.clone().into()),
        IdentityField::Scope => (!identity.scope.is_empty()).then(|| scope(&identity.scope).into()),
        IdentityField::Tenant => text(&identity.tenant),
        IdentityField::Session => text(&identity.session),
        IdentityField::TokenId => text(&claims.token_id),
    }
}

fn scope(words: &[String]) -> String {
    let mut scope = String::new();
    write_words(words, &mut scope);
    scope
}
