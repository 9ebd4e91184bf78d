use sha2::{Digest, Sha256};

use super::remote::RemoteYes;
use super::token_types::{TYPE_CLAIMS, stated};
use super::{ClaimError, Claims};
use crate::jose::{JoseHeader, KnownHeaders, SignatureValid};
use crate::json::Object;
use crate::time::NumericDate;

/// A verified token: its signature holds, or its issuer accepted it when asked. Whether it
/// is in force is [`super::ClaimsPolicy`]'s to say.
#[derive(Debug)]
pub struct VerifiedToken {
    proof: Proof,
    claims: Claims,
}

/// Who verified a token; each proof is made by one module only.
#[derive(Debug)]
enum Proof {
    Signature(SignatureValid),
    Remote(RemoteYes),
}

impl VerifiedToken {
    /// Only from the proof of a signature over these very claims: `claims` was parsed from the
    /// payload under `proof`, and [`super::TokenCheck`] carried both here.
    pub(super) fn new(proof: SignatureValid, claims: Object) -> Result<Self, ClaimError> {
        Ok(Self { proof: Proof::Signature(proof), claims: Claims::from_object(claims)? })
    }

    /// Only from an endpoint's yes to this very token, with the claims of its answer.
    pub(super) fn vouched(proof: RemoteYes, claims: Claims) -> Self {
        Self { proof: Proof::Remote(proof), claims }
    }

    /// The token of the issuer under whose key it was verified, though it does not say so itself. One
    /// that names an issuer keeps it.
    #[must_use]
    pub fn of_issuer(mut self, issuer: &str) -> Self {
        self.claims.name_issuer(issuer);
        self
    }

    /// The header of a JWT. That of a token whose issuer was asked is as good as the issuer's yes.
    #[must_use]
    pub fn header(&self) -> Option<&JoseHeader> {
        match &self.proof {
            Proof::Signature(proof) => Some(proof.jws().header()),
            Proof::Remote(yes) => yes.token().header(),
        }
    }

    /// Lets `known` have the header, of a token whose signature holds.
    pub fn teach(&self, known: &KnownHeaders) {
        if let Proof::Signature(proof) = &self.proof {
            known.learn(proof);
        }
    }

    /// The claims, typed. They may have expired.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The whole token as it was sent.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.proof {
            Proof::Signature(proof) => proof.jws().text(),
            Proof::Remote(yes) => yes.token().text(),
        }
    }

    /// The claims of the token itself, for a JWT whose issuer was asked: nobody here has verified them.
    #[must_use]
    pub fn own_claims(&self) -> Option<&Object> {
        match &self.proof {
            Proof::Signature(_) => None,
            Proof::Remote(yes) => yes.token().own_claims(),
        }
    }

    /// When the issuer was asked, for a token that the issuer itself accepted.
    #[must_use]
    pub fn asked_at(&self) -> Option<NumericDate> {
        match &self.proof {
            Proof::Signature(_) => None,
            Proof::Remote(yes) => Some(yes.asked_at()),
        }
    }

    /// The `jti` in the token itself; the issuer's answer may have said another.
    #[must_use]
    pub fn own_id(&self) -> Option<&str> {
        match &self.proof {
            Proof::Signature(_) => self.claims.token_id.as_deref(),
            Proof::Remote(yes) => yes.own_id(),
        }
    }

    /// SHA-256 of the signing input, or of the whole text of an opaque token. Names a token without
    /// `jti`.
    ///
    /// Never the signature: every ECDSA signature (r, s) has a twin (r, n−s) that verifies too.
    #[must_use]
    pub fn input_hash(&self) -> [u8; 32] {
        match &self.proof {
            Proof::Signature(proof) => Sha256::digest(proof.jws().signing_input()).into(),
            Proof::Remote(yes) => yes.token().input_hash(),
        }
    }

    /// The types that its claims state, each with the claim's name: those of the answer, where its issuer was asked, and its own.
    ///
    /// # Errors
    ///
    /// [`ClaimError::Malformed`].
    pub fn stated_types(&self) -> Result<Vec<(&'static str, &str)>, ClaimError> {
        match &self.proof {
            Proof::Signature(_) => stated(&self.claims.all, &TYPE_CLAIMS),
            Proof::Remote(yes) => {
                let mut types = stated(&self.claims.all, yes.type_claims())?;
                if let Some(own) = self.own_claims() {
                    types.extend(stated(own, &TYPE_CLAIMS)?);
                }
                Ok(types)
            }
        }
    }
}
