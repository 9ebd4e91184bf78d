use super::shape::{Default, Kind, Shape, boolean, choice, field, number, table, text};
use super::table::Table;
use super::{Environment, KeySource, Remote, claims, keys, remote, secrets};
use crate::jose::Algorithm;
use crate::token::{ClaimPaths, RemoteMethod};

/// The shape of `verify`: an issuer has exactly one method, and one that asks an endpoint may have
/// keys as a fallback.
pub(super) static SHAPE: Shape = Shape {
    name: "verify",
    about: "The way of verifying an issuer's tokens.",
    exactly_one: &["jwks", "discovery", "keys", "secrets", "me", "introspection"],
    sets_beside: (
        "introspection",
        &[&[], &["fallback"], &["signed_by"], &["any_audience"], &["signed_by", "any_audience"]],
    ),
    fields: &[
        keys::JWKS,
        keys::DISCOVERY,
        keys::KEYS,
        keys::SECRETS,
        text("me").about("URL of an endpoint that shows the caller. The token is sent to it."),
        text("introspection").about("URL of a token introspection endpoint (RFC 7662)."),
        text("service")
            .beside(&["jwks", "discovery", "me", "introspection"])
            .about("A service binding to fetch through, whatever the URL's host is."),
        text("client_id")
            .required()
            .beside(&["introspection"])
            .about("Who the gateway is to the endpoint."),
        field("client_secret", Kind::Text(&secrets::NAME))
            .required()
            .beside(&["introspection"])
            .about("The name of the Worker secret that goes with it."),
        choice("client_auth", &remote::AUTH)
            .or(Default::Text("basic"))
            .beside(&["introspection"])
            .about("How both are sent: in `Authorization`, or in the form."),
        field("any_audience", Kind::True)
            .beside(&["introspection"])
            .about("Every token that the endpoint calls active is for this API."),
        table("signed_by", &keys::SIGNED_BY)
            .beside(&["introspection"])
            .about("Whose signed answers (RFC 9701) are believed, and no other."),
        number("timeout_ms", 1, 30_000)
            .or(Default::Number(5000))
            .beside(ASKED)
            .about("Longest wait for the whole answer."),
        number("cache_seconds", 1, 600)
            .or(Default::Number(60))
            .beside(ASKED)
            .about("How long an acceptance is reused."),
        number("stale_if_error_seconds", 1, 86_400).beside(ASKED).about(
            "How much longer an acceptance is reused while the auth server gives no answer.",
        ),
        boolean("cache_in_kv")
            .or(Default::Flag(true))
            .beside(ASKED)
            .about("Whether an acceptance is kept in KV for other isolates, where KV is bound."),
        table("breaker", &remote::BREAKER).beside(ASKED).about("When the endpoint is not called."),
        table("fallback", &keys::FALLBACK)
            .beside(ASKED)
            .about("Keys that verify its tokens while the auth server gives no answer."),
    ],
};

/// The methods that ask an endpoint.
const ASKED: &[&str] = &["me", "introspection"];

/// Where an issuer's keys come from, the endpoint that is asked before them, and the claim paths of
/// tokens that the keys verify in its stead.
pub(super) struct VerifyMethod {
    pub(super) keys: KeySource,
    pub(super) remote: Option<Remote>,
    pub(super) fallback_paths: Option<ClaimPaths>,
}

/// Reads `verify`, for an issuer with these algorithms and these claims.
pub(super) fn read(
    issuer_table: &Table<'_>,
    (issuer, algorithms, paths): (Option<&str>, &[Algorithm], &ClaimPaths),
    environment: &Environment<'_>,
) -> Option<VerifyMethod> {
    let table = issuer_table.table("verify")?;
    let keys = KeyReader { issuer_table, issuer, algorithms, paths, environment };
    let ways = match table.only() {
        Some("me") => asked(&keys, &table, RemoteMethod::Me),
        Some("introspection") => asked(&keys, &table, RemoteMethod::Introspection),
        way => {
            let keys = keys.read(&table, way);
            keys.map(|keys| VerifyMethod { keys, remote: None, fallback_paths: None })
        }
    };
    table.finish();
    ways
}

/// Reads an endpoint, and the keys that come with it.
fn asked(keys: &KeyReader<'_>, table: &Table<'_>, way: RemoteMethod) -> Option<VerifyMethod> {
    let is_signed = way == RemoteMethod::Introspection && table.has("signed_by");
    let way = if is_signed { RemoteMethod::SignedIntrospection } else { way };
    let remote = remote::read(table, way, keys.environment);
    // One set of keys for two purposes would let an answer pass for a token.
    if is_signed && table.has("fallback") {
        table.error("signed_by", "expected no `fallback` with it");
    }
    let (keys, fallback_paths) = if is_signed {
        (keys.read_in(&table.table("signed_by")?)?, None)
    } else if table.has("fallback") {
        let table = table.table("fallback")?;
        let paths = claims::read(&table, keys.paths.clone());
        (keys.read_in(&table)?, Some(paths))
    } else {
        (KeySource::Absent, None)
    };
    Some(VerifyMethod { keys, remote: Some(remote?), fallback_paths })
}

/// A reader of the keys of an issuer, with the parts of the issuer that they must fit.
struct KeyReader<'a> {
    issuer_table: &'a Table<'a>,
    issuer: Option<&'a str>,
    algorithms: &'a [Algorithm],
    paths: &'a ClaimPaths,
    environment: &'a Environment<'a>,
}

impl KeyReader<'_> {
    /// Reads keys beside an endpoint: for its tokens while it gives no answer, or for its signed
    /// answers.
    fn read_in(&self, table: &Table<'_>) -> Option<KeySource> {
        let source = self.read(table, table.only());
        table.finish();
        source
    }

    fn read(&self, table: &Table<'_>, way: Option<&str>) -> Option<KeySource> {
        keys::check_symmetry(self.issuer_table, self.algorithms, way == Some("secrets"));
        keys::read(table, way?, self.issuer, self.algorithms, self.environment)
    }
}
