use std::time::Duration;

use serde_json::Value;

use super::signed::open;
use super::{RemoteCheck, RemoteFailure, RemoteMethod, RemoteReply, SignedAnswer};
use crate::jose::SignatureValid;
use crate::json::{self, Object};
use crate::time::NumericDate;
use crate::token::{TokenError, VerifiedToken};

/// The verdict of an endpoint on a token.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "yes, no, neither, or not yet")]
pub enum RemoteVerdict {
    /// The issuer confirms the token.
    Yes(Box<VerifiedToken>),
    /// The issuer does not confirm the token, or reports claims that no token may have. The verdict
    /// is final: nobody else is asked.
    No(TokenError),
    /// The reply gave no verdict.
    CannotSay(RemoteFailure),
    /// The answer is signed, and its signature must be verified first.
    Signed(Box<SignedAnswer>),
}

impl RemoteCheck {
    /// Reads the reply to a call that began at `asked_at`.
    #[must_use]
    pub fn read(&self, reply: &RemoteReply, asked_at: NumericDate) -> RemoteVerdict {
        let is_to_be_signed = self.way() == RemoteMethod::SignedIntrospection;
        if reply.status == 200 && reply.is_signed != is_to_be_signed {
            // Unverified it is worth nothing, whatever it says; and whoever took the signature off
            // may have written the rest.
            return RemoteVerdict::CannotSay(RemoteFailure::Unverified);
        }
        if reply.status == 200 && is_to_be_signed {
            return match SignedAnswer::parse(&reply.body) {
                Ok(answer) => RemoteVerdict::Signed(Box::new(answer)),
                Err(failure) => RemoteVerdict::CannotSay(failure),
            };
        }
        self.conclude(answer(self.way(), reply), asked_at)
    }

    /// Reads a signed answer whose signature holds, to a call that `client` began at `asked_at`.
    ///
    /// It must be by this issuer, for this client, and of now, within `leeway`: an older one may be
    /// the answer to another question.
    #[must_use]
    pub fn read_signed(
        &self,
        proof: &SignatureValid,
        client: &str,
        (asked_at, now): (NumericDate, NumericDate),
        leeway: Duration,
    ) -> RemoteVerdict {
        let times = (asked_at.minus(leeway), now.plus(leeway));
        let answer = open(proof, self.issuer(), client, times);
        let failure = || match json::parse_object(proof.jws().unverified_payload()) {
            Ok(_) => RemoteFailure::Malformed,
            Err(_) => RemoteFailure::Unreadable,
        };
        self.conclude(answer.ok_or_else(failure).and_then(active), asked_at)
    }

    /// The verdict of an answer: `Some` with its claims is positive, `None` is negative.
    fn conclude(
        &self,
        answer: Result<Option<Object>, RemoteFailure>,
        asked_at: NumericDate,
    ) -> RemoteVerdict {
        match answer {
            Ok(Some(answer)) => match self.vouch(&answer, asked_at) {
                Ok(token) => RemoteVerdict::Yes(Box::new(token)),
                // A positive answer that cannot be read refuses the token, and no other way of verifying
                // is tried.
                Err(error) => RemoteVerdict::No(error.into()),
            },
            Ok(None) => RemoteVerdict::No(TokenError::RefusedByAuthServer),
            Err(failure) => RemoteVerdict::CannotSay(failure),
        }
    }
}

/// Reads an answer: `Some` with its claims where it is positive, `None` where it is negative.
fn answer(way: RemoteMethod, reply: &RemoteReply) -> Result<Option<Object>, RemoteFailure> {
    match (way, reply.status) {
        // Of nobody: an endpoint for sessions says so with 200.
        (RemoteMethod::Me, 200) if reply.document().trim_ascii() == b"null" => Ok(None),
        (RemoteMethod::Me, 200) => object(reply).map(Some),
        (RemoteMethod::Me, 401 | 403) => Ok(None),
        (RemoteMethod::Introspection | RemoteMethod::SignedIntrospection, 200) => {
            active(object(reply)?)
        }
        // The gateway itself was refused: that says nothing about the token.
        (_, 401 | 403) => Err(RemoteFailure::ClientRefused),
        (_, 300..=399) => Err(RemoteFailure::Redirects),
        (_, 429) => Err(RemoteFailure::Busy),
        (_, 400..=499) => Err(RemoteFailure::RequestRefused),
        _ => Err(RemoteFailure::Status),
    }
}

fn object(reply: &RemoteReply) -> Result<Object, RemoteFailure> {
    let body = reply.document();
    let is_object = body.trim_ascii_start().starts_with(b"{");
    let failure = if is_object { RemoteFailure::Unreadable } else { RemoteFailure::Malformed };
    json::parse_object(body).map_err(|_| failure)
}

/// Reads `active`: only `true` is positive and only `false` is negative ([RFC 7662 §2.2]).
///
/// [RFC 7662 §2.2]: https://www.rfc-editor.org/rfc/rfc7662#section-2.2
fn active(answer: Object) -> Result<Option<Object>, RemoteFailure> {
    match answer.get("active") {
        Some(Value::Bool(true)) => Ok(Some(answer)),
        Some(Value::Bool(false)) => Ok(None),
        _ => Err(RemoteFailure::Malformed),
    }
}
