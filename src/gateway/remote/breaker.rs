use std::time::Duration;

use crate::config::BreakerPolicy;
use crate::time::NumericDate;

/// A circuit breaker: decides whether an endpoint is called, by the failures that this isolate has
/// seen. It consists of values and comparisons; the time is passed in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Breaker {
    state: State,
    failures: u32,
    /// The token about which the last answer was unreadable.
    unreadable: Option<u64>,
    /// Recent calls that were answered with 429, each about another token.
    throttled: [Option<Throttled>; THROTTLED - 1],
}

/// The number of tokens that open the breaker when calls about them are answered with 429 within
/// [`THROTTLED_WITHIN`]. A 429 about one token may be that caller's own doing; about so many it is
/// the endpoint's state.
const THROTTLED: usize = 3;
const THROTTLED_WITHIN: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug)]
struct Throttled {
    token: u64,
    at: NumericDate,
    pause: Duration,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Every call is made.
    #[default]
    Closed,
    /// No call is made until this time.
    Open(NumericDate),
    /// One trial call is made, until this time at most; no other call is made.
    HalfOpen(NumericDate),
}

/// The state of an endpoint's circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth state")]
pub enum BreakerState {
    /// Calls are made.
    Closed,
    /// One call is made, or would be, to see whether the endpoint is back.
    HalfOpen,
    /// No call is made.
    Open,
}

/// The change of a breaker's state that an outcome caused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each has its own line in the log")]
pub enum BreakerChange {
    /// Calls are made again.
    Closed,
    /// No calls are made for this time.
    Opened(Duration),
}

impl Breaker {
    /// The time until which no call is made; `None` if one would be made.
    pub(super) fn open_until(&self, now: NumericDate) -> Option<NumericDate> {
        match self.state {
            State::Closed => None,
            State::Open(until) | State::HalfOpen(until) => Some(until).filter(|until| now < *until),
        }
    }

    pub(super) fn state(&self, now: NumericDate) -> BreakerState {
        match self.state {
            State::Closed => BreakerState::Closed,
            State::Open(until) if now < until => BreakerState::Open,
            State::Open(_) | State::HalfOpen(_) => BreakerState::HalfOpen,
        }
    }

    /// Whether a call may be made now. After a pause, `true` admits one trial call; if that has not
    /// ended after `lease`, another one may be made.
    pub(super) fn admit(&mut self, lease: Duration, now: NumericDate) -> bool {
        if self.open_until(now).is_some() {
            return false;
        }
        if !matches!(self.state, State::Closed) {
            self.state = State::HalfOpen(now.plus(lease));
        }
        true
    }

    /// Records that the endpoint gave an answer, positive or negative.
    pub(super) fn succeed(&mut self) -> Option<BreakerChange> {
        match self.state {
            // The answer to a call from before: a pause that was asked for since is kept.
            State::Open(_) => None,
            State::Closed => {
                *self = Self::default();
                None
            }
            State::HalfOpen(_) => {
                *self = Self::default();
                Some(BreakerChange::Closed)
            }
        }
    }

    /// Records that the endpoint answered 429 to a call about `token`, a hash, and asked for
    /// `pause`. The endpoint is reachable, so that this counts as no failure, and closes a
    /// half-open breaker.
    ///
    /// Three tokens with no other answer between them open it. All may be one caller's tokens: that
    /// caller has to wait for the whole pause, and all others wait no longer than after failures.
    pub(super) fn throttle(
        &mut self,
        policy: BreakerPolicy,
        token: u64,
        pause: Duration,
        now: NumericDate,
    ) -> Option<BreakerChange> {
        self.failures = 0;
        let pause = pause.min(policy.open_for);
        let is_of_late =
            |one: &Throttled| one.token != token && now.since(one.at) < THROTTLED_WITHIN;
        let others = self.throttled.map(|one| one.filter(is_of_late));
        let own = Throttled { token, at: now, pause };
        let rest = match (self.state, others) {
            (State::Open(_), _) => return None,
            (State::HalfOpen(_), _) => {
                *self = Self { throttled: [Some(own), None], ..Self::default() };
                return Some(BreakerChange::Closed);
            }
            (State::Closed, [Some(one), Some(other)]) => pause.min(one.pause).min(other.pause),
            (State::Closed, [one, other]) => {
                self.throttled = [Some(own), one.or(other)];
                return None;
            }
        };
        self.throttled = Default::default();
        self.state = State::Open(now.plus(rest));
        Some(BreakerChange::Opened(rest))
    }

    /// Records that the endpoint's answer about `token`, a hash, could not be read. About one token it counts
    /// once: a caller may have written into the own profile what nobody can read.
    pub(super) fn fail_to_read(
        &mut self,
        policy: BreakerPolicy,
        token: u64,
        now: NumericDate,
    ) -> Option<BreakerChange> {
        let is_repeated = self.unreadable.replace(token) == Some(token);
        if is_repeated && matches!(self.state, State::Closed) {
            return None;
        }
        self.fail(policy, None, now)
    }

    /// Records that the endpoint gave no answer; `pause` is the pause that it asked for, if any.
    pub(super) fn fail(
        &mut self,
        policy: BreakerPolicy,
        pause: Option<Duration>,
        now: NumericDate,
    ) -> Option<BreakerChange> {
        self.failures = self.failures.saturating_add(1);
        let gives_up = pause.is_some() || self.failures >= policy.failures;
        let rest = pause.unwrap_or(policy.open_for);
        match self.state {
            State::Closed if !gives_up => None,
            // Calls that began before end later; only a pause that was asked for counts again.
            State::Open(until) if pause.is_none() || now.plus(rest) <= until => None,
            _ => {
                self.state = State::Open(now.plus(rest));
                Some(BreakerChange::Opened(rest))
            }
        }
    }
}

#[cfg(test)]
mod tests;
