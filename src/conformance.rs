//! Runs test vectors through the very code that verifies requests; only with feature `conformance`.
//!
//! Sans-IO like the rest: native tests answer a [`Check`] in software, the conformance build of the
//! Worker with `WebCrypto`. The format is that of `tests/vectors/README.md`.

use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use crate::jose::{
    Algorithm, Candidates, JoseError, JoseHeader, JwkSet, SignatureCheck, SignatureStep,
    UnverifiedJws, VerificationKey,
};
use crate::json::Object;
use crate::time::NumericDate;
use crate::token::{
    ClaimError, Claims, TokenCheck, TokenError, TokenStep, TokenTypes, UnverifiedToken,
    VerifiedToken,
};

/// The outcome of a case: a stable code when it was refused, the number of usable keys when it was
/// a key set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "test support")]
pub enum Verdict {
    /// Accepted.
    Accept,
    /// Refused, with the inner code.
    Reject(&'static str),
    /// A key set with so many usable keys.
    Usable(usize),
}

/// The state of a case: decided, or waiting for a signature to be verified.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "test support")]
pub enum Step {
    /// Decided.
    Done(Verdict),
    /// One signature is to be verified.
    Pending(Box<Check>),
}

/// A signature to verify, with the state of the case to continue from.
#[derive(Debug)]
pub struct Check {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Raw { algorithm: Algorithm, key: Rc<VerificationKey>, message: Vec<u8>, signature: Vec<u8> },
    Jws(SignatureCheck),
    Token(TokenCheck, Policy),
}

#[derive(Debug, Default)]
struct Policy {
    now: Option<NumericDate>,
    rules: Object,
}

/// Starts a case: a token, a raw signature, or the text of a key set.
#[must_use]
pub fn begin(case: &Value) -> Step {
    if let Some(text) = case.get("jwks_text").and_then(Value::as_str) {
        let set = JwkSet::parse(text.as_bytes());
        return Step::Done(Verdict::Usable(set.map_or(0, |set| set.usable())));
    }
    let step = if case.get("msg").is_some() { raw(case) } else { token(case) };
    step.unwrap_or_else(|error| Step::Done(Verdict::Reject(error.code())))
}

impl Check {
    /// The algorithm to verify with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match &self.kind {
            Kind::Raw { algorithm, .. } => *algorithm,
            Kind::Jws(check) => check.algorithm(),
            Kind::Token(check, _) => check.signature().algorithm(),
        }
    }

    /// The key to verify with.
    #[must_use]
    pub fn key(&self) -> &Rc<VerificationKey> {
        match &self.kind {
            Kind::Raw { key, .. } => key,
            Kind::Jws(check) => check.key(),
            Kind::Token(check, _) => check.signature().key(),
        }
    }

    /// The bytes that were signed.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        match &self.kind {
            Kind::Raw { message, .. } => message,
            Kind::Jws(check) => check.signing_input().as_bytes(),
            Kind::Token(check, _) => check.signature().signing_input().as_bytes(),
        }
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        match &self.kind {
            Kind::Raw { signature, .. } => signature,
            Kind::Jws(check) => check.signature(),
            Kind::Token(check, _) => check.signature().signature(),
        }
    }

    /// Continues with the outcome: `true` means that the signature holds.
    #[must_use]
    pub fn resume(self, holds: bool) -> Step {
        match self.kind {
            Kind::Raw { .. } => raw_step(holds),
            Kind::Jws(check) => jws_step(check.resume(holds)),
            Kind::Token(check, policy) => token_step(check.resume(holds), policy),
        }
    }
}

fn pending(kind: Kind) -> Step {
    Step::Pending(Box::new(Check { kind }))
}

/// Starts a raw signature, without the key policy for HMAC, so that the vectors with short keys
/// count too.
fn raw(case: &Value) -> Result<Step, TokenError> {
    let name = case.get("alg").and_then(Value::as_str).unwrap_or_default();
    let algorithm = Algorithm::from_name(name).ok_or(JoseError::AlgorithmUnknown)?;
    let (message, signature) = (hex(case, "msg"), hex(case, "sig"));
    if algorithm.is_symmetric() {
        let secret = case.pointer("/jwk/k").and_then(Value::as_str).unwrap_or_default();
        let holds = crate::jose::hmac(algorithm, secret, &message, &signature);
        return Ok(raw_step(holds));
    }
    let key = key(case.get("jwk")).filter(|key| key.verifies(algorithm));
    let key = Rc::new(key.ok_or(JoseError::KeyUnknown)?);
    Ok(pending(Kind::Raw { algorithm, key, message, signature }))
}

fn raw_step(holds: bool) -> Step {
    Step::Done(if holds { Verdict::Accept } else { Verdict::Reject("signature_invalid") })
}

