use crate::http::{is_authority, split_port};
use crate::route::CanonicalPath;

/// The address of a server to which the gateway sends requests, its own or those of clients.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must reach every address")]
pub enum Address {
    /// `https://host[:port][/base]`, without a trailing slash; `http` for loopback hosts only.
    Url(String),
    /// A service binding.
    Service(String),
}

impl Address {
    /// Parses `service:BINDING` or a URL.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        match text.strip_prefix("service:") {
            Some("") => Err("expected a binding after `service:`"),
            Some(binding) => Ok(Self::Service(binding.to_owned())),
            None => url(text).map(Self::Url),
        }
    }
}

/// Checks the URL of an origin, without query and fragment, and takes a trailing slash off.
pub(super) fn url(text: &str) -> Result<String, &'static str> {
    let (base, path) = split(text)?;
    let port = if base.starts_with("https:") { ":443" } else { ":80" };
    // One origin has one text.
    let base = base.strip_suffix(port).unwrap_or(base);
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() || is_canonical(path) {
        return Ok(format!("{base}{path}"));
    }
    Err("expected a plain path without query or fragment")
}

/// Checks the URL of a document, which may have a query, and is asked for exactly as it stands.
///
/// # Errors
///
/// A text that says what was expected.
pub fn document_url(text: &str) -> Result<String, &'static str> {
    let (_, rest) = split(text)?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let sound = |byte: u8| byte.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(&byte);
    if (path.is_empty() || is_canonical(path)) && query.bytes().all(sound) {
        return Ok(text.to_owned());
    }
    Err("expected a plain path and query without fragment")
}

/// Splits a URL into the scheme with the authority, and the rest.
///
/// Plain `http` is accepted for loopback hosts only: keys and identities do not travel in the
/// clear.
fn split(text: &str) -> Result<(&str, &str), &'static str> {
    let (scheme, rest) =
        text.split_once("://").ok_or("expected a URL such as https://host/path")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if !is_authority(authority) || authority.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err("expected a host in lower case, with a port at most");
    }
    if scheme != "https" && !(scheme == "http" && is_loopback(authority)) {
        return Err("expected https (http is for loopback hosts)");
    }
    let base_bytes = text.len().saturating_sub(rest.len()).saturating_add(authority.len());
    text.split_at_checked(base_bytes).ok_or("expected a URL")
}

/// Whether a path is canonical; the next parser could read another path into one that is not.
fn is_canonical(path: &str) -> bool {
    CanonicalPath::parse(path).is_ok_and(|canonical| canonical.as_str() == path)
}

/// Whether an authority, a host with a port at most, is of this machine.
pub(super) fn is_loopback(authority: &str) -> bool {
    let (host, _) = split_port(authority);
    let ipv4 = host.strip_prefix("127.").is_some_and(|rest| {
        rest.split('.').count() == 3 && rest.split('.').all(|part| part.parse::<u8>().is_ok())
    });
    ipv4 || host == "[::1]" || host == "localhost"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_urls_and_loopback_http_are_taken() {
        for (text, url_text) in [
            ("https://a.example", "https://a.example"),
            ("https://a.example:8443/v2/", "https://a.example:8443/v2"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://localhost", "http://localhost"),
            ("http://[::1]:1", "http://[::1]:1"),
        ] {
            assert_eq!(url(text).as_deref(), Ok(url_text));
        }
        assert_eq!(Address::parse("service:API"), Ok(Address::Service("API".to_owned())));
    }

    #[test]
    fn other_urls_are_refused() {
        for text in [
            "a.example",
            "http://a.example",
            "http://127.evil.example",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "ftp://a.example",
            "https://",
            "https://user@a.example",
            "https://A.example",
            "https://a.example:0",
            "https://a.example:99999",
            "https://a.example/?q",
            "https://a.example/#f",
            "https://a.example/../b",
            "https://a.example\\b",
            "service:",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_documents_url_is_kept_to_the_letter() {
        for text in [
            "https://a.example/jwks.json?p=b2c_1_sign_in&v=2",
            "https://a.example/keys/",
            "https://a.example",
            "https://a.example?x=1",
        ] {
            assert_eq!(document_url(text).as_deref(), Ok(text));
        }
        for text in [
            "http://a.example/k",
            "https://a.example/k#f",
            "https://a.example/k?a b",
            "https://a/../k",
        ] {
            assert!(document_url(text).is_err(), "{text}");
        }
    }
}
