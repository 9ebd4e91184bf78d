//! The copy against the truth: a log in memory, over the functions of the one that runs.

mod memory_log;
mod model;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::{LogCommand, Reason};
use super::*;
use memory_log::{MemoryLog, name};

const NOW: NumericDate = NumericDate::from_seconds(1_767_225_600);

fn after(millis: i64) -> NumericDate {
    NumericDate::from_millis(NOW.millis() + millis)
}

/// Asks until the copy is complete.
fn follow(copy: &mut LogCopy, log: &MemoryLog, page: usize, now: NumericDate) {
    loop {
        let ask = copy.follow(now);
        let reply = log.answer(&ask, page);
        copy.apply(&ask, now, &reply);
        if !copy.has_more() {
            return;
        }
    }
}

fn state_in_copy(copy: &LogCopy, value: u16) -> RevocationState {
    copy.states.get(Epoch::NARROW.fingerprint(&name(value)))
}

fn orders() -> impl Strategy<Value = Vec<(LogCommand, u16, Reason, Option<i64>)>> {
    let command = prop_oneof![
        3 => Just(LogCommand::Append), 2 => Just(LogCommand::Lift), 1 => Just(LogCommand::Import)
    ];
    let reason = prop_oneof![Just(Reason::Admin), Just(Reason::Logout)];
    let before = prop_oneof![Just(None), (0..4_i64).prop_map(Some)];
    proptest::collection::vec((command, 0..3000_u16, reason, before), 0..200)
}

proptest! {
    #[test]
    fn a_copy_equals_the_truth_after_any_pages_in_any_cut(
        orders in orders(), cuts in proptest::collection::vec((0..200_usize, 1..9_usize), 0..6),
    ) {
        let (mut log, mut copy) = (MemoryLog::new(), LogCopy::default());
        for (index, (command, value, reason, before)) in orders.iter().enumerate() {
            log.order(*command, *value, *reason, *before);
            for (_, page) in cuts.iter().filter(|(at, _)| *at == index) {
                follow(&mut copy, &log, *page, NOW);
            }
        }
        follow(&mut copy, &log, 7, NOW);
        for (_, value, ..) in &orders {
            prop_assert_eq!(state_in_copy(&copy, *value), log.state_in_copies(&name(*value)));
        }
    }

    #[test]
    fn late_answers_in_any_order_never_put_an_older_state_over_a_newer(
        orders in orders(), order in any::<prop::sample::Index>(), page in 1..9_usize,
    ) {
        let (mut log, mut copy) = (MemoryLog::new(), LogCopy::default());
        let mut late = Vec::new();
        for (command, value, reason, before) in &orders {
            log.order(*command, *value, *reason, *before);
            let ask = copy.ask(&[name(*value)]);
            let reply = log.answer(&ask, page);
            late.push((ask, reply));
            if late.len() > 3 {
                let (ask, reply) = late.swap_remove(order.index(late.len()));
                copy.apply(&ask, NOW, &reply);
            }
        }
        follow(&mut copy, &log, 7, NOW);
        for (ask, reply) in late {
            copy.apply(&ask, NOW, &reply);
        }
        for (_, value, ..) in &orders {
            prop_assert_eq!(state_in_copy(&copy, *value), log.state_in_copies(&name(*value)));
        }
    }

    #[test]
    fn the_overlay_over_the_base_is_one_map(
        changes in proptest::collection::vec((0..4000_u64, 0..3_u32), 0..6000),
    ) {
        let (mut states, mut map) = (States::default(), BTreeMap::new());
        for (number, code) in &changes {
            let state = RevocationState::from_code(*code);
            states.set(Fingerprint::new(*number).expect("40 bits"), state);
            map.insert(*number, state);
        }
        for (number, state) in map {
            prop_assert_eq!(states.get(Fingerprint::new(number).expect("40 bits")), state);
        }
    }
}

#[test]
fn a_copy_is_as_old_as_the_question_of_its_first_page() {
    let (mut log, mut copy) = (MemoryLog::new(), LogCopy::default());
    for value in 0..10 {
        log.order(LogCommand::Append, value, Reason::Admin, None);
    }
    assert_eq!(copy.age(NOW), None);
    let mut now = NOW;
    loop {
        let ask = copy.follow(now);
        copy.apply(&ask, now, &log.answer(&ask, 4));
        if !copy.has_more() {
            break;
        }
        assert_eq!(copy.age(now), None);
        now = now.plus(Duration::from_secs(1));
    }
    assert_eq!(copy.age(after(2000)), Some(Duration::from_secs(2)));
    assert_eq!(copy.age(after(-1)), None);
}

