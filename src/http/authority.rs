/// Whether `text` is a host with a port at most ([RFC 9110 §4.2.1]): a name, an IPv4 address, or an
/// IPv6 address in brackets.
///
/// Anything else would be taken apart in another place by the next parser: behind `a\admin` some
/// read the host `a` and a path.
///
/// [RFC 9110 §4.2.1]: https://www.rfc-editor.org/rfc/rfc9110#section-4.2.1
#[must_use]
pub fn is_authority(text: &str) -> bool {
    let (host, port) = split_port(text);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let is_ipv6 = |byte: u8| byte.is_ascii_hexdigit() || b":.".contains(&byte);
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let host_is_sound = if let Some(address) = address {
        !address.is_empty() && address.bytes().all(is_ipv6)
    } else {
        // One dot at the end is the root. Without an empty label some servers read another host.
        let name = host.strip_suffix('.').unwrap_or(host);
        name.bytes().all(is_name) && name.split('.').all(|label| !label.is_empty())
    };
    host_is_sound && port.is_none_or(is_port)
}

/// Digits alone, as the platform writes them: `+8443` and `08443` would be a port to one parser and
/// none, or another text, to the next.
fn is_port(text: &str) -> bool {
    let is_written_once = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    is_written_once && text.parse::<u16>().is_ok()
}

/// Takes host and port apart.
#[must_use]
pub fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_with_a_port_at_most_are_authorities() {
        for text in [
            "a",
            "a.",
            "a.b.:80",
            "A.example:8080",
            "a_b.example",
            "127.0.0.1:1",
            "[::1]",
            "[::1]:80",
        ] {
            assert!(is_authority(text), "{text}");
        }
    }

    #[test]
    fn nothing_else_is() {
        for text in [
            "", ":80", "a:", "a:b", "a:0", "a:99999", "a:+80", "a:-80", "a:080", "a: 80", "a/b",
            "a\\b", "a?b", "a#b", "u@a", "a b", "a|b", "[x", "[]", "[::1", ".", "..", ".a", "a..",
            "a..b", ".:80", "a%2fb", "\u{e4}",
        ] {
            assert!(!is_authority(text), "{text:?}");
        }
    }
}
