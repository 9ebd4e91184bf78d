//! Values that are kept with a caller, each made once for a token and an origin.

use std::cell::RefCell;

use crate::adapter_cache::AdapterCache;
use crate::identity::{Assertion, IdentityHeaders, TooLarge};
use crate::limits;
use crate::time::NumericDate;
use crate::token::{ExchangedToken, VerifiedToken};

/// The identity headers for the own origin of a tenant that has header rules of its own.
#[derive(Debug)]
pub(super) struct HeaderSet {
    pub(super) tenant: usize,
    pub(super) headers: Result<IdentityHeaders, TooLarge>,
    pub(super) prepared: AdapterCache,
}

/// Cache key: the origin's index, and the tenant's if it has its own headers.
pub(super) type MadeFor = (usize, Option<usize>);

/// Values made from one token, one for each of a few origins.
#[derive(Debug)]
pub(super) struct PerOrigin<T>(RefCell<Vec<(MadeFor, T)>>);

impl<T: Clone> PerOrigin<T> {
    pub(super) fn find(&self, origin: MadeFor) -> Option<T> {
        let held = self.0.borrow();
        held.iter().find(|(own, _)| *own == origin).map(|(_, held)| held.clone())
    }

    /// Keeps `one` in place of an older value for `origin`. At most [`limits::HELD_ORIGINS`] values
    /// are kept; beyond that the oldest one is dropped.
    pub(super) fn hold(&self, origin: MadeFor, one: T) {
        let mut held = self.0.borrow_mut();
        held.retain(|(other, _)| *other != origin);
        if held.len() >= limits::HELD_ORIGINS {
            held.remove(0);
        }
        held.push((origin, one));
    }
}

impl<T> Default for PerOrigin<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

/// An assertion as it is kept with its caller.
#[derive(Debug)]
pub(super) struct HeldAssertion {
    /// The header's name.
    pub(super) name: String,
    pub(super) prepared: AdapterCache,
    pub(super) assertion: Assertion,
}

impl HeldAssertion {
    pub(super) fn is_fresh(&self, now: NumericDate) -> bool {
        self.assertion.is_fresh(now)
    }
}

/// A token that was issued in exchange for a caller's.
#[derive(Debug)]
pub(super) struct HeldExchange {
    pub(super) token: ExchangedToken,
    pub(super) prepared: AdapterCache,
    asked_at: NumericDate,
    fresh_until: NumericDate,
    pub(super) ends_at: NumericDate,
}

impl HeldExchange {
    /// `asked_at` is when the call to the auth server began. The token's lifetime is counted from
    /// then, because the token was issued no earlier.
    pub(super) fn new(token: ExchangedToken, of: &VerifiedToken, asked_at: NumericDate) -> Self {
        let life = token.lifetime();
        let margin = limits::EXCHANGE_MARGIN.min(life.checked_div(2).unwrap_or_default());
        let ends_at = asked_at.plus(life);
        let fresh_until = ends_at.minus(margin);
        // What it was exchanged for has ended then, and nobody vouches for the caller any more.
        let fresh_until = of.claims().expires_at.map_or(fresh_until, |exp| exp.min(fresh_until));
        Self { token, prepared: AdapterCache::default(), asked_at, fresh_until, ends_at }
    }

    pub(super) fn asked_at(&self) -> NumericDate {
        self.asked_at
    }

    /// Whether another request may use the token at `now`. The token is stale as well if the clock
    /// was set back to before `asked_at`.
    pub(super) fn is_fresh(&self, now: NumericDate) -> bool {
        self.asked_at <= now && now < self.fresh_until
    }

    pub(super) fn bytes(&self) -> u64 {
        u64::try_from(self.token.bytes()).unwrap_or(u64::MAX)
    }
}
