use std::ffi::OsString;

use lexopt::prelude::*;

use super::deployment;
use super::environment::Environment;
use super::report::Usage;
use crate::explain::Revoked;

pub(super) const HELP: &str = "\
edgeward: checks and explains a configuration of the gateway

  edgeward check [--env NAME] [--strict] [--allow CODE] [--json] [FILE]
      Lists every error of the configuration with its line, and warns of
      likely mistakes. FILE, which may also be given as --config FILE, is by
      default the one that wrangler reads: wrangler.json, wrangler.jsonc or
      wrangler.toml, the first that exists. Another FILE that ends in .json is
      a document for KV, unless it has a member of a wrangler file: vars,
      main, compatibility_date or env.
        --env NAME        the environment [env.NAME] of the file
        --strict          warnings count as errors
        --allow CODE      leaves out warnings of this code; may be repeated
        --json            for a machine

  edgeward explain [options] METHOD URL
      Says step by step what the gateway does with a request, and why. Nothing
      is fetched: what is not given is assumed, and listed at the end. A URL
      may be a path alone.
        --config FILE     as FILE of `edgeward check`
        --env NAME        the environment [env.NAME] of the file
        --token TOKEN     sent as `Authorization: Bearer TOKEN`; - reads it
                          from standard input
        -H 'NAME: VALUE'  a header of the request; may be repeated
        --jwks FILE       a key set that the issuer publishes; ISSUER=FILE for
                          one issuer's
        --secret NAME=VAR the secret NAME stands in the environment variable
                          VAR
        --answer FILE     the auth server's answer: 200 with the file's body
                          (a JSON object, or a signed answer for signed_by);
                          `no`: it rejects the token; `none`, the default: it
                          gives no answer
        --revoked KIND    as if revoked: token, session, subject, tenant or
                          issuer; KIND=SECONDS for those issued before that
                          time
        --store-down      as if the revocation store did not answer
        --now SECONDS     the time, in seconds since 1970; by default, now
        --json            for a machine

  edgeward audit verify [--hash HASH] FILE ...
      Checks that the events of the audit trail are as they were sealed. The
      files hold pages of /.edgeward/admin/audit and
      /.edgeward/admin/audit/seals, or what `wrangler d1 execute --json`
      prints of the tables audit and audit_seals.
        --hash HASH       a seal must have this hash: that of the last
                          `audit_sealed` in the log output

  edgeward schema [--wrangler]
      Prints the JSON Schema of the table EDGEWARD, or with --wrangler of a
      wrangler.toml with that table in it, for editors.

Exit code: 0 no errors; 1 errors (or, with --strict, warnings); 2 wrong usage.
explain exits 0 whether the request passes or is refused.
";

/// The command that is to be run.
#[derive(Debug)]
pub(super) enum Command {
    Audit(AuditOptions),
    Check(CheckOptions),
    Explain(Box<ExplainOptions>),
    Help,
    Schema { is_for_wrangler: bool },
    Version,
}

#[derive(Debug)]
pub(super) struct AuditOptions {
    pub(super) files: Vec<String>,
    /// The hash of a seal.
    pub(super) hash: Option<String>,
}

#[derive(Debug)]
pub(super) struct CheckOptions {
    pub(super) file: String,
    pub(super) environment: Option<String>,
    pub(super) is_strict: bool,
    /// The codes of warnings that are left out.
    pub(super) allowed: Vec<String>,
    pub(super) is_json: bool,
}

#[derive(Debug, Default)]
pub(super) struct ExplainOptions {
    pub(super) file: String,
    pub(super) environment: Option<String>,
    pub(super) token: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    /// The files of key sets, by the name of their issuer if one is given.
    pub(super) jwks: Vec<(Option<String>, String)>,
    /// The names of secrets, and of the environment variables that hold them.
    pub(super) secrets: Vec<(String, String)>,
    /// `no`, `none` or a file.
    pub(super) answer: Option<String>,
    pub(super) revoked: Vec<Revoked>,
    pub(super) is_store_down: bool,
    pub(super) now: Option<i64>,
    pub(super) is_json: bool,
    pub(super) method: String,
    pub(super) url: String,
}

/// Reads the words behind the program's name.
pub(super) fn parse(
    words: impl IntoIterator<Item = OsString>,
    environment: &impl Environment,
) -> Result<Command, Usage> {
    let mut parser = lexopt::Parser::from_args(words);
    match parser.next()? {
        Some(Short('h') | Long("help")) | None => Ok(Command::Help),
        Some(Short('V') | Long("version")) => Ok(Command::Version),
        Some(Value(command)) => match command.to_str() {
            Some("audit") => audit(parser),
            Some("check") => check(parser, environment),
            Some("explain") => explain(parser, environment),
            Some("schema") => schema(parser),
            Some("help") => Ok(Command::Help),
            _ => Err(Usage("expected audit, check, explain or schema".to_owned())),
        },
        Some(other) => Err(other.unexpected().into()),
    }
}

