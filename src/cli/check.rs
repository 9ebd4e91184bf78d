use std::fmt::Write;

use serde_json::{Value, json};

use super::arguments::CheckOptions;
use super::deployment::{BindingFault, Deployment};
use super::environment::Environment;
use super::render::plain;
use super::report::{Failure, Report};
use crate::config::{self, Config};
use crate::explain::OfflineEnvironment;

/// One line of the report.
struct Entry {
    line: usize,
    path: String,
    code: Option<&'static str>,
    text: String,
}

/// For a machine a file that cannot be read is an error like another.
pub(super) fn run(
    options: &CheckOptions,
    environment: &impl Environment,
) -> Result<Report, Failure> {
    match report(options, environment) {
        Err(Failure::File(fault)) if options.is_json => {
            let (line, path) = (fault.line.unwrap_or(1), String::new());
            let entry = Entry { line, path, code: None, text: fault.problem };
            let text = for_machine(&options.file, false, (&[entry], &[]), (&[], &[]), &[]);
            Ok(Report { text, is_good: false })
        }
        other => other,
    }
}

fn report(options: &CheckOptions, environment: &impl Environment) -> Result<Report, Failure> {
    let deployment = Deployment::read(environment, &options.file, options.environment.as_deref())?;
    let raw = deployment.configuration()?;
    let surroundings = OfflineEnvironment::new(deployment.bound(), Vec::new());
    let (mut is_token_elsewhere, mut notes, mut registry) = (false, Vec::new(), None);
    let (errors, warnings) = match surroundings.check(raw) {
        // Nothing of its own to check: the document has a check of its own.
        Err(_) if config::is_left_to_document(&raw.into()) && deployment.has_store() => {
            Default::default()
        }
        Ok(config) => {
            is_token_elsewhere = config.reads_tokens_outside_authorization();
            notes = notes_on(&config, raw, &surroundings);
            registry = config.uses_registry();
            (Vec::new(), config.warnings(raw))
        }
        Err(errors) => (errors.as_slice().to_vec(), Vec::new()),
    };
    let line = |path: &str| deployment.line(path);
    let errors = errors.into_iter().map(|error| Entry {
        line: line(&error.path),
        path: error.path,
        code: None,
        text: error.problem,
    });
    let warnings = warnings.into_iter().map(|warning| Entry {
        line: line(&warning.path),
        path: warning.path,
        code: Some(warning.code),
        text: warning.message,
    });
    let (cache_error, cache_warning) = cache(&deployment, is_token_elsewhere);
    let assumed = surroundings.assumed();
    let (log_warnings, log_errors) = bindings(&deployment, registry, &assumed);
    let errors = errors.chain(cache_error).chain(log_errors).chain(left_of_template(&deployment));
    let is_told =
        |warning: &Entry| !options.allowed.iter().any(|code| warning.code == Some(code.as_str()));
    let warnings = warnings.chain(cache_warning).chain(log_warnings).filter(is_told);
    let (errors, warnings) = (sorted(errors), sorted(warnings));
    let is_good = errors.is_empty() && (warnings.is_empty() || !options.is_strict);
    let services = surroundings.assumed_services();
    let text = if options.is_json {
        for_machine(&options.file, is_good, (&errors, &warnings), (&assumed, &services), &notes)
    } else {
        let mut text = people(options, &errors, &warnings, &assumed);
        for note in notes {
            let _ = writeln!(text, "    {note}");
        }
        for name in services {
            let _ = writeln!(text, "    service {name} is assumed to be bound in wrangler.toml");
        }
        if config::is_left_to_document(&raw.into()) {
            text.push_str(
                "    the configuration is the document `config` in EDGEWARD_KV: check that, too\n",
            );
        }
        text
    };
    Ok(Report { text, is_good })
}

/// Text of the template beside the table; in it, the configuration's own check finds it.
fn left_of_template(deployment: &Deployment) -> impl Iterator<Item = Entry> {
    deployment.placeholders().into_iter().map(|(line, path, text)| Entry {
        line,
        path,
        code: None,
        text: config::placeholder_problem(&text),
    })
}

/// Facts that the author should know; also that the log is assumed to be bound, where that is assumed.
fn notes_on(config: &Config, raw: &Value, surroundings: &OfflineEnvironment<'_>) -> Vec<String> {
    let mut notes = config.notes();
    if surroundings.assumes_bindings() && config.needs_log(raw) {
        notes.push("EDGEWARD_REVOCATION_LOG is assumed to be bound in wrangler.toml".to_owned());
    }
    notes
}

