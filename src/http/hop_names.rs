use super::{folds_to, folds_to_start};

/// Headers for one connection only, which a gateway must not pass on ([RFC 9110 §7.6.1]).
///
/// [RFC 9110 §7.6.1]: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
];

/// Whether a header of this lower-case name, in any spelling, never goes on. `Upgrade` may, to a
/// WebSocket.
pub(super) fn is_hop_by_hop(name: &str) -> bool {
    HOP_BY_HOP.iter().any(|own| folds_to(name, own))
}

/// End-to-end headers that `Connection` may not name: a client must not be able to take away what
/// the platform or the gateway says to the origin (CVE-2025-48865).
const PROTECTED: [&str; 12] = [
    "authorization",
    "content-length",
    "content-type",
    "cookie",
    "forwarded",
    "host",
    "origin",
    "traceparent",
    "tracestate",
    "true-client-ip",
    "x-real-ip",
    "x-request-id",
];
const PROTECTED_PREFIXES: [&str; 2] = ["cf-", "x-forwarded-"];

/// Whether `Connection` may not name this header, in any spelling.
pub(super) fn is_protected(name: &str) -> bool {
    PROTECTED.iter().any(|own| folds_to(name, own))
        || PROTECTED_PREFIXES.iter().any(|prefix| folds_to_start(name, prefix))
}
