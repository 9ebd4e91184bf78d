use std::time::Duration;

use crate::gateway::{Gateway, KeyUpdate};
use crate::jose::JwkSet;
use crate::limits;
use crate::revocation::{Cutoff, RevocationAnswer, RevocationName};
use crate::time::NumericDate;
use crate::token::{RemoteFailure, RemoteMethod, RemoteReply};

/// The answers that stand in for issuers, auth servers and the store while a decision is explained
/// without fetching or asking anything.
#[derive(Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "whoever asks fills it")]
pub struct Fixtures {
    /// The key sets that issuers publish, by the issuer's name; one without a name is for all
    /// issuers.
    pub keys: Vec<(Option<String>, JwkSet)>,
    /// The answer of the auth server.
    pub answer: FixtureAnswer,
    /// The revocations that are in the store.
    pub revoked: Vec<Revoked>,
    /// Whether the store does not answer.
    pub is_store_down: bool,
}

/// The answer of the auth server.
#[derive(Debug, Default)]
#[expect(clippy::exhaustive_enums, reason = "whoever asks chooses one")]
pub enum FixtureAnswer {
    /// No answer was given for it, so that it does not answer.
    #[default]
    Untold,
    /// It does not answer.
    Silence,
    /// It refuses the token.
    No,
    /// 200 with this body: a JSON object, or a signed answer.
    Body(String),
}

/// A kind of revocation that is assumed to be in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    kind: &'static str,
    before: Option<i64>,
}

const KINDS: [&str; 5] = ["token", "session", "subject", "tenant", "issuer"];

impl Revoked {
    /// Parses `KIND`, or `KIND=SECONDS` for tokens issued before that time, in seconds since 1970.
    ///
    /// # Errors
    ///
    /// A text that says what was expected.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (kind, before) = match text.split_once('=') {
            Some((kind, before)) => (kind, Some(seconds(before)?)),
            None => (text, None),
        };
        let known = KINDS.into_iter().find(|known| *known == kind);
        let kind = known.ok_or("expected token, session, subject, tenant or issuer")?;
        Ok(Self { kind, before })
    }

    pub(super) fn kind(&self) -> &'static str {
        self.kind
    }
}

fn seconds(text: &str) -> Result<i64, &'static str> {
    let seconds = text.parse().ok().filter(|seconds| *seconds >= 0);
    seconds.ok_or("expected whole seconds since 1970")
}

impl Fixtures {
    /// Hands the keys of an issuer to the gateway, if there are any; otherwise records that they
    /// could not be fetched. Returns whether there were any.
    pub(super) fn publish(&self, gateway: &Gateway, issuer: usize, now: NumericDate) -> bool {
        let name = gateway.config().issuers.get(issuer).map_or("", |issuer| &issuer.name);
        let is_its = |own: &Option<String>| own.as_deref().is_none_or(|own| own == name);
        let Some((_, set)) = self.keys.iter().find(|(own, _)| is_its(own)) else {
            gateway.keys().fail(issuer, now);
            return false;
        };
        let fresh_for = limits::JWKS_FRESH;
        let update = KeyUpdate { set: set.clone(), text_hash: [0; 32], fetched_at: now, fresh_for };
        gateway.keys().install(issuer, update);
        true
    }

    /// The store's answer to a look-up of `names`.
    pub(super) fn entries(&self, names: &[RevocationName], now: NumericDate) -> RevocationAnswer {
        if self.is_store_down {
            return RevocationAnswer::Unavailable;
        }
        let entry = |name: &RevocationName| {
            // A token without `jti` is a token all the same.
            let word = if name.kind().as_str() == "input" { "token" } else { name.kind().as_str() };
            let revoked = self.revoked.iter().find(|revoked| revoked.kind == word)?;
            if !name.kind().is_cutoff() {
                return Some("{}".to_owned());
            }
            // It catches whatever was issued until now, in this second, too.
            let just_now = || now.plus(Duration::from_secs(1)).seconds();
            let before = revoked.before.unwrap_or_else(just_now);
            Some(Cutoff { before }.text())
        };
        RevocationAnswer::Entries(names.iter().map(entry).collect())
    }
}

impl FixtureAnswer {
    pub(super) fn reply(&self, way: Option<RemoteMethod>) -> Result<RemoteReply, RemoteFailure> {
        let (status, body) = match (self, way) {
            (Self::Untold | Self::Silence, _) => return Err(RemoteFailure::Unreachable),
            (Self::No, Some(RemoteMethod::Me)) => (401, Vec::new()),
            (Self::No, _) => (200, br#"{"active":false}"#.to_vec()),
            (Self::Body(body), _) => (200, body.trim().as_bytes().to_vec()),
        };
        // The answer to an introspection may be a JWT (RFC 9701).
        let is_signed = way != Some(RemoteMethod::Me) && body.starts_with(b"eyJ");
        Ok(RemoteReply { status, body, is_signed, retry_after: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_may_have_a_time_and_nothing_else_is_a_kind() {
        let subject = Revoked { kind: "subject", before: Some(7) };
        assert_eq!(Revoked::parse("subject=7"), Ok(subject));
        assert_eq!(Revoked::parse("token"), Ok(Revoked { kind: "token", before: None }));
        for wrong in ["", "jti", "Token", "subject=", "subject=-1", "subject=1.5", "=7"] {
            assert!(Revoked::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
