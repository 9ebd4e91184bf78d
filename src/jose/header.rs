use std::rc::Rc;

use super::{Algorithm, JoseError};
use crate::json::{self, JsonError, ValueRef};

/// The members of a JOSE header that this gateway acts on ([RFC 7515 §4]).
///
/// `jwk`, `jku`, `x5u`, `x5c` and `x5t` are never used: a token does not choose its own key.
///
/// [RFC 7515 §4]: https://www.rfc-editor.org/rfc/rfc7515#section-4
#[derive(Clone, Debug)]
pub struct JoseHeader {
    /// `alg`. Compared with what the issuer may use, never trusted to choose.
    pub algorithm: Algorithm,
    /// `kid`, when present.
    pub kid: Option<Rc<str>>,
    /// `typ`, when present, as it was sent.
    pub typ: Option<String>,
}

/// Members that are not used but must at least be what the RFC says they are.
const STRINGS: [&str; 4] = ["cty", "jku", "x5u", "x5t"];

impl JoseHeader {
    /// Reads a header from its decoded bytes.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, JoseError> {
        let header = json::parse_ref(str::from_utf8(bytes).map_err(|_| JsonError)?)?;
        header.as_object().ok_or(JsonError)?;
        refuse_extensions(&header)?;
        for name in STRINGS {
            string(&header, name)?;
        }
        Ok(Self {
            algorithm: algorithm(&header)?,
            kid: string(&header, "kid")?.map(Rc::from),
            typ: string(&header, "typ")?.map(str::to_owned),
        })
    }
}

fn algorithm(header: &ValueRef<'_>) -> Result<Algorithm, JoseError> {
    let name = header.get("alg").and_then(ValueRef::as_str).ok_or(JoseError::AlgorithmUnknown)?;
    Algorithm::from_name(name).ok_or(JoseError::AlgorithmUnknown)
}

/// Refuses what would change the meaning of the three parts: an ignored `crit` or `b64` would
/// verify another text than the one that is read (RFC 7515 §4.1.11, RFC 7797 §6).
fn refuse_extensions(header: &ValueRef<'_>) -> Result<(), JoseError> {
    if header.get("crit").is_some() {
        return Err(JoseError::CriticalExtension);
    }
    if header.get("b64").is_some_and(|b64| b64.as_bool() != Some(true)) {
        return Err(JoseError::HeaderMember("b64"));
    }
    for name in ["enc", "zip"] {
        if header.get(name).is_some() {
            return Err(JoseError::HeaderMember(name));
        }
    }
    // `cty: JWT` announces a token inside the token (RFC 7519 §5.2); nothing here opens it.
    let nested = header.get("cty").and_then(ValueRef::as_str);
    if nested.is_some_and(|cty| cty.eq_ignore_ascii_case("jwt")) {
        return Err(JoseError::HeaderMember("cty"));
    }
    Ok(())
}

fn string<'h>(header: &'h ValueRef<'_>, name: &'static str) -> Result<Option<&'h str>, JoseError> {
    match header.get(name) {
        None => Ok(None),
        Some(ValueRef::String(text)) => Ok(Some(text)),
        // A member of the wrong type is not a missing member.
        Some(_) => Err(JoseError::HeaderMember(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> JoseError {
        JoseHeader::parse(text.as_bytes()).expect_err(text)
    }

    #[test]
    fn alg_kid_and_typ_are_read() {
        let header = JoseHeader::parse(br#"{"alg":"ES256","kid":"a","typ":"at+jwt"}"#);
        let header = header.expect("valid");
        assert_eq!(header.algorithm, Algorithm::Es256);
        assert_eq!((header.kid.as_deref(), header.typ.as_deref()), (Some("a"), Some("at+jwt")));
    }

    #[test]
    fn any_crit_is_refused_even_an_empty_or_malformed_one() {
        for crit in ["[]", "null", r#"["b64"]"#, r#"["exp"]"#, r#""b64""#] {
            let text = format!(r#"{{"alg":"ES256","b64":true,"crit":{crit}}}"#);
            assert_eq!(refused(&text), JoseError::CriticalExtension);
        }
    }

    #[test]
    fn an_unencoded_payload_is_refused() {
        assert!(JoseHeader::parse(br#"{"alg":"ES256","b64":true}"#).is_ok());
        for b64 in ["false", "null", "1", r#""true""#] {
            let text = format!(r#"{{"alg":"ES256","b64":{b64}}}"#);
            assert_eq!(refused(&text), JoseError::HeaderMember("b64"));
        }
    }

    #[test]
    fn a_missing_or_unknown_alg_is_refused() {
        for text in ["{}", r#"{"alg":"none"}"#, r#"{"alg":["RS256"]}"#, r#"{"alg":null}"#] {
            assert_eq!(refused(text), JoseError::AlgorithmUnknown, "{text}");
        }
    }

    #[test]
    fn members_of_the_wrong_type_are_refused() {
        for name in ["kid", "typ", "cty", "jku", "x5u", "x5t"] {
            let text = format!(r#"{{"alg":"ES256","{name}":1}}"#);
            assert_eq!(refused(&text), JoseError::HeaderMember(name));
        }
    }

    #[test]
    fn encryption_compression_and_nesting_are_refused() {
        assert_eq!(refused(r#"{"alg":"ES256","enc":"A128GCM"}"#), JoseError::HeaderMember("enc"));
        assert_eq!(refused(r#"{"alg":"ES256","zip":"DEF"}"#), JoseError::HeaderMember("zip"));
        assert_eq!(refused(r#"{"alg":"ES256","cty":"jwt"}"#), JoseError::HeaderMember("cty"));
    }
}
