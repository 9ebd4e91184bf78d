//! The world of the model: one log, copies that follow it, and the answers on their way.

use std::rc::Rc;
use std::time::Duration;

use super::super::super::super::{
    Ask, AskReply, Epoch, LogCommand, LogEntry, Reason, RevocationName, RevocationNames,
};
use super::super::super::LogCopy;
use super::super::memory_log::{MemoryLog, entry};
use super::scope::{LIFE, Order, Scope, Step};
use super::tokens::{EPOCHS, ISSUED_AT, TOKENS, fingerprint, revocable};
use crate::time::NumericDate;

#[derive(Clone)]
pub(super) struct World {
    pub(super) now: NumericDate,
    pub(super) log: Rc<MemoryLog>,
    /// The log before the last order.
    pub(super) earlier: Option<Rc<MemoryLog>>,
    /// The orders to revoke that were not lifted since; and the same before the last order.
    revoked: Rc<Vec<LogEntry>>,
    revoked_earlier: Rc<Vec<LogEntry>>,
    /// Since when the log has refused each token.
    pub(super) revoked_since: [Option<NumericDate>; TOKENS],
    pub(super) followers: Vec<Follower>,
    /// How often the object was started.
    starts: u64,
}

/// A copy, the tokens of its isolate's requests, and what only the model knows of it.
#[derive(Clone)]
pub(super) struct Follower {
    pub(super) copy: LogCopy,
    pub(super) tokens: [RevocationNames; TOKENS],
    pub(super) in_flight: Vec<Rc<Answer>>,
    /// The newest change at which an answer said of each token that it is revoked.
    pub(super) refused_at: [Option<u64>; TOKENS],
    /// The newest change at which an answer showed of each token that it is not.
    pub(super) cleared_at: [Option<u64>; TOKENS],
}

/// An answer, with the question, and what was true when it was read.
pub(super) struct Answer {
    pub(super) ask: Ask,
    pub(super) sent_at: NumericDate,
    pub(super) reply: AskReply,
    pub(super) refuses: [bool; TOKENS],
}

impl World {
    /// A log of which the copies know nothing.
    pub(super) fn new(tokens: &[RevocationNames; TOKENS], copies: usize) -> Self {
        let follower = Follower {
            copy: LogCopy::default(),
            tokens: tokens.clone(),
            in_flight: Vec::new(),
            refused_at: [None; TOKENS],
            cleared_at: [None; TOKENS],
        };
        let log = MemoryLog::new();
        Self {
            now: log.now,
            log: Rc::new(log),
            earlier: None,
            revoked: Rc::default(),
            revoked_earlier: Rc::default(),
            revoked_since: [None; TOKENS],
            followers: vec![follower; copies],
            starts: 1,
        }
    }

    /// Everything that may happen next.
    pub(super) fn steps(&self, scope: &Scope) -> Vec<Step> {
        let orders = scope.orders.iter().map(|order| Step::Order(*order));
        let mut steps: Vec<_> = orders.filter(|order| self.changes(*order)).collect();
        steps.extend(scope.pauses.iter().map(|seconds| Step::Wait(*seconds)));
        for (copy, follower) in self.followers.iter().enumerate() {
            for with_names in [false, true] {
                steps.push(Step::Exchange { copy, with_names });
            }
            if follower.in_flight.len() < scope.late_answers {
                steps.push(Step::Send { copy, with_names: true });
            }
            for answer in 0..follower.in_flight.len() {
                steps.push(Step::Lose { copy, answer });
                steps.push(Step::Arrive { copy, answer, is_read_late: false });
                steps.push(Step::Arrive { copy, answer, is_read_late: true });
            }
            if scope.has_reloads && follower.copy.loading.is_none() && follower.copy.seq > 0 {
                steps.push(Step::Reload { copy });
            }
        }
        if scope.has_losses && self.log.head > 0 && self.log.epoch == Epoch::NARROW {
            steps.push(Step::Wipe);
        }
        if scope.has_losses && self.earlier.is_some() {
            steps.push(Step::SetBack);
        }
        steps
    }

    fn changes(&self, step: Step) -> bool {
        let Step::Order((LogCommand::Lift, token, reason, _)) = step else { return true };
        let standing = self.log.entries.get(&(self.name(token).clone(), reason));
        standing.is_some_and(|row| !row.entry.is_lifted)
    }

