use std::rc::Rc;

use serde_json::Value;

use super::{JoseError, JoseHeader, UnusableKey, VerificationKey};
use crate::{json, limits};

/// The keys of one issuer ([RFC 7517 §5]): those that can be used, and why the others cannot.
///
/// [RFC 7517 §5]: https://www.rfc-editor.org/rfc/rfc7517#section-5
#[derive(Clone, Debug, Default)]
pub struct JwkSet {
    keys: Vec<Rc<VerificationKey>>,
    unusable: Vec<UnusableKey>,
}

/// The text is not a JWK Set that may be used at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "each has its own line in the log")]
pub enum JwkSetError {
    /// Longer than [`limits::JWKS_BYTES`].
    #[error("expected a key set of at most {} bytes", limits::JWKS_BYTES)]
    TooLarge,
    /// Not one strict JSON object with an array `keys` of objects.
    #[error("expected a JSON object with an array `keys`")]
    Malformed,
    /// More keys than [`limits::JWKS_KEYS`].
    #[error("expected at most {} keys", limits::JWKS_KEYS)]
    TooManyKeys,
}

/// Why there are no keys of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoKeys {
    /// A stable word for the log.
    pub code: &'static str,
    /// Why each of the keys that were published cannot be used.
    pub unusable: Vec<UnusableKey>,
}

impl From<&'static str> for NoKeys {
    fn from(code: &'static str) -> Self {
        Self { code, unusable: Vec::new() }
    }
}

/// The keys to try for one token, in order; at least one, at most [`limits::KEYS_TRIED`].
#[derive(Clone, Debug)]
pub struct Candidates {
    /// The first key to try.
    pub first: Rc<VerificationKey>,
    /// The others, best tried in order.
    pub others: Vec<Rc<VerificationKey>>,
}

impl JwkSet {
    /// Parses a published key set; keys that cannot be used are kept as a count of reasons.
    ///
    /// # Errors
    ///
    /// [`JwkSetError`]. An empty `keys`, or one with no usable key, is no error here.
    pub fn parse(text: &[u8]) -> Result<Self, JwkSetError> {
        if text.len() > limits::JWKS_BYTES {
            return Err(JwkSetError::TooLarge);
        }
        let object = json::parse_object(text).map_err(|_| JwkSetError::Malformed)?;
        Self::from_json(&Value::Object(object))
    }

    /// Parses a set that is to take another's place. One without a usable key is a failure: taking it
    /// would throw good keys away.
    ///
    /// # Errors
    ///
    /// [`NoKeys`].
    pub fn published(document: &str) -> Result<Self, NoKeys> {
        let set = Self::parse(document.as_bytes()).map_err(|error| match error {
            JwkSetError::TooLarge => "jwks_too_large",
            JwkSetError::TooManyKeys => "jwks_too_many_keys",
            JwkSetError::Malformed => "jwks_malformed",
        })?;
        if set.usable() == 0 {
            return Err(NoKeys {
                unusable: set.unusable,
                ..NoKeys::from("jwks_without_usable_key")
            });
        }
        Ok(set)
    }

    /// The same as [`Self::parse`] from JSON that has been parsed already.
    ///
    /// # Errors
    ///
    /// [`JwkSetError`].
    pub fn from_json(set: &Value) -> Result<Self, JwkSetError> {
        let keys = set.get("keys").and_then(Value::as_array).ok_or(JwkSetError::Malformed)?;
        if keys.len() > limits::JWKS_KEYS {
            return Err(JwkSetError::TooManyKeys);
        }
        let mut parsed = Self::default();
        for jwk in keys {
            let key = jwk.as_object().ok_or(UnusableKey::KeyType);
            match key.and_then(VerificationKey::from_jwk) {
                Ok(key) => parsed.keys.push(Rc::new(key)),
                Err(reason) => parsed.unusable.push(reason),
            }
        }
        Ok(parsed)
    }

    /// A set of keys made otherwise, such as shared secrets.
    #[must_use]
    pub fn from_keys(keys: Vec<VerificationKey>) -> Self {
        Self { keys: keys.into_iter().map(Rc::new).collect(), unusable: Vec::new() }
    }