fn schema(mut parser: lexopt::Parser) -> Result<Command, Usage> {
    let mut is_for_wrangler = false;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("wrangler") => is_for_wrangler = true,
            Short('h') | Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Command::Schema { is_for_wrangler })
}

fn audit(mut parser: lexopt::Parser) -> Result<Command, Usage> {
    let (mut words, mut hash) = (Vec::new(), None);
    while let Some(argument) = parser.next()? {
        match argument {
            Value(word) => words.push(word.string()?),
            Long("hash") => hash = Some(parser.value()?.string()?),
            Short('h') | Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    match words.split_first() {
        Some((word, files)) if word == "verify" && !files.is_empty() => {
            Ok(Command::Audit(AuditOptions { files: files.to_vec(), hash }))
        }
        _ => Err(Usage("expected `audit verify` and at least one file".to_owned())),
    }
}

fn check(mut parser: lexopt::Parser, process: &impl Environment) -> Result<Command, Usage> {
    let (mut file, mut environment, mut is_strict, mut is_json) = (None, None, false, false);
    let mut allowed = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Value(name) if file.is_none() => file = Some(name.string()?),
            Long("config") if file.is_none() => file = Some(parser.value()?.string()?),
            Long("env") => environment = Some(parser.value()?.string()?),
            Long("strict") => is_strict = true,
            Long("allow") => allowed.push(parser.value()?.string()?),
            Long("json") => is_json = true,
            Short('h') | Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    let file = file.unwrap_or_else(|| deployment::usual_file(process));
    Ok(Command::Check(CheckOptions { file, environment, is_strict, allowed, is_json }))
}

fn explain(mut parser: lexopt::Parser, environment: &impl Environment) -> Result<Command, Usage> {
    let mut options = ExplainOptions::default();
    let mut asked = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Value(word) => asked.push(word.string()?),
            Short('h') | Long("help") => return Ok(Command::Help),
            Long("json") => options.is_json = true,
            Long("store-down") => options.is_store_down = true,
            Short('H') => options.headers.push(header(&parser.value()?.string()?)?),
            Long(name) => {
                let name = name.to_owned();
                option(&mut options, &name, &mut parser)?;
            }
            other @ Short(_) => return Err(other.unexpected().into()),
        }
    }
    let Ok([method, url]) = <[String; 2]>::try_from(asked) else {
        return Err(Usage("expected a method and a URL".to_owned()));
    };
    let is_url = |text: &str| text.starts_with('/') || text.contains("://");
    if !is_url(&url) {
        let hint =
            if is_url(&method) { format!(": explain {url} {method}") } else { String::new() };
        let expected = "expected a method, and then a URL or a path that begins with `/`";
        return Err(Usage(format!("{expected}{hint}")));
    }
    let url = if url.starts_with('/') { format!("https://localhost{url}") } else { url };
    let file =
        if options.file.is_empty() { deployment::usual_file(environment) } else { options.file };
    Ok(Command::Explain(Box::new(ExplainOptions { file, method, url, ..options })))
}

fn option(
    options: &mut ExplainOptions,
    name: &str,
    parser: &mut lexopt::Parser,
) -> Result<(), Usage> {
    let known = ["config", "env", "token", "jwks", "secret", "answer", "revoked", "now"];
    if !known.contains(&name) {
        return Err(Long(name).unexpected().into());
    }
    let value = parser.value()?.string()?;
    match name {
        "config" => options.file = value,
        "env" => options.environment = Some(value),
        "token" => options.token = Some(value),
        "jwks" => options.jwks.push(match value.split_once('=') {
            Some((issuer, file)) => (Some(issuer.to_owned()), file.to_owned()),
            None => (None, value),
        }),
        "answer" => options.answer = Some(value),
        "secret" => {
            let named = value.split_once('=');
            let (name, variable) =
                named.ok_or_else(|| Usage("expected --secret NAME=VARIABLE".to_owned()))?;
            options.secrets.push((name.to_owned(), variable.to_owned()));
        }
        "revoked" => {
            let revoked = Revoked::parse(&value);
            let usage = |expected| Usage(format!("--revoked {value}: {expected}"));
            options.revoked.push(revoked.map_err(usage)?);
        }
        _ => options.now = Some(seconds(&value)?),
    }
    Ok(())
}

fn header(text: &str) -> Result<(String, String), Usage> {
    let (name, value) =
        text.split_once(':').ok_or_else(|| Usage("expected -H 'NAME: VALUE'".to_owned()))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn seconds(text: &str) -> Result<i64, Usage> {
    let seconds = text.parse().ok().filter(|seconds| *seconds >= 0);
    seconds.ok_or_else(|| Usage("expected whole seconds since 1970".to_owned()))
}
