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
    /// The time of the request, in seconds since 1970.
    pub at_seconds: i64,
    /// The same time in UTC, as text for people.
    pub at: String,
    /// The header and the claims of the token; `None` if there was none, or it could not be read.
    pub token: Option<ShownToken>,
    /// The findings at the steps that were taken, in order. No step comes after one that failed.
    pub findings: Vec<Finding>,
    /// Other times at which the verdict on the claims changes, in order.
    pub turns: Vec<ValidityChange>,
    /// The path of the route that refreshes the caller's cookie session first, where that is due. The outcome is
    /// then the one without a new access token; whether the refresh token is still good is not checked.
    pub renewal: Option<String>,
    /// The outcome for the request.
    pub outcome: Outcome,
}

/// The header and the claims of the token in the request that is explained.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ShownToken {
    /// Whether its signature holds, or its issuer's auth server gave a positive answer. Otherwise
    /// anybody may have written these claims.
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

/// A time at which the verdict on a claim changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ValidityChange {
    /// The claim.
    pub claim: &'static str,
    /// The value of the claim, in seconds since 1970, rounded down.
    pub claim_seconds: i64,
    /// The first whole second at which the new verdict applies, with the leeway included.
    pub at_seconds: i64,
    /// Whether the token is refused before that second; otherwise it is refused from that second
    /// on.
    pub is_start: bool,
}

/// The finding at one step.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The step.
    pub stage: Stage,
    /// Whether the step was passed.
    pub holds: bool,
    /// The code of the refusal, as logs have it.
    pub code: Option<&'static str>,
    /// The finding in one line.
    pub summary: String,
    /// The details of the finding.
    pub checks: Vec<Check>,
}

/// A detail of a step.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// The name of the thing that was checked.
    pub what: String,
    /// Whether the check passed; `None` if nothing depends on it.
    pub holds: Option<bool>,
    /// The depth at which it is nested inside the detail before it.
    pub depth: usize,
    /// The value that was expected.
    pub expected: Option<String>,
    /// The value that was found.
    pub got: Option<String>,
}

/// The outcome for a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "does", rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the three outcomes of a decision")]
pub enum Outcome {
    /// The request is forwarded to an origin.
    Forward {
        /// The origin's name.
        origin: String,
        /// The origin's address, as text for people.
        address: String,
        /// The URL.
        url: String,
        /// Every header that arrives, except for those that the platform sets (`Host` and its own).
        headers: Vec<Header>,
        /// Headers of the client that do not arrive.
        removed: Vec<Removed>,
    },
    /// The gateway answers the request.
    Serve {
        /// The resource under `/.edgeward/`.
        resource: &'static str,
        /// The status, where that does not depend on keys and stores.
        status: Option<u16>,
    },
    /// The request is refused.
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

/// A header that is not forwarded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Removed {
    /// Lower-case name.
    pub name: String,
    /// The reason why it is not forwarded.
    pub reason: &'static str,
}

impl Check {
    /// A check that passed or failed.
    pub(super) fn new(what: impl Into<String>, holds: bool) -> Self {
        Self { what: what.into(), holds: Some(holds), depth: 0, expected: None, got: None }
    }

    /// A fact on which nothing depends.
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
