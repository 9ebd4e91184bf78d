use std::fmt;

use serde::{Deserialize, Serialize};

use super::audit::AuditEvent;
use super::device::Device;
use crate::session::NewToken;

/// An event for the registry, which comes at least once, and in any order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "each is written")]
pub enum RegistryEvent {
    /// Something happened that is audited.
    Audit(Box<AuditEvent>),
    /// A login or a refresh has brought tokens.
    Pair(Box<TokenPair>),
    /// Sessions have ended.
    Ended {
        /// Their families.
        families: Vec<String>,
        /// When, in seconds.
        at: i64,
    },
    /// A token was used.
    Seen {
        /// Its hash, in base64url.
        hash: String,
        /// When, in seconds.
        at: i64,
    },
}

/// The tokens of an answer, with what is known about them. Its `Debug` shows no subject.
#[derive(Clone, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "this is the whole message")]
pub struct TokenPair {
    /// A random reference for the subject, if it has none yet.
    pub reference: String,
    /// The issuer's name in the configuration.
    pub issuer: String,
    /// `iss`, as names of revocations have it.
    pub iss: String,
    /// The claim of the tenant; empty for none.
    pub tenant: String,
    /// The subject; `None` where it is not registered.
    pub subject: Option<String>,
    /// The name of the session in revocations.
    pub session: Option<String>,
    /// The object of the session; empty for none.
    pub object: String,
    /// The family.
    pub family: String,
    /// The hash of the refresh token that was presented; `None` for a login.
    pub parent: Option<String>,
    /// The new access token.
    pub access: Option<NewToken>,
    /// The new refresh token; `None` where the auth server keeps the presented one.
    pub refresh: Option<NewToken>,
    /// The device, where it is registered.
    pub device: Option<Device>,
    /// When, in seconds.
    pub at: i64,
}

impl fmt::Debug for TokenPair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TokenPair").field("family", &self.family).finish_non_exhaustive()
    }
}
