use std::cell::RefCell;
use std::rc::Rc;

use super::JoseHeader;
use crate::limits;

/// A cache of the headers of tokens whose signature was valid, by their encoded text: an issuer
/// writes the same one into every token, and it need not be parsed again each time.
///
/// The content of a header depends on its text alone, so no entry is ever out of date. Only tokens
/// with a valid signature add entries, so that nobody can evict the issuers' headers.
#[derive(Debug, Default)]
pub struct KnownHeaders(RefCell<Vec<(Box<str>, Rc<JoseHeader>)>>);

impl KnownHeaders {
    /// The header that was read from this text.
    pub(super) fn find(&self, encoded: &str) -> Option<Rc<JoseHeader>> {
        let known = self.0.borrow();
        let (_, header) = known.iter().find(|(own, _)| **own == *encoded)?;
        Some(Rc::clone(header))
    }

    /// Keeps the header that was read from this text, and evicts the oldest where there are
    /// [`limits::KNOWN_HEADERS`]. Texts longer than [`limits::KNOWN_HEADER_BYTES`] are not kept.
    pub(super) fn keep(&self, encoded: &str, header: Rc<JoseHeader>) {
        if encoded.len() > limits::KNOWN_HEADER_BYTES || self.find(encoded).is_some() {
            return;
        }
        let mut known = self.0.borrow_mut();
        if known.len() >= limits::KNOWN_HEADERS {
            known.remove(0);
        }
        known.push((encoded.into(), header));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::base64url::encode;
    use crate::jose::{JwkSet, SignatureCheck, SignatureStep, UnverifiedJws, VerificationKey};

    const SECRET: &[u8; 32] = b"0123456789abcdef0123456789abcdef";

    fn token(header: &str) -> String {
        use jwt_compact::alg::{Hs256, Hs256Key};
        use jwt_compact::{Algorithm as _, AlgorithmSignature as _};
        let input = format!("{}.e30", encode(header.as_bytes()));
        let code = Hs256.sign(&Hs256Key::new(SECRET), input.as_bytes());
        format!("{input}.{}", encode(&code.as_bytes()))
    }

    fn verified(text: &str) -> SignatureStep {
        let jws = UnverifiedJws::parse(text.to_owned(), 2000).expect("well-formed");
        let key = VerificationKey::from_secret(SECRET.to_vec()).expect("long enough");
        let keys = JwkSet::from_keys(vec![key]).select(jws.header()).expect("a key");
        SignatureCheck::begin(jws, keys)
    }

    fn learn(known: &KnownHeaders, header: &str) {
        match verified(&token(header)) {
            SignatureStep::Valid(proof) => known.learn(&proof),
            other => panic!("expected a good signature, got {other:?}"),
        }
    }

    fn header(n: usize) -> String {
        format!(r#"{{"alg":"HS256","x":{n}}}"#)
    }

    fn is_known(known: &KnownHeaders, header: &str) -> bool {
        known.find(&encode(header.as_bytes())).is_some()
    }

    #[test]
    fn a_learned_header_is_found_by_its_own_text_alone() {
        let known = KnownHeaders::default();
        let one = r#"{"alg":"HS256","kid":"a","typ":"JWT"}"#;
        learn(&known, one);
        let found = known.find(&encode(one.as_bytes())).expect("learned");
        assert_eq!((found.kid.as_deref(), found.typ.as_deref()), (Some("a"), Some("JWT")));
        for other in [r#"{"alg":"HS256","kid":"b","typ":"JWT"}"#, r#"{"alg":"none"}"#, "", "{}"] {
            assert!(!is_known(&known, other), "{other}");
        }
    }

    #[test]
    fn a_token_with_a_known_header_is_taken_apart_as_without() {
        let known = KnownHeaders::default();
        learn(&known, &header(1));
        let start = encode(header(1).as_bytes());
        let other = encode(header(2).as_bytes());
        for text in [
            format!("{start}.e30.AQ"),
            format!("{other}.e30.AQ"),
            format!("{start}.e30"),
            format!("{start}.e3.AQ"),
            format!("{start}.e30.A!"),
            format!("{start}=.e30.AQ"),
            "..".to_owned(),
        ] {
            let parts = |jws: UnverifiedJws| {
                let header = (jws.header().algorithm, jws.header().kid.clone());
                (header, jws.unverified_payload().to_vec(), jws.signature().to_vec())
            };
            let with = UnverifiedJws::parse_with(&known, text.clone(), 100).map(parts);
            assert_eq!(with, UnverifiedJws::parse(text.clone(), 100).map(parts), "{text}");
        }
    }

    #[test]
    fn as_many_are_kept_as_there_may_be_and_the_oldest_goes_first() {
        let known = KnownHeaders::default();
        (0..limits::KNOWN_HEADERS).for_each(|n| learn(&known, &header(n)));
        learn(&known, &header(0));
        assert!((0..limits::KNOWN_HEADERS).all(|n| is_known(&known, &header(n))));
        learn(&known, &header(limits::KNOWN_HEADERS));
        let kept = (0..=limits::KNOWN_HEADERS).filter(|n| is_known(&known, &header(*n)));
        assert_eq!(kept.collect::<Vec<_>>(), (1..=limits::KNOWN_HEADERS).collect::<Vec<_>>());
    }

    #[test]
    fn a_header_of_the_limit_is_kept_and_a_longer_one_is_not() {
        let padded = |bytes: usize| {
            let empty = r#"{"alg":"HS256","x":""}"#.len();
            format!(r#"{{"alg":"HS256","x":"{}"}}"#, "a".repeat(bytes - empty))
        };
        let (known, most) = (KnownHeaders::default(), limits::KNOWN_HEADER_BYTES / 4 * 3);
        for (bytes, is_kept) in [(most, true), (most + 1, false)] {
            learn(&known, &padded(bytes));
            assert_eq!(is_known(&known, &padded(bytes)), is_kept, "{bytes}");
        }
    }
}
