use serde_json::json;

use super::arguments::ExplainOptions;
use super::deployment::Deployment;
use super::environment::Environment;
use super::render;
use super::report::{Failure, Report, Usage};
use crate::config::Config;
use crate::explain::{
    self, Assumption, Explanation, FixtureAnswer, Fixtures, OfflineEnvironment, OfflineExplain,
    Request, usual_name,
};
use crate::gateway::Gateway;
use crate::jose::JwkSet;
use crate::time::NumericDate;

pub(super) async fn run(
    options: &ExplainOptions,
    environment: &impl Environment,
) -> Result<Report, Failure> {
    let deployment = Deployment::read(environment, &options.file, options.environment.as_deref())?;
    let surroundings = OfflineEnvironment::new(deployment.bound(), secrets(options, environment)?);
    let config = surroundings.check(deployment.configuration()?).map_err(|errors| {
        Failure::Told(format!("{}: the configuration has errors\n{errors}", options.file))
    })?;
    check_names(options, &config, &surroundings)?;
    let now = options.now.map_or_else(|| environment.now(), NumericDate::from_seconds);
    let gateway = Gateway::new(config);
    let (request, fixtures) = (request(options, environment)?, fixtures(options, environment)?);
    let rehearsal = explain::rehearse(&gateway, request, fixtures, now);
    let (mut explanation, mut assumed) = drive(&gateway, rehearsal, environment).await;
    assumed.extend(surroundings.assumption(&mut explanation));
    let assumed: Vec<_> = assumed.iter().map(told).collect();
    let text = if options.is_json {
        let told = json!({ "explanation": explanation, "assumed": assumed });
        format!("{told:#}\n")
    } else {
        render::explanation(&explanation, &assumed)
    };
    Ok(Report { text, is_good: true })
}

/// Drives an explanation to its end.
async fn drive(
    gateway: &Gateway,
    mut rehearsal: OfflineExplain,
    environment: &impl Environment,
) -> (Explanation, Vec<Assumption>) {
    loop {
        rehearsal = match rehearsal {
            OfflineExplain::Done(explanation, assumed) => return (*explanation, assumed),
            OfflineExplain::NeedSignature(need) => {
                let holds = environment.verify(need.signature()).await;
                need.resume(gateway, holds)
            }
        };
    }
}

/// The text of an assumption, with the option that would replace it, if there is one.
fn told(assumption: &Assumption) -> String {
    let remedy = match assumption {
        Assumption::IssuerUnreachable(_) => ": --jwks FILE",
        Assumption::AnswerUntold => ": --answer FILE",
        Assumption::NothingRevoked => ": --revoked KIND",
        Assumption::SecretsUnknown(_) => ": --secret NAME=VARIABLE",
        Assumption::AnswerSilence
        | Assumption::AnswerNo
        | Assumption::Revoked(_)
        | Assumption::StoreDown => "",
    };
    format!("{assumption}{remedy}")
}

fn fixtures(options: &ExplainOptions, environment: &impl Environment) -> Result<Fixtures, Failure> {
    let read = |file: &String| {
        environment.read(file).map_err(|error| Failure::Told(format!("{file}: {error}")))
    };
    let key_set = |file: &String| {
        let text = read(file)?;
        let parsed = JwkSet::parse(text.strip_prefix('\u{feff}').unwrap_or(&text).as_bytes());
        let set = parsed.map_err(|error| Failure::Told(format!("{file}: {error}")))?;
        // The gateway would keep the keys that it has.
        if set.usable() == 0 {
            let reasons: Vec<_> = set.unusable().iter().map(ToString::to_string).collect();
            let reasons = reasons.join("; ");
            return Err(Failure::Told(format!("{file}: expected a usable key: {reasons}")));
        }
        Ok(set)
    };
    let keys = options.jwks.iter().map(|(issuer, file)| Ok((issuer.clone(), key_set(file)?)));
    let answer = match &options.answer {
        None => FixtureAnswer::Untold,
        Some(word) if word == "none" => FixtureAnswer::Silence,
        Some(word) if word == "no" => FixtureAnswer::No,
        Some(file) => FixtureAnswer::Body(read(file)?),
    };
    Ok(Fixtures {
        keys: keys.collect::<Result<_, Failure>>()?,
        answer,
        revoked: options.revoked.clone(),
        is_store_down: options.is_store_down,
    })
}

fn request(options: &ExplainOptions, environment: &impl Environment) -> Result<Request, Failure> {
    let mut headers = options.headers.clone();
    if let Some(token) = &options.token {
        let token = if token == "-" { standard_input(environment)? } else { token.clone() };
        let token = token.trim();
        if token.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')) {
            let problem = "--token: expected the token alone, without `Bearer` and without quotes";
            return Err(Failure::Usage(Usage(problem.to_owned())));
        }
        headers.push(("authorization".to_owned(), format!("Bearer {token}")));
    }
    Ok(Request { method: options.method.clone(), url: options.url.clone(), headers })
}

fn standard_input(environment: &impl Environment) -> Result<String, Failure> {
    let text = environment.standard_input();
    text.map_err(|error| Failure::Told(format!("standard input: {error}")))
}

/// Refuses an option for an issuer or a secret that the configuration does not name: it would have
/// no effect and seem to have one.
fn check_names(
    options: &ExplainOptions,
    config: &Config,
    surroundings: &OfflineEnvironment<'_>,
) -> Result<(), Failure> {
    let issuers: Vec<_> = config.issuers.iter().map(|issuer| issuer.name.as_str()).collect();
    let mut given = options.jwks.iter().filter_map(|(issuer, _)| issuer.as_deref());
    if let Some(name) = given.find(|name| !issuers.contains(name)) {
        let known = listed("issuer", issuers.into_iter());
        return Err(Failure::Told(format!("--jwks {name}=…: no issuer `{name}`; {known}")));
    }
    let secrets = surroundings.secrets();
    let mut given = options.secrets.iter().map(|(name, _)| name);
    if let Some(name) = given.find(|name| !secrets.contains(name)) {
        let (name, known) = (usual_name(name), secrets.iter().map(|name| usual_name(name)));
        let known = listed("secret", known);
        return Err(Failure::Told(format!("--secret {name}=…: no secret `{name}`; {known}")));
    }
    Ok(())
}

fn listed<'n>(kind: &str, names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        format!("the configuration names no {kind}")
    } else {
        format!("the configuration names {}", names.join(", "))
    }
}

fn secrets(
    options: &ExplainOptions,
    environment: &impl Environment,
) -> Result<Vec<(String, String)>, Failure> {
    let read = |(name, variable): &(String, String)| {
        // What stands there may be the secret: it is repeated only where it looks like a name.
        let (shown, place) = (usual_name(variable), usual_name(name));
        let secret = environment.variable(variable).ok_or_else(|| {
            let problem = if shown == variable {
                format!("expected the environment variable {shown} to be set")
            } else {
                "expected the name of an environment variable that is set".to_owned()
            };
            Failure::Told(format!("--secret {place}={shown}: {problem}"))
        })?;
        Ok((name.clone(), secret))
    };
    options.secrets.iter().map(read).collect()
}
