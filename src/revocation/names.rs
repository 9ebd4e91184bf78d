use std::cell::RefCell;
use std::rc::Rc;

use super::{Epoch, Fingerprint, RevocationKind, RevocationName};
use crate::token::{Identity, VerifiedToken};

/// All names under which one token may have been revoked; at most six.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct RevocationNames {
    token: Rc<VerifiedToken>,
    names: Vec<RevocationName>,
    in_copy: RefCell<InCopy>,
}

/// The names of one token as a copy of the log knows them.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct InCopy {
    epoch: Option<Epoch>,
    pub(super) fingerprints: Vec<Fingerprint>,
    /// The version of the copy in which none of them refused the token; 0 for none.
    pub(super) clear_in: u64,
}

impl RevocationNames {
    /// The names for `token` under `issuer` (the text of `iss`); one look-up asks for them all.
    #[must_use]
    pub fn of(token: &Rc<VerifiedToken>, issuer: &str, identity: &Identity) -> Self {
        let names = all_of(token, issuer, identity);
        Self { token: Rc::clone(token), names, in_copy: RefCell::default() }
    }

    /// The names.
    #[must_use]
    pub fn as_slice(&self) -> &[RevocationName] {
        &self.names
    }

    /// The names as a copy of the log of this epoch knows them.
    pub(super) fn in_copy<T>(&self, epoch: Epoch, work: impl FnOnce(&mut InCopy) -> T) -> T {
        let mut in_copy = self.in_copy.borrow_mut();
        if in_copy.epoch != Some(epoch) {
            let fingerprints = self.names.iter().map(|name| epoch.fingerprint(name)).collect();
            *in_copy = InCopy { epoch: Some(epoch), fingerprints, clear_in: 0 };
        }
        work(&mut in_copy)
    }

    /// Whether these are the names of this very token.
    pub(super) fn are_of(&self, token: &Rc<VerifiedToken>) -> bool {
        Rc::ptr_eq(&self.token, token)
    }
}

fn all_of(token: &VerifiedToken, issuer: &str, identity: &Identity) -> Vec<RevocationName> {
    let claims = token.claims();
    let optional = |kind, value: &Option<String>| {
        value.as_deref().map(|value| RevocationName::new(kind, issuer, value))
    };
    let own = match token.own_id() {
        // The hash costs as much as all the rest, and only a token without `jti` needs it.
        Some(token_id) => RevocationName::new(RevocationKind::Token, issuer, token_id),
        None => RevocationName::of_token(issuer, None, &token.input_hash()),
    };
    // Its issuer may know the token by another id than the token itself.
    let said = claims.token_id.clone().filter(|said| Some(said.as_str()) != token.own_id());
    [
        Some(own),
        optional(RevocationKind::Token, &said),
        optional(RevocationKind::Session, &identity.session),
        optional(RevocationKind::Subject, &identity.subject),
        optional(RevocationKind::Tenant, &identity.tenant),
        Some(RevocationName::new(RevocationKind::Issuer, issuer, "")),
    ]
    .into_iter()
    .flatten()
    .collect()
}
