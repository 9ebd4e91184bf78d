use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use super::assertion::HeldAssertion;
use crate::config::Issuer;
use crate::identity::{HeaderRules, IdentityHeaders, TooLarge};
use crate::limits;
use crate::prepared::Prepared;
use crate::revocation::RevocationName;
use crate::time::NumericDate;
use crate::token::{ClaimError, Identity, VerifiedToken};

/// Everything that is worked out once for a verified token and used for each of its requests.
///
/// Being remembered proves nothing: time, revocation and the route's requirement are judged anew
/// on every request.
#[derive(Debug)]
pub struct Caller {
    pub(super) token: Rc<VerifiedToken>,
    pub(super) issuer: usize,
    pub(super) basis: Basis,
    pub(super) identity: Identity,
    pub(super) headers: Result<IdentityHeaders, TooLarge>,
    names: OnceCell<Rc<[RevocationName]>>,
    pub(super) asked_at: Cell<Option<NumericDate>>,
    prepared: Prepared,
    assertions: RefCell<Vec<Rc<HeldAssertion>>>,
    bytes: u64,
}

/// What it rests on that a token was vouched for, and when that is to be looked at anew.
#[derive(Clone, Copy, Debug)]
pub(super) enum Basis {
    /// A signature, under this generation of the issuer's keys.
    Keys { generation: u64 },
    /// An auth server's yes, kept under this key: reused until the first time, and until the second
    /// while the auth server cannot say.
    Remote { key: [u8; 32], fresh_until: NumericDate, stale_until: NumericDate },
}

impl Caller {
    /// Works out who sent `token`; `index` and `basis` say under which issuer and by what the token
    /// was verified.
    pub(super) fn new(
        token: VerifiedToken,
        (index, issuer): (usize, &Issuer),
        basis: Basis,
        rules: &HeaderRules,
    ) -> Result<Self, ClaimError> {
        let identity = Identity::read(token.claims(), &issuer.paths)?;
        let headers = IdentityHeaders::write(rules, &token, &identity);
        let bytes = bytes(&token);
        Ok(Self {
            token: Rc::new(token),
            issuer: index,
            basis,
            identity,
            headers,
            names: OnceCell::new(),
            asked_at: Cell::new(None),
            prepared: Prepared::default(),
            assertions: RefCell::default(),
            bytes,
        })
    }

    /// The caller's roles, scope, tenant and so on.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The names under which the token may have been revoked; worked out when they are first asked
    /// for, because a route that asks nobody need not pay for the hashes.
    pub(super) fn names(&self, issuer: &Issuer) -> Rc<[RevocationName]> {
        let names = self.names.get_or_init(|| {
            RevocationName::of(&self.token, &issuer.policy.issuer, &self.identity).into()
        });
        Rc::clone(names)
    }

    /// The identity headers, when they fit.
    ///
    /// # Errors
    ///
    /// [`TooLarge`].
    pub fn headers(&self) -> Result<&IdentityHeaders, TooLarge> {
        self.headers.as_ref().map_err(|error| *error)
    }

    /// The identity headers in the adapter's own form, with those of an assertion where there is
    /// one; made once, and kept as long as the caller is, or the assertion.
    pub(super) fn prepared<T: 'static>(
        &self,
        held: Option<&HeldAssertion>,
        make: impl FnOnce(&[(String, String)]) -> T,
    ) -> Option<Rc<T>> {
        let headers = self.headers.as_ref().map_or(&[][..], IdentityHeaders::as_slice);
        match held {
            None => self.prepared.get_or(|| make(headers)),
            Some(held) => held.prepared.get_or(|| {
                let mut all = headers.to_vec();
                all.push(held.header.clone());
                make(&all)
            }),
        }
    }

    /// The assertion for an origin that may go with a request at `now`.
    pub(super) fn assertion(&self, origin: usize, now: NumericDate) -> Option<Rc<HeldAssertion>> {
        let held = self.assertions.borrow();
        held.iter().find(|held| held.origin == origin && held.is_fresh(now)).cloned()
    }

    /// Keeps an assertion in the place of an older one, at most [`limits::ASSERTIONS_HELD`] in all.
    pub(super) fn hold(&self, assertion: Rc<HeldAssertion>) {
        let mut held = self.assertions.borrow_mut();
        held.retain(|other| other.origin != assertion.origin);
        if held.len() >= limits::ASSERTIONS_HELD {
            held.remove(0);
        }
        held.push(assertion);
    }

    /// The verified token.
    #[must_use]
    pub fn token(&self) -> &VerifiedToken {
        &self.token
    }

    /// Whether an auth server's yes may be reused without asking again. One from the future, after
    /// the clock was set back, may not.
    pub(super) fn is_fresh(&self, now: NumericDate) -> bool {
        matches!(self.basis, Basis::Remote { fresh_until, .. } if now < fresh_until)
            && self.token.asked_at().is_some_and(|asked_at| asked_at <= now)
    }

    /// Whether it may be, while the auth server cannot say.
    pub(super) fn is_usable(&self, now: NumericDate) -> bool {
        matches!(self.basis, Basis::Remote { stale_until, .. } if now < stale_until)
            && self.token.asked_at().is_some_and(|asked_at| asked_at <= now)
    }

    /// What it costs to remember: the token's text, and claims that are no part of it.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

fn bytes(token: &VerifiedToken) -> u64 {
    let is_vouched = token.asked_at().is_some();
    let claims = is_vouched.then(|| serde_json::to_string(&token.claims().all).ok()).flatten();
    let claims = claims.map_or(0, |claims| claims.len());
    u64::try_from(token.text().len().saturating_add(claims)).unwrap_or(u64::MAX)
}
