use std::fmt;

use crate::jose::Algorithm;

/// The environment that a configuration is checked against: secrets, bindings and the verifier.
pub struct Environment<'a> {
    /// The text of a named secret.
    pub secret: &'a dyn Fn(&str) -> Option<String>,
    /// Whether a service binding of this name exists.
    pub has_service: &'a dyn Fn(&str) -> bool,
    /// Whether a rate limiting binding of this name exists, and its period in seconds where that is
    /// known.
    pub limiter: &'a dyn Fn(&str) -> Option<Option<u64>>,
    /// Whether there is a store for revocations.
    pub has_store: bool,
    /// Whether the revocation log is bound.
    pub has_log: bool,
    /// Whether signatures are verified by `WebCrypto`, which has no ES256K.
    pub is_edge: bool,
}

impl Environment<'_> {
    /// Whether signatures under `algorithm` can be verified here.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm) -> bool {
        !(self.is_edge && algorithm == Algorithm::Es256K)
    }
}

impl fmt::Debug for Environment<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Environment")
            .field("is_edge", &self.is_edge)
            .finish_non_exhaustive()
    }
}
