use std::time::Duration;

use crate::time::NumericDate;

/// SHA-256 over the parts of a refresh request other than the token.
type RequestHash = [u8; 32];

/// A family: all refresh tokens that came from one login, of which one is current ([RFC 9700 §4.14.2]).
///
/// Tokens are numbered by generation, from 0. The family knows the number of the current token; its
/// store knows the generation of each hash, until the token expires.
///
/// [RFC 9700 §4.14.2]: https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "this is the whole row")]
pub struct Family {
    /// The generation of the current token.
    pub generation: u64,
    /// The number of calls to the auth server so far. Only the latest may commit.
    pub attempt: u64,
    /// The phase of the current token.
    pub phase: Phase,
    /// The rotation that made the current token; `None` in generation 0.
    pub rotation: Option<Rotation>,
    /// Whether the current token, or its access token, was presented.
    pub is_seen: bool,
    /// How often in a row the stored answer was given again.
    pub replays: u32,
    /// The reason for which the family has ended; `None` while it lives.
    pub ended: Option<EndReason>,
}

/// The phase of the current refresh token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the store writes each")]
pub enum Phase {
    /// No call is under way.
    Idle,
    /// The auth server is being called, for a request with this hash.
    Reserved(RequestHash),
    /// The auth server was called, and gave no usable answer: it may have used the token up.
    InDoubt,
}

/// The exchange of one refresh token for the next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "this is the whole row")]
pub struct Rotation {
    /// When the answer was committed. Both windows count from then.
    pub at: NumericDate,
    /// The hash of the request that it answered.
    pub request: RequestHash,
}

/// The reason for which a family has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the store writes each")]
pub enum EndReason {
    /// A used refresh token was presented again, although its successor had been seen.
    Reuse,
    /// A used refresh token was presented again after both windows, and its successor was never seen:
    /// the client probably never received it.
    AnswerLost,
    /// The token was revoked while the auth server was called.
    Revoked,
    /// The user has logged out.
    Logout,
    /// An administrator, or the client itself, has ended it.
    Ended,
}

impl EndReason {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Reuse, Self::AnswerLost, Self::Revoked, Self::Logout, Self::Ended];

    /// The word for it in the store and in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reuse => "reuse",
            Self::AnswerLost => "answer_lost",
            Self::Revoked => "revoked",
            Self::Logout => "logout",
            Self::Ended => "ended",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// How long the answer to a used refresh token may be given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "there are two windows")]
pub struct Windows {
    /// From the rotation on, in any case.
    pub grace: Duration,
    /// From the rotation on, while the successor has not been seen.
    pub unused: Duration,
}

impl Windows {
    /// When the later of the two closes, for a rotation at `at`.
    #[must_use]
    pub fn close_at(self, at: NumericDate) -> NumericDate {
        at.plus(self.grace.max(self.unused))
    }
}

/// A refresh token that is presented, as far as its family needs to know.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the store fills every field")]
pub struct Presented {
    /// The generation of the token.
    pub generation: u64,
    /// The hash of the rest of the request.
    pub request: RequestHash,
    /// Whether the call of the latest attempt is known to be under way in this object. After a reset
    /// it is not.
    pub is_call_held: bool,
}

/// The outcome of presenting a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the store carries out each")]
pub enum Presentation {
    /// Call the auth server; commit under this attempt.
    Call(u64),
    /// Wait for the call of this attempt, and give its answer.
    Share(u64),
    /// Give the stored answer again; this is the so-manieth time in a row.
    Replay(u32),
    /// Refuse the request.
    Refuse(TokenRefusal),
    /// Refuse the request: the family has just ended for this reason, and the log is to be told.
    End(EndReason),
}

/// The reason for which the gateway itself refuses a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each is written on the wire")]
pub enum TokenRefusal {
    /// Its family has ended.
    Ended(EndReason),
    /// The rest of the request differs from that of the first request with this token.
    OtherRequest,
    /// No family knows it, and unknown ones are refused.
    Unknown,
}

