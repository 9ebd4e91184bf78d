use std::fmt;
use std::time::Duration;

use super::table::Table;
use super::{Environment, address, keys};
use crate::limits;
use crate::token::RemoteWay;

/// The endpoint of an auth server that is asked about an issuer's tokens.
#[derive(Debug)]
pub struct Remote {
    /// How it is asked.
    pub way: RemoteWay,
    /// Its URL.
    pub url: String,
    /// The service binding to ask it through, if any.
    pub service: Option<String>,
    /// Who the gateway is to it; introspection needs that.
    pub client: Option<Client>,
    /// Longest wait for its whole answer.
    pub timeout: Duration,
    /// When it is left alone.
    pub breaker: BreakerPolicy,
    /// How long a yes is reused without asking again.
    pub fresh_for: Duration,
    /// How much longer a yes is reused while the endpoint cannot say; zero for not at all.
    pub stale_for: Duration,
    /// Whether a yes is kept in the store for other isolates.
    pub is_stored: bool,
}

/// The gateway's own credentials at an endpoint (RFC 6749 §2.3.1). `Debug` hides the secret.
#[derive(Clone)]
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// The text of the secret.
    pub secret: String,
    /// How both are sent.
    pub auth: ClientAuth,
}

/// How a client authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each must be written")]
pub enum ClientAuth {
    /// In `Authorization: Basic`.
    Basic,
    /// In the body.
    Post,
}

/// When an endpoint is left alone, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// After so many failures in a row.
    pub failures: u32,
    /// For so long; then one call tries.
    pub open_for: Duration,
}

/// What the `verify` of an issuer amounts to, looked at before it is read: what other fields must
/// say depends on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outline {
    /// Whether an endpoint is asked.
    pub(super) is_remote: bool,
    /// Whether there are keys.
    pub(super) has_keys: bool,
    /// What becomes of `audiences`.
    pub(super) audiences: AudienceRule,
}

/// Whether `audiences` must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AudienceRule {
    Required,
    /// An endpoint that shows the caller is an API itself, and its yes is for that API.
    Optional,
    /// Introspection answers for every API of the auth server. That a yes for any of them is good
    /// enough must be said in so many words.
    Waived,
}

impl Outline {
    pub(super) fn of(issuer_table: &Table<'_>) -> Self {
        let verify = issuer_table.value("verify").and_then(|verify| verify.as_object());
        let has = |name: &str| verify.is_some_and(|verify| verify.contains_key(name));
        let is_remote = has("me") || has("introspection");
        let verifies_tokens = !is_remote || has("fallback");
        let has_keys = verifies_tokens || has("signed_by");
        let audiences = match (verifies_tokens, has("me"), has("any_audience")) {
            (false, true, false) => AudienceRule::Optional,
            (false, _, true) => AudienceRule::Waived,
            _ => AudienceRule::Required,
        };
        Self { is_remote, has_keys, audiences }
    }
}

/// Reads `me` or `introspection`, whichever is there, with all that goes with it but `fallback`.
pub(super) fn read(
    table: &Table<'_>,
    way: RemoteWay,
    environment: &Environment<'_>,
) -> Option<Remote> {
    let client = match way {
        RemoteWay::Me => Some(None),
        RemoteWay::Introspection | RemoteWay::SignedIntrospection => {
            introspection(table, environment).map(Some)
        }
    };
    let millis = table.number("timeout_ms", 1..=30_000).map(Duration::from_millis);
    let seconds = |name, range| table.number(name, range).map(Duration::from_secs);
    let stored = table.boolean("cache_in_kv").unwrap_or(true) && environment.has_store;
    let remote = Remote {
        way,
        service: keys::service(table, environment),
        timeout: millis.unwrap_or(limits::REMOTE_TIMEOUT),
        breaker: breaker(table),
        fresh_for: seconds("cache_seconds", 1..=600).unwrap_or(limits::REMOTE_YES),
        stale_for: seconds("stale_if_error_seconds", 1..=86_400).unwrap_or_default(),
        is_stored: stored,
        url: String::new(),
        client: None,
    };
    let url = url(table, way);
    Some(Remote { url: url?, client: client?, ..remote })
}

fn url(table: &Table<'_>, way: RemoteWay) -> Option<String> {
    let text = table.string(way.word())?;
    match address::document_url(&text) {
        Ok(url) => Some(url),
        Err(problem) => {
            table.error(way.word(), problem);
            None
        }
    }
}

fn introspection(table: &Table<'_>, environment: &Environment<'_>) -> Option<Client> {
    let id = table.required_string("client_id");
    let name = table.required_string("client_secret");
    let choices = [("basic", ClientAuth::Basic), ("post", ClientAuth::Post)];
    let auth = table.choice("client_auth", &choices).unwrap_or(ClientAuth::Basic);
    if table.boolean("any_audience") == Some(false) {
        table.error("any_audience", "expected true, or nothing");
    }
    if table.has("any_audience") && table.has("fallback") {
        table.error("any_audience", "expected no `fallback` with it, which must look at `aud`");
    }
    let name = name?;
    // An empty secret is a forgotten one.
    let secret = (environment.secret)(&name).filter(|secret| !secret.is_empty());
    if secret.is_none() {
        table.error("client_secret", format!("no secret `{name}`"));
    }
    Some(Client { id: id?, secret: secret?, auth })
}

fn breaker(table: &Table<'_>) -> BreakerPolicy {
    let default = BreakerPolicy::default();
    let Some(table) = table.table("breaker") else {
        return default;
    };
    let failures = table.number("failures", 1..=1000).and_then(|number| u32::try_from(number).ok());
    let open = table.number("open_seconds", 1..=3600).map(Duration::from_secs);
    table.finish();
    BreakerPolicy {
        failures: failures.unwrap_or(default.failures),
        open_for: open.unwrap_or(default.open_for),
    }
}

impl Default for BreakerPolicy {
    /// 5 failures, 30 s.
    fn default() -> Self {
        Self { failures: 5, open_for: Duration::from_secs(30) }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("auth", &self.auth).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
