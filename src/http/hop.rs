use super::{RequestHead, folds_to, folds_to_start};

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

/// Whether a header of this lower-case name never goes on. `Upgrade` may, to a WebSocket.
pub(super) fn is_hop_by_hop(name: &str) -> bool {
    HOP_BY_HOP.contains(&name)
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

/// Which headers of one request stay behind.
#[derive(Debug)]
pub struct HopByHop<'a> {
    connection: &'a str,
    has_upgrade: bool,
    websocket: bool,
}

impl<'a> HopByHop<'a> {
    /// Reads `Connection` and `Upgrade`.
    #[must_use]
    pub fn of(head: &RequestHead<'a>) -> Self {
        let upgrade = head.header("upgrade");
        Self {
            connection: head.header("connection").unwrap_or_default(),
            has_upgrade: upgrade.is_some(),
            websocket: upgrade.is_some_and(|to| to.trim().eq_ignore_ascii_case("websocket")),
        }
    }

    /// Whether any header but those that always do may stay behind.
    #[must_use]
    pub fn takes_more(&self) -> bool {
        // What most clients send names a header that stays behind anyway.
        let nominates =
            !self.connection.is_empty() && !self.connection.eq_ignore_ascii_case("keep-alive");
        nominates || self.has_upgrade
    }

    /// Whether the header with this lower-case name stays behind.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        if name == "upgrade" {
            return !self.websocket;
        }
        let is_nominated =
            || !self.connection.is_empty() && self.nominates(name) && !is_protected(name);
        is_hop_by_hop(name) || is_nominated()
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
    use crate::http::{FieldNames, RequestId};

    fn stays(name: &str, connection: &str, upgrade: &str) -> bool {
        let head = RequestHead {
            method: "GET",
            url: "https://a.example/",
            names: &FieldNames::whole(["connection", "upgrade"].into_iter()).into(),
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
