//! Two tokens whose revocable names share a fingerprint.

use std::rc::Rc;
use std::sync::LazyLock;

use super::super::super::super::{
    Epoch, Fingerprint, RevocationKind, RevocationName, RevocationNames,
};
use crate::jose::{JwkSet, base64url};
use crate::token::{ClaimPaths, Identity, TokenStep, UnverifiedToken};

/// How many tokens the model has.
pub(super) const TOKENS: usize = 2;

/// When both were issued, in seconds since 1970.
pub(super) const ISSUED_AT: i64 = 100;

const ISSUER: &str = "https://auth.example.com";

/// The names of two tokens. The first may be revoked by its `jti`, the second by its subject.
pub(super) fn tokens() -> [RevocationNames; TOKENS] {
    let named =
        |kind, value: &str| Epoch::NARROW.fingerprint(&RevocationName::new(kind, ISSUER, value));
    let shared = named(RevocationKind::Subject, "s");
    let mut ids = (0..100_000).map(|number: u32| number.to_string());
    let id = ids.find(|id| named(RevocationKind::Token, id) == shared).expect("10 bits");
    let first = format!(r#"{{"jti":"{id}","iat":{ISSUED_AT}}}"#);
    let second = format!(r#"{{"jti":"u","sub":"s","iat":{ISSUED_AT}}}"#);
    let tokens = [names(&first), names(&second)];
    let all = tokens.iter().flat_map(RevocationNames::as_slice);
    let sharing = all.filter(|name| Epoch::NARROW.fingerprint(name) == shared);
    assert_eq!(sharing.count(), 2);
    tokens
}

/// The names of a token with these claims. Its signature holds because the test says so.
fn names(claims: &str) -> RevocationNames {
    const KEYS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    let parts = [r#"{"alg":"EdDSA"}"#.as_bytes(), claims.as_bytes(), &[0; 64]];
    let token = UnverifiedToken::parse(parts.map(base64url).join(".")).expect("a token");
    let keys = JwkSet::parse(KEYS.as_bytes()).expect("keys");
    let keys = keys.select(token.header()).expect("a key");
    let TokenStep::Pending(check) = token.check(keys) else { panic!("a key to be tried") };
    let TokenStep::Verified(token) = check.resume(true) else { panic!("a token") };
    let token = Rc::new(token);
    let identity = Identity::read(token.claims(), &ClaimPaths::default()).expect("an identity");
    RevocationNames::of(&token, ISSUER, &identity)
}

/// The name by which a token may be revoked.
pub(super) fn revocable(tokens: &[RevocationNames; TOKENS], token: usize) -> &RevocationName {
    let kind = if token == 0 { RevocationKind::Token } else { RevocationKind::Subject };
    let own = tokens[token].as_slice().iter().find(|name| name.kind() == kind);
    own.expect("a name of this kind")
}

/// The epochs of the first log and of the one that takes its place.
pub(super) const EPOCHS: [Epoch; 2] = [Epoch::NARROW, Epoch::new([7; 16])];

static FINGERPRINTS: LazyLock<[[Fingerprint; TOKENS]; 2]> = LazyLock::new(|| {
    let tokens = tokens();
    EPOCHS.map(|epoch| [0, 1].map(|token| epoch.fingerprint(revocable(&tokens, token))))
});

/// The fingerprint of the name by which a token may be revoked.
pub(super) fn fingerprint(epoch: Epoch, token: usize) -> Fingerprint {
    FINGERPRINTS[usize::from(epoch != Epoch::NARROW)][token]
}
