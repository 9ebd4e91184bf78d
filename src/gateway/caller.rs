use std::cell::{Cell, OnceCell};
use std::rc::{Rc, Weak};

use super::footprint;
use super::held::{HeaderSet, HeldAssertion, HeldExchange, MadeFor, PerOrigin};
use crate::adapter_cache::AdapterCache;
use crate::config::{Config, Issuer};
use crate::identity::{HeaderRules, IdentityHeaders, TooLarge};
use crate::revocation::RevocationNames;
use crate::time::NumericDate;
use crate::token::{ClaimError, ClaimPaths, Identity, PolicyChecked, RemoteMethod, VerifiedToken};

/// The caller of a verified token: everything that is worked out once for the token and used for
/// each of its requests.
///
/// Being remembered proves nothing: time, revocation and the route's requirement are judged anew
/// on every request.
#[derive(Debug)]
pub struct Caller {
    /// The token, checked by the policy of its issuer.
    pub(super) checked: PolicyChecked,
    pub(super) issuer: usize,
    pub(super) basis: VerifiedBy,
    /// The authorization scheme under which an auth server was asked, if it was not `Bearer`.
    pub(super) scheme: Option<Rc<str>>,
    pub(super) identity: Identity,
    pub(super) headers: Result<IdentityHeaders, TooLarge>,
    names: OnceCell<Rc<RevocationNames>>,
    pub(super) asked_at: Cell<Option<NumericDate>>,
    /// Whether the family of the token was told that it was used, or need not be.
    pub(super) is_sighted: Cell<bool>,
    prepared: AdapterCache,
    /// The token for `Authorization` in the adapter's own form.
    pub(super) bearer: AdapterCache,
    assertions: PerOrigin<Rc<HeldAssertion>>,
    /// The exchanged tokens, which the cached answers of auth servers own and count.
    exchanges: PerOrigin<Weak<HeldExchange>>,
    sets: PerOrigin<Rc<HeaderSet>>,
    bytes: u64,
}

/// The basis on which a token was verified, and when it is to be verified again.
#[derive(Clone, Copy, Debug)]
pub(super) enum VerifiedBy {
    /// A signature was verified under this generation of the issuer's keys.
    Keys { generation: u64 },
    /// An auth server gave a positive answer, which is cached under `key`. It is reused until
    /// `fresh_until`, and until `stale_until` while the auth server gives no answer.
    Remote { key: [u8; 32], fresh_until: NumericDate, stale_until: NumericDate },
}

impl VerifiedBy {
    /// The claim paths by which a token that was verified in this way is read.
    fn paths<'a>(&self, issuer: &'a Issuer) -> &'a ClaimPaths {
        match (self, &issuer.fallback_paths) {
            (Self::Keys { .. }, Some(paths)) => paths,
            _ => &issuer.paths,
        }
    }

    /// Whether a token without a subject has no caller. A session endpoint may answer 200 although
    /// nobody is logged in. A token that is verified by keys because an auth server gave no answer
    /// is read by the paths of the answers unless others are configured, and may name its subject
    /// elsewhere.
    fn is_about_somebody(&self, issuer: &Issuer) -> bool {
        match self {
            Self::Keys { .. } => issuer.fallback_paths.is_some(),
            Self::Remote { .. } => {
                issuer.remote.as_ref().is_some_and(|remote| remote.way == RemoteMethod::Me)
            }
        }
    }
}

impl Caller {
    /// Works out the caller of `token`; `index` and `basis` say under which issuer and how the
    /// token was verified.
    pub(super) fn new(
        token: VerifiedToken,
        (index, issuer): (usize, &Issuer),
        basis: VerifiedBy,
        config: &Config,
    ) -> Result<Self, ClaimError> {
        let identity = Identity::read(token.claims(), basis.paths(issuer))?;
        let is_nobody = identity.subject.as_deref().is_none_or(str::is_empty);
        if is_nobody && basis.is_about_somebody(issuer) {
            return Err(ClaimError::Missing);
        }
        let headers = IdentityHeaders::write(&config.headers, &token, &identity);
        let bytes = footprint::of(&token, &identity, headers.as_ref().ok(), config);
        let checked = issuer.policy.check_untimed(Rc::new(token));
        Ok(Self {
            checked,
            issuer: index,
            basis,
            scheme: None,
            identity,
            headers,
            names: OnceCell::new(),
            asked_at: Cell::new(None),
            is_sighted: Cell::new(issuer.refresh.is_none()),
            prepared: AdapterCache::default(),
            bearer: AdapterCache::default(),
            assertions: PerOrigin::default(),
            exchanges: PerOrigin::default(),
            sets: PerOrigin::default(),
            bytes,
        })
    }

    /// The same caller, with the scheme under which an auth server was asked.
    pub(super) fn asked_about_under(self, scheme: Option<Rc<str>>) -> Self {
        Self { scheme, ..self }
    }

