//! A model of the log and of copies that follow it: all that can happen in a few steps, in any order.

mod key;
mod scope;
mod tokens;
mod world;

use std::collections::HashSet;
use std::time::Duration;

use super::super::Finding;
use super::memory_log::MemoryLog;
use crate::time::NumericDate;
use key::{is_held_clear, key};
use scope::{
    BOUND, CUT_EARLIER, CUT_LATER, LIFT, LIFT_CUT, LIFT_ON_LOGOUT, REVOKE, REVOKE_ON_LOGOUT, Scope,
    Step,
};
use tokens::{ISSUED_AT, TOKENS, fingerprint, revocable, tokens};
use world::{Follower, World};

const STEPS: usize = 7;

/// Walks through every world that can be reached in `steps`, shortest ways first, and returns how
/// many there are.
///
/// # Errors
///
/// The first property that does not hold, and the way there.
fn explore(scope: &Scope, steps: usize) -> Result<usize, (String, Vec<Step>)> {
    let start = World::new(&tokens(), scope.copies);
    let mut known = HashSet::from([key(&start)]);
    let mut worlds = vec![(start, Vec::new())];
    for depth in 1..=steps {
        let mut next = Vec::new();
        for (world, way) in &worlds {
            for step in world.steps(scope) {
                let mut after = world.clone();
                after.take(step, scope.page);
                let here = || [&way[..], &[step]].concat();
                // Before the key is made: what requests find is part of the world.
                let found = logged(&after).and_then(|()| each_follower(&after, requests));
                found.map_err(|fault| (fault, here()))?;
                if !known.insert(key(&after)) {
                    continue;
                }
                let followed = |world: &World, one: &Follower| followed(world, one, scope.page);
                each_follower(&after, followed).map_err(|fault| (fault, here()))?;
                if depth < steps {
                    next.push((after, here()));
                }
            }
        }
        worlds = next;
    }
    Ok(known.len())
}

fn each_follower(
    world: &World,
    check: impl Fn(&World, &Follower) -> Result<(), String>,
) -> Result<(), String> {
    world.followers.iter().try_for_each(|one| check(world, one))
}

/// The log refuses what was revoked, and nothing else.
fn logged(world: &World) -> Result<(), String> {
    (0..TOKENS).try_for_each(|token| {
        let state = world.log.state(world.name(token));
        let refuses = state.refuses(Some(NumericDate::from_seconds(ISSUED_AT)));
        let is_right = refuses == world.refuses(token);
        is_right.then_some(()).ok_or_else(|| format!("the log has {state:?} of token {token}"))
    })
}

/// A request with each token.
fn requests(world: &World, follower: &Follower) -> Result<(), String> {
    (0..TOKENS).try_for_each(|token| found(world, follower, token))
}

fn found(world: &World, follower: &Follower, token: usize) -> Result<(), String> {
    let (copy, names) = (&follower.copy, &follower.tokens[token]);
    let issued_at = Some(NumericDate::from_seconds(ISSUED_AT));
    let finding = copy.find(names, issued_at, BOUND, world.now);
    let is_overdue = |since: NumericDate| since.plus(BOUND) <= world.now;
    if finding == Finding::Clear && world.revoked_since[token].is_some_and(is_overdue) {
        return Err(format!("token {token} passes after the bound"));
    }
    let (refused_at, cleared_at) = (follower.refused_at[token], follower.cleared_at[token]);
    let is_confirmed = refused_at.is_some() && refused_at >= cleared_at;
    if finding == Finding::Revoked && !is_confirmed {
        return Err(format!("token {token} is refused without the log's word, or after a lift"));
    }
    // Of the other names of both tokens nothing is ever revoked.
    let state = copy.epoch.map(|epoch| copy.states.get(fingerprint(epoch, token)));
    let refuses = state.is_some_and(|state| state.refuses(issued_at));
    if refuses && is_held_clear(copy, names) {
        return Err(format!("token {token} is held for clear, and a state refuses it"));
    }
    Ok(())
}

