//! Decisions of a gateway whose revocation log is bound.

mod fallback;
mod following;
mod hits;
mod kv;
mod levels;
mod unverified;

use std::time::Duration;

use edgeward::gateway::{Decision, Gateway, NeedRevocation, RevocationCheck, Step};
use edgeward::revocation::{
    Ask, RevocationAnswer, RevocationKind, RevocationName, RevocationState,
};
use edgeward::time::NumericDate;
use serde_json::{Value, json};

use super::{MAIN_ISSUER, SECRET_ISSUER, claims_of, configuration, with};
use crate::support::drive::{Asked, World, line};
use crate::support::log::Log;
use crate::support::request::{Request, get};
use crate::support::sign::{Key, key_set};
use crate::support::{NOW_SECONDS, after_ms, gateway_with_log};

const STRICT: &str = "/strict/a";
const BOUNDED: &str = "/private/a";
const EVENTUAL: &str = "/eventual/a";

const REVOKED: &str = "401 token_revoked";
const UNAVAILABLE: &str = "503 revocation_unavailable";

/// A gateway, its log, and every question that was put to the log.
struct LogBench {
    gateway: Gateway,
    world: World,
    log: Log,
    asks: Vec<Ask>,
}

/// The usual configuration with a route of each level, and these rules for revocation.
fn configured(revocation: &Value) -> Value {
    let mut raw = configuration();
    raw["revocation"] = revocation.clone();
    let strict = json!({ "path": "/strict/**", "access": "authenticated", "revocation": "strict" });
    raw["routes"].as_array_mut().expect("routes").push(strict);
    raw
}

/// A name of the issuer with secrets.
fn name(kind: RevocationKind, value: &str) -> RevocationName {
    RevocationName::new(kind, SECRET_ISSUER, value)
}

/// The name of the usual token's `jti`.
fn jti() -> RevocationName {
    name(RevocationKind::Token, "t-1")
}

/// A token of the issuer with secrets that lives for a day, with some claims replaced.
fn token(changes: &Value) -> String {
    let long = with(claims_of(SECRET_ISSUER), &json!({ "exp": NOW_SECONDS + 86_400 }));
    Key::named("SECRET").token(&with(long, changes))
}

fn usual() -> String {
    token(&json!({}))
}

fn passed(path: &str) -> String {
    format!("forward https://origin.example{path}")
}

impl LogBench {
    fn new() -> Self {
        Self::of(&json!({}))
    }

    /// With these rules for revocation.
    fn of(revocation: &Value) -> Self {
        Self::with_store(revocation, true)
    }

    fn with_store(revocation: &Value, has_store: bool) -> Self {
        let gateway = gateway_with_log(&configured(revocation), has_store);
        let mut world = World::default();
        world.published.insert(super::MAIN, key_set(&[("k1", &Key::p256(1))]));
        Self { gateway, world, log: Log::new(), asks: Vec::new() }
    }

    /// Decides at so many milliseconds after `NOW`; `asks` are those of this request.
    fn decide(&mut self, request: &Request, millis: i64) -> Decision {
        let now = after_ms(millis);
        self.asks.clear();
        self.world.asked = Asked::default();
        let mut step = request.begin(&self.gateway, now);
        loop {
            step = match self.answer(step, now) {
                Ok(decision) => return decision,
                Err(next) => next,
            };
        }
    }

    /// One step further: the log answers what is asked of it, and the world the rest.
    fn answer(&mut self, step: Step, now: NumericDate) -> Result<Decision, Step> {
        let need = match step {
            Step::NeedRevocation(need) if need.ask().is_some() => need,
            step => return self.world.answer(&self.gateway, step, now),
        };
        let ask = need.ask().expect("a question");
        let answer =
            self.log.answer(ask).map_or(RevocationAnswer::Unavailable, RevocationAnswer::Log);
        self.asks.push(ask.clone());
        Err(need.resume(&self.gateway, &answer, now))
    }

    /// Decides on the usual token: the outcome in one line, and how often the log was asked.
    fn at(&mut self, path: &str, millis: i64) -> (String, usize) {
        self.with_token(path, &usual(), millis)
    }

    fn with_token(&mut self, path: &str, token: &str, millis: i64) -> (String, usize) {
        let decision = self.decide(&get(path).bearer(token), millis);
        let asks = self.asks.len();
        // After a response that had to wait for the log the edge loads the rest.
        if asks > 0 && decision.follows_log {
            self.follow(millis);
        }
        (line(&decision), asks)
    }

    /// How the usual token was judged.
    fn check(&mut self, path: &str, millis: i64) -> Option<RevocationCheck> {
        self.decide(&get(path).bearer(&usual()), millis).record.revocation
    }

    /// Brings the copy up to date, as the edge does after a response.
    fn follow(&mut self, millis: i64) {
        let now = after_ms(millis);
        let first = self.gateway.follow_log(now).unwrap_or_else(|| self.gateway.ask_log());
        let mut ask = Some(first);
        while let Some(page) = ask {
            let answer = self.log.answer(&page);
            self.gateway.log_answered(&page, (now, now), answer.as_ref());
            ask = answer.and_then(|_| self.gateway.follow_on(now));
        }
    }

    fn revoke(&mut self, name: &RevocationName) {
        self.log.set(name, RevocationState::Revoked);
    }

    fn lift(&mut self, name: &RevocationName) {
        self.log.set(name, RevocationState::Absent);
    }
}

/// The step at which a request waits for the log, or for KV.
#[track_caller]
fn need(gateway: &Gateway, request: &Request, millis: i64) -> NeedRevocation {
    match request.begin(gateway, after_ms(millis)) {
        Step::NeedRevocation(need) => *need,
        other => panic!("the log is to be asked: {other:?}"),
    }
}

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
