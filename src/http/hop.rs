use super::{RequestHead, folds_to, folds_to_start};

/// Headers for one connection only, which a gateway must not pass on ([RFC 9110 §7.6.1]).
///
/// [RFC 9110 §7.6.1]: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

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

/// Which headers of one request stay behind.
#[derive(Debug)]
pub struct HopByHop<'a> {
    connection: &'a str,
    websocket: bool,
}

impl<'a> HopByHop<'a> {
    /// Reads `Connection` and `Upgrade`.
    #[must_use]
    pub fn of(head: &RequestHead<'a>) -> Self {
        let upgrade = head.header("upgrade").unwrap_or_default();
        Self {
            connection: head.header("connection").unwrap_or_default(),
            websocket: upgrade.trim().eq_ignore_ascii_case("websocket"),
        }
    }

    /// Whether the header with this lower-case name stays behind.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        if name == "upgrade" {
            return !self.websocket;
        }
        let is_nominated =
            || !self.connection.is_empty() && self.nominates(name) && !is_protected(name);
        HOP_BY_HOP.contains(&name) || is_nominated()
    }

    fn nominates(&self, name: &str) -> bool {
        let nominated = self.connection.split(',');
        nominated.map(str::trim).any(|nominated| nominated.eq_ignore_ascii_case(name))
    }
}

fn is_protected(name: &str) -> bool {
    PROTECTED.iter().any(|own| folds_to(name, own))
        || PROTECTED_PREFIXES.iter().any(|prefix| folds_to_start(name, prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::RequestId;

    fn stays(name: &str, connection: &str, upgrade: &str) -> bool {
        let head = RequestHead {
            method: "GET",
            url: "https://a.example/",
            fields: &[("connection", connection), ("upgrade", upgrade)],
            id: RequestId::unknown(),
        };
        HopByHop::of(&head).contains(name)
    }

    #[test]
    fn connection_and_what_it_names_stay_behind() {
        for name in ["connection", "x-custom", "close", "te", "upgrade", "http2-settings"] {
            assert!(stays(name, "close, X-Custom", "h2c"), "{name}");
        }
        assert!(!stays("x-other", "close, X-Custom", "h2c"));
    }

    #[test]
    fn connection_cannot_take_end_to_end_headers_away() {
        let all = "Authorization, cf-connecting-ip, X_Forwarded_For, cookie";
        for name in ["authorization", "cf-connecting-ip", "x_forwarded_for", "cookie"] {
            assert!(!stays(name, all, ""), "{name}");
        }
    }

    #[test]
    fn only_a_websocket_upgrade_is_passed_on() {
        assert!(!stays("upgrade", "Upgrade", "WebSocket"));
        assert!(stays("upgrade", "Upgrade", "h2c"));
        assert!(stays("upgrade", "Upgrade", "websocket, h2c"));
    }
}
