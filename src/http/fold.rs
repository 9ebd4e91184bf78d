/// A header name as an origin may read it: lower case, every byte that is no letter or digit read
/// as `-`.
///
/// CGI gives all of them one spelling ([RFC 3875 §4.1.18]): WSGI cannot tell `X-Auth-Subject` from
/// `X_Auth_Subject` (CVE-2025-64484), and lighttpd reads `X+Auth+Subject` alike.
///
/// [RFC 3875 §4.1.18]: https://www.rfc-editor.org/rfc/rfc3875#section-4.1.18
#[must_use]
pub fn fold_name(name: &str) -> String {
    folded(name).map(char::from).collect()
}

/// Whether a name, read so, is `wanted`, which is folded already.
#[must_use]
pub fn folds_to(name: &str, wanted: &str) -> bool {
    name.len() == wanted.len() && folds_to_start(name, wanted)
}

/// Whether a name, read so, begins with `start`, which is folded already.
#[must_use]
pub fn folds_to_start(name: &str, start: &str) -> bool {
    name.len() >= start.len() && folded(name).zip(start.bytes()).all(|(own, other)| own == other)
}

fn folded(name: &str) -> impl Iterator<Item = u8> + '_ {
    name.bytes().map(fold_byte)
}

/// The same for one byte of a name.
#[must_use]
pub const fn fold_byte(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_that_is_no_letter_or_digit_folds_to_a_hyphen() {
        // All that may stand in a name besides letters and digits (RFC 9110 §5.6.2).
        for byte in "!#$%&'*+-.^_`|~".chars() {
            let name = format!("X{byte}Auth{byte}Subject");
            assert_eq!(fold_name(&name), "x-auth-subject", "{name}");
            assert!(folds_to(&name, "x-auth-subject") && folds_to_start(&name, "x-auth-"));
        }
        assert_eq!(fold_name("X2-aZ9"), "x2-az9");
        assert!(
            !folds_to("x-auth-sub", "x-auth-subject")
                && !folds_to("x-auth-subjects", "x-auth-subject")
        );
        assert!(!folds_to_start("x-aut", "x-auth-") && !folds_to_start("xx-auth-a", "x-auth-"));
    }
}
