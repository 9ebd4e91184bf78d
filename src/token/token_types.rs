use super::ClaimError;
use crate::json::Object;

/// Which types of token are taken, by the header's `typ` and the claim `token_type`.
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
    /// `JWT`, `at+jwt`, `access`, `Bearer`, and tokens that say no type.
    fn default() -> Self {
        let accepted = ["jwt", "at+jwt", "access", "bearer"].map(str::to_owned).to_vec();
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

    /// Judges `typ` and `token_type`, also that of the JWT itself where its issuer was asked. All
    /// that are there must be accepted, but a `typ` of `JWT` says nothing beside a `token_type`
    /// (`SimpleJWT` writes both).
    ///
    /// # Errors
    ///
    /// [`ClaimError::TypeRefused`]; [`ClaimError::Malformed`] when `token_type` is no string.
    pub fn check(
        &self,
        typ: Option<&str>,
        claims: &Object,
        own: Option<&Object>,
    ) -> Result<(), ClaimError> {
        let claimed = token_type(claims)?;
        let own = own.map_or(Ok(None), token_type)?;
        let is_claimed = claimed.is_some() || own.is_some();
        let typ = typ.map(bare).filter(|typ| !is_claimed || !typ.eq_ignore_ascii_case("jwt"));
        let accepts = |name: &str| self.accepted.iter().any(|own| own.eq_ignore_ascii_case(name));
        let mut said = [typ, claimed.map(bare), own.map(bare)].into_iter().flatten().peekable();
        if (said.peek().is_none() && !self.untyped) || !said.all(accepts) {
            return Err(ClaimError::TypeRefused);
        }
        Ok(())
    }
}

fn token_type(claims: &Object) -> Result<Option<&str>, ClaimError> {
    match claims.get("token_type") {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or(ClaimError::Malformed("token_type")),
    }
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
        types.check(typ, &claims(text), None).map_err(|error| error.code())
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
    fn an_answers_type_and_the_tokens_own_must_both_be_accepted() {
        let types = TokenTypes::default();
        let verdict = |answer: &str, own: &str| {
            types.check(Some("JWT"), &claims(answer), Some(&claims(own))).map_err(|e| e.code())
        };
        assert_eq!(verdict(r#"{"token_type":"Bearer"}"#, r#"{"token_type":"access"}"#), Ok(()));
        assert_eq!(verdict("{}", "{}"), Ok(()));
        for (answer, own) in [
            ("{}", r#"{"token_type":"refresh"}"#),
            (r#"{"token_type":"Bearer"}"#, r#"{"token_type":"refresh"}"#),
            (r#"{"token_type":"DPoP"}"#, r#"{"token_type":"access"}"#),
        ] {
            assert_eq!(verdict(answer, own), Err("token_type_refused"), "{answer} {own}");
        }
        assert_eq!(verdict("{}", r#"{"token_type":1}"#), Err("claim_malformed"));
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
}
