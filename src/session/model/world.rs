//! The world of the model: who holds which token, what the auth server does, and what can happen next.

mod steps;

use std::time::Duration;

use super::super::{Answered, Family, Windows};
use crate::time::NumericDate;

const WINDOWS: Windows =
    Windows { grace: Duration::from_secs(10), unused: Duration::from_secs(60) };
/// Seconds since the rotation: in the grace window, in the unused window, after both.
const CLOCK: [i64; 3] = [0, 30, 70];
const REQUEST: [u8; 32] = [7; 32];
/// Tokens that the auth server issues at most after that of the login: three generations.
const TOKENS: u8 = 2;
const THIEF: usize = 2;

/// A fault to plant, which the checker has to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plant {
    None,
    NoFence,
    GrowingWindow,
    MintingReplay,
    ReuseEndsOneToken,
    ForgottenHash,
    CommitWithoutCheck,
}

/// How the auth server treats refresh tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Server {
    /// Each is good once.
    Rotates,
    /// Each is good again and again, and a new one comes every time, as within the leeway of some.
    RotatesWithLeeway,
    /// Each is good again and again, and no new one comes.
    Keeps,
}

/// A call to the auth server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Call {
    attempt: u64,
    presented: u8,
    /// The result at the auth server, with the token that it issued; `None` while there is none.
    answer: Option<(Answered, Option<u8>)>,
    is_held: bool,
    waiting: [bool; 3],
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct World {
    family: Family,
    /// The token of each generation, as the store has it.
    tokens: Vec<u8>,
    /// The successor of each token, as clients were told.
    successors: [Option<u8>; 5],
    /// The token that the auth server accepts.
    accepted: u8,
    issued: u8,
    server: Server,
    clock: usize,
    is_cut_off: bool,
    /// Tokens that are dead by the log.
    dead: [bool; 5],
    holds: [Option<u8>; 3],
    calls: Vec<Call>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Present(usize),
    Steal,
    UseAccess(usize),
    Answer(usize, Answered),
    /// The auth server does its work, and the answer is lost.
    LoseAnswer(usize),
    Deliver(usize),
    Leave(usize),
    Reset,
    CutOff,
    Wait,
}

impl World {
    pub(super) fn new(server: Server) -> Self {
        Self {
            family: Family::default(),
            tokens: vec![0],
            successors: [None; 5],
            accepted: 0,
            issued: 0,
            server,
            clock: 0,
            is_cut_off: false,
            dead: [false; 5],
            holds: [Some(0), Some(0), None],
            calls: Vec::new(),
        }
    }

    fn now(&self) -> NumericDate {
        NumericDate::from_seconds(CLOCK[self.clock])
    }

    fn generation(&self, token: u8) -> Option<u64> {
        (0..).zip(&self.tokens).find(|(_, known)| **known == token).map(|(at, _)| at)
    }

    fn current(&self) -> u8 {
        *self.tokens.last().expect("the login's")
    }

    pub(super) fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        // Once the end is decided, all that is left to happen is that calls return, and that somebody asks.
        if self.family.ended.is_none() && !self.is_cut_off {
            events.extend([Event::Reset, Event::CutOff, Event::Wait]);
            if self.holds[THIEF].is_none() {
                events.push(Event::Steal);
            }
        }
        for actor in (0..3).filter(|actor| self.holds[*actor].is_some() && !self.is_cut_off) {
            events.extend([Event::Present(actor), Event::UseAccess(actor)]);
        }
        for (at, call) in self.calls.iter().enumerate() {
            if call.answer.is_some() {
                events.push(Event::Deliver(at));
            } else {
                let ways = [Answered::Rotated, Answered::NotSent, Answered::Unknown];
                events.extend(ways.map(|way| Event::Answer(at, way)));
                events.push(Event::LoseAnswer(at));
            }
            if call.waiting.contains(&true) {
                events.push(Event::Leave(at));
            }
        }
        events
    }

    /// Has the auth server exchange a token.
    fn serve(&mut self, token: u8) -> (Answered, Option<u8>) {
        match self.server {
            Server::Rotates if token != self.accepted => return (Answered::Refused, None),
            Server::Keeps => return (Answered::Kept, None),
            _ if self.issued >= TOKENS => return (Answered::Refused, None),
            Server::Rotates | Server::RotatesWithLeeway => {}
        }
        self.issued += 1;
        self.accepted = self.issued;
        (Answered::Rotated, Some(self.issued))
    }

    /// The world after an event, or what is wrong with it; `None` where it cannot happen.
    pub(super) fn after(&self, event: Event, plant: Plant) -> Result<Option<Self>, String> {
        let mut next = self.clone();
        let has_happened = match event {
            Event::Present(actor) => next.present(actor, plant)?,
            Event::Steal => {
                next.holds[THIEF] = next.holds[0].max(next.holds[1]);
                true
            }
            Event::UseAccess(actor) => {
                let generation = next.holds[actor].and_then(|token| next.generation(token));
                generation.is_some_and(|generation| next.family.see(generation))
            }
            Event::Answer(at, Answered::Rotated) => {
                let answer = next.serve(next.calls[at].presented);
                next.calls[at].answer = Some(answer);
                true
            }
            Event::Answer(at, way) => {
                next.calls[at].answer = Some((way, None));
                true
            }
            Event::LoseAnswer(at) => {
                next.serve(next.calls[at].presented);
                next.calls[at].answer = Some((Answered::Unknown, None));
                true
            }
            Event::Deliver(at) => next.deliver(at, plant)?,
            Event::Leave(at) => {
                next.calls[at].waiting = [false; 3];
                true
            }
            Event::Reset => {
                let lost = next.calls.iter().any(|call| call.is_held);
                next.calls.iter_mut().for_each(|call| call.is_held = false);
                lost
            }
            Event::CutOff => {
                let is_new = !next.is_cut_off;
                next.is_cut_off = true;
                for token in next.tokens.clone() {
                    next.dead[usize::from(token)] = true;
                }
                is_new
            }
            Event::Wait => {
                let later = (next.clock + 1).min(CLOCK.len() - 1);
                let is_later = later != next.clock;
                next.clock = later;
                is_later
            }
        };
        if !has_happened {
            return Ok(None);
        }
        next.normalize();
        Ok(Some(next))
    }
}
