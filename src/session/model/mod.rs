//! The refresh machine, checked to closure: every order of events that two clients, a thief, an auth
//! server, resets and a cut-off can bring about, over the function that runs.

mod world;

use std::collections::{HashMap, VecDeque};

use world::{Event, Plant, Server, World};

/// All worlds that can come about; the shortest way to a fault, if there is one.
fn explore(plant: Plant) -> Result<usize, String> {
    let mut known: HashMap<World, Option<(usize, Event)>> = HashMap::new();
    let mut order: Vec<World> = Vec::new();
    let mut queue = VecDeque::new();
    for server in [Server::Rotates, Server::RotatesWithLeeway, Server::Keeps] {
        let world = World::new(server);
        known.insert(world.clone(), None);
        order.push(world);
        queue.push_back(order.len() - 1);
    }
    while let Some(at) = queue.pop_front() {
        let world = order[at].clone();
        for event in world.events() {
            match world.after(event, plant) {
                Ok(None) => {}
                Ok(Some(next)) => {
                    if !known.contains_key(&next) {
                        known.insert(next.clone(), Some((at, event)));
                        order.push(next);
                        queue.push_back(order.len() - 1);
                    }
                }
                Err(fault) => return Err(way_to(&known, &order, at, event, &fault)),
            }
        }
    }
    Ok(known.len())
}

fn way_to(
    known: &HashMap<World, Option<(usize, Event)>>,
    order: &[World],
    mut at: usize,
    event: Event,
    fault: &str,
) -> String {
    let mut way = vec![format!("{event:?}: {fault}")];
    while let Some(Some((before, event))) = known.get(&order[at]) {
        way.push(format!("{event:?}"));
        at = *before;
    }
    way.reverse();
    way.join("\n")
}

#[test]
fn every_order_of_events_keeps_what_refresh_promises() {
    match explore(Plant::None) {
        Ok(states) => {
            println!("{states} states");
            assert!(states > 10_000, "only {states} states");
        }
        Err(way) => panic!("{way}"),
    }
}

#[test]
fn planted_faults_are_found() {
    for (plant, expected) in [
        (Plant::NoFence, "two successors"),
        (Plant::GrowingWindow, "has moved a window"),
        (Plant::MintingReplay, "two successors"),
        (Plant::ReuseEndsOneToken, "did not end the family"),
        (Plant::ForgottenHash, "starts a family"),
        (Plant::CommitWithoutCheck, "a new token lives"),
    ] {
        let way = explore(plant).expect_err("a fault");
        println!("{plant:?}:\n{way}\n");
        assert!(way.contains(expected), "{plant:?}: {way}");
    }
}
