use serde::Serialize;
use serde_json::Value;

use super::Stage;

/// A decision with all that led to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The method.
    pub method: String,
    /// The URL as it was asked for; a token in its query is not repeated.
    pub url: String,
    /// When, in seconds since 1970.
    pub at_seconds: i64,
    /// The same in UTC, for people.
    pub at: String,
    /// What the token itself says; `None` where there was none, or it could not be read.
    pub token: Option<ShownToken>,
    /// The steps that were taken, in order. After one that failed there is no other.
    pub findings: Vec<Finding>,
    /// Other times at which the claims are judged otherwise, in order.
    pub turns: Vec<ValidityChange>,
    /// What comes of it.
    pub outcome: Outcome,
}

/// Header and claims of the token that whoever asks has passed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ShownToken {
    /// Whether its signature holds, or its issuer said yes to it. Otherwise anybody may have written
    /// this.
    pub is_verified: bool,
    /// `alg`.
    pub algorithm: &'static str,
    /// `kid`.
    pub kid: Option<String>,
    /// `typ`.
    pub typ: Option<String>,
    /// The claims.
    pub claims: Value,
}

/// A time at which something that a claim says is judged otherwise than just before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ValidityChange {
    /// The claim.
    pub claim: &'static str,
    /// What it says, in seconds since 1970, rounded down.
    pub claim_seconds: i64,
    /// The first whole second at which it is judged otherwise: leeway included.
    pub at_seconds: i64,
    /// Whether it is refused before that second; otherwise from it on.
    pub is_start: bool,
}

/// What was found at one step.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The step.
    pub stage: Stage,
    /// Whether it was passed.
    pub holds: bool,
    /// The code of the refusal, as logs have it.
    pub code: Option<&'static str>,
    /// What was found, in one line.
    pub summary: String,
    /// Details.
    pub checks: Vec<Check>,
}

/// A detail of a step.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// What was looked at.
    pub what: String,
    /// Whether it is as it should be; `None` where nothing depends on it.
    pub holds: Option<bool>,
    /// How deep it lies inside the detail before it.
    pub depth: usize,
    /// What was expected.
    pub expected: Option<String>,
    /// What there was.
    pub got: Option<String>,
}

/// What is done with the request.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "does", rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the three outcomes of a decision")]
pub enum Outcome {
    /// It goes to an origin.
    Forward {
        /// The origin's name.
        origin: String,
        /// Where to: its address for people.
        address: String,
        /// The URL.
        url: String,
        /// Every header that arrives, but for what the platform sets (`Host` and its own).
        headers: Vec<Header>,
        /// Headers of the client that do not.
        removed: Vec<Removed>,
    },
    /// The gateway answers it.
    Serve {
        /// The resource under `/.edgeward/`.
        resource: &'static str,
        /// The status, where that does not depend on keys and stores.
        status: Option<u16>,
    },
    /// It is refused.
    Refuse {
        /// The status.
        status: u16,
        /// The reason, as logs have it.
        code: &'static str,
        /// The response's headers.
        headers: Vec<Header>,
        /// The response's body, a problem document.
        body: Value,
    },
}

/// A header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Header {
    /// Lower-case name.
    pub name: String,
    /// Value; that of `authorization` is not repeated.
    pub value: String,
    /// Whether the gateway sets it; otherwise it is the client's.
    pub is_set: bool,
}

/// A header that does not go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Removed {
    /// Lower-case name.
    pub name: String,
    /// Why.
    pub reason: &'static str,
}

impl Check {
    /// Something that is as it should be, or is not.
    pub(super) fn new(what: impl Into<String>, holds: bool) -> Self {
        Self { what: what.into(), holds: Some(holds), depth: 0, expected: None, got: None }
    }

    /// Something to know.
    pub(super) fn note(what: impl Into<String>, got: impl Into<String>) -> Self {
        let got = Some(got.into());
        Self { what: what.into(), holds: None, depth: 0, expected: None, got }
    }

    pub(super) fn expected(self, expected: impl Into<String>) -> Self {
        Self { expected: Some(expected.into()), ..self }
    }

    pub(super) fn got(self, got: impl Into<String>) -> Self {
        Self { got: Some(got.into()), ..self }
    }

    pub(super) fn at(self, depth: usize) -> Self {
        Self { depth, ..self }
    }
}