/// A copy that has asked until it is complete holds the truth. Of what has expired it may hold more:
/// no change tells of that.
fn followed(world: &World, follower: &Follower, page: usize) -> Result<(), String> {
    let mut copy = follower.copy.clone();
    let mut follow = || {
        (0..10).any(|_| {
            let ask = copy.follow(world.now);
            copy.apply(&ask, world.now, &world.log.answer(&ask, page));
            !copy.has_more()
        })
    };
    // What is complete after the pages of an earlier load is as old as that.
    let is_complete = follow() && (follower.copy.first_sent_at.is_none() || follow());
    if !is_complete || copy.age(world.now) != Some(Duration::ZERO) {
        return Err("the copy is never complete".to_owned());
    }
    let epoch = copy.epoch.ok_or("no epoch")?;
    for token in 0..TOKENS {
        let name = revocable(&follower.tokens, token);
        let state = copy.states.get(fingerprint(epoch, token));
        let least = world.log.state_in_copies(name);
        if state != least || epoch != world.log.epoch {
            let unexpired = MemoryLog { now: NumericDate::from_seconds(0), ..(*world.log).clone() };
            if state < least || state > unexpired.state_in_copies(name) {
                return Err(format!(
                    "the copy holds {state:?} of token {token}, the log {least:?}"
                ));
            }
        }
    }
    Ok(())
}

/// Nothing but orders and questions, answered at once, of one copy.
const PLAIN: Scope = Scope {
    copies: 1,
    page: 100,
    orders: &[REVOKE, LIFT],
    pauses: &[5],
    late_answers: 0,
    has_reloads: false,
    has_losses: false,
};

/// Explores, and prints how many worlds there are: at least `least`, so that a model that has lost
/// its steps is noticed.
fn holds(name: &str, steps: usize, scope: &Scope, least: usize) {
    match explore(scope, steps) {
        Ok(worlds) => {
            println!("model of {name}: {worlds} worlds in {steps} steps");
            assert!(worlds >= least, "{name}: only {worlds} worlds");
        }
        Err((fault, way)) => panic!("{name}: {fault}, after {way:#?}"),
    }
}

#[test]
fn two_copies_of_one_log_keep_the_promise() {
    let scope = Scope { copies: 2, pauses: &[3], late_answers: 1, ..PLAIN };
    holds("two copies", STEPS, &scope, 30_000);
}

#[test]
fn two_reasons_an_expiry_and_late_answers_keep_the_promise() {
    let orders = &[REVOKE, LIFT, REVOKE_ON_LOGOUT];
    let scope = Scope { orders, pauses: &[1, 5], late_answers: 2, ..PLAIN };
    holds("two reasons", STEPS, &scope, 50_000);
}

#[test]
fn names_that_share_a_fingerprint_and_pages_keep_the_promise() {
    let orders = &[REVOKE_ON_LOGOUT, LIFT_ON_LOGOUT, CUT_EARLIER, CUT_LATER];
    let scope = Scope { page: 1, orders, late_answers: 2, ..PLAIN };
    holds("a shared fingerprint", STEPS, &scope, 40_000);
}

#[test]
fn reloads_and_a_log_that_is_lost_or_set_back_keep_the_promise() {
    let orders = &[REVOKE_ON_LOGOUT, LIFT_ON_LOGOUT, CUT_LATER];
    let lossy = Scope { has_reloads: true, has_losses: true, ..PLAIN };
    let scope = Scope { page: 1, orders, late_answers: 2, ..lossy };
    holds("lost and reloaded", STEPS, &scope, 45_000);
}

/// Two answers that are on their way while everything is loaded anew: the shortest way to mix up what
/// they confirm has eight steps.
#[test]
fn late_answers_to_a_copy_that_is_loaded_anew_keep_the_promise() {
    let scope = Scope { late_answers: 2, has_reloads: true, pauses: &[], ..PLAIN };
    holds("late answers and reloads", STEPS + 1, &scope, 3_000);
}

#[test]
fn everything_at_once_keeps_the_promise() {
    let orders =
        &[REVOKE, LIFT, REVOKE_ON_LOGOUT, LIFT_ON_LOGOUT, CUT_EARLIER, CUT_LATER, LIFT_CUT];
    let lossy = Scope { has_reloads: true, has_losses: true, ..PLAIN };
    let scope = Scope { page: 1, orders, pauses: &[1, 3, 5], late_answers: 2, ..lossy };
    holds("everything", STEPS - 2, &scope, 30_000);
}