/// The warnings about the bindings and what stands beside them, and the errors.
fn bindings(
    deployment: &Deployment,
    registry: Option<&str>,
    secrets: &[String],
) -> (Vec<Entry>, Vec<Entry>) {
    let of_registry = registry.filter(|_| deployment.bound().is_some());
    let of_registry = of_registry.map(|path| deployment.registry_faults(path));
    let faults = deployment
        .object_faults()
        .into_iter()
        .chain(deployment.name_faults())
        .chain(deployment.misplaced())
        .chain(deployment.secrets_in_vars(secrets));
    let faults = faults.chain(of_registry.into_iter().flatten());
    let entry = |BindingFault { line, path, code, text }| Entry { line, path, code, text };
    faults.map(entry).partition(|entry| entry.code.is_some())
}

/// Workers Cache answers before the gateway is asked; a request with `Authorization` bypasses it, and
/// no other does.
fn cache(deployment: &Deployment, is_token_elsewhere: bool) -> (Option<Entry>, Option<Entry>) {
    let Some((path, line)) = deployment.workers_cache() else { return (None, None) };
    let entry = |code, text: &str| Entry { line, path, code, text: text.to_owned() };
    if is_token_elsewhere {
        let text = "expected no Workers Cache: it answers before the gateway is asked, and a token in a \
                    cookie, header, query or subprotocol does not bypass it";
        return (Some(entry(None, text)), None);
    }
    let text = "Workers Cache answers before the gateway is asked: what it holds passes no check, unless \
                the request has `Authorization`";
    (None, Some(entry(Some("workers_cache"), text)))
}

fn sorted(entries: impl Iterator<Item = Entry>) -> Vec<Entry> {
    let mut entries: Vec<_> = entries.collect();
    entries.sort_by_key(|entry| entry.line);
    entries
}

/// Errors and warnings, the secrets and services that are assumed to exist, and notes.
fn for_machine(
    file: &str,
    is_good: bool,
    (errors, warnings): (&[Entry], &[Entry]),
    (secrets, services): (&[String], &[String]),
    notes: &[String],
) -> String {
    let report = json!({
        "file": file,
        "ok": is_good,
        "errors": errors.iter().map(machine).collect::<Vec<_>>(),
        "warnings": warnings.iter().map(machine).collect::<Vec<_>>(),
        "assumed_secrets": secrets,
        "assumed_services": services,
        "notes": notes,
    });
    format!("{report:#}\n")
}

fn machine(entry: &Entry) -> Value {
    let mut machine = json!({ "line": entry.line, "path": entry.path, "text": entry.text });
    if let (Some(code), Some(members)) = (entry.code, machine.as_object_mut()) {
        members.insert("code".to_owned(), code.into());
    }
    machine
}

fn people(
    options: &CheckOptions,
    errors: &[Entry],
    warnings: &[Entry],
    assumed: &[String],
) -> String {
    let file = &options.file;
    let mut text = String::new();
    for (word, entries) in [("error", errors), ("warning", warnings)] {
        for Entry { line, path, code, text: problem } in entries {
            let code = code.map(|code| format!(" [{code}]")).unwrap_or_default();
            // A name of a field is anyone's text.
            let (path, problem) = (plain(path), plain(problem));
            let _ = writeln!(text, "{file}:{line}: {word}: {path}{code}\n    {problem}\n");
        }
    }
    let verdict = match (errors.len(), warnings.len()) {
        (0, 0) => "no errors, no warnings".to_owned(),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    };
    let is_refused = options.is_strict && errors.is_empty() && !warnings.is_empty();
    let strict = if is_refused { ": --strict fails on warnings" } else { "" };
    let _ = writeln!(text, "{file}: {verdict}{strict}");
    if !errors.is_empty() {
        text.push_str("    most warnings are looked for when there are no errors\n");
    }
    for name in assumed {
        let _ = writeln!(
            text,
            "    secret {name} is assumed to exist and to be long enough: npx wrangler secret put {name}"
        );
    }
    text
}

fn count(number: usize, word: &str) -> String {
    match number {
        0 => format!("no {word}s"),
        1 => format!("1 {word}"),
        _ => format!("{number} {word}s"),
    }
}
