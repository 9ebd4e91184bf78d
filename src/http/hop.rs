use super::hop_names::{is_hop_by_hop, is_protected};
use super::{OWS, RequestHead};

/// How many elements a request's `Connection` has, empty ones included; 0 without the header.
#[must_use]
pub fn connection_elements(head: &RequestHead<'_>) -> usize {
    head.header("connection").map_or(0, |value| value.split(',').count())
}

/// Which headers of one request stay behind.
#[derive(Debug)]
pub struct HopByHop<'a> {
    /// The options of `Connection`: read once, and no more than
    /// [`crate::limits::CONNECTION_ELEMENTS`] of them, because every header name is compared with
    /// each.
    options: Vec<&'a str>,
    has_upgrade: bool,
    websocket: bool,
}

impl<'a> HopByHop<'a> {
    /// Reads `Connection` and `Upgrade`.
    #[must_use]
    pub fn of(head: &RequestHead<'a>) -> Self {
        let upgrade = head.header("upgrade");
        let connection = head.header("connection").unwrap_or_default();
        // What most clients send names a header that stays behind anyway.
        let is_usual = connection.is_empty() || connection.eq_ignore_ascii_case("keep-alive");
        let options = if is_usual { Vec::new() } else { options(connection) };
        Self {
            options,
            has_upgrade: upgrade.is_some(),
            // With another method the platform would make a GET of it, which nobody has judged.
            websocket: head.method == "GET"
                && upgrade.is_some_and(|to| to.trim_matches(OWS).eq_ignore_ascii_case("websocket")),
        }
    }

    /// Whether any header but those that always do may stay behind.
    #[must_use]
    pub fn takes_more(&self) -> bool {
        !self.options.is_empty() || self.has_upgrade
    }

    /// Whether the header with this lower-case name stays behind.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        if name == "upgrade" {
            return !self.websocket;
        }
        is_hop_by_hop(name) || (self.nominates(name) && !is_protected(name))
    }

    fn nominates(&self, name: &str) -> bool {
        self.options.iter().any(|option| option.eq_ignore_ascii_case(name))
    }
}

/// Empty elements count for nothing ([RFC 9110 §5.6.1]).
///
/// [RFC 9110 §5.6.1]: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1
fn options(connection: &str) -> Vec<&str> {
    let elements = connection.split(',').take(crate::limits::CONNECTION_ELEMENTS);
    elements.map(str::trim).filter(|option| !option.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{FieldNames, RequestId};

    fn with_head<T>(connection: &str, upgrade: &str, use_it: impl Fn(&RequestHead<'_>) -> T) -> T {
        with_method("GET", connection, upgrade, use_it)
    }

    fn with_method<T>(
        method: &str,
        connection: &str,
        upgrade: &str,
        use_it: impl Fn(&RequestHead<'_>) -> T,
    ) -> T {
        use_it(&RequestHead {
            method,
            url: "https://a.example/",
            names: &FieldNames::whole(["connection", "upgrade"].into_iter()).into(),
            fields: &[("connection", connection), ("upgrade", upgrade)],
            id: RequestId::unknown(),
        })
    }

    fn stays(name: &str, connection: &str, upgrade: &str) -> bool {
        with_head(connection, upgrade, |head| HopByHop::of(head).contains(name))
    }

    #[test]
    fn connection_and_what_it_names_stay_behind() {
        for name in ["connection", "x-custom", "close", "te", "upgrade", "http2_settings"] {
            assert!(stays(name, "close, X-Custom", "h2c"), "{name}");
        }
        assert!(!stays("x-other", "close, X-Custom", "h2c"));
        assert!(!stays("x-other", ",, ,", "h2c") && !stays("", ",, ,", "h2c"));
    }

    #[test]
    fn more_than_usual_stays_behind_with_an_option_or_an_upgrade() {
        let takes_more = |names: &[&str], fields: &[(&str, &str)]| {
            HopByHop::of(&RequestHead {
                method: "GET",
                url: "https://a.example/",
                names: &FieldNames::whole(names.iter().copied()).into(),
                fields,
                id: RequestId::unknown(),
            })
            .takes_more()
        };
        assert!(!takes_more(&["accept"], &[("accept", "*/*")]));
        assert!(takes_more(&["connection"], &[("connection", "x-custom")]));
        assert!(takes_more(&["upgrade"], &[("upgrade", "websocket")]));
    }

    #[test]
    fn connection_cannot_take_end_to_end_headers_away() {
        let all = "Authorization, cf-connecting-ip, X_Forwarded_For, cookie, X+Request+Id";
        for name in ["authorization", "cf-connecting-ip", "x_forwarded_for", "cookie"] {
            assert!(!stays(name, all, ""), "{name}");
        }
        assert!(!stays("x+request+id", all, ""));
    }

    #[test]
    fn only_a_websocket_upgrade_is_passed_on() {
        assert!(!stays("upgrade", "Upgrade", "WebSocket"));
        assert!(stays("upgrade", "Upgrade", "h2c"));
        assert!(stays("upgrade", "Upgrade", "websocket, h2c"));
        for method in ["OPTIONS", "POST", "HEAD", "DELETE", "get"] {
            let stays = |head: &RequestHead<'_>| HopByHop::of(head).contains("upgrade");
            assert!(with_method(method, "Upgrade", "websocket", stays), "{method}");
        }
    }

    #[test]
    fn elements_of_connection_are_counted_with_the_empty_ones() {
        for (connection, count) in [("", 1), ("close", 1), ("a, b", 2), (",,,", 4)] {
            assert_eq!(with_head(connection, "", connection_elements), count, "{connection}");
        }
    }
}
