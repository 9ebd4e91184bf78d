use std::time::Duration;

use crate::config::BreakerPolicy;
use crate::time::NumericDate;

/// A circuit breaker: decides whether an endpoint is called, by the failures that this isolate has
/// seen. It consists of values and comparisons; the time is passed in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Breaker {
    state: State,
    failures: u32,
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
mod tests {
    use super::*;

    const POLICY: BreakerPolicy = BreakerPolicy { failures: 3, open_for: Duration::from_secs(30) };
    const LEASE: Duration = Duration::from_secs(8);

    fn at(seconds: i64) -> NumericDate {
        NumericDate::from_seconds(1_767_225_600 + seconds)
    }

    fn opened(seconds: u64) -> BreakerChange {
        BreakerChange::Opened(Duration::from_secs(seconds))
    }

    fn open_at_0() -> Breaker {
        let mut breaker = Breaker::default();
        let _ = breaker.fail(POLICY, Some(Duration::from_secs(30)), at(0));
        breaker
    }

    #[test]
    fn it_opens_at_the_configured_failure_in_a_row_and_not_before() {
        let mut breaker = Breaker::default();
        assert_eq!(breaker.fail(POLICY, None, at(0)), None);
        assert_eq!(breaker.fail(POLICY, None, at(0)), None);
        assert!(breaker.admit(LEASE, at(0)));
        assert_eq!(breaker.fail(POLICY, None, at(1)), Some(opened(30)));
        assert_eq!(breaker.state(at(1)), BreakerState::Open);
        assert_eq!(breaker.open_until(at(30)), Some(at(31)));
        assert!(!breaker.admit(LEASE, at(30)));
    }

    #[test]
    fn a_success_between_failures_begins_the_count_anew() {
        let mut breaker = Breaker::default();
        for _ in 0..5 {
            assert_eq!(breaker.fail(POLICY, None, at(0)), None);
            assert_eq!(breaker.fail(POLICY, None, at(0)), None);
            assert_eq!(breaker.succeed(), None);
        }
        assert_eq!(breaker.state(at(0)), BreakerState::Closed);
    }

    #[test]
    fn a_429_about_three_tokens_within_ten_seconds_opens_it_and_about_one_never_does() {
        let pause = Duration::from_secs(60);
        let mut breaker = Breaker::default();
        for seconds in 0..20 {
            assert_eq!(breaker.throttle(POLICY, 1, pause, at(seconds)), None);
        }
        assert_eq!(breaker.throttle(POLICY, 2, Duration::from_secs(20), at(20)), None);
        assert_eq!(breaker.throttle(POLICY, 1, pause, at(21)), None);
        // The second token's was ten seconds ago.
        assert_eq!(breaker.throttle(POLICY, 3, pause, at(30)), None);
        assert_eq!(breaker.state(at(30)), BreakerState::Closed);
        assert_eq!(breaker.throttle(POLICY, 4, Duration::from_secs(20), at(30)), Some(opened(20)));
        assert!(!breaker.admit(LEASE, at(49)) && breaker.admit(LEASE, at(50)));
        let closed = Some(BreakerChange::Closed);
        assert_eq!(breaker.throttle(POLICY, 5, pause, at(51)), closed, "the one that tried");
        assert_eq!(breaker.throttle(POLICY, 6, pause, at(52)), None);
        // All may be one caller's tokens: others do not wait for its whole pause.
        assert_eq!(breaker.throttle(POLICY, 7, pause, at(53)), Some(opened(30)));
        assert_eq!(breaker.throttle(POLICY, 8, pause, at(54)), None, "one from before");
    }

    #[test]
    fn an_answer_between_429s_shows_that_others_are_served() {
        let mut breaker = Breaker::default();
        for n in 0..9 {
            assert_eq!(breaker.throttle(POLICY, n, Duration::from_secs(9), at(0)), None);
            assert_eq!(breaker.throttle(POLICY, n + 100, Duration::from_secs(9), at(0)), None);
            assert_eq!(breaker.succeed(), None);
        }
    }

    #[test]
    fn a_429_is_no_failure_in_a_row() {
        let mut breaker = Breaker::default();
        for n in 0..9 {
            assert_eq!(breaker.fail(POLICY, None, at(0)), None);
            assert_eq!(breaker.fail(POLICY, None, at(0)), None);
            assert_eq!(breaker.throttle(POLICY, n % 2, Duration::from_secs(1), at(0)), None);
        }
    }

    #[test]
    fn one_call_tries_after_the_rest_and_its_outcome_decides() {
        for closes in [true, false] {
            let mut breaker = open_at_0();
            assert_eq!(breaker.state(at(30)), BreakerState::HalfOpen);
            assert!(breaker.admit(LEASE, at(30)));
            assert!(!breaker.admit(LEASE, at(30)) && !breaker.admit(LEASE, at(37)));
            if closes {
                assert_eq!(breaker.succeed(), Some(BreakerChange::Closed));
                assert!(breaker.admit(LEASE, at(31)) && breaker.admit(LEASE, at(31)));
            } else {
                assert_eq!(breaker.fail(POLICY, None, at(35)), Some(opened(30)));
                assert!(!breaker.admit(LEASE, at(64)) && breaker.admit(LEASE, at(65)));
            }
        }
    }

    #[test]
    fn a_trying_call_that_never_ends_is_taken_over() {
        let mut breaker = open_at_0();
        assert!(breaker.admit(LEASE, at(30)));
        assert!(!breaker.admit(LEASE, at(37)) && breaker.admit(LEASE, at(38)));
    }

    #[test]
    fn a_pause_that_was_asked_for_is_kept_whatever_older_calls_bring() {
        let mut breaker = Breaker::default();
        assert_eq!(breaker.fail(POLICY, Some(Duration::from_secs(120)), at(0)), Some(opened(120)));
        assert_eq!(breaker.succeed(), None);
        assert_eq!(breaker.fail(POLICY, None, at(1)), None);
        assert_eq!(breaker.fail(POLICY, Some(Duration::from_secs(10)), at(1)), None);
        assert!(!breaker.admit(LEASE, at(119)));
        assert_eq!(breaker.fail(POLICY, Some(Duration::from_secs(300)), at(2)), Some(opened(300)));
        assert!(!breaker.admit(LEASE, at(301)) && breaker.admit(LEASE, at(302)));
    }
}
