//! The keys of each issuer over time: fresh, stale, missing; who may fetch, and when.
//!
//! All of it is values and comparisons. On Workers no request may await what another one started,
//! so a fetch is held by a *lease*: a deadline that others can see and, once it has passed, take.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use crate::config::{Issuer, KeySource};
use crate::jose::JwkSet;
use crate::limits;
use crate::time::NumericDate;

/// The keys of all issuers, by their index in the configuration.
#[derive(Debug)]
pub struct JwksCache(Vec<RefCell<IssuerKeys>>);

#[derive(Debug, Default)]
struct IssuerKeys {
    held: Option<Held>,
    generation: u64,
    attempts: u64,
    lease_until: Option<NumericDate>,
    failed_at: Option<NumericDate>,
    missed: Option<Missed>,
    misses: VecDeque<(String, NumericDate)>,
}

/// The last time that a key was looked for, and how many attempts had ended by then.
#[derive(Clone, Copy, Debug)]
struct Missed {
    at: NumericDate,
    attempts: u64,
}

#[derive(Clone, Debug)]
struct Held {
    set: Rc<JwkSet>,
    text_hash: [u8; 32],
    fetched_at: NumericDate,
    fresh_until: NumericDate,
    usable_until: NumericDate,
}

/// The keys of an issuer as they stand.
#[derive(Clone, Debug)]
pub struct KeyState {
    /// The keys.
    pub set: Rc<JwkSet>,
    /// Grows whenever the keys change; a token verified under another generation is verified anew.
    pub generation: u64,
    /// Whether they should be fetched again, in the background.
    pub is_stale: bool,
    /// When they were fetched.
    pub fetched_at: NumericDate,
}

/// A key set that was fetched or found in the store.
#[derive(Debug)]
pub struct KeyUpdate {
    /// The keys.
    pub set: JwkSet,
    /// SHA-256 of the document, to see whether anything changed.
    pub text_hash: [u8; 32],
    /// When it came from the issuer.
    pub fetched_at: NumericDate,
    /// How long it counts as fresh from then on; kept within [`limits::JWKS_FRESH_MIN`] and
    /// [`limits::JWKS_FRESH_MAX`].
    pub fresh_for: Duration,
}

/// Who fetches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must know what to do in each case")]
pub enum Lease {
    /// You do: the lease is yours until it runs out.
    Taken,
    /// Somebody else does: look again in a while.
    Held,
    /// Nobody need: an attempt has ended since you asked, or failed a short while ago.
    Settled,
}

impl JwksCache {
    pub(super) fn new(issuers: &[Issuer]) -> Self {
        Self(issuers.iter().map(|issuer| RefCell::new(IssuerKeys::of(&issuer.keys))).collect())
    }

    /// Takes fetched keys over from another configuration's key ring: only where the `iss` and the
    /// place that they come from are the same, for nothing else decides what is fetched and how it
    /// is read.
    pub(super) fn take_over(&self, own: &[Issuer], other: &Self, others: &[Issuer]) {
        for (issuer, keys) in own.iter().zip(&self.0) {
            let is_same = |other: &Issuer| {
                other.policy.issuer == issuer.policy.issuer
                    && other.keys.is_fetched_as(&issuer.keys)
            };
            let same = others.iter().position(is_same).and_then(|index| other.0.get(index));
            if let Some(same) = same {
                let same = same.borrow();
                let mut keys = keys.borrow_mut();
                keys.held.clone_from(&same.held);
                keys.failed_at = same.failed_at;
            }
        }
    }

    /// The keys of an issuer, when there are any that may still be used.
    #[must_use]
    pub fn state(&self, issuer: usize, now: NumericDate) -> Option<KeyState> {
        let keys = self.0.get(issuer)?.borrow();
        let held = keys.held.as_ref().filter(|held| now < held.usable_until)?;
        Some(KeyState {
            set: Rc::clone(&held.set),
            generation: keys.generation,
            is_stale: held.fresh_until <= now,
            fetched_at: held.fetched_at,
        })
    }

    /// How many attempts to fetch have ended; see [`JwksCache::lease`].
    #[must_use]
    pub fn attempts(&self, issuer: usize) -> u64 {
        self.0.get(issuer).map_or(0, |keys| keys.borrow().attempts)
    }

    /// Whether the last attempt failed, a short while ago: the issuer is not asked again now.
    #[must_use]
    pub fn is_failing(&self, issuer: usize, now: NumericDate) -> bool {
        self.0.get(issuer).is_some_and(|keys| keys.borrow().is_failing(now))
    }

