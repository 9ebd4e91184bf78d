use serde_json::Value;

use super::ClaimError;
use crate::json::Object;

/// Claims that state a token's type: OAuth's `token_type`, Cognito's `token_use`, Keycloak's `typ`.
pub(super) const TYPE_CLAIMS: [&str; 3] = ["token_type", "token_use", "typ"];

/// Which types of token are taken, by the header's `typ` and the claims that state one.
///
/// A refresh token or a logout token from the same issuer has a good signature too; its type is all
/// that tells it apart ([RFC 8725 §3.11]).
///
/// [RFC 8725 §3.11]: https://www.rfc-editor.org/rfc/rfc8725#section-3.11
#[derive(Clone, Debug)]
pub struct TokenTypes {
    accepted: Vec<String>,
    untyped: bool,
}

impl Default for TokenTypes {
    /// `JWT`, `at+jwt`, `access`, `access_token`, `Bearer`, and tokens that say no type.
    fn default() -> Self {
        let accepted = ["jwt", "at+jwt", "access", "access_token", "bearer"];
        let accepted = accepted.map(str::to_owned).to_vec();
        Self { accepted, untyped: true }
    }
}

impl TokenTypes {
    /// Exactly these types, compared without case and without a leading `application/`; a token
    /// that says no type is refused.
    #[must_use]
    pub fn only(types: &[String]) -> Self {
        Self {
            accepted: types.iter().map(|name| bare(name).to_ascii_lowercase()).collect(),
            untyped: false,
        }
    }

    /// The accepted types, in lower case, and whether a token may say none.
    #[must_use]
    pub fn accepted(&self) -> (&[String], bool) {
        (&self.accepted, self.untyped)
    }

    /// Judges the header's `typ` and the types that claims state. All that are there must be
    /// accepted, but a `typ` of `JWT` says nothing beside a claim (`SimpleJWT` writes both).
    ///
    /// # Errors
    ///
    /// [`ClaimError::TypeRefused`].
    pub fn check(&self, typ: Option<&str>, stated: &[(&str, &str)]) -> Result<(), ClaimError> {
        let says_more = |typ: &&str| stated.is_empty() || !typ.eq_ignore_ascii_case("jwt");
        let typ = typ.map(bare).filter(says_more);
        let accepts = |name: &str| self.accepted.iter().any(|own| own.eq_ignore_ascii_case(name));
        let stated = stated.iter().map(|(_, stated)| bare(stated));
        let mut said = typ.into_iter().chain(stated).peekable();
        if (said.peek().is_none() && !self.untyped) || !said.all(accepts) {
            return Err(ClaimError::TypeRefused);
        }
        Ok(())
    }

    /// The same with the types that the claims of one token state.
    ///
    /// # Errors
    ///
    /// [`ClaimError::TypeRefused`], [`ClaimError::Malformed`].
    pub fn check_claims(&self, typ: Option<&str>, claims: &Object) -> Result<(), ClaimError> {
        self.check(typ, &stated(claims, &TYPE_CLAIMS)?)
    }
}

/// The type that a token states, by the header's `typ` and its claims: `access`, `refresh`, or `other` for
/// anything else and for several that differ; `None` if it states none. A `typ` of `JWT` is none.
#[must_use]
pub fn stated_type(typ: Option<&str>, claims: &Object) -> Option<&'static str> {
    let kind = |text: &str| match bare(text).to_ascii_lowercase().as_str() {
        "access" | "access_token" | "bearer" | "at+jwt" => "access",
        "refresh" | "refresh_token" | "offline" => "refresh",
        _ => "other",
    };
    let Ok(stated) = stated(claims, &TYPE_CLAIMS) else { return Some("other") };
    let typ = typ.filter(|typ| !bare(typ).eq_ignore_ascii_case("jwt"));
    let stated = stated.into_iter().map(|(_, text)| text).chain(typ);
    let kinds: Vec<_> = stated.map(kind).collect();
    let first = *kinds.first()?;
    Some(if kinds.iter().all(|kind| *kind == first) { first } else { "other" })
}

/// The types that those of `names` state which are there, each with its claim's name.
///
/// # Errors
///
/// [`ClaimError::Malformed`] for one that is no string: what it says is not known.
pub(super) fn stated<'c>(
    claims: &'c Object,
    names: &[&'static str],
) -> Result<Vec<(&'static str, &'c str)>, ClaimError> {
    let value = |name: &&'static str| Some((*name, claims.get(*name)?));
    let text = |(name, value): (&'static str, &'c Value)| {
        Ok((name, value.as_str().ok_or(ClaimError::Malformed(name))?))
    };
    names.iter().filter_map(value).map(text).collect()
}

