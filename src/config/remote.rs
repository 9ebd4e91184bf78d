use std::fmt;
use std::time::Duration;

use super::shape::{Default, Shape, number};
use super::table::Table;
use super::{Environment, address, keys, secrets};
use crate::token::RemoteMethod;

/// The endpoint of an auth server that is asked about an issuer's tokens.
#[derive(Debug)]
pub struct Remote {
    /// How it is asked.
    pub way: RemoteMethod,
    /// Its URL.
    pub url: String,
    /// The service binding to ask it through, if any.
    pub service: Option<String>,
    /// The gateway's credentials as a client of the endpoint; introspection needs them.
    pub client: Option<Client>,
    /// The longest wait for its whole answer.
    pub timeout: Duration,
    /// When the endpoint is no longer called, and for how long.
    pub breaker: BreakerPolicy,
    /// How long a positive answer is reused without asking again.
    pub fresh_for: Duration,
    /// How much longer a positive answer is reused while the endpoint gives none; zero for not at
    /// all.
    pub stale_for: Duration,
    /// Whether positive answers are kept in the store for other isolates.
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

/// The circuit breaker of an endpoint: when it is no longer called, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// The number of failures in a row that open the breaker.
    pub failures: u32,
    /// How long the breaker stays open; then one call probes the endpoint.
    pub open_for: Duration,
}

pub(super) static BREAKER: Shape = Shape {
    name: "breaker",
    about: "When an auth server is not called, and for how long.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        number("failures", 1, 1000)
            .or(Default::Number(5))
            .about("After so many failures in a row; 4xx are none."),
        number("open_seconds", 1, 3600)
            .or(Default::Number(30))
            .about("For so long; then one call tries."),
    ],
};

pub(super) const AUTH: [(&str, ClientAuth); 2] =
    [("basic", ClientAuth::Basic), ("post", ClientAuth::Post)];

/// A summary of the `verify` of an issuer. It is made before `verify` is read, because the rules
/// for other fields depend on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct VerifySummary {
    /// Whether an endpoint is asked.
    pub(super) is_remote: bool,
    /// Whether there are keys.
    pub(super) has_keys: bool,
    /// Whether `audiences` must be given.
    pub(super) audiences: AudienceRule,
}

/// Whether `audiences` must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AudienceRule {
    Required,
    /// An endpoint that shows the caller (`me`) is an API itself, and its positive answer is for
    /// that API.
    Optional,
    /// Introspection answers for every API of the auth server. That a positive answer for any of
    /// them suffices must be said explicitly.
    Waived,
}

impl VerifySummary {
    pub(super) fn of(issuer_table: &Table<'_>) -> Self {
        let verify = issuer_table.value("verify");
        let has = |name: &str| verify.is_some_and(|verify| verify.get(name).is_some());
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

/// Reads `me` or `introspection`, whichever is there, with all of its fields but `fallback`.
pub(super) fn read(
    table: &Table<'_>,
    way: RemoteMethod,
    environment: &Environment<'_>,
) -> Option<Remote> {
    let client = match way {
        RemoteMethod::Me => Some(None),
        RemoteMethod::Introspection | RemoteMethod::SignedIntrospection => {
            introspection(table, environment).map(Some)
        }
    };
    let stored = table.boolean("cache_in_kv").map(|wanted| wanted && environment.has_store);
    let service = keys::service(table, environment);
    let timeout = table.number("timeout_ms").map(Duration::from_millis);
    let breaker = breaker(table);
    let fresh_for = table.number("cache_seconds").map(Duration::from_secs);
    let stale_for = table.number("stale_if_error_seconds").map(Duration::from_secs);
    let url = url(table, way.as_str());
    Some(Remote {
        way,
        url: url?,
        service,
        client: client?,
        timeout: timeout?,
        breaker: breaker?,
        fresh_for: fresh_for?,
        stale_for: stale_for.unwrap_or_default(),
        is_stored: stored?,
    })
}

/// Reads the URL of an endpoint, which is requested exactly as written.
pub(super) fn url(table: &Table<'_>, name: &'static str) -> Option<String> {
    let text = table.string(name)?;
    match address::document_url(&text) {
        Ok(url) => Some(url),
        Err(problem) => {
            table.error(name, problem);
            None
        }
    }
}

fn introspection(table: &Table<'_>, environment: &Environment<'_>) -> Option<Client> {
    if table.boolean("any_audience").is_some() && table.has("fallback") {
        table.error("any_audience", "expected no `fallback` with it, which must look at `aud`");
    }
    client(table, environment)
}

/// Reads the gateway's credentials as a client of an endpoint.
pub(super) fn client(table: &Table<'_>, environment: &Environment<'_>) -> Option<Client> {
    let id = table.string("client_id");
    let secret = secrets::read_of_client(table, environment);
    let auth = table.choice("client_auth", &AUTH);
    Some(Client { id: id?, secret: secret?, auth: auth? })
}

pub(super) fn breaker(table: &Table<'_>) -> Option<BreakerPolicy> {
    let table = table.table_of_defaults("breaker")?;
    let failures = table.number("failures").and_then(|number| u32::try_from(number).ok());
    let open = table.number("open_seconds").map(Duration::from_secs);
    table.finish();
    Some(BreakerPolicy { failures: failures?, open_for: open? })
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("auth", &self.auth).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
