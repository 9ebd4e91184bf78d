//! Whatever happens to two isolates and the auth server that they ask: who passes was verified, lately, and is who
//! they are.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use edgeward::gateway::{Gateway, Outcome};
use edgeward::token::{RemoteFailure, RemoteReply};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use crate::support::drive::{World, line, reply};
use crate::support::request::get;
use crate::support::{NOW, after_ms};

/// Tokens that begin alike.
const TOKENS: [&str; 3] =
    ["eyJhbGciOiJSUzI1NiJ9-0", "eyJhbGciOiJSUzI1NiJ9-1", "eyJhbGciOiJSUzI1NiJ9-"];
const FRESH_MS: i64 = 60_000;
const STALE_MS: i64 = 100_000;

#[derive(Clone, Copy, Debug)]
enum Event {
    /// An isolate is asked with a token.
    Ask { isolate: usize, token: usize },
    /// The auth server changes its mind about a token.
    Judge { token: usize, is_good: bool },
    /// How the auth server is from now on.
    Server(Health),
    /// Milliseconds go by.
    Wait(i64),
    /// An isolate forgets all it was told.
    Forget(usize),
    /// The store loses its copies.
    Lose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Well,
    Away,
    Rubbish,
    Busy,
}

/// The auth server, and all that it ever said: to which isolate, about which token, when, and what.
struct AuthServer {
    health: Health,
    good: [bool; 3],
    isolate: usize,
    now_ms: i64,
    said: Vec<(usize, usize, i64, bool)>,
}

impl AuthServer {
    fn answer(&mut self, authorization: &str) -> Result<RemoteReply, RemoteFailure> {
        let sent = authorization.strip_prefix("Bearer ").expect("a bearer token");
        let token = TOKENS.iter().position(|token| *token == sent).expect("a whole token");
        match self.health {
            Health::Well => {}
            Health::Away => return Err(RemoteFailure::Unreachable),
            Health::Rubbish => return Ok(reply(200, "<html>")),
            Health::Busy => {
                let retry_after = Some(Duration::from_secs(7));
                return Ok(RemoteReply { retry_after, ..reply(429, "") });
            }
        }
        let is_good = self.good[token];
        self.said.push((self.isolate, token, self.now_ms, is_good));
        let body = json!({ "id": format!("user-{token}") }).to_string();
        Ok(if is_good { reply(200, &body) } else { reply(401, "{}") })
    }

    /// The last time that it said so to one of these isolates.
    fn last(&self, token: usize, is_good: bool, isolate: Option<usize>) -> Option<i64> {
        let fits = |(to, about, _, good): &&(usize, usize, i64, bool)| {
            *about == token && *good == is_good && isolate.is_none_or(|isolate| isolate == *to)
        };
        self.said.iter().filter(fits).map(|(_, _, at, _)| *at).next_back()
    }
}

fn gateway() -> Gateway {
    crate::support::gateway(&json!({
        "origins": [{ "name": "main", "url": "https://origin.example" }],
        "issuers": [{
            "name": "main", "issuer": "https://auth.example.com", "opaque": true,
            "claims": { "subject": "id" },
            "verify": {
                "me": "https://auth.example.com/me", "stale_if_error_seconds": STALE_MS / 1000,
                "breaker": { "failures": 2, "open_seconds": 5 },
            },
        }],
        "routes": [{ "path": "/**", "access": "authenticated", "revocation": "off" }],
    }))
}

