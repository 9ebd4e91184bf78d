use super::shape::{Field, Kind, Shape, field, table, text};
use super::table::Table;
use super::{Environment, address, claims, secrets};
use crate::jose::{Algorithm, JwkSet, VerificationKey};
use crate::limits;

/// Where the keys of an issuer come from.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must serve every source")]
pub enum KeySource {
    /// Fetched from a JWK Set document.
    Jwks {
        /// Its URL.
        url: String,
        /// The service binding to fetch it through, if any.
        service: Option<String>,
    },
    /// Found by `OpenID` Connect Discovery, then fetched.
    Discovery {
        /// The URL of the metadata document.
        url: String,
        /// The service binding to fetch both through, if any.
        service: Option<String>,
    },
    /// Given with the configuration: inline keys or shared secrets.
    Given(JwkSet),
    /// From nowhere: the issuer is asked, and no token of it is verified here.
    Absent,
}

impl KeySource {
    /// Whether both are fetched, and from the same place in the same way.
    #[must_use]
    pub fn is_fetched_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Jwks { url, service }, Self::Jwks { url: u, service: s })
            | (Self::Discovery { url, service }, Self::Discovery { url: u, service: s }) => {
                url == u && service == s
            }
            _ => false,
        }
    }
}

pub(super) const JWKS: Field =
    text("jwks").about("URL of a JWK Set, asked for exactly as it stands.");

pub(super) const DISCOVERY: Field = field("discovery", Kind::TrueOrText).about(
    "OpenID Connect Discovery: true for `<issuer>/.well-known/openid-configuration`, or the URL of the \
     metadata.",
);

pub(super) const KEYS: Field =
    field("keys", Kind::KeySet).about("A JWK Set, in place. Every key must be usable.");

pub(super) const SECRETS: Field = field("secrets", Kind::Texts(&secrets::NAME)).about(
    "Names of Worker secrets for HS256, HS384 and HS512. Every one is tried, so a new secret goes in \
     front of the old one.",
);

pub(super) static FALLBACK: Shape = Shape {
    name: "fallback",
    about: "Keys that verify an issuer's tokens while its auth server gives no answer.",
    exactly_one: &["jwks", "discovery", "keys", "secrets"],
    sets_beside: ("", &[]),
    fields: &[
        JWKS,
        DISCOVERY,
        KEYS,
        SECRETS,
        SERVICE,
        table("claims", &claims::FALLBACK)
            .about("Which claim of a token means what, where it is not that of the answers."),
    ],
};

/// Without secrets: whoever can verify by one can sign by it.
pub(super) static SIGNED_BY: Shape = Shape {
    name: "signed_by",
    about: "Keys that verify an auth server's answers, and never tokens.",
    exactly_one: &["jwks", "discovery", "keys"],
    sets_beside: ("", &[]),
    fields: &[JWKS, DISCOVERY, KEYS, SERVICE],
};

const SERVICE: Field = text("service")
    .beside(&["jwks", "discovery"])
    .about("A service binding to fetch through, whatever the URL's host is.");

/// Reads one of them.
pub(super) fn read(
    table: &Table<'_>,
    way: &str,
    issuer: Option<&str>,
    algorithms: &[Algorithm],
    environment: &Environment<'_>,
) -> Option<KeySource> {
    match way {
        "jwks" => jwks(table, environment),
        "discovery" => discovery(table, issuer, environment),
        "keys" => set(table, "keys").map(KeySource::Given),
        _ => by_secrets(table, algorithms, environment),
    }
}

/// A published key must never serve as a shared secret, nor the other way round: that is the
/// confusion of CVE-2016-10555 and its kin, settled here before any token arrives.
pub(super) fn check_symmetry(table: &Table<'_>, algorithms: &[Algorithm], has_secrets: bool) {
    if algorithms.iter().any(|algorithm| algorithm.is_symmetric() != has_secrets) {
        let problem = if has_secrets {
            "expected HS256, HS384 or HS512 with `secrets`"
        } else {
            "expected no HS algorithm without `secrets`: HS256, HS384 and HS512 need `secrets`"
        };
        table.error("algorithms", problem);
    }
}

fn jwks(table: &Table<'_>, environment: &Environment<'_>) -> Option<KeySource> {
    let service = service(table, environment);
    let url = table.string("jwks")?;
    match address::document_url(&url) {
        Ok(url) => Some(KeySource::Jwks { url, service }),
        Err(problem) => {
            table.error("jwks", problem);
            None
        }
    }
}

fn discovery(
    table: &Table<'_>,
    issuer: Option<&str>,
    environment: &Environment<'_>,
) -> Option<KeySource> {
    let service = service(table, environment);
    if let Some(url) = table.text("discovery") {
        return match address::document_url(url) {
            Ok(url) => Some(KeySource::Discovery { url, service }),
            Err(problem) => {
                table.error("discovery", problem);
                None
            }
        };
    }
    if table.value("discovery")?.as_bool() != Some(true) {
        return None;
    }
    match address::url(issuer?) {
        // OpenID Connect Discovery 1.0 §4: a terminating slash is removed first.
        Ok(base) => Some(KeySource::Discovery {
            url: format!("{base}/.well-known/openid-configuration"),
            service,
        }),
        Err(problem) => {
            table.error("discovery", format!("needs an issuer that is a URL: {problem}"));
            None
        }
    }
}

pub(super) fn service(table: &Table<'_>, environment: &Environment<'_>) -> Option<String> {
    let service = table.string("service")?;
    if !(environment.has_service)(&service) {
        table.error("service", format!("no service binding `{service}`"));
    }
    Some(service)
}

/// Public keys that stand in the configuration: every one must be usable.
pub(super) fn set(table: &Table<'_>, name: &'static str) -> Option<JwkSet> {
    let set = match JwkSet::from_json(&table.value(name)?.clone().into()) {
        Ok(set) => set,
        Err(problem) => {
            table.error(name, problem.to_string());
            return None;
        }
    };
    for problem in set.unusable() {
        table.error(name, format!("unusable key: {problem}"));
    }
    if set.usable() == 0 {
        table.error(name, "expected at least one usable key");
    }
    Some(set)
}

fn by_secrets(
    table: &Table<'_>,
    algorithms: &[Algorithm],
    environment: &Environment<'_>,
) -> Option<KeySource> {
    let mut keys = Vec::new();
    let names = table.strings("secrets")?;
    for (index, name) in names.iter().enumerate() {
        let place = format!("secrets[{index}]");
        let Some(secret) = secrets::read(table, &place, name, environment) else {
            continue;
        };
        let longest =
            algorithms.iter().map(|algorithm| algorithm.hash().bytes()).max().unwrap_or(32);
        if secret.len() < longest {
            // The length of a secret that is too short to be used gives nothing away.
            let problem = format!("expected at least {longest} bytes, got {}", secret.len());
            table.error(&place, secrets::about(name, problem));
            continue;
        }
        match VerificationKey::from_secret(secret.into_bytes()) {
            Ok(key) => keys.push(key),
            Err(problem) => table.error(&place, problem.to_string()),
        }
    }
    // Those behind would be tried by nobody, and their tokens refused.
    if names.len() > limits::KEYS_TRIED {
        let most = limits::KEYS_TRIED;
        table.error("secrets", format!("expected at most {most} secrets, got {}", names.len()));
    }
    (keys.len() == names.len()).then(|| KeySource::Given(JwkSet::from_keys(keys)))
}