fn token(case: &Value) -> Result<Step, TokenError> {
    let text = case.get("token").and_then(Value::as_str).unwrap_or_default().to_owned();
    let rules = case.get("policy").and_then(Value::as_object).cloned().unwrap_or_default();
    let now = case.get("now").and_then(Value::as_number).and_then(NumericDate::from_json);
    let policy = Policy { now, rules };
    let max_bytes = policy.number("max_token").unwrap_or(16 * 1024);
    if case.get("level").and_then(Value::as_str) == Some("jws") {
        let jws = UnverifiedJws::parse(text, max_bytes)?;
        let keys = candidates(case, jws.header(), &policy)?;
        return Ok(jws_step(SignatureCheck::begin(jws, keys)));
    }
    let token = UnverifiedToken::parse_at_most(text, max_bytes)?;
    let keys = candidates(case, token.header(), &policy)?;
    Ok(token_step(token.check(keys), policy))
}

fn candidates(case: &Value, header: &JoseHeader, policy: &Policy) -> Result<Candidates, JoseError> {
    let allowed = policy.rules.get("algs").and_then(Value::as_array);
    if allowed.is_some_and(|names| !names.iter().any(|name| name == header.algorithm.name())) {
        return Err(JoseError::AlgorithmRefused);
    }
    if let Some(set) = case.get("jwks") {
        return key_set(set)?.select(header);
    }
    // A single configured key: its `kid` is not compared.
    let key = key(case.get("jwk")).ok_or(JoseError::KeyUnknown)?;
    JwkSet::from_keys(vec![key]).select(&JoseHeader { kid: None, ..header.clone() })
}

/// Reads a published key set; a set of nothing but secrets is one of configured secrets.
fn key_set(set: &Value) -> Result<JwkSet, JoseError> {
    let keys = set.get("keys").and_then(Value::as_array).ok_or(JoseError::KeyUnknown)?;
    let is_secret = |key: &Value| key.get("kty").and_then(Value::as_str) == Some("oct");
    if keys.is_empty() || !keys.iter().all(is_secret) {
        return JwkSet::from_json(set).map_err(|_| JoseError::KeyUnknown);
    }
    let secrets = keys.iter().filter_map(Value::as_object);
    Ok(JwkSet::from_keys(
        secrets.filter_map(|key| VerificationKey::from_symmetric_jwk(key).ok()).collect(),
    ))
}

fn key(jwk: Option<&Value>) -> Option<VerificationKey> {
    let mut jwk = jwk?.as_object()?.clone();
    jwk.remove("kid");
    if jwk.get("kty").and_then(Value::as_str) == Some("oct") {
        return VerificationKey::from_symmetric_jwk(&jwk).ok();
    }
    VerificationKey::from_jwk(&jwk).ok()
}

fn jws_step(step: SignatureStep) -> Step {
    match step {
        SignatureStep::Valid(_) => Step::Done(Verdict::Accept),
        SignatureStep::Pending(check) => pending(Kind::Jws(check)),
        SignatureStep::Invalid(error) => Step::Done(Verdict::Reject(error.code())),
    }
}

fn typ(token: &VerifiedToken) -> Option<&str> {
    token.header()?.typ.as_deref()
}

fn token_step(step: TokenStep, policy: Policy) -> Step {
    match step {
        TokenStep::Verified(token) => Step::Done(match policy.check(typ(&token), token.claims()) {
            Ok(()) => Verdict::Accept,
            Err(error) => Verdict::Reject(error.code()),
        }),
        TokenStep::Pending(check) => pending(Kind::Token(check, policy)),
        TokenStep::Refused(error) => Step::Done(Verdict::Reject(error.code())),
    }
}

impl Policy {
    fn number(&self, name: &str) -> Option<usize> {
        usize::try_from(self.rules.get(name)?.as_u64()?).ok()
    }

    fn strings(&self, name: &str) -> Option<Vec<String>> {
        let one_or_many = self.rules.get(name)?;
        let many =
            one_or_many.as_array().map_or_else(|| std::slice::from_ref(one_or_many), Vec::as_slice);
        Some(many.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect())
    }

    /// The same checks as [`crate::token::ClaimsPolicy`], each only where the case asks for it.
    fn check(&self, typ: Option<&str>, claims: &Claims) -> Result<(), ClaimError> {
        let leeway =
            Duration::from_secs(self.number("leeway").unwrap_or(0).try_into().unwrap_or(0));
        if let Some(now) = self.now {
            claims.in_force(now, leeway)?;
        }
        if self
            .strings("iss")
            .is_some_and(|issuers| !issuers.iter().any(|i| claims.issuer.as_ref() == Some(i)))
        {
            return Err(ClaimError::IssuerMismatch);
        }
        if self.strings("aud").is_some_and(|audiences| !claims.audience.contains_any(&audiences)) {
            return Err(ClaimError::AudienceMismatch);
        }
        if let Some(types) = self.strings("typ") {
            TokenTypes::only(&types).check_claims(typ, &claims.all)?;
        }
        claims.check_subject()?;
        claims.have(&self.strings("require").unwrap_or_default())
    }
}

fn hex(case: &Value, name: &str) -> Vec<u8> {
    let text = case.get(name).and_then(Value::as_str).unwrap_or_default();
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    digits
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect()
}
