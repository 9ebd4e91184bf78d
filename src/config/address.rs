use crate::route::CanonicalPath;

/// Where the gateway sends requests of its own or of others.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "an adapter must reach every address"
)]
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

/// Checks a URL without query and fragment, and takes a trailing slash off.
///
/// Plain `http` is for loopback hosts: keys and identities do not travel in the clear.
///
/// # Errors
///
/// What was expected.
pub fn url(text: &str) -> Result<String, &'static str> {
    let (scheme, rest) = text
        .split_once("://")
        .ok_or("expected a URL such as https://host/path")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if !is_authority(authority) {
        return Err("expected a host in lower case, with a port at most");
    }
    if scheme != "https" && !(scheme == "http" && is_loopback(authority)) {
        return Err("expected https (http is for loopback hosts)");
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    // A path that is not canonical would be another one after the next parser.
    if !path.is_empty()
        && CanonicalPath::parse(path).map_or(true, |canonical| canonical.as_str() != path)
    {
        return Err("expected a plain path without query or fragment");
    }
    Ok(format!("{scheme}://{authority}{path}"))
}

fn is_authority(authority: &str) -> bool {
    let (host, port) = split_port(authority);
    let sound =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    let name = !host.is_empty() && host.bytes().all(sound);
    let ipv6 = host == "[::1]";
    (name || ipv6) && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|number| number > 0))
}

fn is_loopback(authority: &str) -> bool {
    let (host, _) = split_port(authority);
    let ipv4 = host.strip_prefix("127.").is_some_and(|rest| {
        rest.split('.').count() == 3 && rest.split('.').all(|part| part.parse::<u8>().is_ok())
    });
    ipv4 || host == "[::1]" || host == "localhost"
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
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
        assert_eq!(
            Address::parse("service:API"),
            Ok(Address::Service("API".to_owned()))
        );
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
}