fn bare(name: &str) -> &str {
    match name.split_at_checked(APPLICATION.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(APPLICATION) => rest,
        _ => name,
    }
}

const APPLICATION: &str = "application/";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse_object;

    fn claims(text: &str) -> Object {
        parse_object(text.as_bytes()).expect("object")
    }

    #[track_caller]
    fn type_verdict(types: &TokenTypes, typ: Option<&str>, text: &str) -> Result<(), &'static str> {
        types.check_claims(typ, &claims(text)).map_err(|error| error.code())
    }

    #[test]
    fn a_refresh_token_opens_nothing_by_default() {
        let types = TokenTypes::default();
        assert_eq!(type_verdict(&types, Some("JWT"), r#"{"token_type":"access"}"#), Ok(()));
        assert_eq!(type_verdict(&types, Some("at+jwt"), "{}"), Ok(()));
        assert_eq!(type_verdict(&types, Some("application/at+JWT"), "{}"), Ok(()));
        assert_eq!(type_verdict(&types, None, "{}"), Ok(()));
        for (typ, text) in [
            (Some("JWT"), r#"{"token_type":"refresh"}"#),
            (None, r#"{"token_type":"refresh"}"#),
            (Some("logout+jwt"), "{}"),
            (Some("logout+jwt"), r#"{"token_type":"access"}"#),
            (Some(""), "{}"),
            (Some("xpplication/jwt"), "{}"),
            (Some("application/application/jwt"), "{}"),
        ] {
            assert_eq!(
                type_verdict(&types, typ, text),
                Err("token_type_refused"),
                "{typ:?} {text}"
            );
        }
        assert_eq!(type_verdict(&types, None, r#"{"token_type":1}"#), Err("claim_malformed"));
    }

    #[test]
    fn every_claim_that_states_a_type_must_state_an_accepted_one() {
        let types = TokenTypes::default();
        for text in [
            r#"{"token_use":"access"}"#,
            r#"{"typ":"Bearer"}"#,
            r#"{"token_type":"access_token"}"#,
            r#"{"token_type":"Bearer","token_use":"access_token","typ":"Bearer"}"#,
        ] {
            assert_eq!(type_verdict(&types, Some("JWT"), text), Ok(()), "{text}");
        }
        for text in [
            r#"{"token_use":"id"}"#,
            r#"{"typ":"ID"}"#,
            r#"{"typ":"Refresh"}"#,
            r#"{"typ":"Offline"}"#,
            r#"{"typ":""}"#,
            r#"{"token_type":"Bearer","token_use":"refresh_token"}"#,
            r#"{"token_use":"access","typ":"Logout"}"#,
        ] {
            let verdict = type_verdict(&types, Some("JWT"), text);
            assert_eq!(verdict, Err("token_type_refused"), "{text}");
        }
        for text in [r#"{"token_use":1}"#, r#"{"typ":null}"#, r#"{"typ":["Bearer"]}"#] {
            assert_eq!(type_verdict(&types, None, text), Err("claim_malformed"), "{text}");
        }
        let bearer = TokenTypes::only(&["Bearer".to_owned()]);
        assert_eq!(type_verdict(&bearer, Some("JWT"), r#"{"typ":"Bearer"}"#), Ok(()));
    }

    #[test]
    fn configured_types_leave_no_room_for_others_or_none() {
        let types = TokenTypes::only(&["at+jwt".to_owned()]);
        assert_eq!(type_verdict(&types, Some("at+jwt"), "{}"), Ok(()));
        for typ in [None, Some("JWT"), Some("at+jwt2")] {
            assert_eq!(type_verdict(&types, typ, "{}"), Err("token_type_refused"));
        }
        let access = TokenTypes::only(&["access".to_owned()]);
        assert_eq!(type_verdict(&access, Some("JWT"), r#"{"token_type":"access"}"#), Ok(()));
    }

    #[test]
    fn a_token_is_what_all_that_states_it_says() {
        let stated = |typ, text: &str| stated_type(typ, &claims(text));
        assert_eq!(stated(Some("JWT"), "{}"), None);
        assert_eq!(stated(None, r#"{"token_type":"refresh"}"#), Some("refresh"));
        assert_eq!(stated(Some("JWT"), r#"{"typ":"Refresh"}"#), Some("refresh"));
        assert_eq!(stated(Some("at+jwt"), "{}"), Some("access"));
        assert_eq!(stated(Some("at+jwt"), r#"{"token_type":"refresh"}"#), Some("other"));
        assert_eq!(stated(None, r#"{"typ":"ID"}"#), Some("other"));
        assert_eq!(stated(None, r#"{"token_type":7}"#), Some("other"));
    }
}
