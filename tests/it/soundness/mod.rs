//! No input passes with an identity, or where a token is needed, unless an issuer signed it and it
//! is in force: shown against an oracle that knows what was signed and what was revoked.

mod forgery;
mod oracle;
mod scenario;
mod tenants;
mod trial;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::test_runner::{Config, TestCaseError, TestRunner};

use scenario::{Event, events, specs};
use tenants::layouts;
use trial::SignatureAttempt;

#[test]
fn nothing_passes_but_what_an_issuer_signed_and_is_in_force() {
    let tally = RefCell::new(BTreeMap::<String, usize>::new());
    let cases = Config::default().cases * 4;
    let mut runner =
        TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&(layouts(), specs(), events()), |(layout, specs, events)| {
        let mut trial = SignatureAttempt::new(&specs, layout);
        for event in &events {
            let said = trial.happen(event).map_err(TestCaseError::fail)?;
            *tally.borrow_mut().entry(said).or_default() += 1;
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    let tally = tally.into_inner();
    for (said, count) in &tally {
        println!("{count:6} {said}");
    }
    // The property means nothing where nothing is tried.
    for said in ["forward with an identity", "serve with an identity", "401 signature_invalid"] {
        let count = tally.get(said).copied().unwrap_or_default();
        assert!(count * 20 > usize::try_from(cases).expect("small"), "{count} × {said}");
    }
    for said in
        ["401 issuer_refused", "403 tenant_mismatch", "404 tenant_unknown", "401 claim_malformed"]
    {
        let count = tally.get(said).copied().unwrap_or_default();
        assert!(count > 10, "{count} × {said}");
    }
}

#[test]
fn whatever_is_asked_is_explained_as_it_is_decided() {
    let cases = Config::default().cases / 2;
    let mut runner =
        TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&(layouts(), specs(), events()), |(layout, specs, events)| {
        let mut trial = SignatureAttempt::new(&specs, layout);
        for event in &events {
            match event {
                Event::Ask(ask) => trial.explain(ask),
                other => drop(trial.happen(other)),
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