    /// The keys that can be used.
    #[must_use]
    pub fn keys(&self) -> &[Rc<VerificationKey>] {
        &self.keys
    }

    /// How many keys can be used.
    #[must_use]
    pub fn usable(&self) -> usize {
        self.keys.len()
    }

    /// Why the other keys cannot be used.
    #[must_use]
    pub fn unusable(&self) -> &[UnusableKey] {
        &self.unusable
    }

    /// Whether a usable key has this `kid`.
    #[must_use]
    pub fn names(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid() == Some(kid))
    }

    /// The keys to try for a token with this header ([RFC 7515 §6]).
    ///
    /// A `kid` must lead to exactly one key that fits the algorithm; the same key twice is one.
    /// Without a `kid`, and among secrets, which have no names, every key that fits is tried, at
    /// most [`limits::KEYS_TRIED`] of them.
    ///
    /// # Errors
    ///
    /// [`JoseError::KeyUnknown`], [`JoseError::KeyAmbiguous`].
    ///
    /// [RFC 7515 §6]: https://www.rfc-editor.org/rfc/rfc7515#section-6
    pub fn select(&self, header: &JoseHeader) -> Result<Candidates, JoseError> {
        self.select_among(header, &|_| true)
    }

    /// The same among the keys of which `is_eligible` holds.
    ///
    /// # Errors
    ///
    /// [`JoseError::KeyUnknown`], [`JoseError::KeyAmbiguous`].
    pub fn select_among(
        &self,
        header: &JoseHeader,
        is_eligible: &dyn Fn(&VerificationKey) -> bool,
    ) -> Result<Candidates, JoseError> {
        let named = |key: &&Rc<VerificationKey>| {
            header.kid.is_none() || key.kid() == header.kid.as_deref() || key.is_nameless_secret()
        };
        let mut fitting: Vec<Rc<VerificationKey>> = Vec::new();
        let fits = |key: &&Rc<VerificationKey>| key.verifies(header.algorithm) && is_eligible(key);
        for key in self.keys.iter().filter(named).filter(fits) {
            // Some issuers publish one key twice, with its certificate and without.
            if fitting.len() < limits::KEYS_TRIED
                && !fitting.iter().any(|other| key.is_twin_of(other))
            {
                fitting.push(Rc::clone(key));
            }
        }
        let mut fitting = fitting.into_iter();
        let first = fitting.next().ok_or(JoseError::KeyUnknown)?;
        let others: Vec<_> = fitting.collect();
        // Two keys under one name: somebody may have slipped in the second (RFC 7517 §4.5).
        if header.kid.is_some() && !first.is_nameless_secret() && !others.is_empty() {
            return Err(JoseError::KeyAmbiguous);
        }
        Ok(Candidates { first, others })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    #[test]
    fn a_set_without_a_usable_key_takes_no_others_place() {
        let code = |document: &str| JwkSet::published(document).expect_err(document).code;
        for (document, expected) in [
            (r#"{"keys":[]}"#.to_owned(), "jwks_without_usable_key"),
            (r#"{"keys":[{"kty":"RSA"}]}"#.to_owned(), "jwks_without_usable_key"),
            ("[]".to_owned(), "jwks_malformed"),
            ("{".to_owned(), "jwks_malformed"),
            (
                format!(r#"{{"keys":[{}]}}"#, vec![KEY; limits::JWKS_KEYS + 1].join(",")),
                "jwks_too_many_keys",
            ),
            (
                format!(r#"{{"keys":[{KEY}],"x":"{}"}}"#, "a".repeat(limits::JWKS_BYTES)),
                "jwks_too_large",
            ),
        ] {
            assert_eq!(code(&document), expected);
        }
        let set = JwkSet::published(&format!(r#"{{"keys":[{KEY},{{"kty":"RSA"}}]}}"#));
        let set = set.expect("one usable key");
        assert_eq!((set.usable(), set.unusable().len(), set.names("a")), (1, 1, true));
        let none = JwkSet::published(r#"{"keys":[{"kty":"RSA"}]}"#).expect_err("no usable key");
        assert_eq!(none.unusable.len(), 1, "the reasons are listed");
    }
}