    pub(super) fn take(&mut self, step: Step, page: usize) {
        match step {
            Step::Order(order) => self.order(order),
            Step::Wait(seconds) => {
                self.now = self.now.plus(Duration::from_secs(seconds));
                Rc::make_mut(&mut self.log).now = self.now;
            }
            Step::Send { copy, with_names } => {
                let answer = self.ask(copy, with_names, page);
                self.followers[copy].in_flight.push(Rc::new(answer));
            }
            Step::Exchange { copy, with_names } => {
                let answer = self.ask(copy, with_names, page);
                self.followers[copy].receive(&answer);
            }
            Step::Arrive { copy, answer, is_read_late } => {
                let answer = self.followers[copy].in_flight.remove(answer);
                let late =
                    is_read_late.then(|| self.read(answer.ask.clone(), answer.sent_at, page));
                self.followers[copy].receive(late.as_ref().unwrap_or(&answer));
            }
            Step::Lose { copy, answer } => {
                let follower = &mut self.followers[copy];
                let lost = follower.in_flight.remove(answer);
                follower.copy.give_up(&lost.ask, self.now);
            }
            Step::Reload { copy } => self.followers[copy].copy.load_anew(),
            Step::Wipe => {
                let [_, epoch] = EPOCHS;
                self.log = Rc::new(MemoryLog { epoch, now: self.now, ..MemoryLog::new() });
                (self.earlier, self.revoked) = (None, Rc::default());
            }
            Step::SetBack => self.set_back(),
        }
        for token in 0..TOKENS {
            let is_revoked = self.refuses(token);
            let since = &mut self.revoked_since[token];
            *since = is_revoked.then(|| since.unwrap_or(self.now));
        }
    }

    fn order(&mut self, (command, token, reason, before): Order) {
        let mut order = entry(self.name(token).clone(), reason, before);
        if (token, reason) == (0, Reason::Admin) {
            order.expires_at = Some(self.now.plus(LIFE));
        }
        let before = Rc::clone(&self.log);
        if Rc::make_mut(&mut self.log).carry_out(command, &order) {
            self.earlier = Some(before);
            self.revoked_earlier = Rc::clone(&self.revoked);
        }
        let revoked = Rc::make_mut(&mut self.revoked);
        if command == LogCommand::Lift {
            revoked.retain(|one| (&one.name, one.reason) != (&order.name, reason));
        } else {
            revoked.push(order);
        }
    }

    /// Answers that are on their way are lost: to restore the storage, the object is restarted.
    fn set_back(&mut self) {
        let Some(mut earlier) = self.earlier.take() else { return };
        for follower in &mut self.followers {
            follower.in_flight.clear();
        }
        let restored = Rc::make_mut(&mut earlier);
        restored.now = self.now;
        self.starts += 1;
        restored.restart(self.starts);
        (self.log, self.revoked) = (earlier, Rc::clone(&self.revoked_earlier));
    }

    fn ask(&mut self, copy: usize, with_names: bool, page: usize) -> Answer {
        let names = [0, 1].map(|token| self.name(token).clone());
        let names = if with_names { &names[..] } else { &[] };
        let copy = &mut self.followers[copy].copy;
        let ask = if with_names { copy.ask(names) } else { copy.follow(self.now) };
        self.read(ask, self.now, page)
    }

    fn read(&self, ask: Ask, sent_at: NumericDate, page: usize) -> Answer {
        let reply = self.log.answer(&ask, page);
        Answer { ask, sent_at, reply, refuses: [0, 1].map(|token| self.refuses(token)) }
    }

    /// Whether a token is revoked at this moment, by what was ordered and not by what the log made of it.
    pub(super) fn refuses(&self, token: usize) -> bool {
        let name = self.name(token);
        let live = |one: &&LogEntry| one.name == *name && !one.has_expired(self.now);
        let mut live = self.revoked.iter().filter(live);
        live.any(|one| one.before.is_none_or(|before| ISSUED_AT < before))
    }

    pub(super) fn name(&self, token: usize) -> &RevocationName {
        revocable(&self.followers[0].tokens, token)
    }
}

impl Follower {
    fn receive(&mut self, answer: &Answer) {
        let Answer { ask, sent_at, reply, refuses } = answer;
        let before = self.copy.epoch;
        self.copy.apply(ask, *sent_at, reply);
        let is_set_back = ask.epoch == Some(reply.epoch) && reply.since.is_none();
        if is_set_back || self.copy.epoch != before {
            (self.refused_at, self.cleared_at) = ([None; TOKENS], [None; TOKENS]);
        }
        if self.copy.epoch != Some(reply.epoch) {
            return;
        }
        for (token, is_revoked) in refuses.iter().copied().enumerate() {
            let fingerprint = fingerprint(reply.epoch, token);
            let has_changed = reply.states.iter().any(|(changed, _)| *changed == fingerprint);
            let is_asked = !reply.verdicts.is_empty();
            if is_revoked && is_asked {
                self.refused_at[token] = self.refused_at[token].max(Some(reply.head));
            }
            if !is_revoked && (is_asked || has_changed) {
                self.cleared_at[token] = self.cleared_at[token].max(Some(reply.head));
            }
        }
    }
}
