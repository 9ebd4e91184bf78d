use super::*;

const START: NumericDate = NumericDate::from_seconds(1_767_225_600);

fn at(seconds: u64) -> NumericDate {
    START.plus(Duration::from_secs(seconds))
}

fn ring() -> JwksCache {
    JwksCache(vec![RefCell::default()])
}

fn update(fetched_at: NumericDate, fresh_seconds: u64, hash: u8) -> KeyUpdate {
    let fresh_for = Duration::from_secs(fresh_seconds);
    KeyUpdate { set: JwkSet::default(), text_hash: [hash; 32], fetched_at, fresh_for }
}

#[test]
fn keys_are_fresh_then_stale_then_gone() {
    let ring = ring();
    assert!(ring.state(0, at(0)).is_none());
    ring.install(0, update(at(0), 600, 1));
    let is_stale = |seconds| ring.state(0, at(seconds)).map(|state| state.is_stale);
    assert_eq!(is_stale(599), Some(false));
    assert_eq!(is_stale(600), Some(true));
    assert_eq!(is_stale(600 + 86_399), Some(true));
    assert_eq!(is_stale(600 + 86_400), None);
}

#[test]
fn the_issuers_max_age_is_kept_within_bounds() {
    for (said, until) in [(0, 60), (59, 60), (61, 61), (86_401, 86_400)] {
        let ring = ring();
        ring.install(0, update(at(0), said, 1));
        let is_stale = |seconds| ring.state(0, at(seconds)).expect("held").is_stale;
        assert!(!is_stale(until - 1) && is_stale(until), "max-age {said}");
    }
}

#[test]
fn one_lease_at_a_time_and_it_runs_out() {
    let ring = ring();
    assert_eq!(ring.lease(0, 0, at(0)), Lease::Taken);
    assert_eq!(ring.lease(0, 0, at(0)), Lease::Held);
    assert_eq!(ring.lease(0, 0, at(6)), Lease::Held);
    assert_eq!(ring.lease(0, 0, at(7)), Lease::Taken);
    ring.install(0, update(at(7), 600, 1));
    assert_eq!(ring.lease(0, 0, at(7)), Lease::Settled);
    assert_eq!(ring.lease(0, ring.attempts(0), at(7)), Lease::Taken);
}

#[test]
fn a_failed_fetch_keeps_the_keys_and_is_not_repeated_within_the_cool_down() {
    let ring = ring();
    ring.install(0, update(at(0), 600, 1));
    ring.fail(0, at(700));
    assert!(ring.state(0, at(700)).is_some());
    assert!(ring.is_failing(0, at(729)) && !ring.is_failing(0, at(730)));
    assert_eq!(ring.lease(0, ring.attempts(0), at(729)), Lease::Settled);
    assert_eq!(ring.lease(0, ring.attempts(0), at(730)), Lease::Taken);
}

#[test]
fn the_generation_grows_only_when_the_document_changes() {
    let ring = ring();
    let generation = || ring.state(0, at(1)).expect("held").generation;
    ring.install(0, update(at(0), 600, 1));
    let first = generation();
    ring.install(0, update(at(1), 600, 1));
    assert_eq!(generation(), first);
    ring.install(0, update(at(1), 600, 2));
    assert_ne!(generation(), first);
}

#[test]
fn an_unknown_kid_is_looked_for_once_in_a_cool_down() {
    let ring = ring();
    assert!(ring.may_look_for(0, Some("a"), at(0)));
    ring.install(0, update(at(0), 600, 1));
    assert!(!ring.may_look_for(0, Some("b"), at(29)));
    assert!(ring.may_look_for(0, Some("b"), at(30)));
}

#[test]
fn whoever_comes_while_a_key_is_looked_for_waits_with_the_others() {
    let ring = ring();
    ring.install(0, update(at(0), 600, 1));
    assert!(ring.may_look_for(0, Some("a"), at(10)));
    assert!(ring.may_look_for(0, Some("a"), at(11)) && ring.may_look_for(0, Some("b"), at(11)));
    ring.install(0, update(at(12), 600, 2));
    assert!(!ring.may_look_for(0, Some("b"), at(12)));
}

#[test]
fn a_missed_kid_does_not_spend_the_next_cool_down() {
    let ring = ring();
    ring.install(0, update(at(0), 600, 1));
    assert!(ring.may_look_for(0, Some("a"), at(0)));
    ring.install(0, update(at(0), 600, 1));
    assert!(!ring.may_look_for(0, Some("a"), at(59)));
    assert!(ring.may_look_for(0, Some("a"), at(60)));
    ring.install(0, update(at(60), 600, 2));
    assert!(ring.may_look_for(0, Some("a"), at(90)), "a new set may hold what was missed");
}

#[test]
fn memory_for_missed_kids_is_bounded() {
    let ring = ring();
    for index in 0..10_000 {
        ring.0[0].borrow_mut().missed = None;
        assert!(ring.may_look_for(0, Some(&index.to_string()), at(0)));
    }
    assert_eq!(ring.0[0].borrow().misses.len(), limits::MISSES_REMEMBERED);
}

#[test]
fn another_configuration_goes_on_with_keys_of_the_same_issuer_from_the_same_place_alone() {
    let issuers = |issuer: &str, verify: serde_json::Value| {
        let raw = serde_json::json!({
            "origins": [{ "name": "main", "url": "https://api.example.com" }],
            "issuers": [{ "name": "i", "issuer": issuer, "audiences": ["api"],
                          "algorithms": ["RS256"], "verify": verify }],
            "routes": [{ "path": "/**", "access": "authenticated" }],
        });
        let environment = crate::config::Environment {
            secret: &|_| None,
            has_service: &|_| true,
            limiter: &|_| None,
            has_store: true,
            has_log: false,
            has_sessions: false,
            has_database: false,
            has_metrics: false,
            is_edge: true,
        };
        crate::config::Config::check(&(&raw).into(), &environment).expect("valid").issuers
    };
    let url = "https://a.example.com/jwks";
    let own = issuers("https://a.example.com", serde_json::json!({ "jwks": url }));
    let before = JwksCache::new(&own);
    before.install(0, update(at(0), 600, 1));
    before.fail(0, at(1));
    let same = JwksCache::new(&own);
    same.take_over(&own, &before, &own);
    assert!(same.state(0, at(1)).is_some_and(|state| state.fetched_at == at(0)));
    assert!(same.is_failing(0, at(1)));
    for (issuer, verify) in [
        ("https://b.example.com", serde_json::json!({ "jwks": url })),
        ("https://a.example.com", serde_json::json!({ "jwks": "https://a.example.com/other" })),
        ("https://a.example.com", serde_json::json!({ "jwks": url, "service": "S" })),
        ("https://a.example.com", serde_json::json!({ "discovery": true })),
    ] {
        let others = issuers(issuer, verify);
        let ring = JwksCache::new(&others);
        ring.take_over(&others, &before, &own);
        assert!(ring.state(0, at(1)).is_none(), "{issuer}");
    }
}