/// The result of a call to the auth server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the store reports each")]
pub enum Answered {
    /// A new refresh token.
    Rotated,
    /// A success without a new refresh token: the presented one stays current.
    Kept,
    /// A definite refusal of the token.
    Refused,
    /// The request was never sent.
    NotSent,
    /// The request was sent, and no usable answer came.
    Unknown,
}

/// The fate of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the store carries out each")]
pub enum Commit {
    /// It is committed, and goes to the client.
    Accepted,
    /// A later attempt has taken over: the answer is dropped.
    Superseded,
    /// The family has ended meanwhile. New tokens must be revoked.
    Ended(EndReason),
}

impl Default for Family {
    /// A family whose first token is current and was not presented yet.
    fn default() -> Self {
        Self {
            generation: 0,
            attempt: 0,
            phase: Phase::Idle,
            rotation: None,
            is_seen: false,
            replays: 0,
            ended: None,
        }
    }
}

impl Family {
    /// Presents a token of the family at `now`.
    pub fn present(
        &mut self,
        presented: Presented,
        windows: Windows,
        now: NumericDate,
    ) -> Presentation {
        if let Some(reason) = self.ended {
            return Presentation::Refuse(TokenRefusal::Ended(reason));
        }
        match self.generation.checked_sub(presented.generation) {
            Some(0) => self.present_current(presented),
            Some(1) => self.present_previous(presented, windows, now),
            _ => self.end_by(EndReason::Reuse),
        }
    }

    fn present_current(&mut self, presented: Presented) -> Presentation {
        self.is_seen = true;
        self.replays = 0;
        match self.phase {
            Phase::Reserved(request) if presented.is_call_held => {
                // Another client's request would get an answer that is not its own.
                if request == presented.request {
                    Presentation::Share(self.attempt)
                } else {
                    Presentation::Refuse(TokenRefusal::OtherRequest)
                }
            }
            _ => {
                self.attempt = self.attempt.saturating_add(1);
                self.phase = Phase::Reserved(presented.request);
                Presentation::Call(self.attempt)
            }
        }
    }

    fn present_previous(
        &mut self,
        presented: Presented,
        windows: Windows,
        now: NumericDate,
    ) -> Presentation {
        let Some(rotation) = &self.rotation else { return self.end_by(EndReason::Reuse) };
        let is_open = |window| now < rotation.at.plus(window);
        if is_open(windows.grace) || (!self.is_seen && is_open(windows.unused)) {
            if rotation.request != presented.request {
                return Presentation::Refuse(TokenRefusal::OtherRequest);
            }
            self.replays = self.replays.saturating_add(1);
            return Presentation::Replay(self.replays);
        }
        let is_seen = self.is_seen;
        self.end_by(if is_seen { EndReason::Reuse } else { EndReason::AnswerLost })
    }

    fn end_by(&mut self, reason: EndReason) -> Presentation {
        self.end(reason);
        Presentation::End(reason)
    }

    /// Takes the answer to the call of `attempt`, which came at `now`.
    pub fn commit(&mut self, attempt: u64, answered: Answered, now: NumericDate) -> Commit {
        if let Some(reason) = self.ended {
            return Commit::Ended(reason);
        }
        let Phase::Reserved(request) = self.phase else { return Commit::Superseded };
        if attempt != self.attempt {
            return Commit::Superseded;
        }
        self.phase = if answered == Answered::Unknown { Phase::InDoubt } else { Phase::Idle };
        if answered == Answered::Rotated {
            self.generation = self.generation.saturating_add(1);
            self.rotation = Some(Rotation { at: now, request });
            self.is_seen = false;
            self.replays = 0;
        }
        Commit::Accepted
    }

    /// Ends the family, and returns whether it lived; the first reason stays.
    pub fn end(&mut self, reason: EndReason) -> bool {
        let lived = self.ended.is_none();
        self.ended.get_or_insert(reason);
        lived
    }

    /// Takes note that an access token of this generation was used; returns whether that is news.
    pub fn see(&mut self, generation: u64) -> bool {
        let is_news = generation == self.generation && !self.is_seen;
        self.is_seen |= is_news;
        is_news
    }
}
