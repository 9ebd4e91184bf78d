//! The signature check as a state machine that asks for one public-key operation at a time.

use std::rc::Rc;

use super::hmac::hmac_holds;
use super::{
    Algorithm, Candidates, Family, JoseError, KeyMaterial, KnownHeaders, UnverifiedJws,
    VerificationKey,
};

/// A JWS waiting for one signature to be verified with one key.
///
/// The caller verifies [`signature`](Self::signature) over [`signing_input`](Self::signing_input)
/// with [`key`](Self::key) under [`algorithm`](Self::algorithm), and passes the outcome to
/// [`resume`](Self::resume).
#[derive(Debug)]
pub struct SignatureCheck {
    jws: UnverifiedJws,
    key: Rc<VerificationKey>,
    others: std::vec::IntoIter<Rc<VerificationKey>>,
}

/// The outcome of a step of the check.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignatureStep {
    /// The signature holds.
    Valid(SignatureValid),
    /// A signature is to be verified: with the first key, or with another one after it did not hold
    /// with the last.
    Pending(SignatureCheck),
    /// The signature holds with none of the keys.
    Invalid(JoseError),
}

/// Proof that a signature holds over a JWS; only this module makes it.
#[derive(Debug)]
pub struct SignatureValid {
    jws: UnverifiedJws,
    key: Rc<VerificationKey>,
}

impl SignatureCheck {
    /// Starts the check. An HMAC is verified immediately: it costs a few microseconds and no await.
    #[must_use]
    pub fn begin(jws: UnverifiedJws, keys: Candidates) -> SignatureStep {
        let check = Self { jws, key: keys.first, others: keys.others.into_iter() };
        if !check.algorithm().is_symmetric() {
            return SignatureStep::Pending(check);
        }
        let mut check = check;
        loop {
            let holds = check.hmac_holds();
            match check.resume(holds) {
                SignatureStep::Pending(next) => check = next,
                done => return done,
            }
        }
    }

    /// The algorithm that header, issuer and key agree on.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.jws.header().algorithm
    }

    /// The key to verify with.
    #[must_use]
    pub fn key(&self) -> &Rc<VerificationKey> {
        &self.key
    }

    /// The text that was signed.
    #[must_use]
    pub fn signing_input(&self) -> &str {
        self.jws.signing_input()
    }

    /// The signature; for ECDSA r‖s, whose length [`Self::begin`]'s caller need not check.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.jws.signature()
    }

    /// Whether the signature has the one length that the algorithm and key allow.
    ///
    /// Verifiers treat other lengths differently (RFC 7518 §3.4 requires r‖s at full width, RFC
    /// 8017 §8.2.2 a signature as long as the modulus); this check decides for all of them.
    #[must_use]
    pub fn has_sound_length(&self) -> bool {
        let expected = match (self.algorithm().family(), self.key.material()) {
            (Family::Ecdsa(curve), _) => curve.coordinate_bytes().saturating_mul(2),
            (_, KeyMaterial::Rsa { modulus, .. }) => modulus.len(),
            _ => 64,
        };
        self.signature().len() == expected
    }

    /// Continues with the outcome of the verification: `true` means that the signature holds.
    #[must_use]
    pub fn resume(mut self, holds: bool) -> SignatureStep {
        // Said here and not only by verifiers: no outcome can make a wrong length right.
        if holds && (self.algorithm().is_symmetric() || self.has_sound_length()) {
            self.jws.forget_signature();
            return SignatureStep::Valid(SignatureValid { jws: self.jws, key: self.key });
        }
        match self.others.next() {
            Some(key) => SignatureStep::Pending(Self { key, ..self }),
            None => SignatureStep::Invalid(JoseError::SignatureInvalid),
        }
    }

    fn hmac_holds(&self) -> bool {
        let KeyMaterial::Secret(secret) = self.key.material() else {
            return false;
        };
        hmac_holds(self.algorithm(), secret, self.signing_input().as_bytes(), self.signature())
    }
}

impl SignatureValid {
    /// The token whose signature holds.
    #[must_use]
    pub fn jws(&self) -> &UnverifiedJws {
        &self.jws
    }

    /// The key that verified it.
    #[must_use]
    pub fn key(&self) -> &VerificationKey {
        &self.key
    }
}

impl KnownHeaders {
    /// Keeps the header of a token whose signature holds, at most [`limits::KNOWN_HEADERS`] in all
    /// and none of more than [`limits::KNOWN_HEADER_BYTES`].
    ///
    /// [`limits::KNOWN_HEADERS`]: crate::limits::KNOWN_HEADERS
    /// [`limits::KNOWN_HEADER_BYTES`]: crate::limits::KNOWN_HEADER_BYTES
    pub fn learn(&self, proof: &SignatureValid) {
        self.keep(proof.jws.encoded_header(), proof.jws.shared_header());
    }
}
