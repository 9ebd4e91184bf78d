use super::{RequestHead, fold_name};

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
pub struct HopByHop {
    nominated: Vec<String>,
    websocket: bool,
}

impl HopByHop {
    /// Reads `Connection` and `Upgrade`.
    #[must_use]
    pub fn of(head: &RequestHead<'_>) -> Self {
        let connection = head.header("connection").unwrap_or_default();
        let nominated = connection.split(',').map(|name| name.trim().to_ascii_lowercase());
        let upgrade = head.header("upgrade").unwrap_or_default();
        Self {
            nominated: nominated.filter(|name| !name.is_empty() && !is_protected(name)).collect(),
            websocket: upgrade.trim().eq_ignore_ascii_case("websocket"),
        }
    }

    /// Whether the header with this lower-case name stays behind.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        if name == "upgrade" {
            return !self.websocket;
        }
        HOP_BY_HOP.contains(&name) || self.nominated.iter().any(|nominated| nominated == name)
    }
}

fn is_protected(name: &str) -> bool {
    let folded = fold_name(name);
    PROTECTED.contains(&folded.as_str())
        || PROTECTED_PREFIXES.iter().any(|prefix| folded.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::RequestId;

    fn hop(connection: &str, upgrade: &str) -> HopByHop {
        let value =
            |name: &str| Some(if name == "upgrade" { upgrade } else { connection }.to_owned());
        HopByHop::of(&RequestHead {
            method: "GET",
            url: "https://a.example/",
            names: &["connection", "upgrade"],
            value: &value,
            id: RequestId::accept("r").expect("sound"),
        })
    }

    #[test]
    fn connection_and_what_it_names_stay_behind() {
        let hop = hop("close, X-Custom", "h2c");
        for name in ["connection", "x-custom", "close", "te", "upgrade", "http2-settings"] {
            assert!(hop.contains(name), "{name}");
        }
        assert!(!hop.contains("x-other"));
    }

    #[test]
    fn connection_cannot_take_end_to_end_headers_away() {
        let hop = hop("Authorization, cf-connecting-ip, X_Forwarded_For, cookie", "");
        for name in ["authorization", "cf-connecting-ip", "x_forwarded_for", "cookie"] {
            assert!(!hop.contains(name), "{name}");
        }
    }

    #[test]
    fn only_a_websocket_upgrade_is_passed_on() {
        assert!(!hop("Upgrade", "WebSocket").contains("upgrade"));
        assert!(hop("Upgrade", "h2c").contains("upgrade"));
        assert!(hop("Upgrade", "websocket, h2c").contains("upgrade"));
    }
}
