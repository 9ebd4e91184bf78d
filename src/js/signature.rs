use crate::jose::SignatureCheck;
use crate::webcrypto;

/// Whether a signature holds. A key that cannot be imported verifies nothing, and no verifier is asked
/// about a length that no verifier should accept.
pub(super) async fn holds(check: &SignatureCheck) -> bool {
    if !check.has_sound_length() {
        return false;
    }
    let message = check.signing_input().as_bytes();
    let verifying =
        webcrypto::verify_raw(check.algorithm(), check.key(), message, check.signature());
    verifying.await.unwrap_or(false)
}
