//! The copy of the revocation log that an isolate follows.

mod confirmations;
mod states;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::{
    Ask, AskReply, Epoch, Fingerprint, PAGE, RevocationName, RevocationNames, RevocationState,
};
use crate::limits;
use crate::time::NumericDate;
use confirmations::Confirmations;
use states::States;

/// A copy of the revocation log: for each fingerprint its state, as of the moment at which the log
/// was asked.
///
/// The copy is state and not events: an answer overwrites, and nothing is removed by the copy's own
/// clock. A hit does not refuse by itself, because names share fingerprints; the log confirms it
/// first.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub struct LogCopy {
    epoch: Option<Epoch>,
    states: States,
    /// When the question was sent that made the states complete.
    as_of: Option<NumericDate>,
    /// The start of the log's object under which the copy learned its last change.
    start: u64,
    /// The last change that the copy has, and the last one that the log had at that time.
    seq: u64,
    head: u64,
    /// The last change that the log had when anything was learned from it, if only about a name.
    known: u64,
    /// The states of a load from the beginning that replaces `states` when it is complete.
    loading: Option<States>,
    /// When the question was sent whose answer was the first of several pages.
    first_sent_at: Option<NumericDate>,
    /// How many entries there were when the last load was complete.
    loaded: usize,
    is_imported: bool,
    confirmations: Confirmations,
    /// Counts the answers that changed something; 0 before the first.
    version: u64,
    /// When the last question on behalf of no request was sent, while there is no answer to it.
    following_at: Option<NumericDate>,
    /// When it turned out that there was no answer to the last question.
    failed_at: Option<NumericDate>,
    /// When the last question was sent that was answered, whatever the answer brought.
    answered_at: Option<NumericDate>,
}

/// The most changes in an answer to a request that waits.
const FEW: u32 = 100;

/// A token as the copy knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// Nothing of it is revoked.
    Clear,
    /// The log has confirmed that it is revoked.
    Revoked,
    /// The log has to be asked: the copy is too old, or there is a hit that is not confirmed.
    Unknown,
}

impl LogCopy {
    /// A question to the log for a request that waits. `names` are those of a verified token, or none.
    ///
    /// It brings few changes, and none while the copy is being loaded: many requests of an isolate that
    /// has just started would make the log send all changes to each of them.
    #[must_use]
    pub fn ask(&self, names: &[RevocationName]) -> Ask {
        let is_loading = self.as_of.is_none() || self.loading.is_some();
        self.question(names, if is_loading { 0 } else { FEW })
    }

    fn question(&self, names: &[RevocationName], page: u32) -> Ask {
        let Self { epoch, start, known, seq, .. } = *self;
        Ask { epoch, start, head: known, seq, page, names: names.to_vec() }
    }

    /// A question on behalf of no request, for a page of changes. If most of the entries have
    /// expired since the copy was loaded, the copy is loaded from the beginning, because the log
    /// does not tell of what has expired.
    pub fn follow(&mut self, now: NumericDate) -> Ask {
        let most = self.loaded.saturating_mul(2).saturating_add(limits::LOG_COPY_SLACK);
        if self.loading.is_none() && self.states.len() > most {
            self.load_anew();
        }
        self.following_at = Some(now);
        self.question(&[], PAGE)
    }

    /// Takes over the answer to a question that was sent at `sent_at`.
    pub fn apply(&mut self, ask: &Ask, sent_at: NumericDate, reply: &AskReply) {
        self.take(ask, sent_at, reply);
        (self.failed_at, self.answered_at) = (None, Some(sent_at));
    }

    fn take(&mut self, ask: &Ask, sent_at: NumericDate, reply: &AskReply) {
        if ask.page == PAGE {
            self.following_at = None;
        }
        // Another log; or the changes that the copy has were lost when the storage was restored.
        let is_lost = reply.since.is_none() && ask.epoch == Some(reply.epoch);
        if is_lost || self.epoch != Some(reply.epoch) {
            // The changes of another log are of no use without those before them.
            if reply.since.is_some() {
                return;
            }
            self.begin_anew(reply);
        }
        // An answer from before the one that the copy has would put older states over newer ones.
        if reply.head < self.head {
            return;
        }
        self.is_imported |= reply.is_imported;
        if reply.head >= self.known {
            (self.known, self.start) = (reply.head, reply.start);
        }
        // Without its changes an answer does not bring the copy further.
        let has_changes = ask.page > 0 || !reply.has_more;
        if has_changes && reply.since.unwrap_or(0) <= self.seq {
            self.take_states(sent_at, reply);
        }
        let verdicts = ask.names.iter().zip(&reply.verdicts);
        for (name, verdict) in verdicts {
            let fingerprint = reply.epoch.fingerprint(name);
            // Only hits are looked up; what is not one yet becomes one by an older answer that brings it.
            let is_hit = self.states.get(fingerprint).max(*verdict) != RevocationState::Absent;
            if is_hit || !has_changes {
                self.confirmations.keep(fingerprint, name, (*verdict, reply.head), sent_at);
            }
        }
    }

    /// Says that there was no answer to a question, at `now`.
    pub fn give_up(&mut self, ask: &Ask, now: NumericDate) {
        self.failed_at = Some(now);
        if ask.page == PAGE {
            self.following_at = None;
        }
    }

