use std::time::Duration;

use serde_json::Value;

use super::evidence::{Evidence, Found};
use super::utc::utc;
use super::{Check, Stage, issuer_claim, malformed};
use crate::config::Issuer;
use crate::gateway::Rejection;
use crate::json;
use crate::time::NumericDate;
use crate::token::{ClaimCheck, ClaimError, ClaimsPolicy, TokenError, VerifiedToken};

/// Each claim that the issuer's policy judges, all of them even where the first one fails.
pub(super) fn found(findings: &Evidence<'_>, issuer: &Issuer) -> Found {
    let policy = &issuer.policy;
    let summary = failure(findings, issuer)
        .unwrap_or_else(|| format!("in force, leeway {} s included", policy.leeway.as_secs()));
    let Some(caller) = &findings.journal.caller else {
        return (summary, nobody(findings, issuer).into_iter().collect());
    };
    let (token, now) = (caller.token(), findings.journal.now);
    let asked = ClaimCheck::ALL.into_iter().filter(|check| is_asked(*check, policy, token));
    let checks = asked.flat_map(|check| {
        let holds = policy.judge(check, token, now).is_ok();
        if check == ClaimCheck::Issuer {
            return issuer_claim::checks(findings, issuer, token, holds);
        }
        let (what, expected, got) = describe(check, policy, token, now);
        vec![Check::new(what, holds).expected(expected).got(got)]
    });
    (summary, checks.collect())
}

/// Why the claims are refused, where they are.
fn failure(findings: &Evidence<'_>, issuer: &Issuer) -> Option<String> {
    let Some(Rejection::Token(error)) = findings.refusal() else { return None };
    if Stage::of(&Rejection::Token(*error)) != Some(Stage::Claims) {
        return None;
    }
    let caller = findings.journal.caller.as_ref();
    let found = match error {
        TokenError::Claim(ClaimError::Malformed(name)) => malformed::found(findings, issuer, name),
        TokenError::Claim(ClaimError::IssuerMismatch) => {
            caller.and_then(|caller| issuer_claim::disagreement(issuer, caller.token()))
        }
        _ => None,
    };
    Some(found.unwrap_or_else(|| error.to_string()))
}

/// The path at which there is no subject, where that is why there is no caller.
fn nobody(findings: &Evidence<'_>, issuer: &Issuer) -> Option<Check> {
    let missing = Rejection::Token(ClaimError::Missing.into());
    let paths = findings.paths(issuer);
    let check = Check::new("subject", false).expected(&paths.subject).got("none");
    (findings.refusal() == Some(&missing)).then_some(check)
}

/// Whether the check can fail for this token under this policy.
fn is_asked(check: ClaimCheck, policy: &ClaimsPolicy, token: &VerifiedToken) -> bool {
    let is_vouched = token.asked_at().is_some();
    match check {
        ClaimCheck::NotBefore => token.claims().not_before.is_some(),
        ClaimCheck::IssuedAt => token.claims().issued_at.is_some(),
        ClaimCheck::Age => policy.max_age.is_some(),
        ClaimCheck::Life => policy.longest_life.is_some() && (!is_vouched || life(token).is_some()),
        ClaimCheck::Required => !policy.required.is_empty(),
        ClaimCheck::Expiry => !is_vouched || token.claims().expires_at.is_some(),
        ClaimCheck::Audience => !(is_vouched && policy.any_audience),
        ClaimCheck::Issuer | ClaimCheck::Type => true,
    }
}

