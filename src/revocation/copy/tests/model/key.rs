//! All that decides how a world goes on, in 64 bits.
//!
//! Times count from now, and those before the bound as one. Of changes only the order counts, and of
//! the copies not which is which.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::super::super::super::{RevocationNames, RevocationState};
use super::super::super::LogCopy;
use super::super::memory_log::{MemoryLog, Row};
use super::scope::BOUND;
use super::tokens::{fingerprint, revocable};
use super::world::{Answer, Follower, World};
use crate::time::NumericDate;

pub(super) fn key(world: &World) -> u64 {
    let view = View { now: world.now, changes: changes(world) };
    let followers = world.followers.iter();
    let mut followers: Vec<_> = followers.map(|one| hash(|to| view.follower(one, to))).collect();
    followers.sort_unstable();
    hash(|to| {
        view.log(&world.log, to);
        world.earlier.iter().for_each(|earlier| view.log(earlier, to));
        world.revoked_since.map(|since| since.map(|since| view.age(Some(since)))).hash(to);
        followers.hash(to);
    })
}

/// The numbers of all changes that anything in the world knows, in order.
fn changes(world: &World) -> Vec<u64> {
    let mut changes = vec![0];
    for log in [Some(&world.log), world.earlier.as_ref()].into_iter().flatten() {
        changes.push(log.head);
        changes.extend(log.starts.iter().map(|start| start.head));
        changes.extend(log.entries.values().map(|row| row.seq));
    }
    for follower in &world.followers {
        changes.extend([follower.copy.seq, follower.copy.head, follower.copy.known]);
        changes.extend([follower.refused_at, follower.cleared_at].iter().flatten().flatten());
        for Answer { ask, reply, .. } in follower.in_flight.iter().map(AsRef::as_ref) {
            changes.extend([ask.head, ask.seq, reply.since.unwrap_or(0), reply.seq, reply.head]);
        }
        let known = follower.copy.epoch.iter().flat_map(|epoch| {
            let known = |token| (fingerprint(*epoch, token), revocable(&follower.tokens, token));
            [0, 1].map(known).map(|(at, name)| follower.copy.confirmations.find(at, name))
        });
        changes.extend(known.flatten().map(|known| known.head));
    }
    changes.sort_unstable();
    changes.dedup();
    changes
}

fn hash(of: impl FnOnce(&mut DefaultHasher)) -> u64 {
    let mut hasher = DefaultHasher::new();
    of(&mut hasher);
    hasher.finish()
}

struct View {
    now: NumericDate,
    changes: Vec<u64>,
}

impl View {
    fn age(&self, time: Option<NumericDate>) -> Duration {
        time.map_or(BOUND, |time| self.now.since(time).min(BOUND))
    }

    fn rank(&self, change: u64) -> usize {
        self.changes.binary_search(&change).expect("every change")
    }

    fn log(&self, log: &MemoryLog, to: &mut DefaultHasher) {
        (log.epoch.bytes()[0], self.rank(log.head)).hash(to);
        log.starts.iter().for_each(|start| (start.id, self.rank(start.head)).hash(to));
        for ((name, reason), Row { seq, entry, .. }) in &log.entries {
            let life = entry.expires_at.map(|at| at.since(self.now));
            (name.kind().to_byte(), reason.as_str(), self.rank(*seq)).hash(to);
            (entry.is_lifted, entry.before, life).hash(to);
        }
    }

    fn follower(&self, follower: &Follower, to: &mut DefaultHasher) {
        let copy = &follower.copy;
        (copy.epoch.map(|epoch| epoch.bytes()[0]), self.rank(copy.seq)).hash(to);
        (self.rank(copy.head), self.rank(copy.known), self.age(copy.as_of)).hash(to);
        (copy.first_sent_at.map(|at| self.age(Some(at))), copy.start).hash(to);
        for seen in [follower.refused_at, follower.cleared_at] {
            seen.map(|change| change.map(|change| self.rank(change))).hash(to);
        }
        for (token, names) in follower.tokens.iter().enumerate() {
            let Some(epoch) = copy.epoch else { continue };
            let name = revocable(&follower.tokens, token);
            let fingerprint = fingerprint(epoch, token);
            copy.states.get(fingerprint).to_code().hash(to);
            copy.loading.as_ref().map(|states| states.get(fingerprint).to_code()).hash(to);
            let known = copy.confirmations.find(fingerprint, name);
            known.map(|known| (known.state.to_code(), self.rank(known.head))).hash(to);
            is_held_clear(copy, names).hash(to);
        }
        let answers = follower.in_flight.iter();
        let mut answers: Vec<_> = answers.map(|one| hash(|to| self.answer(one, to))).collect();
        answers.sort_unstable();
        answers.hash(to);
    }

    fn answer(&self, answer: &Answer, to: &mut DefaultHasher) {
        let Answer { ask, sent_at, reply, refuses } = answer;
        (ask.epoch.map(|epoch| epoch.bytes()[0]), self.rank(ask.seq), ask.names.len()).hash(to);
        (
            self.age(Some(*sent_at)),
            reply.epoch.bytes()[0],
            reply.since.map(|since| self.rank(since)),
        )
            .hash(to);
        (self.rank(reply.seq), self.rank(reply.head), reply.has_more, refuses).hash(to);
        (ask.start, self.rank(ask.head), reply.start).hash(to);
        for (fingerprint, state) in &reply.states {
            (fingerprint.number(), state.to_code()).hash(to);
        }
        reply.verdicts.iter().copied().map(RevocationState::to_code).for_each(|code| code.hash(to));
    }
}

/// Whether a request with these names is found clear without a look at the states. A clone is asked,
/// because names that are asked about another log forget the first.
pub(super) fn is_held_clear(copy: &LogCopy, names: &RevocationNames) -> bool {
    let Some(epoch) = copy.epoch else { return false };
    names.clone().in_copy(epoch, |in_copy| in_copy.clear_in == copy.version)
}
