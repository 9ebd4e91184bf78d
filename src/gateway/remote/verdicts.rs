//! The answers of endpoints about tokens, and the leases under which they are asked at the moment.

use std::fmt;
use std::rc::Rc;

use quick_cache::Weighter;
use quick_cache::unsync::{Cache, DefaultLifecycle};

use crate::gateway::held::HeldExchange;
use crate::gateway::word_hash::WordHash;
use crate::gateway::{Caller, Lease, Rejection};
use crate::limits;
use crate::time::NumericDate;

/// SHA-256 over all that an answer depends on: the endpoint, what is kept of an answer, and the
/// *whole* token.
pub(super) type Key = [u8; 32];

/// A bounded cache of answers by their key.
pub(super) struct Answers {
    entries: Cache<Key, Entry, Weight, WordHash>,
    attempts: u64,
}

/// Everything that is known about one token.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) answer: Option<CachedVerdict>,
    /// The number of the attempt that ended last. No two attempts have the same number, so that a
    /// changed number means that an attempt has ended since.
    pub(super) attempt: u64,
    /// Whether that attempt got no answer.
    pub(super) has_failed: bool,
    /// The time until which the endpoint is not asked about this token, because it asked for a
    /// pause.
    open_until: Option<NumericDate>,
    lease_until: Option<NumericDate>,
}

/// The answer of an endpoint about a token.
#[derive(Clone, Debug)]
pub(in crate::gateway) enum CachedVerdict {
    Yes(Rc<Caller>),
    /// Another token was issued in exchange for this one.
    Issued(Rc<HeldExchange>),
    No {
        rejection: Rejection,
        asked_at: NumericDate,
        until: NumericDate,
    },
}

impl Answers {
    pub(super) fn find(&self, key: &Key) -> Entry {
        self.entries.get(key).cloned().unwrap_or_default()
    }

    /// Requests the lease for a call, for a request that has seen `attempt` as the last attempt to
    /// end.
    pub(super) fn lease(
        &mut self,
        key: Key,
        attempt: u64,
        until: NumericDate,
        now: NumericDate,
    ) -> Lease {
        // An entry that is gone, evicted or forgotten, says nothing: then it is asked anew.
        let gone = Entry { attempt, ..Entry::default() };
        let mut entry = self.entries.get(&key).cloned().unwrap_or(gone);
        if entry.attempt != attempt {
            return Lease::Settled;
        }
        if entry.lease_until.is_some_and(|until| now < until) {
            return Lease::Held;
        }
        entry.lease_until = Some(until);
        self.entries.insert(key, entry);
        Lease::Taken
    }

    /// Keeps an answer unless a newer one is there: calls may end in another order than they began.
    /// Returns whether it was kept.
    pub(super) fn keep(&mut self, key: Key, answer: CachedVerdict) -> bool {
        let entry = self.find(&key);
        let is_older = |kept: &CachedVerdict| kept.asked_at() <= answer.asked_at();
        let keeps = entry.answer.as_ref().is_none_or(is_older);
        if keeps {
            self.entries.insert(key, Entry { answer: Some(answer), ..entry });
        }
        keeps
    }

    /// Ends an attempt, and with it the lease.
    pub(super) fn settle(&mut self, key: Key, has_failed: bool) {
        self.attempts = self.attempts.wrapping_add(1);
        let attempt = self.attempts;
        let entry = Entry { attempt, has_failed, lease_until: None, ..self.find(&key) };
        self.entries.insert(key, entry);
    }

    /// The time until which the endpoint is not asked about one token.
    pub(super) fn open_until(&self, key: &Key) -> Option<NumericDate> {
        self.entries.get(key)?.open_until
    }

    /// Keeps the endpoint from being asked about one token until `until`.
    pub(super) fn rest(&mut self, key: Key, until: NumericDate) {
        self.entries.insert(key, Entry { open_until: Some(until), ..self.find(&key) });
    }

    pub(super) fn remove(&mut self, key: &Key) {
        self.entries.remove(key);
    }

    /// Forgets every positive answer, and every token that was issued. A refusal stays: forgetting
    /// it would let an older copy of a positive answer in again.
    ///
    /// The numbering of attempts continues, so that a request that waits for one still sees it end.
    pub(super) fn drop_positive(&mut self) {
        self.entries.retain(|_, entry| matches!(entry.answer, Some(CachedVerdict::No { .. })));
    }
}

impl CachedVerdict {
    pub(super) fn asked_at(&self) -> Option<NumericDate> {
        match self {
            Self::Yes(caller) => caller.token().asked_at(),
            Self::Issued(held) => Some(held.asked_at()),
            Self::No { asked_at, .. } => Some(*asked_at),
        }
    }
}

impl Default for Answers {
    fn default() -> Self {
        let entries = Cache::with(
            limits::REMOTE_ANSWERS,
            limits::REMOTE_BYTES,
            Weight,
            WordHash::default(),
            DefaultLifecycle::default(),
        );
        Self { entries, attempts: 0 }
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Answers({})", self.entries.len())
    }
}

#[derive(Clone)]
struct Weight;

/// The weight of a refusal, in bytes: its key and what surrounds it.
const BARE_BYTES: u64 = 256;

impl Weighter<Key, Entry> for Weight {
    fn weight(&self, _: &Key, entry: &Entry) -> u64 {
        match &entry.answer {
            Some(CachedVerdict::Yes(caller)) => caller.bytes().saturating_add(BARE_BYTES),
            Some(CachedVerdict::Issued(held)) => held.bytes().saturating_add(BARE_BYTES),
            Some(CachedVerdict::No { .. }) | None => BARE_BYTES,
        }
    }
}