#[test]
fn a_copy_is_due_at_half_its_bound_and_asked_for_once() {
    let (log, mut copy) = (MemoryLog::new(), LogCopy::default());
    let bound = Duration::from_secs(5);
    assert!(copy.is_due(bound, NOW));
    follow(&mut copy, &log, 4, NOW);
    assert!(!copy.is_due(bound, after(2499)));
    assert!(copy.is_due(bound, after(2500)));
    let ask = copy.follow(after(2500));
    assert!(!copy.is_due(bound, after(4999)));
    assert!(copy.is_due(bound, after(5000)), "the request that asked may be gone");
    copy.apply(&ask, after(2500), &log.answer(&ask, 4));
    assert!(!copy.is_due(bound, after(4999)));
}

#[test]
fn a_new_log_replaces_the_copy_and_another_logs_late_answer_does_not() {
    let (mut log, mut copy) = (MemoryLog::new(), LogCopy::default());
    log.order(LogCommand::Append, 1, Reason::Admin, None);
    follow(&mut copy, &log, 4, NOW);
    let other = MemoryLog { epoch: Epoch::new([3; 16]), ..MemoryLog::new() };
    let ask = copy.follow(after(1));
    let late = log.answer(&ask, 4);
    copy.apply(&ask, after(1), &other.answer(&ask, 4));
    assert_eq!((copy.epoch, copy.entries()), (Some(other.epoch), 0));
    copy.apply(&ask, after(1), &late);
    assert_eq!(copy.epoch, Some(other.epoch));
}

#[test]
fn a_log_whose_storage_was_restored_is_followed_anew_however_far_it_has_grown_since() {
    for grown in [1, 4, 9] {
        let (mut log, mut copy) = (MemoryLog::new(), LogCopy::default());
        let mut restored = log.clone();
        for value in 0..5 {
            log.order(LogCommand::Append, value, Reason::Admin, None);
        }
        follow(&mut copy, &log, 9, NOW);
        restored.restart(2);
        for value in 10..10 + grown {
            restored.order(LogCommand::Append, value, Reason::Admin, None);
        }
        follow(&mut copy, &restored, 9, after(1));
        assert_eq!(copy.entries(), usize::from(grown));
        assert_eq!(state_in_copy(&copy, 10), RevocationState::Revoked);
        assert_eq!(copy.age(after(1)), Some(Duration::ZERO));
    }
}

#[test]
fn a_copy_goes_on_after_a_restart_that_lost_nothing() {
    let (mut log, mut copy) = (MemoryLog::new(), LogCopy::default());
    log.order(LogCommand::Append, 1, Reason::Admin, None);
    follow(&mut copy, &log, 9, NOW);
    log.restart(2);
    let ask = copy.follow(after(1));
    assert_eq!(log.answer(&ask, 9).since, Some(1));
}

#[test]
fn a_confirmation_is_dropped_when_its_state_changes() {
    let (mut log, mut copy) = (MemoryLog::new(), LogCopy::default());
    log.order(LogCommand::Append, 1, Reason::Admin, None);
    follow(&mut copy, &log, 9, NOW);
    let fingerprint = log.epoch.fingerprint(&name(1));
    let ask = copy.ask(&[name(1)]);
    copy.apply(&ask, NOW, &log.answer(&ask, 9));
    let known = copy.confirmations.find(fingerprint, &name(1)).map(|known| known.state);
    assert_eq!(known, Some(RevocationState::Revoked));
    log.order(LogCommand::Lift, 1, Reason::Admin, None);
    follow(&mut copy, &log, 9, NOW);
    assert!(copy.confirmations.find(fingerprint, &name(1)).is_none());
}

#[test]
fn an_answer_that_comes_after_a_newer_one_confirms_nothing() {
    let (mut log, mut copy) = (MemoryLog::new(), LogCopy::default());
    log.order(LogCommand::Append, 1, Reason::Admin, None);
    let ask = copy.ask(&[name(1)]);
    let late = log.answer(&ask, 9);
    log.order(LogCommand::Lift, 1, Reason::Admin, None);
    follow(&mut copy, &log, 9, NOW);
    copy.apply(&ask, NOW, &late);
    assert!(copy.confirmations.find(log.epoch.fingerprint(&name(1)), &name(1)).is_none());
    assert_eq!(state_in_copy(&copy, 1), RevocationState::Absent);
}

#[test]
fn a_copy_full_of_expired_entries_is_loaded_anew() {
    let (mut log, mut copy) = (MemoryLog::new(), LogCopy::default());
    log.epoch = Epoch::new([5; 16]);
    for value in 0..5000 {
        log.order(LogCommand::Append, value, Reason::Admin, None);
    }
    follow(&mut copy, &log, 5000, NOW);
    assert_eq!(copy.entries(), 5000);
    log.entries.clear();
    for value in 5000..15_000 {
        log.order(LogCommand::Append, value, Reason::Admin, None);
    }
    follow(&mut copy, &log, 5000, after(1));
    assert!(copy.entries() > 14_000);
    follow(&mut copy, &log, 5000, after(2));
    assert_eq!(copy.entries(), 10_000, "what has expired is gone");
}
