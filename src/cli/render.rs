//! An explanation as text for people: aligned, without colours.

use std::fmt::Write;

use serde_json::Value;

use crate::explain::{Check, Explanation, Finding, Header, Outcome, ShownToken};

/// Text of others, made harmless for a terminal: a token's `kid` must not draw lines of its own, nor
/// turn the rest around.
pub(super) fn plain(text: &str) -> String {
    let turns = |c| matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let show = |c: char| {
        if c.is_control() || turns(c) { c.escape_unicode().to_string() } else { c.to_string() }
    };
    text.chars().map(show).collect()
}

/// Columns of the word for a step.
const STEP: usize = 12;

pub(super) fn explanation(explanation: &Explanation, assumed: &[String]) -> String {
    let Explanation { method, url, at, .. } = explanation;
    let mut text = format!("{} {}, at {at}\n\n", plain(method), plain(url));
    for finding in &explanation.findings {
        push_finding(&mut text, finding);
    }
    if let Some(token) = &explanation.token {
        push_token(&mut text, token);
    }
    text.push('\n');
    if let Some(path) = &explanation.renewal {
        let _ = writeln!(
            text,
            "RENEWED first, by the refresh token in its cookie: {path}. Without a new access token:\n"
        );
    }
    push_outcome(&mut text, &explanation.outcome);
    if !assumed.is_empty() {
        text.push_str("\nassumed\n");
    }
    for assumption in assumed {
        let _ = writeln!(text, "  {assumption}");
    }
    text
}

fn push_finding(text: &mut String, finding: &Finding) {
    let mark = if finding.holds { "ok  " } else { "STOP" };
    let code = finding.code.map(|code| format!("{code}: ")).unwrap_or_default();
    let _ =
        writeln!(text, "{mark} {:STEP$} {code}{}", finding.stage.as_str(), plain(&finding.summary));
    push_checks(text, &finding.checks);
}

fn push_checks(text: &mut String, checks: &[Check]) {
    let what = |check: &Check| format!("{}{}", "  ".repeat(check.depth), plain(&check.what));
    let got = |check: &Check| plain(check.got.as_deref().unwrap_or_default());
    let width = |cell: &dyn Fn(&Check) -> String| {
        checks.iter().map(|check| cell(check).chars().count()).max().unwrap_or(0)
    };
    let (what_width, got_width) = (width(&what), width(&got));
    for check in checks {
        let mark = match check.holds {
            Some(true) => "ok",
            Some(false) => "no",
            None => "-",
        };
        let expected = match (&check.expected, check.holds) {
            (None, _) => String::new(),
            (Some(expected), None) => plain(expected),
            (Some(expected), Some(_)) => format!("expected {}", plain(expected)),
        };
        let line = format!("{:what_width$}  {:got_width$}  {expected}", what(check), got(check));
        let _ = writeln!(text, "     {:STEP$} {mark:2} {}", "", line.trim_end());
    }
}

fn push_token(text: &mut String, token: &ShownToken) {
    let vouched = if token.is_verified { "verified" } else { "not verified" };
    let _ = writeln!(text, "\nthe token that you gave says ({vouched})");
    let claims = token.claims.as_object().into_iter().flatten();
    let width = claims.clone().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, value) in claims {
        let _ = writeln!(text, "  {:width$}  {}", plain(name), plain(&value.to_string()));
    }
}

fn push_outcome(text: &mut String, outcome: &Outcome) {
    match outcome {
        Outcome::Forward { origin, address, url, headers, removed } => {
            let _ = writeln!(text, "PASSES to `{origin}` ({address})\n  {}", plain(url));
            push_headers(text, headers.iter().filter(|header| header.is_set), "set");
            push_headers(text, headers.iter().filter(|header| !header.is_set), "kept");
            for one in removed {
                let _ = writeln!(text, "  removed  {}: {}", plain(&one.name), one.reason);
            }
        }
        Outcome::Refuse { status, code, headers, body } => {
            let seen = body.get("code").and_then(Value::as_str);
            let seen = seen.map(|seen| format!(" {seen}")).unwrap_or_default();
            let logged = if seen.trim_start() == *code {
                String::new()
            } else {
                format!("; the log says {code}")
            };
            let _ = writeln!(text, "REFUSED with {status}{seen}{logged}");
            push_headers(text, headers.iter(), "header");
            let _ = writeln!(text, "  body     {body}");
        }
        Outcome::Serve { resource, status } => {
            let status = status.map(|status| format!(" with {status}")).unwrap_or_default();
            let _ = writeln!(text, "ANSWERED by the gateway itself{status}: /.edgeward/{resource}");
        }
    }
}

fn push_headers<'a>(text: &mut String, headers: impl Iterator<Item = &'a Header>, word: &str) {
    for header in headers {
        let _ = writeln!(text, "  {word:8} {}: {}", plain(&header.name), plain(&header.value));
    }
}
