use std::fmt;

use crate::jose::Algorithm;

/// The environment that a configuration is checked against: secrets, bindings and the verifier.
#[expect(clippy::struct_excessive_bools, reason = "each is a binding")]
pub struct Environment<'a> {
    /// The text of a named secret.
    pub secret: &'a dyn Fn(&str) -> Option<String>,
    /// Whether a service binding of this name exists.
    pub has_service: &'a dyn Fn(&str) -> bool,
    /// Whether a rate limiting binding of this name exists, and its period in seconds where that is
    /// known.
    pub limiter: &'a dyn Fn(&str) -> Option<Option<u64>>,
    /// Whether KV, the store for revocations, is bound as `EDGEWARD_KV`.
    pub has_store: bool,
    /// Whether the Durable Object `RevocationLog` is bound as `EDGEWARD_REVOCATION_LOG`.
    pub has_log: bool,
    /// Whether the Durable Object `SessionFamily` is bound as `EDGEWARD_SESSIONS`, and the Worker has the
    /// authority that serves handlers.
    pub has_sessions: bool,
    /// Whether a D1 database is bound as `EDGEWARD_DB`.
    pub has_database: bool,
    /// Whether the Durable Object `MetricsSink` is bound as `EDGEWARD_METRICS`.
    pub has_metrics: bool,
    /// Whether signatures are verified by `WebCrypto`, which has no ES256K.
    pub is_edge: bool,
}

impl Environment<'_> {
    /// Whether revocations are kept anywhere: in the log, or in KV.
    #[must_use]
    pub const fn keeps_revocations(&self) -> bool {
        self.has_store || self.has_log
    }

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