    /// Asks to fetch, having seen so many `attempts` end.
    #[must_use]
    pub fn lease(&self, issuer: usize, attempts: u64, now: NumericDate) -> Lease {
        let Some(keys) = self.0.get(issuer) else {
            return Lease::Settled;
        };
        let mut keys = keys.borrow_mut();
        if keys.attempts != attempts || keys.is_failing(now) {
            return Lease::Settled;
        }
        if keys.lease_until.is_some_and(|until| now < until) {
            return Lease::Held;
        }
        keys.lease_until = Some(now.plus(limits::JWKS_LEASE));
        Lease::Taken
    }

    /// Takes keys into use, and ends the lease.
    pub fn install(&self, issuer: usize, update: KeyUpdate) {
        if let Some(keys) = self.0.get(issuer) {
            keys.borrow_mut().install(update);
        }
    }

    /// Notes that a fetch failed, and ends the lease. What is held stays: an outage of the issuer
    /// must not take good keys away.
    pub fn fail(&self, issuer: usize, now: NumericDate) {
        if let Some(keys) = self.0.get(issuer) {
            let mut keys = keys.borrow_mut();
            keys.failed_at = Some(now);
            keys.settle();
        }
    }

    /// Whether a token may wait for a fetch because its `kid` is unknown: not for a kid that was
    /// missed lately, and not within the cool-down of the last such fetch, unless that one is
    /// still under way.
    ///
    /// A `true` that starts a fetch starts the cool-down.
    pub(super) fn may_look_for(&self, issuer: usize, kid: Option<&str>, now: NumericDate) -> bool {
        let Some(keys) = self.0.get(issuer) else {
            return false;
        };
        keys.borrow_mut().may_look_for(kid, now)
    }
}

impl IssuerKeys {
    fn of(source: &KeySource) -> Self {
        let set = match source {
            KeySource::Jwks { .. } | KeySource::Discovery { .. } => return Self::default(),
            KeySource::Given(set) => set.clone(),
            // No key, and none to be fetched.
            KeySource::Absent => JwkSet::default(),
        };
        let for_ever = NumericDate::from_millis(i64::MAX);
        let held = Held {
            set: Rc::new(set),
            text_hash: [0; 32],
            fetched_at: NumericDate::from_seconds(0),
            fresh_until: for_ever,
            usable_until: for_ever,
        };
        Self { held: Some(held), ..Self::default() }
    }

    /// Given keys are all there is: nothing can be fetched for them.
    fn is_given(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.fresh_until.millis() == i64::MAX)
    }

    fn is_failing(&self, now: NumericDate) -> bool {
        self.failed_at.is_some_and(|at| now < at.plus(limits::JWKS_COOL_DOWN))
    }

    fn is_looking(&self, now: NumericDate) -> bool {
        self.missed.is_some_and(|last| {
            last.attempts == self.attempts && now < last.at.plus(limits::JWKS_LEASE)
        })
    }

    fn settle(&mut self) {
        self.lease_until = None;
        self.attempts = self.attempts.wrapping_add(1);
    }

    fn install(&mut self, update: KeyUpdate) {
        let fresh_for = update.fresh_for.clamp(limits::JWKS_FRESH_MIN, limits::JWKS_FRESH_MAX);
        let fresh_until = update.fetched_at.plus(fresh_for);
        let changed = self.held.as_ref().is_none_or(|held| held.text_hash != update.text_hash);
        if changed {
            self.generation = self.generation.wrapping_add(1);
            self.misses.clear();
        }
        self.held = Some(Held {
            set: Rc::new(update.set),
            text_hash: update.text_hash,
            fetched_at: update.fetched_at,
            fresh_until,
            usable_until: fresh_until.plus(limits::JWKS_STALE),
        });
        self.failed_at = None;
        self.settle();
    }

    fn may_look_for(&mut self, kid: Option<&str>, now: NumericDate) -> bool {
        if self.is_given() || self.is_failing(now) {
            return false;
        }
        // Its answer will be as good for this token as for the one that it was started for.
        if self.is_looking(now) {
            return true;
        }
        let cooling = self.missed.is_some_and(|last| now < last.at.plus(limits::JWKS_COOL_DOWN));
        let kid = kid.unwrap_or_default();
        self.misses.retain(|(_, until)| now < *until);
        if cooling || self.misses.iter().any(|(miss, _)| miss == kid) {
            return false;
        }
        self.missed = Some(Missed { at: now, attempts: self.attempts });
        // The oldest goes: memory stays bounded whatever kids are sent.
        if self.misses.len() >= limits::MISSES_REMEMBERED {
            self.misses.pop_front();
        }
        self.misses.push_back((kid.to_owned(), now.plus(limits::MISS_REMEMBERED)));
        true
    }
}

#[cfg(test)]
mod tests;
