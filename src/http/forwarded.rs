use super::{folds_to, folds_to_start};

/// Headers by which proxies say which host, scheme and address a client used, or which URL it asked
/// for: an origin that believes them must get the gateway's word and not the client's.
const FORWARDED: [&str; 23] = [
    "client-ip",
    "fastly-client-ip",
    "forwarded",
    "forwarded-for",
    "front-end-https",
    "proxy-client-ip",
    "true-client-ip",
    "wl-proxy-client-ip",
    "x-appengine-user-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-forwarded",
    "x-host",
    "x-http-host-override",
    "x-original-host",
    "x-original-uri",
    "x-original-url",
    "x-originating-ip",
    "x-real-ip",
    "x-remote-ip",
    "x-rewrite-url",
    "x-scheme",
    "x-url-scheme",
];
const FORWARDED_PREFIX: &str = "x-forwarded-";

/// Headers from which a WSGI server or its middleware takes the path that it serves, whatever the
/// request line says: gunicorn cuts `SCRIPT_NAME` off the path, from peers that it trusts.
const PATH: [&str; 4] = ["path-info", "script-name", "x-path-info", "x-script-name"];

/// Headers by which some frameworks execute another method than that of the request line, which is
/// the one that the gateway has checked.
const METHOD_OVERRIDE: [&str; 3] = ["x-http-method", "x-http-method-override", "x-method-override"];

/// Which of these headers an origin gets as the client sent them. The others do not go on, in any
/// spelling that folds to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the configuration makes one")]
pub struct KeptHeaders {
    /// `Forwarded`, `X-Forwarded-*` and their like.
    pub forwarded: bool,
    /// `X-HTTP-Method-Override` and its like.
    pub method_override: bool,
    /// `Cache-Control` and `Pragma`: without them the platform says that no cache is to be asked.
    pub cache_control: bool,
}

/// Whether a header of this name says which path was asked for.
#[must_use]
pub fn is_path(name: &str) -> bool {
    PATH.iter().any(|own| folds_to(name, own))
}

/// A second spelling of the header that names the request, of those that the platform writes, and of
/// those that describe the body: an origin may merge the two.
#[must_use]
pub fn is_alias(name: &str) -> bool {
    let is_other = |own: &&str| name != *own && folds_to(name, own);
    ["x-request-id", "content-length", "content-type"].iter().any(is_other)
        || (!name.starts_with(PLATFORM) && folds_to_start(name, PLATFORM))
        || (name.starts_with(PLATFORM) && name.bytes().any(is_odd))
}

/// How the names of Cloudflare's own headers begin, such as `cf-connecting-ip`.
const PLATFORM: &str = "cf-";

/// Whether none of the platform's names has the byte.
const fn is_odd(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && byte != b'-'
}

pub(super) fn is_cache_control(name: &str) -> bool {
    matches!(name, "cache-control" | "pragma")
}

/// Whether a header of this name says which host, scheme, address or URL a client used.
#[must_use]
pub fn is_forwarded(name: &str) -> bool {
    FORWARDED.iter().any(|own| folds_to(name, own)) || folds_to_start(name, FORWARDED_PREFIX)
}

/// Whether a header of this name asks for another method.
#[must_use]
pub fn is_method_override(name: &str) -> bool {
    METHOD_OVERRIDE.iter().any(|own| folds_to(name, own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_proxies_say_is_known_in_every_spelling() {
        for name in [
            "forwarded",
            "x-forwarded-for",
            "X_Forwarded_Host",
            "x+forwarded+proto",
            "x-forwarded",
            "x-forwarded-anything",
            "X.Real.IP",
            "x-original-url",
            "x~rewrite~url",
            "x-host",
        ] {
            assert!(is_forwarded(name), "{name}");
        }
        for name in ["x-forward", "forwarded-by", "host", "via", "cf-connecting-ip", "referer"] {
            assert!(!is_forwarded(name), "{name}");
        }
    }

    #[test]
    fn what_says_another_path_is_known_in_every_spelling() {
        for name in ["SCRIPT_NAME", "script-name", "Path.Info", "x-script-name", "X+Path+Info"] {
            assert!(is_path(name), "{name}");
        }
        for name in ["script", "path", "x-path", "script-names"] {
            assert!(!is_path(name), "{name}");
        }
    }

    #[test]
    fn a_method_override_is_known_in_every_spelling() {
        for name in ["x-http-method-override", "X_HTTP_Method", "x*method*override"] {
            assert!(is_method_override(name), "{name}");
        }
        for name in ["x-http-methods", "x-http", "method", "access-control-request-method"] {
            assert!(!is_method_override(name), "{name}");
        }
    }
}
