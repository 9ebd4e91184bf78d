use std::time::Duration;

use super::remote::{AudienceRule, Outline};
use super::table::Table;
use super::{Environment, KeySource, Remote, ways};
use crate::jose::Algorithm;
use crate::token::{ClaimPaths, ClaimsPolicy, RemoteWay, TokenTypes};

/// Someone whose tokens are taken: under which name, with which algorithms and keys, saying what.
#[derive(Debug)]
pub struct Issuer {
    /// Its name in the configuration and in logs.
    pub name: String,
    /// What its tokens must say; the exact `iss` among it.
    pub policy: ClaimsPolicy,
    /// The algorithms that its tokens, or its signed answers, may use; never inferred. Empty when it
    /// has no keys.
    pub algorithms: Vec<Algorithm>,
    /// Which of its claims means what.
    pub paths: ClaimPaths,
    /// Where its keys come from. They verify its tokens and nobody else's; where there is a `remote`,
    /// only while that cannot say, or its answers in place of tokens.
    pub keys: KeySource,
    /// Who is asked about its tokens before anything else.
    pub remote: Option<Remote>,
    /// Whether tokens that name no issuer are its: opaque ones, and JWTs without `iss`.
    pub is_opaque: bool,
}

impl Issuer {
    /// Whether tokens of it are ever verified by its keys, and not only its answers.
    #[must_use]
    pub fn verifies_tokens(&self) -> bool {
        let signs_answers = |remote: &Remote| remote.way == RemoteWay::SignedIntrospection;
        !matches!(self.keys, KeySource::Absent) && !self.remote.as_ref().is_some_and(signs_answers)
    }
}

pub(super) fn read_all(
    root: &Table<'_>,
    leeway: Duration,
    environment: &Environment<'_>,
) -> Vec<Issuer> {
    let mut issuers: Vec<Issuer> = Vec::new();
    for table in root.tables("issuers") {
        if let Some(issuer) = read(&table, leeway, environment) {
            let twin = |other: &Issuer| other.policy.issuer == issuer.policy.issuer;
            if issuers.iter().any(twin) {
                table.error("issuer", "expected an `iss` that no other issuer has");
            }
            if issuer.is_opaque && issuers.iter().any(|other| other.is_opaque) {
                table.error("opaque", "expected no other issuer with it");
            }
            if issuers.iter().any(|other| other.name == issuer.name) {
                table.error("name", "expected a name that no other issuer has");
            }
            issuers.push(issuer);
        }
        table.finish();
    }
    issuers
}

fn read(table: &Table<'_>, leeway: Duration, environment: &Environment<'_>) -> Option<Issuer> {
    let name = table.required_string("name");
    let issuer = table.required_string("issuer").filter(|issuer| is_plain(table, issuer));
    let outline = Outline::of(table);
    let audiences = audiences(table, outline);
    let algorithms = algorithms(table, outline, environment);
    let token_types = table.strings("token_types").map(|types| TokenTypes::only(&types));
    let max_age = table.number("max_age_seconds", 1..=315_360_000).map(Duration::from_secs);
    let required = table.strings("required_claims").unwrap_or_default();
    let paths = paths(table);
    let ways = ways::read(table, issuer.as_deref(), &algorithms, environment);
    let is_opaque = table.boolean("opaque").unwrap_or(false);
    if is_opaque && !outline.is_remote {
        table.error("opaque", "expected `me` or `introspection` with it");
    }
    let (keys, remote) = ways?;
    let policy = ClaimsPolicy {
        issuer: issuer?,
        any_audience: audiences.is_none(),
        audiences: audiences.unwrap_or_default(),
        token_types: token_types.unwrap_or_default(),
        leeway,
        max_age,
        required,
    };
    Some(Issuer { name: name?, policy, algorithms, paths, keys, remote, is_opaque })
}

/// `None` where the yes of the auth server is all that says for whom a token is.
fn audiences(table: &Table<'_>, outline: Outline) -> Option<Vec<String>> {
    match outline.audiences {
        AudienceRule::Required => Some(table.required_strings("audiences")),
        AudienceRule::Optional => table.strings("audiences"),
        AudienceRule::Waived => {
            if table.has("audiences") {
                table.error("audiences", "expected none with `any_audience`");
            }
            None
        }
    }
}

/// A NUL would blur where the issuer ends in the names of revocations.
fn is_plain(table: &Table<'_>, issuer: &str) -> bool {
    let plain = !issuer.chars().any(char::is_control);
    if !plain {
        table.error("issuer", "expected no control characters");
    }
    plain
}

fn algorithms(
    table: &Table<'_>,
    outline: Outline,
    environment: &Environment<'_>,
) -> Vec<Algorithm> {
    let mut algorithms = Vec::new();
    if !outline.has_keys {
        // A list that nothing is compared with would look like a safeguard.
        if table.has("algorithms") {
            table.error("algorithms", "expected none: the auth server is asked, no key is used");
        }
        return algorithms;
    }
    for (index, name) in table.required_strings("algorithms").iter().enumerate() {
        let place = format!("algorithms[{index}]");
        match Algorithm::from_name(name) {
            Some(algorithm) if environment.verifies(algorithm) => algorithms.push(algorithm),
            Some(algorithm) => {
                table.error(&place, format!("{algorithm} is not offered by WebCrypto at the edge"));
            }
            None => table.error(&place, "expected the name of a known algorithm"),
        }
    }
    algorithms
}

fn paths(table: &Table<'_>) -> ClaimPaths {
    let mut paths = ClaimPaths::default();
    let Some(claims) = table.table("claims") else {
        return paths;
    };
    for (name, path) in [
        ("subject", &mut paths.subject),
        ("roles", &mut paths.roles),
        ("email", &mut paths.email),
        ("tenant", &mut paths.tenant),
        ("scope", &mut paths.scope),
        ("session", &mut paths.session),
    ] {
        if let Some(configured) = claims.string(name) {
            *path = configured;
        }
    }
    claims.finish();
    paths
}
