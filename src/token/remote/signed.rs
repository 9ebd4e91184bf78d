use super::RemoteFailure;
use crate::jose::{
    Candidates, JoseHeader, SignatureCheck, SignatureStep, SignatureValid, UnverifiedJws,
};
use crate::json::{self, Object};
use crate::limits;
use crate::time::NumericDate;
use crate::token::claims::{audience, date, string};

/// A signed answer of an introspection ([RFC 9701]) that nobody has verified yet.
///
/// [RFC 9701]: https://www.rfc-editor.org/rfc/rfc9701
#[derive(Debug)]
pub struct SignedAnswer(UnverifiedJws);

impl SignedAnswer {
    /// Takes a body apart; its `typ` must say that it is an answer ([RFC 9701 §5]): a token of the
    /// same issuer has a good signature too.
    ///
    /// [RFC 9701 §5]: https://www.rfc-editor.org/rfc/rfc9701#section-5
    pub(super) fn parse(body: &[u8]) -> Result<Self, RemoteFailure> {
        let text = String::from_utf8(body.to_vec()).map_err(|_| RemoteFailure::Malformed)?;
        let jws = UnverifiedJws::parse(text, limits::REMOTE_BODY_BYTES)
            .map_err(|_| RemoteFailure::Malformed)?;
        let typ = jws.header().typ.as_deref().unwrap_or_default();
        let is_answer = typ.eq_ignore_ascii_case("token-introspection+jwt")
            || typ.eq_ignore_ascii_case("application/token-introspection+jwt");
        if is_answer { Ok(Self(jws)) } else { Err(RemoteFailure::Unverified) }
    }

    /// Its header.
    #[must_use]
    pub fn header(&self) -> &JoseHeader {
        self.0.header()
    }

    /// Starts the signature check with the keys chosen for the header.
    #[must_use]
    pub fn check(self, keys: Candidates) -> SignatureStep {
        SignatureCheck::begin(self.0, keys)
    }
}

/// The answer under a signature that holds: nothing unless it is by this issuer, for this client, and
/// of a time between these two.
pub(super) fn open(
    proof: &SignatureValid,
    issuer: &str,
    client: &str,
    (earliest, latest): (NumericDate, NumericDate),
) -> Option<Object> {
    let mut payload = json::parse_object(proof.jws().unverified_payload()).ok()?;
    let iat = date(&payload, "iat").ok()??;
    let is_ours = string(&payload, "iss").ok()?.as_deref() == Some(issuer)
        && audience(&payload).ok()?.contains_any(&[client.to_owned()])
        && (earliest..=latest).contains(&iat);
    let answer = payload.remove("token_introspection").filter(|_| is_ours)?;
    answer.as_object().cloned()
}
