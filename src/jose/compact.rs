use std::fmt;
use std::rc::Rc;

use super::{JoseError, JoseHeader, KnownHeaders, base64url};

/// A JWS in compact form that is well-formed, and nothing more ([RFC 7515 §7.1]).
///
/// Checked: length, exactly three parts, strict base64url, the header's JSON and members.
/// *Not* checked: the signature and everything that the payload says.
///
/// [RFC 7515 §7.1]: https://www.rfc-editor.org/rfc/rfc7515#section-7.1
pub struct UnverifiedJws {
    text: String,
    signing_input_bytes: usize,
    header: Rc<JoseHeader>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl UnverifiedJws {
    /// Takes a token apart.
    ///
    /// # Errors
    ///
    /// [`JoseError::TooLarge`] first of all, so that the cost of a refusal is bounded; then
    /// `Parts`, `Encoding`, and what the header gives cause for.
    pub fn parse(text: String, max_bytes: usize) -> Result<Self, JoseError> {
        Self::parse_with(&KnownHeaders::default(), text, max_bytes)
    }

    /// The same with headers that have been read before.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`].
    pub fn parse_with(
        known: &KnownHeaders,
        text: String,
        max_bytes: usize,
    ) -> Result<Self, JoseError> {
        if text.len() > max_bytes {
            return Err(JoseError::TooLarge { limit: max_bytes, got: text.len() });
        }
        let (header, payload, signature) = three_parts(&text)?;
        let signing_input_bytes = header.len().saturating_add(payload.len()).saturating_add(1);
        let decode = |part| base64url::decode(part).ok_or(JoseError::Encoding);
        let (payload, signature) = (decode(payload)?, decode(signature)?);
        let header = match known.find(header) {
            Some(header) => header,
            None => Rc::new(JoseHeader::parse(&decode(header)?)?),
        };
        Ok(Self { text, signing_input_bytes, header, payload, signature })
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &JoseHeader {
        &self.header
    }

    /// The header, to be kept.
    pub(super) fn shared_header(&self) -> Rc<JoseHeader> {
        Rc::clone(&self.header)
    }

    /// The header as it was sent.
    pub(super) fn encoded_header(&self) -> &str {
        self.text.split_once('.').map_or("", |(header, _)| header)
    }

    /// The decoded payload. It is not verified yet.
    #[must_use]
    pub fn unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// Gives the decoded payload away: once it is read it need not be kept with the token.
    #[must_use]
    pub fn take_unverified_payload(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.payload)
    }

    /// Lets go of the decoded signature, once it has been verified.
    pub(super) fn forget_signature(&mut self) {
        self.signature = Vec::new();
    }

    /// The text under the signature: header, dot, payload, as they were sent.
    #[must_use]
    pub fn signing_input(&self) -> &str {
        self.text.get(..self.signing_input_bytes).unwrap_or_default()
    }

    /// The decoded signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The whole token as it was sent.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn three_parts(text: &str) -> Result<(&str, &str, &str), JoseError> {
    let (header, rest) = text.split_once('.').ok_or(JoseError::Parts)?;
    let (payload, signature) = rest.split_once('.').ok_or(JoseError::Parts)?;
    if signature.contains('.') {
        return Err(JoseError::Parts);
    }
    Ok((header, payload, signature))
}

/// Prints lengths only: a token in a log is a token in many hands.
impl fmt::Debug for UnverifiedJws {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UnverifiedJws")
            .field("bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "eyJhbGciOiJFUzI1NiJ9";

    fn parse(text: &str) -> Result<UnverifiedJws, JoseError> {
        UnverifiedJws::parse(text.to_owned(), 100)
    }

    #[test]
    fn three_parts_are_taken_apart() {
        let jws = parse(&format!("{HEADER}.e30.AQ")).expect("valid");
        assert_eq!(jws.signing_input(), format!("{HEADER}.e30"));
        assert_eq!(jws.unverified_payload(), b"{}");
        assert_eq!(jws.signature(), [1]);
    }

    #[test]
    fn any_other_number_of_parts_is_refused() {
        for text in ["", ".", HEADER, &format!("{HEADER}.e30"), &format!("{HEADER}.e30.AQ.AQ.AQ")] {
            assert_eq!(parse(text).expect_err(text), JoseError::Parts);
        }
    }

    #[test]
    fn a_token_of_the_limit_is_taken_and_one_byte_more_is_not() {
        let text = format!("{HEADER}.{}.AQ", "A".repeat(76));
        assert_eq!(text.len(), 100);
        assert!(parse(&text).is_ok());
        let longer = format!("{HEADER}.{}.AQI", "A".repeat(76));
        assert_eq!(parse(&longer).expect_err("long"), JoseError::TooLarge { limit: 100, got: 101 });
    }

    #[test]
    fn debug_shows_no_token_text() {
        let jws = parse(&format!("{HEADER}.e30.AQ")).expect("valid");
        assert_eq!(format!("{jws:?}"), "UnverifiedJws { bytes: 27, .. }");
    }
}
