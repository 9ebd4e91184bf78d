//! The options of a verifier: the fields of an issuer of the configuration, with its keys beside
//! them.

use serde_json::{Map, Value, json};

use super::explain_options::Faults;
use super::fault::Fault;
use crate::config::{Config, ConfigError, Environment};
use crate::jose::JwkSet;
use crate::time::NumericDate;

/// The parsed options of a verifier.
#[derive(Debug)]
pub(super) struct Options {
    /// A configuration with one issuer.
    pub(super) config: Config,
    /// The time to judge by; `None` means the current time.
    pub(super) now: Option<NumericDate>,
}

/// Fields of an issuer in the configuration, under the same names.
const OF_ISSUER: [&str; 6] =
    ["issuer", "audiences", "algorithms", "claims", "max_age_seconds", "required_claims"];
const KEY_SOURCES: [&str; 4] = ["jwks", "jwks_url", "keys", "secrets"];
const OTHERS: [&str; 3] = ["typ", "leeway_seconds", "now_seconds"];

impl Options {
    /// Reads the options as the only issuer of a configuration, by its rules, so that nothing is
    /// more lenient here than there.
    pub(super) fn read(options: &Value) -> Result<Self, Fault> {
        let none = Map::new();
        let members = options.as_object().unwrap_or(&none);
        let mut faults = Faults::default();
        let known: Vec<_> = [&OF_ISSUER[..], &KEY_SOURCES, &OTHERS].concat();
        faults.unknown(members, &known);
        let now = now(members, &mut faults);
        let verify = verify(members, &mut faults);
        let mut issuer: Map<_, _> = members
            .iter()
            .filter(|(name, _)| OF_ISSUER.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        issuer.insert("name".to_owned(), "issuer".into());
        issuer.insert("verify".to_owned(), verify);
        if let Some(typ) = members.get("typ") {
            let is_one = typ.is_string();
            issuer
                .insert("token_types".to_owned(), if is_one { json!([typ]) } else { typ.clone() });
        }
        let config = check(&issuer, members, &mut faults);
        match config {
            Some(config) if faults.0.is_empty() => Ok(Self { config, now }),
            _ => Err(Fault::of_options(faults.0)),
        }
    }
}

fn now(members: &Map<String, Value>, faults: &mut Faults) -> Option<NumericDate> {
    let given = members.get("now_seconds")?;
    let now = given.as_number().and_then(NumericDate::from_json);
    if now.is_none() {
        faults.add("now_seconds", "expected seconds since 1970");
    }
    now
}

/// The `verify` that the configuration needs for these options.
fn verify(members: &Map<String, Value>, faults: &mut Faults) -> Value {
    let given: Vec<_> =
        KEY_SOURCES.into_iter().filter_map(|name| Some((name, members.get(name)?))).collect();
    match given.as_slice() {
        [("jwks", set)] => usable(set, faults),
        [("jwks_url", url)] => json!({ "jwks": url }),
        [("keys", set)] => json!({ "keys": set }),
        [(_, secrets)] => {
            // Named by their places; their texts are handed over when they are asked for.
            let texts = secrets.as_array().filter(|all| all.iter().all(Value::is_string));
            let Some(texts) = texts.filter(|texts| !texts.is_empty()) else {
                faults.add("secrets", "expected a list of texts with at least one entry");
                return Value::Null;
            };
            let names: Vec<_> = (0..texts.len()).map(|index| index.to_string()).collect();
            json!({ "secrets": names })
        }
        _ => {
            faults.add("", "expected exactly one of `jwks`, `jwks_url`, `keys`, `secrets`");
            Value::Null
        }
    }
}

/// `keys` with the usable keys of a published set. Keys that an issuer publishes for other
/// purposes, such as encryption, are no fault of the options.
fn usable(set: &Value, faults: &mut Faults) -> Value {
    if let Err(problem) = JwkSet::from_json(set) {
        faults.add("jwks", &problem.to_string());
        return Value::Null;
    }
    let keys = set.get("keys").and_then(Value::as_array).into_iter().flatten();
    let alone = |key: &&Value| JwkSet::from_json(&json!({ "keys": [key] }));
    let is_usable = |key: &&Value| alone(key).is_ok_and(|set| set.usable() == 1);
    json!({ "keys": { "keys": keys.filter(is_usable).collect::<Vec<_>>() } })
}

fn check(
    issuer: &Map<String, Value>,
    members: &Map<String, Value>,
    faults: &mut Faults,
) -> Option<Config> {
    let secrets = members.get("secrets").and_then(Value::as_array);
    let secret = |name: &str| {
        let text = secrets?.get(name.parse::<usize>().ok()?)?.as_str()?;
        Some(text.to_owned())
    };
    let environment = Environment {
        secret: &secret,
        has_service: &|_| false,
        limiter: &|_| None,
        has_store: false,
        has_log: false,
        has_sessions: false,
        has_database: false,
        has_metrics: false,
        is_edge: true,
    };
    // Nothing is forwarded: the gateway is only asked who the caller is.
    let mut config = json!({
        "origins": [{ "name": "none", "url": "https://origin.invalid" }],
        "issuers": [issuer],
        "routes": [{ "path": "/", "methods": ["GET"], "access": "public" }],
    });
    if let (Some(leeway), Some(config)) = (members.get("leeway_seconds"), config.as_object_mut()) {
        config.insert("leeway_seconds".to_owned(), leeway.clone());
    }
    match Config::check(&(&config).into(), &environment) {
        Ok(config) => Some(config),
        Err(errors) => {
            // What is wrong with the source of keys was said already.
            let said = |error: &&ConfigError| error.path == "issuers[0].verify";
            let told = errors.as_slice().iter().filter(|error| !said(error));
            told.for_each(|error| faults.add(&place(&error.path, members), &error.problem));
            None
        }
    }
}

/// The place in the options that corresponds to a place in the configuration.
fn place(path: &str, members: &Map<String, Value>) -> String {
    let path = path.strip_prefix("issuers[0].").unwrap_or(path);
    if let Some(types) = path.strip_prefix("token_types") {
        let is_one = members.get("typ").is_some_and(Value::is_string);
        return if is_one { "typ".to_owned() } else { format!("typ{types}") };
    }
    match path.strip_prefix("verify.") {
        Some("jwks") => "jwks_url".to_owned(),
        Some("keys") if members.contains_key("jwks") => "jwks".to_owned(),
        Some(own) => own.to_owned(),
        None => path.to_owned(),
    }
}
