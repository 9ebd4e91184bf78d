use sha2::{Digest, Sha256};

use super::{ClaimError, Claims};
use crate::jose::{JoseHeader, SignatureValid};
use crate::json::Object;

/// A token whose signature holds. Whether it is in force is [`super::ClaimsPolicy`]'s to say.
#[derive(Debug)]
pub struct VerifiedToken {
    proof: SignatureValid,
    claims: Claims,
}

impl VerifiedToken {
    /// Only from the proof of a signature over these very claims: `claims` was parsed from the
    /// payload under `proof` by the same module that carried both here.
    pub(super) fn new(proof: SignatureValid, claims: Object) -> Result<Self, ClaimError> {
        Ok(Self { proof, claims: Claims::from_object(claims)? })
    }

    /// The header that was signed.
    #[must_use]
    pub fn header(&self) -> &JoseHeader {
        self.proof.jws().header()
    }

    /// The claims, typed. They may have expired.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The whole token as it was sent.
    #[must_use]
    pub fn text(&self) -> &str {
        self.proof.jws().text()
    }

    /// SHA-256 of the signing input. Names a token without `jti`.
    ///
    /// Never the signature: every ECDSA signature (r, s) has a twin (r, n−s) that verifies too.
    #[must_use]
    pub fn signing_input_hash(&self) -> [u8; 32] {
        Sha256::digest(self.proof.jws().signing_input()).into()
    }
}
