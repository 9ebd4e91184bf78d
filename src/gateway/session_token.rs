//! Tokens as sessions see them: where their families are, and under which names they are revoked.

use sha2::{Digest, Sha256};

use super::{Caller, ForwardPlan, Gateway};
use crate::jose::base64url;
use crate::revocation::{RevocationKind, RevocationName};
use crate::time::NumericDate;
use crate::token::stated_type;

/// A token as sessions see it.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "an adapter passes every field on")]
pub struct SessionToken {
    /// The name of the object that keeps its family: a hash of issuer, tenant, and session or subject.
    pub object: String,
    /// SHA-256 of its signing input, or of its whole text, in base64url.
    pub hash: String,
    /// The names under which it may have been revoked, its own first.
    pub names: Vec<String>,
    /// `iss`, as names of revocations have it.
    pub iss: String,
    /// The index of its issuer.
    pub issuer: usize,
    /// The claim of the tenant.
    pub tenant: Option<String>,
    /// The claim of the subject.
    pub subject: Option<String>,
    /// The name of its session in revocations, where it names one.
    pub session: Option<String>,
    /// `iat`.
    pub issued_at: Option<NumericDate>,
    /// `exp`.
    pub expires_at: Option<NumericDate>,
    /// The type that its claims state: `access`, `refresh`, or `other`; `None` if they state none.
    pub kind: Option<&'static str>,
    /// Whether the object belongs to it alone.
    pub is_opaque: bool,
}

impl Gateway {
    /// Describes a verified token.
    #[must_use]
    pub fn session_token(&self, caller: &Caller) -> Option<SessionToken> {
        let issuer = self.config.issuers.get(caller.issuer)?;
        let (token, identity) = (caller.token(), caller.identity());
        let claims = token.claims();
        let iss = claims.issuer.clone().unwrap_or_else(|| issuer.policy.issuer.clone());
        let hash = token.input_hash();
        let own = RevocationName::of_token(&iss, token.own_id(), &hash);
        let all = caller.names(issuer);
        let others = all.as_slice().iter().filter(|name| **name != own).cloned();
        let names: Vec<_> = std::iter::once(own.clone()).chain(others).collect();
        let session = identity.session.as_deref();
        let whose = session.map(|session| ("session", session));
        let whose = whose.or_else(|| identity.subject.as_deref().map(|own| ("subject", own)));
        let is_opaque = whose.is_none();
        let hash = base64url(&hash);
        let (kind, value) = whose.unwrap_or(("token", &hash));
        let tenant = identity.tenant.as_deref().unwrap_or_default();
        Some(SessionToken {
            object: object_name(&[&iss, tenant, kind, value]),
            names: names.iter().map(ToString::to_string).collect(),
            session: session.map(|session| {
                RevocationName::new(RevocationKind::Session, &iss, session).to_string()
            }),
            hash,
            iss,
            issuer: caller.issuer,
            tenant: identity.tenant.clone(),
            subject: identity.subject.clone(),
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            kind: stated_type(token.header().and_then(|header| header.typ.as_deref()), &claims.all),
            is_opaque,
        })
    }

    /// Describes a token that nobody here can verify; its object is its own.
    #[must_use]
    pub fn opaque_token(&self, issuer: usize, text: &str) -> Option<SessionToken> {
        let iss = self.config.issuers.get(issuer)?.policy.issuer.clone();
        let hash: [u8; 32] = Sha256::digest(text).into();
        let name = RevocationName::of_token(&iss, None, &hash).to_string();
        let hash = base64url(&hash);
        Some(SessionToken {
            object: object_name(&[&iss, "", "token", &hash]),
            hash,
            names: vec![name],
            iss,
            issuer,
            tenant: None,
            subject: None,
            session: None,
            issued_at: None,
            expires_at: None,
            kind: None,
            is_opaque: true,
        })
    }

    /// The name of the revocation of all tokens of a subject.
    #[must_use]
    pub fn subject_name(&self, issuer: usize, subject: &str) -> Option<String> {
        let iss = &self.config.issuers.get(issuer)?.policy.issuer;
        Some(RevocationName::new(RevocationKind::Subject, iss, subject).to_string())
    }

    /// The object and the hash of an access token, if its family is to be told that it was used: once for
    /// a token ([`Self::note_sighting`]), and only while its being used matters.
    #[must_use]
    pub fn sighting(&self, plan: &ForwardPlan, now: NumericDate) -> Option<(String, String)> {
        let caller = plan.admission().caller().filter(|caller| !caller.is_sighted.get())?;
        let rules = self.config.issuers.get(caller.issuer)?.refresh.as_ref()?;
        let issued_at = caller.token().claims().issued_at?;
        let unused = std::time::Duration::from_secs(rules.unused);
        if issued_at.plus(unused) <= now {
            return None;
        }
        let token = self.session_token(caller)?;
        (!token.is_opaque).then_some((token.object, token.hash))
    }

    /// Notes that the family of the plan's token was told, or need not be.
    pub fn note_sighting(plan: &ForwardPlan) {
        if let Some(caller) = plan.admission().caller() {
            caller.is_sighted.set(true);
        }
    }
}

/// A hash over all parts, each with its length, so that none can be taken for another.
fn object_name(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    base64url(&hash.finalize())
}