/// Plays the events; the outcomes, or what should not have happened.
fn play(events: &[Event]) -> Result<Vec<String>, String> {
    let server = AuthServer {
        health: Health::Well,
        good: [true; 3],
        isolate: 0,
        now_ms: 0,
        said: Vec::new(),
    };
    let server = Rc::new(RefCell::new(server));
    let asked = Rc::clone(&server);
    let mut world = World {
        auth_server: Some(Rc::new(move |call: &edgeward::gateway::RemoteCall| {
            let mut sent = call.headers.iter().filter(|(name, _)| *name == "authorization");
            asked.borrow_mut().answer(&sent.next().expect("a token").1)
        })),
        ..World::default()
    };
    let isolates = [gateway(), gateway()];
    let mut outcomes = Vec::new();
    for event in events {
        match *event {
            Event::Wait(millis) => server.borrow_mut().now_ms += millis,
            Event::Server(health) => server.borrow_mut().health = health,
            Event::Judge { token, is_good } => server.borrow_mut().good[token] = is_good,
            Event::Forget(isolate) => isolates[isolate].forget_verdicts(),
            Event::Lose => world.entries.clear(),
            Event::Ask { isolate, token } => {
                server.borrow_mut().isolate = isolate;
                let words = server.borrow().said.len();
                let now = after_ms(server.borrow().now_ms);
                let request = get("/a").bearer(TOKENS[token]);
                let decision = world.decide(&isolates[isolate], &request, now);
                let outcome = line(&decision);
                let subject = match &decision.outcome {
                    Outcome::Forward(plan) => Some(plan.identity()[0].1.clone()),
                    _ => None,
                };
                let has_spoken = server.borrow().said.len() > words;
                judge(
                    &server.borrow(),
                    (isolate, token, has_spoken),
                    &outcome,
                    subject.as_deref(),
                )?;
                outcomes.push(outcome);
            }
        }
    }
    assert!(NOW <= after_ms(server.borrow().now_ms));
    Ok(outcomes)
}

fn judge(
    server: &AuthServer,
    (isolate, token, has_spoken): (usize, usize, bool),
    outcome: &str,
    subject: Option<&str>,
) -> Result<(), String> {
    let now = server.now_ms;
    let yes = server.last(token, true, None);
    let no = server.last(token, false, Some(isolate));
    let complain = |what: &str| Err(format!("{outcome}: {what}; {:?} at {now}", server.said));
    match outcome {
        "forward https://origin.example/a" => {
            if subject != Some(format!("user-{token}").as_str()) {
                return complain("another's identity");
            }
            // A copy's time is cut to whole seconds, which only makes it older.
            match yes {
                None => complain("it was not verified"),
                Some(at) if now >= at + FRESH_MS + STALE_MS => complain("too long ago"),
                Some(at) if no.is_some_and(|no| no > at) => complain("after a no"),
                Some(at) if now >= at + FRESH_MS && server.health == Health::Well && has_spoken => {
                    complain("an old yes beside a new word")
                }
                Some(_) => Ok(()),
            }
        }
        "401 refused_by_auth_server" => match no {
            None => complain("it never said no here"),
            Some(no)
                if yes.is_some_and(|at| {
                    at > no && server.last(token, true, Some(isolate)) == Some(at)
                }) =>
            {
                complain("it said yes here since")
            }
            Some(_) => Ok(()),
        },
        "503 auth_server_unavailable" => {
            if has_spoken {
                complain("it has spoken")
            } else {
                Ok(())
            }
        }
        _ => complain("what is that?"),
    }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let isolate = 0..2_usize;
    let token = 0..TOKENS.len();
    let healths = vec![Health::Well, Health::Well, Health::Away, Health::Rubbish, Health::Busy];
    let waits =
        vec![0, 1, 999, 4_999, 5_000, 7_000, 9_999, 10_000, 59_999, 60_000, 99_999, 160_000];
    let event = prop_oneof![
        10 => (isolate.clone(), token.clone()).prop_map(|(isolate, token)| Event::Ask { isolate, token }),
        3 => (token, any::<bool>()).prop_map(|(token, is_good)| Event::Judge { token, is_good }),
        3 => select(healths).prop_map(Event::Server),
        4 => select(waits).prop_map(Event::Wait),
        1 => isolate.prop_map(Event::Forget),
        1 => Just(Event::Lose),
    ];
    prop::collection::vec(event, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_passes_was_vouched_for_lately_and_is_who_they_are(events in events()) {
        if let Err(complaint) = play(&events) {
            return Err(TestCaseError::fail(complaint));
        }
    }
}

#[test]
fn every_outcome_is_reached() {
    let ask = |isolate, token| Event::Ask { isolate, token };
    let events = [
        ask(0, 0),
        Event::Judge { token: 1, is_good: false },
        ask(0, 1),
        Event::Server(Health::Away),
        ask(1, 0),
        ask(1, 2),
        Event::Wait(100_000),
        ask(1, 0),
    ];
    let passed = "forward https://origin.example/a";
    let expected =
        [passed, "401 refused_by_auth_server", passed, "503 auth_server_unavailable", passed];
    assert_eq!(play(&events).expect("sound"), expected);
}
