use std::io::Read;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use edgeward::explain::{self, Explanation, Inquiry, Request, ShownToken};
use edgeward::gateway::{Gateway, KeyUpdate};
use edgeward::jose::{self, JwkSet, SignatureCheck};
use edgeward::revocation::{Cutoff, RevocationAnswer, RevocationName};
use edgeward::time::NumericDate;
use serde_json::json;

use crate::arguments::ExplainOptions;
use crate::deployment::Deployment;
use crate::surroundings::Surroundings;
use crate::{Failure, Report, answer, paint};

pub(crate) fn run(options: &ExplainOptions) -> Result<Report, Failure> {
    let deployment = Deployment::read(&options.file, options.environment.as_deref())?;
    let surroundings = Surroundings::new(&deployment, secrets(options)?);
    let config = surroundings.check(deployment.configuration()?).map_err(|errors| {
        Failure::Told(format!("{}: the configuration has errors\n{errors}", options.file))
    })?;
    let now = options.now.map_or_else(clock, NumericDate::from_seconds);
    let gateway = Gateway::new(config);
    let (explanation, mut assumed) = drive(&gateway, options, request(options)?, now)?;
    let unknown = surroundings.assumed();
    let is_by_secret = |token: &ShownToken| token.algorithm.starts_with("HS");
    if explanation.token.as_ref().is_some_and(is_by_secret) && !unknown.is_empty() {
        let names = unknown.join(", ");
        assumed.push(format!(
            "the text of the secret {names} is not known here, so no signature under it verifies: \
             --secret NAME=VARIABLE"
        ));
    }
    let text = if options.is_json {
        let told = json!({ "explanation": explanation, "assumed": assumed });
        format!("{told:#}\n")
    } else {
        paint::explanation(&explanation, &assumed)
    };
    Ok(Report { text, is_good: true })
}

/// Answers what is needed from what was given, and says what was assumed.
fn drive(
    gateway: &Gateway,
    options: &ExplainOptions,
    request: Request,
    now: NumericDate,
) -> Result<(Explanation, Vec<String>), Failure> {
    let mut assumed = Vec::new();
    let mut inquiry = explain::begin(gateway, request, now);
    loop {
        inquiry = match inquiry {
            Inquiry::Done(explanation) => return Ok((*explanation, assumed)),
            Inquiry::NeedKeys(need) => {
                if !publish(gateway, options, need.issuer(), now)? {
                    let name = issuer_name(gateway, need.issuer());
                    assumed.push(format!(
                        "issuer `{name}` cannot be reached, because nothing is fetched here: --jwks FILE"
                    ));
                }
                need.resume(gateway)
            }
            Inquiry::NeedSignature(need) => {
                let holds = verify(need.signature());
                need.resume(gateway, holds)
            }
            Inquiry::NeedRemoteClaims(need) => {
                assumed.extend(answer::assumption(options.answer.as_deref()));
                let failure = answer::settle(gateway, options, need.question(), now)?;
                need.resume(gateway, failure)
            }
            Inquiry::NeedRevocation(need) => {
                assumed.push(assumption(options));
                let entries = entries(options, need.names(), now);
                need.resume(gateway, entries)
            }
        };
    }
}

fn issuer_name(gateway: &Gateway, issuer: usize) -> &str {
    gateway.config().issuers.get(issuer).map_or("", |issuer| &issuer.name)
}

/// Hands the given keys of an issuer to the gateway, if there are any.
pub(crate) fn publish(
    gateway: &Gateway,
    options: &ExplainOptions,
    issuer: usize,
    now: NumericDate,
) -> Result<bool, Failure> {
    let name = issuer_name(gateway, issuer);
    let is_its = |own: &Option<String>| own.as_deref().is_none_or(|own| own == name);
    let Some((_, file)) = options.jwks.iter().find(|(own, _)| is_its(own)) else {
        gateway.keys().fail(issuer, now);
        return Ok(false);
    };
    let text = std::fs::read(file).map_err(|error| Failure::Told(format!("{file}: {error}")))?;
    let set = JwkSet::parse(&text).map_err(|error| Failure::Told(format!("{file}: {error}")))?;
    let fresh_for = Duration::from_secs(600);
    let update = KeyUpdate { set, text_hash: [0; 32], fetched_at: now, fresh_for };
    gateway.keys().install(issuer, update);
    Ok(true)
}

pub(crate) fn verify(check: &SignatureCheck) -> bool {
    let message = check.signing_input().as_bytes();
    jose::verify(check.algorithm(), check.key(), message, check.signature())
}

fn entries(
    options: &ExplainOptions,
    names: &[RevocationName],
    now: NumericDate,
) -> RevocationAnswer {
    if options.is_store_down {
        return RevocationAnswer::Unavailable;
    }
    let entry = |name: &RevocationName| {
        // A token without `jti` is a token all the same.
        let word = if name.kind().word() == "input" { "token" } else { name.kind().word() };
        let (_, before) = options.revoked.iter().find(|(kind, _)| kind == word)?;
        if !name.kind().is_cutoff() {
            return Some("{}".to_owned());
        }
        let before = before.unwrap_or_else(|| now.seconds().saturating_add(1));
        serde_json::to_string(&Cutoff { before }).ok()
    };
    RevocationAnswer::Entries(names.iter().map(entry).collect())
}

fn assumption(options: &ExplainOptions) -> String {
    let kinds: Vec<_> = options.revoked.iter().map(|(kind, _)| kind.as_str()).collect();
    match kinds.as_slice() {
        _ if options.is_store_down => "the revocation store does not answer".to_owned(),
        [] => "nothing is revoked: --revoked KIND".to_owned(),
        kinds => format!("revoked by {}, and by nothing else", kinds.join(", ")),
    }
}

fn request(options: &ExplainOptions) -> Result<Request, Failure> {
    let mut headers = options.headers.clone();
    if let Some(token) = &options.token {
        let token = if token == "-" { standard_input()? } else { token.clone() };
        headers.push(("authorization".to_owned(), format!("Bearer {}", token.trim())));
    }
    Ok(Request { method: options.method.clone(), url: options.url.clone(), headers })
}

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    // No token is longer than this; nothing endless is read.
    let mut input = std::io::stdin().lock().take(64 * 1024);
    input
        .read_to_string(&mut text)
        .map_err(|error| Failure::Told(format!("standard input: {error}")))?;
    Ok(text)
}

fn secrets(options: &ExplainOptions) -> Result<Vec<(String, String)>, Failure> {
    let read = |(name, variable): &(String, String)| {
        // What stands there may be the secret: neither is repeated.
        let secret = std::env::var(variable).map_err(|_| {
            Failure::Told("--secret NAME=VARIABLE: expected a variable that is set".to_owned())
        })?;
        Ok((name.clone(), secret))
    };
    options.secrets.iter().map(read).collect()
}

#[expect(clippy::disallowed_methods, reason = "the command line's one look at the clock")]
fn clock() -> NumericDate {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    NumericDate::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
