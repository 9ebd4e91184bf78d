use std::fmt;

use serde_json::Value;

use super::ClaimError;
use crate::json::{self, Member, Object};
use crate::time::NumericDate;

/// The registered claims of a token, typed, with all claims beside them ([RFC 7519 §4.1]).
///
/// A claim that is present but of the wrong type is an error and never counts as missing: a check
/// that is skipped for `"nbf": "999"` is a hole (CVE-2026-25537).
///
/// [RFC 7519 §4.1]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1
/// Its `Debug` shows no claim but `iss`.
#[derive(Clone)]
pub struct Claims {
    /// `iss`.
    pub issuer: Option<String>,
    /// `sub`, if it is a text. Whoever reads it sees to that it is: [`super::Identity::read`].
    pub subject: Option<String>,
    /// `aud`.
    pub audience: Audience,
    /// `exp`.
    pub expires_at: Option<NumericDate>,
    /// `nbf`.
    pub not_before: Option<NumericDate>,
    /// `iat`.
    pub issued_at: Option<NumericDate>,
    /// `jti`.
    pub token_id: Option<String>,
    /// Every claim, the above among them.
    pub all: Object,
}

impl fmt::Debug for Claims {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Claims").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// `aud`: one string or an array of them; compared exactly ([RFC 7519 §4.1.3]).
///
/// [RFC 7519 §4.1.3]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience(Vec<String>);

impl Claims {
    /// Types the registered claims of `all`.
    ///
    /// # Errors
    ///
    /// [`ClaimError::Malformed`] with the claim's name.
    pub fn from_object(all: Object) -> Result<Self, ClaimError> {
        Ok(Self {
            issuer: string(&all, "iss")?,
            subject: all.get("sub").and_then(Value::as_str).map(str::to_owned),
            audience: audience(&all)?,
            expires_at: date(&all, "exp")?,
            not_before: date(&all, "nbf")?,
            issued_at: date(&all, "iat")?,
            token_id: string(&all, "jti")?,
            all,
        })
    }
}

/// Whom the claim at `path` names, read as `aud` is; `None` where there is none.
///
/// # Errors
///
/// [`ClaimError::Malformed`], also for a path that leads through something that is no object.
pub(super) fn audience_at(claims: &Object, path: &str) -> Result<Option<Audience>, ClaimError> {
    match json::member(claims, path) {
        Member::Value(value) => audience_of(value).map(Some),
        Member::Absent => Ok(None),
        Member::Blocked => Err(ClaimError::Malformed("aud")),
    }
}

impl Claims {
    /// Says whose a token is that does not say it itself: the issuer's whose key has verified it.
    pub(super) fn name_issuer(&mut self, issuer: &str) {
        if self.issuer.is_none() {
            self.issuer = Some(issuer.to_owned());
            self.all.insert("iss".to_owned(), issuer.into());
        }
    }
}

impl Audience {
    /// Whom it names.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// Whether one of `accepted` is in it. Nothing is accepted by an empty list.
    #[must_use]
    pub fn contains_any(&self, accepted: &[String]) -> bool {
        self.0.iter().any(|audience| accepted.contains(audience))
    }
}

pub(super) fn string(claims: &Object, name: &'static str) -> Result<Option<String>, ClaimError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ClaimError::Malformed(name)),
    }
}

pub(super) fn date(claims: &Object, name: &'static str) -> Result<Option<NumericDate>, ClaimError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) => {
            NumericDate::from_json(number).map(Some).ok_or(ClaimError::Malformed(name))
        }
        Some(_) => Err(ClaimError::Malformed(name)),
    }
}

pub(super) fn audience(claims: &Object) -> Result<Audience, ClaimError> {
    claims.get("aud").map_or_else(|| Ok(Audience::default()), audience_of)
}

fn audience_of(value: &Value) -> Result<Audience, ClaimError> {
    const MALFORMED: ClaimError = ClaimError::Malformed("aud");
    match value {
        Value::String(one) => Ok(Audience(vec![one.clone()])),
        Value::Array(many) => many
            .iter()
            .map(|value| value.as_str().map(str::to_owned).ok_or(MALFORMED))
            .collect::<Result<_, _>>()
            .map(Audience),
        _ => Err(MALFORMED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse_object;

    fn claims(text: &str) -> Result<Claims, ClaimError> {
        Claims::from_object(parse_object(text.as_bytes()).expect("object"))
    }

    #[test]
    fn missing_claims_are_absent() {
        let claims = claims("{}").expect("valid");
        assert!(claims.issuer.is_none() && claims.expires_at.is_none());
        assert_eq!(claims.audience, Audience::default());
    }

    #[test]
    fn a_claim_of_the_wrong_type_is_malformed_and_not_missing() {
        for name in ["exp", "nbf", "iat"] {
            for value in [r#""999""#, "null", "true", "[1]", "{}", "-1", "1e300"] {
                let text = format!("{{\"{name}\":{value}}}");
                assert_eq!(claims(&text).expect_err(&text), ClaimError::Malformed(name));
            }
        }
        for name in ["iss", "jti"] {
            for value in ["1", "null", r#"["a"]"#, "{}"] {
                let text = format!("{{\"{name}\":{value}}}");
                assert_eq!(claims(&text).expect_err(&text), ClaimError::Malformed(name));
            }
        }
        for value in ["1", "null", "{}", r#"["a",1]"#] {
            let text = format!("{{\"aud\":{value}}}");
            assert_eq!(claims(&text).expect_err(&text), ClaimError::Malformed("aud"));
        }
    }

    #[test]
    fn an_audience_is_compared_to_the_letter() {
        let accepted = ["api".to_owned(), "web".to_owned()];
        let audience = |text: &str| claims(text).expect(text).audience;
        assert!(audience(r#"{"aud":"api"}"#).contains_any(&accepted));
        assert!(audience(r#"{"aud":["x","web"]}"#).contains_any(&accepted));
        for other in [r#"{"aud":"API"}"#, r#"{"aud":"api/"}"#, r#"{"aud":[]}"#, "{}"] {
            assert!(!audience(other).contains_any(&accepted), "{other}");
        }
        assert!(!audience(r#"{"aud":"api"}"#).contains_any(&[]));
    }
}
