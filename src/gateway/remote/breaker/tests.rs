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
