use super::OWS;

/// The `Authorization` header is not one clear credential ([RFC 6750 §3.1], `invalid_request`).
///
/// [RFC 6750 §3.1]: https://www.rfc-editor.org/rfc/rfc6750#section-3.1
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "both are one code on the wire")]
pub enum CredentialError {
    /// Not the scheme, one or more spaces, and one token of the grammar's characters; in other
    /// places than `Authorization` not one such token.
    #[error("expected the scheme, `Bearer` by default, and one token")]
    Malformed,
    /// Two credentials: two servers could each take another one.
    #[error("expected one credential, got several")]
    Several,
}

impl CredentialError {
    /// A stable name for logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "credential_malformed",
            Self::Several => "credential_ambiguous",
        }
    }
}

/// Which characters a token has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third kind")]
pub enum TokenGrammar {
    /// `b64token` ([RFC 6750 §2.1]), the padding sign anywhere: the token's own parser is stricter.
    ///
    /// [RFC 6750 §2.1]: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
    #[default]
    B64Token,
    /// Visible ASCII without commas and quotes: opaque tokens of Laravel Sanctum have a `|`, those of
    /// Django's `signing` a `:`.
    Visible,
}

impl TokenGrammar {
    /// Whether a text is one token.
    #[must_use]
    pub fn permits(self, text: &str) -> bool {
        match self {
            Self::B64Token => is_token(text),
            Self::Visible => !text.is_empty() && text.bytes().all(is_visible),
        }
    }
}

fn is_visible(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b',' | b'"' | b'\'')
}

/// Takes the bearer token out of an `Authorization` header ([RFC 6750 §2.1]).
///
/// `Ok(None)` when the header holds a credential of another scheme: no bearer token was sent.
///
/// # Errors
///
/// [`CredentialError`].
///
/// [RFC 6750 §2.1]: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
pub fn bearer(authorization: &str, grammar: TokenGrammar) -> Result<Option<&str>, CredentialError> {
    of_scheme(authorization, "bearer", grammar)
}

/// The same for a token under another scheme, such as `Token`.
///
/// # Errors
///
/// [`CredentialError`].
pub(super) fn of_scheme<'a>(
    authorization: &'a str,
    wanted: &str,
    grammar: TokenGrammar,
) -> Result<Option<&'a str>, CredentialError> {
    let value = authorization.trim_matches(OWS);
    let scheme_bytes = value.bytes().take_while(|byte| is_scheme_character(*byte)).count();
    let (scheme, rest) = value.split_at_checked(scheme_bytes).ok_or(CredentialError::Malformed)?;
    let is_wanted = scheme.eq_ignore_ascii_case(wanted);
    let token = rest.trim_start_matches(' ');
    // Whatever is made of a token's characters alone holds no second credential.
    if is_wanted && token.len() < rest.len() && grammar.permits(token) {
        return Ok(Some(token));
    }
    // The platform joins repeated headers with a comma, whichever scheme came first; no token68
    // holds one. Parameters of other schemes (Digest) do, but not a second scheme's token.
    let mut others = value.split(',').skip(1);
    if is_wanted && rest.contains(',')
        || others.any(|next| starts_with_scheme(next.trim_start_matches(' '), wanted))
    {
        return Err(CredentialError::Several);
    }
    if is_wanted { Err(CredentialError::Malformed) } else { Ok(None) }
}

/// Whether the scheme stands here, and no longer word.
fn starts_with_scheme(text: &str, wanted: &str) -> bool {
    let (start, rest) = text.split_at_checked(wanted.len()).unwrap_or_default();
    let goes_on = rest.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    start.eq_ignore_ascii_case(wanted) && !goes_on
}

fn is_scheme_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_token(text: &str) -> bool {
    let is_sound = |byte: u8| SOUND.get(usize::from(byte)).copied().unwrap_or(false);
    // Without a branch for each: nearly all of them are sound.
    !text.is_empty() && text.bytes().fold(true, |all, byte| all & is_sound(byte))
}

/// Every byte of a token is asked on every request, and a table answers fastest.
const SOUND: [bool; 256] = sound();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "run by the compiler, which refuses what does not hold"
)]
const fn sound() -> [bool; 256] {
    let mut sound = [false; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        sound[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=');
        byte += 1;
    }
    sound
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(authorization: &str) -> Result<Option<&str>, CredentialError> {
        super::bearer(authorization, TokenGrammar::B64Token)
    }

    #[test]
    fn an_opaque_token_may_have_any_visible_character_but_commas_and_quotes() {
        fn opaque(header: &str) -> Result<Option<&str>, CredentialError> {
            super::bearer(header, TokenGrammar::Visible)
        }
        for token in ["1|abcDEF", "a:b:c", "a;b\\c", "{x}", "a=b", "!#$%&()*<>?@[]^`~"] {
            let header = format!("Bearer {token}");
            assert_eq!(opaque(&header), Ok(Some(token)), "{token}");
        }
        for token in ["1|a b", "a\"b", "a'b", "a\tb", "\u{e9}", "a\u{7f}b", ""] {
            let header = format!("Bearer {token}");
            assert_eq!(opaque(&header), Err(CredentialError::Malformed), "{token}");
        }
        for header in ["Bearer a|b,c", "Bearer a|b, Bearer c", "Token x, Bearer a|b"] {
            assert_eq!(opaque(header), Err(CredentialError::Several), "{header}");
        }
        assert_eq!(bearer("Bearer 1|a"), Err(CredentialError::Malformed));
    }

    #[test]
    fn one_bearer_token_is_taken() {
        for header in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c", "Bearer a.b.c "] {
            assert_eq!(bearer(header), Ok(Some("a.b.c")), "{header:?}");
        }
    }

    #[test]
    fn another_scheme_is_no_bearer_token() {
        for header in ["Basic YTpi", "Token a.b.c", "", "Digest a=\"b\", c=\"d\"", "Bearerx a"] {
            assert_eq!(bearer(header), Ok(None), "{header:?}");
        }
    }

    #[test]
    fn malformed_credentials_are_refused() {
        for header in [
            "Bearer",
            "Bearer ",
            "Bearer\ta",
            "Bearer: a",
            "Bearer \"a\"",
            "Bearer a b",
            "Bearer ä",
        ] {
            assert_eq!(bearer(header), Err(CredentialError::Malformed), "{header:?}");
        }
    }

    #[test]
    fn two_credentials_are_refused_in_either_order() {
        for header in
            ["Bearer a, Bearer b", "Bearer a,b", "Basic YTpi, Bearer a", "Token a,bearer b"]
        {
            assert_eq!(bearer(header), Err(CredentialError::Several), "{header:?}");
        }
    }
}