fn describe(
    check: ClaimCheck,
    policy: &ClaimsPolicy,
    token: &VerifiedToken,
    now: NumericDate,
) -> (&'static str, String, String) {
    let claims = token.claims();
    let after = format!("after {}", utc(now.minus(policy.leeway)));
    let until = format!("until {}", utc(now.plus(policy.leeway)));
    let at = |time: Option<NumericDate>| {
        time.map_or_else(|| "none".to_owned(), |time| format!("{}, {}", utc(time), away(time, now)))
    };
    match check {
        ClaimCheck::Expiry => ("exp", after, at(claims.expires_at)),
        ClaimCheck::NotBefore => ("nbf", until, at(claims.not_before)),
        ClaimCheck::IssuedAt => ("iat", until, at(claims.issued_at)),
        ClaimCheck::Age => {
            let most = policy.max_age.unwrap_or_default();
            ("age", format!("at most {}", span(most)), at(claims.issued_at))
        }
        // Shown with the claim of a template.
        ClaimCheck::Issuer => ("iss", policy.issuer.clone(), String::new()),
        ClaimCheck::Audience => {
            let or_none = if policy.accepts_no_audience { ", or none" } else { "" };
            let instead = policy.audience_claim.as_ref();
            let instead = instead.map(|claim| format!(", or in {claim}")).unwrap_or_default();
            let wanted = policy.audiences.join(" or ");
            let wanted =
                if wanted.is_empty() { "none".to_owned() } else { wanted + &instead + or_none };
            ("aud", wanted, audience(policy, token))
        }
        ClaimCheck::Type => ("type", types(policy), typed(token)),
        ClaimCheck::Life => {
            let most = policy.longest_life.unwrap_or_default();
            let got = life(token).map_or_else(|| "not known".to_owned(), span);
            ("life", format!("`iat` to `exp`, at most {}", span(most)), got)
        }
        ClaimCheck::Required => {
            let missing =
                policy.required.iter().filter(|path| claims.have(&[(*path).clone()]).is_err());
            let missing: Vec<_> = missing.map(String::as_str).collect();
            let got = if missing.is_empty() {
                "all".to_owned()
            } else {
                format!("not {}", missing.join(", "))
            };
            ("required", policy.required.join(", "), got)
        }
    }
}

/// Whom the token names, in `aud` or else in the claim that the issuer has instead.
fn audience(policy: &ClaimsPolicy, token: &VerifiedToken) -> String {
    let named = token.claims().audience.as_slice();
    if !named.is_empty() {
        return named.join(", ");
    }
    let all = || std::iter::once(&token.claims().all).chain(token.own_claims());
    let instead =
        policy.audience_claim.as_ref().filter(|_| !all().any(|claims| claims.contains_key("aud")));
    let said = instead.map(|path| match all().find_map(|claims| json::lookup(claims, path)) {
        Some(Value::String(text)) => format!("none; {path} is {text}"),
        Some(value) => format!("none; {path} is {value}"),
        None => format!("none, and no {path}"),
    });
    said.unwrap_or_else(|| "none".to_owned())
}

/// The time from `iat` to `exp`, where the token has both.
fn life(token: &VerifiedToken) -> Option<Duration> {
    let claims = token.claims();
    Some(claims.expires_at?.since(claims.issued_at?))
}

fn types(policy: &ClaimsPolicy) -> String {
    let (accepted, untyped) = policy.token_types.accepted();
    let or_none = if untyped { ", or none" } else { "" };
    format!("{}{or_none}", accepted.join(", "))
}

fn typed(token: &VerifiedToken) -> String {
    let typ = token.header().and_then(|header| header.typ.as_ref());
    let typ = typ.map(|typ| format!("typ {typ}"));
    let stated = match token.stated_types() {
        Ok(types) => types.into_iter().map(|(claim, stated)| format!("{claim} {stated}")).collect(),
        Err(error) => vec![error.to_string()],
    };
    let said: Vec<_> = typ.into_iter().chain(stated).collect();
    if said.is_empty() { "none".to_owned() } else { said.join(", ") }
}

fn away(time: NumericDate, now: NumericDate) -> String {
    if time > now {
        format!("in {}", span(time.since(now)))
    } else {
        format!("{} ago", span(now.since(time)))
    }
}

/// A duration in its two largest units.
fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [
        ("d", seconds.div_euclid(86_400)),
        ("h", seconds.rem_euclid(86_400).div_euclid(3600)),
        ("min", seconds.rem_euclid(3600).div_euclid(60)),
        ("s", seconds.rem_euclid(60)),
    ];
    let shown =
        units.iter().skip_while(|(_, count)| *count == 0).take(2).filter(|(_, count)| *count > 0);
    let shown: Vec<_> = shown.map(|(unit, count)| format!("{count} {unit}")).collect();
    if shown.is_empty() { "0 s".to_owned() } else { shown.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_shows_its_two_largest_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3661, "1 h 1 min"),
            (90_000, "1 d 1 h"),
            (3600, "1 h"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }
}