    /// Whether the log gave no answer when it was last asked, a moment before `now`.
    #[must_use]
    pub fn is_failing(&self, now: NumericDate) -> bool {
        self.failed_at.is_some_and(|at| at <= now && now < at.plus(limits::LOG_LEASE))
    }

    /// Whether the log answered a question that was sent a moment before `now`.
    #[must_use]
    pub fn is_answering(&self, now: NumericDate) -> bool {
        self.answered_at.is_some_and(|at| at <= now && now < at.plus(limits::LOG_LEASE))
    }

    /// How long ago the question was sent that made the copy complete; `None` if it never was, and
    /// after the clock was set back.
    #[must_use]
    pub fn age(&self, now: NumericDate) -> Option<Duration> {
        self.as_of.filter(|as_of| *as_of <= now).map(|as_of| now.since(as_of))
    }

    /// Whether the log should be asked again: the copy is older than half of `bound`, and no question
    /// is on its way.
    #[must_use]
    pub fn is_due(&self, bound: Duration, now: NumericDate) -> bool {
        let half = bound.checked_div(2).unwrap_or_default();
        let lease =
            |asked_at: NumericDate| asked_at <= now && now < asked_at.plus(limits::FOLLOW_LEASE);
        self.age(now).is_none_or(|age| age >= half) && !self.following_at.is_some_and(lease)
    }

    /// Whether there is more to be asked for before the copy is complete.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.first_sent_at.is_some()
    }

    /// Whether the log has all entries of KV, as far as it has said.
    #[must_use]
    pub fn is_imported(&self) -> bool {
        self.is_imported
    }

    /// The number of fingerprints that are not absent.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.states.len()
    }

    /// Judges a token by the copy, if that is younger than `bound`.
    pub(super) fn find(
        &self,
        names: &RevocationNames,
        issued_at: Option<NumericDate>,
        bound: Duration,
        now: NumericDate,
    ) -> Finding {
        let is_fresh = self.age(now).is_some_and(|age| age < bound);
        let Some(epoch) = self.epoch.filter(|_| is_fresh) else { return Finding::Unknown };
        names.in_copy(epoch, |in_copy| {
            if in_copy.clear_in == self.version {
                return Finding::Clear;
            }
            let pairs = in_copy.fingerprints.iter().zip(names.as_slice());
            let mut hits =
                pairs.filter(|(fingerprint, _)| self.states.get(**fingerprint).refuses(issued_at));
            let Some(first) = hits.next() else {
                in_copy.clear_in = self.version;
                return Finding::Clear;
            };
            let hits = std::iter::once(first).chain(hits);
            self.confirmed(hits.map(|(fingerprint, name)| (*fingerprint, name)), issued_at, now)
        })
    }

    /// Whether the log has confirmed that the token is revoked, however long ago.
    pub(super) fn has_confirmed(
        &self,
        names: &RevocationNames,
        issued_at: Option<NumericDate>,
    ) -> bool {
        self.epoch.is_some_and(|epoch| {
            names.as_slice().iter().any(|name| {
                let known = self.confirmations.find(epoch.fingerprint(name), name);
                known.is_some_and(|known| known.state.refuses(issued_at))
            })
        })
    }

    fn confirmed<'n>(
        &self,
        hits: impl Iterator<Item = (Fingerprint, &'n RevocationName)>,
        issued_at: Option<NumericDate>,
        now: NumericDate,
    ) -> Finding {
        let mut finding = Finding::Clear;
        for (fingerprint, name) in hits {
            match self.confirmations.find(fingerprint, name).filter(|known| known.is_fresh(now)) {
                Some(known) if known.state.refuses(issued_at) => return Finding::Revoked,
                Some(_) => {}
                None => finding = Finding::Unknown,
            }
        }
        finding
    }

    /// Lets the next question ask for everything; until all of it is there, the states serve.
    fn load_anew(&mut self) {
        self.loading = Some(States::default());
        (self.seq, self.first_sent_at) = (0, None);
    }

    fn begin_anew(&mut self, reply: &AskReply) {
        // The version goes on: what was found clear under the old epoch is not clear now.
        let version = self.version.saturating_add(1);
        let (epoch, start) = (Some(reply.epoch), reply.start);
        *self = Self { epoch, start, version, ..Self::default() };
    }

    fn take_states(&mut self, sent_at: NumericDate, reply: &AskReply) {
        let states = self.loading.as_mut().unwrap_or(&mut self.states);
        for (fingerprint, state) in &reply.states {
            states.set(*fingerprint, *state);
            self.confirmations.forget(*fingerprint, reply.head);
        }
        let is_complete = !reply.has_more;
        if !reply.states.is_empty() || is_complete && self.loading.is_some() || self.version == 0 {
            self.version = self.version.saturating_add(1);
        }
        self.head = reply.head;
        if is_complete {
            let as_of = self.first_sent_at.take().unwrap_or(sent_at);
            // One of far later was made before the clock was set back.
            let earlier = self.as_of.filter(|at| *at < as_of.plus(limits::REVOCATION_EVENTUAL));
            self.as_of = earlier.max(Some(as_of));
            if self.loaded == 0 || self.loading.is_some() {
                self.states =
                    self.loading.take().unwrap_or_else(|| std::mem::take(&mut self.states));
                self.loaded = self.states.len();
            }
        } else if reply.seq > self.seq {
            self.first_sent_at.get_or_insert(sent_at);
        }
        self.seq = self.seq.max(reply.seq);
    }
}
