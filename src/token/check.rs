use super::{ClaimError, TokenError, UnverifiedToken, VerifiedToken};
use crate::jose::{Candidates, SignatureCheck, SignatureStep};
use crate::json::Object;

/// A token whose signature is being verified.
#[derive(Debug)]
pub struct TokenCheck {
    check: SignatureCheck,
    claims: Object,
}

/// The outcome of a step of the check.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "every driver must handle every step")]
pub enum TokenStep {
    /// The signature holds.
    Verified(VerifiedToken),
    /// The caller must verify a signature.
    Pending(TokenCheck),
    /// The token is refused.
    Refused(TokenError),
}

impl UnverifiedToken {
    /// Starts the signature check with the keys chosen for the header.
    #[must_use]
    pub fn check(self, keys: Candidates) -> TokenStep {
        let (jws, claims) = self.into_parts();
        TokenStep::of(SignatureCheck::begin(jws, keys), claims)
    }
}

impl TokenCheck {
    /// The signature to verify, with its key.
    #[must_use]
    pub fn signature(&self) -> &SignatureCheck {
        &self.check
    }

    /// Continues with the outcome: `true` means that the signature holds.
    #[must_use]
    pub fn resume(self, holds: bool) -> TokenStep {
        TokenStep::of(self.check.resume(holds), self.claims)
    }
}

impl TokenStep {
    fn of(step: SignatureStep, claims: Object) -> Self {
        match step {
            SignatureStep::Valid(proof) => match VerifiedToken::new(proof, claims) {
                Ok(token) => Self::Verified(token),
                Err(error) => Self::refused(error),
            },
            SignatureStep::Pending(check) => Self::Pending(TokenCheck { check, claims }),
            SignatureStep::Invalid(error) => Self::Refused(error.into()),
        }
    }

    fn refused(error: ClaimError) -> Self {
        Self::Refused(error.into())
    }
}
