//! The messages by which the gate's side tells a family object what was presented, seen or ended.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::NumericDate;

/// Whether a verified refresh token that no family knows starts a family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "each is a word of the configuration")]
pub enum UnknownToken {
    /// It starts a family.
    #[default]
    Adopt,
    /// It is refused.
    Refuse,
}

/// A refresh token that is presented to its family.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "this is the whole message")]
pub struct RefreshMessage {
    /// The hash by which the token is known, in base64url.
    pub hash: String,
    /// The hash of the rest of the request, in base64url.
    pub request: String,
    /// The names under which the token may have been revoked.
    pub names: Vec<String>,
    /// `iss` as names of revocations have it.
    pub iss: String,
    /// The issuer's name in the configuration.
    pub issuer: String,
    /// The claim of the tenant.
    pub tenant: Option<String>,
    /// `iat`, in seconds.
    pub issued_at: Option<i64>,
    /// `exp`, in seconds.
    pub expires_at: Option<i64>,
    /// The leeway of the issuer, in seconds.
    pub leeway: u64,
    /// The name of the session in revocations, where the token names one.
    pub session: Option<String>,
    /// Whether the object belongs to this token alone: an opaque one.
    pub is_opaque: bool,
    /// Whether unknown tokens start a family.
    pub unknown: UnknownToken,
    /// The window in which the answer is repeated in any case, in seconds.
    pub grace: u64,
    /// The window in which it is repeated while the successor has not been seen, in seconds.
    pub unused: u64,
}

/// A token that came with an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "this is the whole message")]
pub struct NewToken {
    /// The hash by which the token is known, in base64url.
    pub hash: String,
    /// The name of its revocation.
    pub name: String,
    /// `iat`, in seconds.
    pub issued_at: Option<i64>,
    /// `exp`, in seconds.
    pub expires_at: Option<i64>,
}

/// Which families of an object an order ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "the store selects each")]
pub enum WhichFamilies {
    /// That of the refresh or access token with this hash.
    Of(String),
    /// All.
    All,
    /// All but that of the token with this hash.
    Except(String),
}

/// The time before which tokens are refused that no family of the object knows.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "this is the whole message")]
pub struct UnknownCutoff {
    /// A token with an earlier `iat` starts no family; in seconds.
    pub before: i64,
}

/// An order to end families.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "this is the whole message")]
pub struct EndOrder {
    /// Which.
    pub which: WhichFamilies,
    /// The word of an [`super::EndReason`].
    pub reason: String,
    /// The cut-off for sessions that the object has not seen; `None` leaves them alone.
    pub unknown: Option<UnknownCutoff>,
}

impl UnknownCutoff {
    /// The time at which no earlier token is known any more.
    #[must_use]
    pub fn kept_until(&self) -> NumericDate {
        NumericDate::from_seconds(self.before).plus(LONGEST)
    }
}

impl RefreshMessage {
    /// The time at which what is kept for the token may go.
    #[must_use]
    pub fn kept_until(&self, now: NumericDate) -> NumericDate {
        kept_until(self.expires_at, self.leeway, now)
    }
}

impl NewToken {
    /// The time at which what is kept for the token may go.
    #[must_use]
    pub fn kept_until(&self, leeway: u64, now: NumericDate) -> NumericDate {
        kept_until(self.expires_at, leeway, now)
    }
}

/// A token that does not say when it expires is kept for a year, others for ten years at most.
const UNLIMITED: Duration = Duration::from_secs(31_536_000);
const LONGEST: Duration = Duration::from_secs(315_360_000);

fn kept_until(expires_at: Option<i64>, leeway: u64, now: NumericDate) -> NumericDate {
    match expires_at {
        Some(at) => {
            let until =
                NumericDate::from_seconds(at).plus(Duration::from_secs(leeway.saturating_add(60)));
            until.min(now.plus(LONGEST))
        }
        None => now.plus(UNLIMITED),
    }
}
