//! One `Authorization` header gives one token or none.

use edgeward::http::{CredentialError, TokenGrammar};

fn bearer(value: &str) -> Result<Option<&str>, CredentialError> {
    edgeward::http::bearer(value, TokenGrammar::B64Token)
}

pub(crate) fn check(data: &[u8]) {
    let Ok(value) = std::str::from_utf8(data) else {
        return;
    };
    let found = bearer(value);
    if let Ok(Some(token)) = found {
        is_the_only_token(value, token);
    }
    if let Ok(None) = found {
        let scheme = value.trim_matches(' ').split(' ').next().unwrap_or_default();
        assert!(!scheme.eq_ignore_ascii_case("bearer"), "a bearer token was overlooked");
    }
    // The platform joins a second header to this one: whatever the first says, two are refused.
    let twice = format!("{value}, Bearer a");
    assert_eq!(bearer(&twice), Err(CredentialError::Several));
}

fn is_the_only_token(value: &str, token: &str) {
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    assert!(!token.is_empty() && token.bytes().all(sound), "{token:?}");
    let words: Vec<_> = value.split(' ').filter(|word| !word.is_empty()).collect();
    assert!(words.len() == 2 && words[0].eq_ignore_ascii_case("bearer") && words[1] == token);
    assert_eq!(bearer(&format!("Bearer {token}")), Ok(Some(token)));
}
