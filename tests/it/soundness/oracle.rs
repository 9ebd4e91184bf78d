//! What may pass, in words of its own: who signed what, what is in force, what was revoked.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::tenants;
use crate::support::NOW_SECONDS;
use crate::support::sign::{Key, twin};

/// An issuer with its keys, each under its name.
pub(crate) struct Issuer {
    pub(crate) iss: &'static str,
    pub(crate) keys: Vec<(&'static str, Key)>,
}

/// A token that an issuer really signed, though perhaps under another issuer's name.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) text: String,
    pub(crate) signer: usize,
    pub(crate) kid: &'static str,
    pub(crate) algorithm: &'static str,
    pub(crate) claims: Value,
    pub(crate) typ: Option<&'static str>,
}

/// What is written into a token, and who signs it.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) signer: usize,
    pub(crate) key: usize,
    pub(crate) named: usize,
    pub(crate) names_key: bool,
    pub(crate) typ: Option<&'static str>,
    pub(crate) claims: Value,
}

/// A revocation in force: of everything whose claim is this, issued before then.
#[derive(Clone, Debug)]
pub(crate) struct Revoked {
    pub(crate) iss: &'static str,
    pub(crate) claim: &'static str,
    pub(crate) value: Value,
    pub(crate) before: Option<i64>,
    pub(crate) at_ms: i64,
}

/// Everything that the oracle knows at one moment.
#[derive(Default)]
pub(crate) struct Knowledge {
    pub(crate) now_ms: i64,
    pub(crate) signed: Vec<Signed>,
    pub(crate) revoked: Vec<Revoked>,
    /// The kids that each issuer's published set held when it was last fetched, and when.
    pub(crate) held: BTreeMap<usize, (Vec<&'static str>, i64)>,
}

pub(crate) fn issuers() -> Vec<Issuer> {
    vec![
        Issuer {
            iss: "https://main.example",
            keys: vec![("k1", Key::p256(1)), ("k2", Key::ed25519(2))],
        },
        Issuer { iss: "https://second.example", keys: vec![("k1", Key::p256(3))] },
        Issuer { iss: "https://secret.example", keys: vec![("", Key::named("SECRET"))] },
    ]
}

/// The issuer whose keys stand in the configuration.
pub(crate) const SECRET: usize = 2;

impl Spec {
    pub(crate) fn sign(&self, issuers: &[Issuer]) -> Signed {
        let (kid, key) = &issuers[self.signer].keys[self.key % issuers[self.signer].keys.len()];
        let mut claims = self.claims.clone();
        claims["iss"] = json!(issuers[self.named].iss);
        let mut header = json!({ "alg": key.algorithm() });
        if self.names_key && !kid.is_empty() {
            header["kid"] = json!(kid);
        }
        if let Some(typ) = self.typ {
            header["typ"] = json!(typ);
        }
        let text = key.token_under(&header, &claims);
        let (signer, algorithm, typ) = (self.signer, key.algorithm(), self.typ);
        Signed { text, signer, kid, algorithm, claims, typ }
    }
}

impl Knowledge {
    /// Why a token may not pass with an identity on a route that reuses verdicts so long; `None`
    /// when it may.
    pub(crate) fn objection(
        &self,
        issuers: &[Issuer],
        text: &str,
        reuse_ms: Option<i64>,
    ) -> Option<String> {
        let Some(signed) = self.signed_as(text) else {
            return Some("nobody signed it".to_owned());
        };
        let claims = &signed.claims;
        let iss = issuers[signed.signer].iss;
        let (now, leeway) = (self.now_ms, 30_000);
        let time = |name: &str| claims[name].as_i64().map(|seconds| seconds * 1000);
        let revoked = |revoked: &&Revoked| {
            revoked.covers(iss, claims)
                && reuse_ms.is_some_and(|reuse| now >= revoked.at_ms + reuse)
        };
        let objections = [
            (claims["iss"] != iss, "signed by another issuer than it names"),
            (!self.holds_key(signed), "its key is not held"),
            (time("exp").is_none_or(|exp| exp <= now - leeway), "expired"),
            (time("nbf").is_some_and(|nbf| nbf > now + leeway), "not yet valid"),
            (time("iat").is_some_and(|iat| iat > now + leeway), "issued in the future"),
            (claims["aud"] != "api" && claims["aud"] != json!(["x", "api"]), "for others"),
            (
                claims["token_type"] == "refresh" || signed.typ == Some("logout+jwt"),
                "of another type",
            ),
            (tenants::is_malformed(claims), "of a tenant that is no text"),
            (self.revoked.iter().any(|r| revoked(&r)), "revoked"),
        ];
        let found = objections.iter().find(|(holds, _)| *holds);
        found.map(|(_, why)| format!("{why}: {claims}"))
    }

    /// The token that has this text.
    pub(crate) fn signed_as(&self, text: &str) -> Option<&Signed> {
        self.signed.iter().find(|signed| signed.is(text))
    }

    pub(crate) fn is_admin(&self, text: &str) -> bool {
        let signed = self.signed_as(text);
        signed.is_some_and(|signed| signed.claims["roles"] == json!(["admin"]))
    }

    fn holds_key(&self, signed: &Signed) -> bool {
        // A set serves for ten minutes, and a day longer while there is no newer one.
        let usable = |at: i64| self.now_ms < at + (600 + 86_400) * 1000;
        signed.signer == SECRET
            || self
                .held
                .get(&signed.signer)
                .is_some_and(|(kids, at)| kids.contains(&signed.kid) && usable(*at))
    }
}

impl Signed {
    /// Whether the text is this token's, or has the second form of its ECDSA signature, which the
    /// algorithm itself takes for a good one.
    fn is(&self, text: &str) -> bool {
        self.text == text || (self.algorithm == "ES256" && twin(&self.text) == text)
    }
}

impl Revoked {
    fn covers(&self, iss: &str, claims: &Value) -> bool {
        let same = self.iss == iss && (self.claim == "iss" || claims[self.claim] == self.value);
        let in_time = match (self.before, claims["iat"].as_i64()) {
            (Some(before), Some(iat)) => iat < before,
            _ => true,
        };
        same && in_time
    }
}

pub(crate) fn at_ms(seconds: i64) -> i64 {
    (NOW_SECONDS + seconds) * 1000
}
