//! `revocation`: how old the copy of the log may be, what holds while the log is unreachable, and who
//! may ask for tokens to be revoked.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::shape::{Default, Kind, Shape, choice, field, number, tables, text};
use super::table::Table;
use super::{Environment, secrets};
use crate::limits;

/// The rules for revocation that hold for all routes.
#[derive(Clone, Debug)]
pub struct RevocationRules {
    /// Whether the log is bound: the Durable Object `RevocationLog`, as `EDGEWARD_REVOCATION_LOG`.
    pub has_log: bool,
    /// Whether KV is bound, which answers without the log, and beside it until it has been imported.
    pub has_kv: bool,
    /// How old the copy of the log may be for routes with `bounded`, from 1 s to 60 s.
    pub bound: Duration,
    /// How old the copy may be instead while the log is unreachable; always more than `bound`.
    /// `None` where a request is then refused.
    pub fallback: Option<Duration>,
    /// The location hint for the log, one of those that Durable Objects know; `None` leaves the
    /// place to the platform.
    pub location: Option<String>,
    /// The longest life of a token, from `iat` to `exp`, which bounds the life of cut-offs and of
    /// entries without an expiry. `None` for no limit.
    pub longest_token: Option<Duration>,
    /// The clients that may use the revocation endpoint ([RFC 7009]) by authenticating themselves.
    /// Where there is none, no authentication is needed.
    ///
    /// [RFC 7009]: https://www.rfc-editor.org/rfc/rfc7009
    pub clients: Vec<RevocationClient>,
}

/// A client of the revocation endpoint ([RFC 6749 §2.3.1]). `Debug` hides the secret.
///
/// [RFC 6749 §2.3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
#[derive(Clone)]
pub struct RevocationClient {
    /// `client_id`; no two clients have the same.
    pub id: String,
    /// The text of the secret; never empty.
    pub secret: String,
}

pub(super) static SHAPE: Shape = Shape {
    name: "revocation",
    about: "How soon a revocation holds. All but `longest_token_seconds` needs the Durable Object \
            `RevocationLog`, bound as `EDGEWARD_REVOCATION_LOG`.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        number("bound_seconds", 1, 60)
            .or(Default::Number(limits::REVOCATION_BOUNDED.as_secs()))
            .about("How old an isolate's copy of the log may be on routes with `bounded`."),
        choice("fallback", &FALLBACK).or(Default::Text("refuse")).about(
            "While the log is unreachable: `refuse` answers 503 once the copy is too old, `copy` \
             uses it for `fallback_seconds`.",
        ),
        number("fallback_seconds", 1, 86_400)
            .about("How old the copy may be with `fallback = \"copy\"`, which needs it."),
        choice("location", &LOCATIONS)
            .about("Where the log is created, as a location hint. Absent: near the first request."),
        number("longest_token_seconds", 60, 31_536_000).about(
            "The longest life of a token, from `iat` to `exp`. JWTs that live longer, or do not \
             say, are refused. Absent: any.",
        ),
        tables("clients", &CLIENT).about(
            "Who may revoke tokens at `/.edgeward/token/revoke` by authenticating. Absent: nobody \
             need authenticate.",
        ),
    ],
};

static CLIENT: Shape = Shape {
    name: "revocation_client",
    about: "A client of the revocation endpoint (RFC 7009).",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        text("client_id").required().about("The id by which the client authenticates."),
        field("client_secret", Kind::Text(&secrets::NAME))
            .required()
            .about("The name of the Worker secret that goes with it."),
    ],
};

/// The words of `fallback`, and whether each one uses the copy.
const FALLBACK: [(&str, bool); 2] = [("refuse", false), ("copy", true)];

/// The location hints of Durable Objects.
const LOCATIONS: [(&str, &str); 11] = [
    ("wnam", "wnam"),
    ("enam", "enam"),
    ("sam", "sam"),
    ("weur", "weur"),
    ("eeur", "eeur"),
    ("apac", "apac"),
    ("apac-ne", "apac-ne"),
    ("apac-se", "apac-se"),
    ("oc", "oc"),
    ("afr", "afr"),
    ("me", "me"),
];

/// The message about a setting that needs the log where there is none.
pub(super) const LOG_MISSING: &str = "expected the Durable Object `RevocationLog` bound as \
                                      `EDGEWARD_REVOCATION_LOG` with it";

/// The settings that are about the log, and have no effect without it.
pub(super) const OF_LOG: [&str; 4] = ["bound_seconds", "fallback", "location", "clients"];

pub(super) fn read(root: &Table<'_>, environment: &Environment<'_>) -> Option<RevocationRules> {
    let table = root.table_of_defaults("revocation")?;
    let (has_log, has_kv) = (environment.has_log, environment.has_store);
    for name in OF_LOG.into_iter().filter(|name| !has_log && table.has(name)) {
        table.error(name, LOG_MISSING);
    }
    let bound = table.number("bound_seconds").map(Duration::from_secs);
    let fallback = fallback(&table, bound);
    let location = table.choice("location", &LOCATIONS).map(str::to_owned);
    let longest_token = table.number("longest_token_seconds").map(Duration::from_secs);
    let clients = clients(&table, environment);
    table.finish();
    Some(RevocationRules {
        has_log,
        has_kv,
        bound: bound?,
        fallback,
        location,
        longest_token,
        clients,
    })
}

fn fallback(table: &Table<'_>, bound: Option<Duration>) -> Option<Duration> {
    let uses_copy = table.choice("fallback", &FALLBACK)?;
    let has_most = table.has("fallback_seconds");
    let most = table.number("fallback_seconds").map(Duration::from_secs);
    match (uses_copy, most, bound) {
        (false, ..) if has_most => {
            table.error("fallback_seconds", "expected `fallback = \"copy\"` with it");
        }
        (true, ..) if !has_most => table.error("fallback", "expected `fallback_seconds` with it"),
        // A copy that the bound accepts anyway is no fallback.
        (true, Some(most), Some(bound)) if most <= bound => {
            let bound = bound.as_secs();
            let problem = format!("expected more than `bound_seconds`, which is {bound}");
            table.error("fallback_seconds", problem);
        }
        _ => {}
    }
    most
}

fn clients(table: &Table<'_>, environment: &Environment<'_>) -> Vec<RevocationClient> {
    let tables = table.tables("clients");
    // No entry would mean "nobody" to one reader and "anybody" to another.
    if tables.is_empty() && table.has("clients") {
        table.error("clients", "expected at least one client, or no `clients` at all");
    }
    let mut ids = BTreeSet::new();
    let mut clients = Vec::new();
    for table in &tables {
        let id = table.string("client_id");
        if id.as_ref().is_some_and(|id| !ids.insert(id.clone())) {
            table.error("client_id", "expected an id that no other client has");
        }
        let secret = secrets::read_of_client(table, environment);
        table.finish();
        if let (Some(id), Some(secret)) = (id, secret) {
            clients.push(RevocationClient { id, secret });
        }
    }
    clients
}

impl fmt::Debug for RevocationClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RevocationClient").field("id", &self.id).finish_non_exhaustive()
    }
}