    /// The index of its issuer in the configuration.
    #[must_use]
    pub fn issuer(&self) -> usize {
        self.issuer
    }

    /// The caller's roles, scope, tenant and so on.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The names under which the token may have been revoked. They are worked out on first use,
    /// because a route without a revocation check need not pay for the hashes.
    pub(super) fn names(&self, issuer: &Issuer) -> Rc<RevocationNames> {
        let names = self.names.get_or_init(|| {
            let iss = self.token().claims().issuer.as_deref().unwrap_or(&issuer.policy.issuer);
            RevocationNames::of(self.checked.token(), iss, &self.identity).into()
        });
        Rc::clone(names)
    }

    /// The identity headers, if they fit.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] if they do not fit.
    pub fn headers(&self) -> Result<&IdentityHeaders, TooLarge> {
        self.headers.as_ref().map_err(|error| *error)
    }

    /// The identity headers in the adapter's own form, with the header of an assertion if there is
    /// one. `make` receives names and values in turn, one per line. The result is made once, and
    /// kept as long as the caller, the header set or the assertion that it belongs to.
    pub(super) fn prepared<T: 'static>(
        &self,
        set: Option<&HeaderSet>,
        held: Option<&HeldAssertion>,
        make: impl FnOnce(&str) -> T,
    ) -> Option<Rc<T>> {
        let (headers, prepared) = match set {
            None => (&self.headers, &self.prepared),
            Some(set) => (&set.headers, &set.prepared),
        };
        let lines = headers.as_ref().map_or("", IdentityHeaders::lines);
        match held {
            None => prepared.get_or(|| make(lines)),
            Some(held) => held.prepared.get_or(|| {
                let all = [lines, &held.name, held.assertion.text()]
                    .into_iter()
                    .filter(|lines| !lines.is_empty());
                make(&all.collect::<Vec<_>>().join("\n"))
            }),
        }
    }

    /// The assertion for an origin that may go with a request at `now`.
    pub(super) fn assertion(&self, origin: MadeFor, now: NumericDate) -> Option<Rc<HeldAssertion>> {
        self.assertions.find(origin).filter(|held| held.is_fresh(now))
    }

    /// Keeps an assertion in the place of an older one.
    pub(super) fn hold_assertion(&self, origin: MadeFor, assertion: Rc<HeldAssertion>) {
        self.assertions.hold(origin, assertion);
    }

    /// The token that was issued for an origin in exchange for this caller's, if it may be sent
    /// with a request at `now`.
    pub(super) fn exchanged(&self, origin: usize, now: NumericDate) -> Option<Rc<HeldExchange>> {
        let held = self.exchanges.find((origin, None)).and_then(|held| held.upgrade());
        held.filter(|held| held.is_fresh(now))
    }

    /// Keeps an exchanged token in the place of an older one.
    pub(super) fn hold_exchanged(&self, origin: usize, held: &Rc<HeldExchange>) {
        self.exchanges.hold((origin, None), Rc::downgrade(held));
    }

    /// The identity headers for the own origin of a tenant that has header rules of its own.
    #[inline(never)]
    pub(super) fn set(&self, tenant: usize, rules: &HeaderRules) -> Rc<HeaderSet> {
        let key = (tenant, None);
        self.sets.find(key).unwrap_or_else(|| {
            let headers = IdentityHeaders::write(rules, self.token(), &self.identity);
            let set = Rc::new(HeaderSet { tenant, headers, prepared: AdapterCache::default() });
            self.sets.hold(key, Rc::clone(&set));
            set
        })
    }

    /// Whether the token satisfies its issuer's policy at `now`; revocation is not looked at.
    #[must_use]
    pub fn is_accepted(&self, now: NumericDate) -> bool {
        self.checked.at(now).is_ok()
    }

    /// The verified token.
    #[must_use]
    pub fn token(&self) -> &VerifiedToken {
        self.checked.token()
    }

    /// Whether an auth server's positive answer may be reused without asking again. One from the
    /// future, after the clock was set back, may not.
    pub(super) fn is_fresh(&self, now: NumericDate) -> bool {
        matches!(self.basis, VerifiedBy::Remote { fresh_until, .. } if now < fresh_until)
            && self.token().asked_at().is_some_and(|asked_at| asked_at <= now)
    }

    /// Whether an auth server's positive answer may be reused while the auth server gives no
    /// answer. One from the future may not, as for [`Self::is_fresh`].
    pub(super) fn is_usable(&self, now: NumericDate) -> bool {
        matches!(self.basis, VerifiedBy::Remote { stale_until, .. } if now < stale_until)
            && self.token().asked_at().is_some_and(|asked_at| asked_at <= now)
    }

    /// The memory that it takes to remember the caller, in bytes, including what is made for it
    /// later. It never changes, because a cache adds it up.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}
