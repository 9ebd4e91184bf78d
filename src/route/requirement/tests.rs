//! One table for each kind of requirement; then laws that hold for all of them.

use serde_json::json;

use super::Truth::{Fails, Holds, Unknown};
use super::*;
use crate::route::ComparedSegments;
use crate::time::NumericDate;
use crate::token::{ClaimPaths, Claims, Identity};

mod claims;
mod laws;
mod stepping_up;

const NOW_SECONDS: i64 = 1_767_225_600;
const LEEWAY: Duration = Duration::from_secs(30);

/// Calls `then` with the facts of a token of issuer `main` with these claims, by the default
/// mapping.
#[track_caller]
fn with_facts<T>(text: &str, then: impl FnOnce(&Facts<'_>) -> T) -> T {
    let all = json::parse_object(text.as_bytes()).expect(text);
    let claims = Claims::from_object(all).expect("typed");
    let identity = Identity::read(&claims, &ClaimPaths::default()).expect("readable");
    then(&Facts {
        claims: &claims,
        identity: &identity,
        issuer: "main",
        segments: ComparedSegments::NONE,
        now: NumericDate::from_seconds(NOW_SECONDS),
        leeway: LEEWAY,
    })
}

/// Judges `requirement`, and its negation, by the claims of each line.
#[track_caller]
fn table(requirement: &Requirement, lines: &[(&str, Truth)]) {
    let negated = Requirement::Not(Box::new(requirement.clone()));
    for (text, truth) in lines {
        with_facts(text, |facts| {
            assert_eq!(requirement.judge(facts), *truth, "{requirement}: {text}");
            assert_eq!(requirement.holds(facts), *truth == Holds, "{requirement}: {text}");
            assert_eq!(negated.holds(facts), *truth == Fails, "not {requirement}: {text}");
        });
    }
}

fn role(name: &str) -> Requirement {
    Requirement::Role(name.to_owned())
}

fn claim(path: &str, test: ClaimTest) -> Requirement {
    Requirement::Claim { path: path.to_owned(), test }
}

fn range(min: Option<&str>, max: Option<&str>) -> ClaimTest {
    let number = |text: &str| serde_json::from_str(text).expect(text);
    ClaimTest::Range { min: min.map(number), max: max.map(number) }
}

#[test]
fn a_role_is_compared_to_the_letter_and_lacked_only_when_roles_were_read() {
    table(
        &role("admin"),
        &[
            (r#"{"roles":["user","admin"]}"#, Holds),
            (r#"{"roles":"admin"}"#, Holds),
            (r#"{"roles":"user admin"}"#, Fails),
            (r#"{"roles":"Not an admin"}"#, Fails),
            (r#"{"roles":["Admin","admin ","user,admin","administrator"]}"#, Fails),
            (r#"{"roles":["user admin"]}"#, Fails),
            (r#"{"roles":[]}"#, Fails),
            (r#"{"roles":""}"#, Fails),
            (r#"{"roles":null}"#, Unknown),
            (r#"{"role":"admin"}"#, Unknown),
            ("{}", Unknown),
        ],
    );
}

#[test]
fn a_scope_is_one_of_the_words() {
    table(
        &Requirement::Scope("users:write".to_owned()),
        &[
            (r#"{"scope":"users:read users:write"}"#, Holds),
            (r#"{"scope":["users:write"]}"#, Holds),
            (r#"{"scope":"users:writer users"}"#, Fails),
            (r#"{"scope":""}"#, Fails),
            (r#"{"scope":null}"#, Unknown),
            (r#"{"scp":"users:write"}"#, Unknown),
        ],
    );
}

#[test]
fn an_issuer_is_the_one_of_this_name() {
    table(&Requirement::Issuer("main".to_owned()), &[("{}", Holds)]);
    for other in ["partner", "Main", "mai", ""] {
        table(&Requirement::Issuer(other.to_owned()), &[(r#"{"iss":"partner"}"#, Fails)]);
    }
}

#[test]
fn a_tenant_is_compared_as_text() {
    table(
        &Requirement::Tenant("7".to_owned()),
        &[
            (r#"{"tenant":"7"}"#, Holds),
            (r#"{"tenant":7}"#, Holds),
            (r#"{"tenant":"77"}"#, Fails),
            (r#"{"tenant":""}"#, Unknown),
            (r#"{"tenant":null}"#, Unknown),
            ("{}", Unknown),
        ],
    );
}

#[test]
fn an_acr_is_one_text_of_the_listed_ones() {
    let accepted = ["urn:example:mfa", "phr"].map(str::to_owned).to_vec();
    table(
        &Requirement::Acr(accepted),
        &[
            (r#"{"acr":"phr"}"#, Holds),
            (r#"{"acr":"urn:example:mfa"}"#, Holds),
            (r#"{"acr":"phrh"}"#, Fails),
            (r#"{"acr":""}"#, Fails),
            (r#"{"acr":["phr"]}"#, Unknown),
            (r#"{"acr":1}"#, Unknown),
            (r#"{"acr":null}"#, Unknown),
            (r#"{"amr":["phr"]}"#, Unknown),
        ],
    );
}

/// Now is 1767225600, leeway 30 s, the age at most 300 s.
#[test]
fn an_age_counts_from_auth_time_and_from_nothing_else() {
    table(
        &Requirement::MaxAge(Duration::from_secs(300)),
        &[
            (r#"{"auth_time":1767225600}"#, Holds),
            (r#"{"auth_time":1767225300}"#, Holds),
            (r#"{"auth_time":1767225271}"#, Holds),
            (r#"{"auth_time":1767225270.001}"#, Holds),
            (r#"{"auth_time":1767225270}"#, Fails),
            (r#"{"auth_time":0}"#, Fails),
            (r#"{"auth_time":1767225630}"#, Holds),
            (r#"{"auth_time":1767225631}"#, Unknown),
            (r#"{"auth_time":9007199254740992}"#, Unknown),
            (r#"{"auth_time":-1}"#, Unknown),
            (r#"{"auth_time":1e300}"#, Unknown),
            (r#"{"auth_time":"1767225600"}"#, Unknown),
            (r#"{"auth_time":null}"#, Unknown),
            (r#"{"iat":1767225600}"#, Unknown),
        ],
    );
}

#[test]
fn all_needs_every_branch_and_any_needs_one() {
    let both = Requirement::All(vec![role("a"), role("b")]);
    let either = Requirement::Any(vec![role("a"), role("b")]);
    table(&both, &[(r#"{"roles":["a","b"]}"#, Holds), (r#"{"roles":["a"]}"#, Fails)]);
    table(&both, &[("{}", Unknown)]);
    table(&either, &[(r#"{"roles":["b"]}"#, Holds), (r#"{"roles":["c"]}"#, Fails)]);
    table(&either, &[("{}", Unknown)]);
    for none in [Requirement::All(vec![]), Requirement::Any(vec![])] {
        table(&none, &[(r#"{"roles":["a"]}"#, Unknown)]);
    }
}

#[test]
fn not_is_no_way_round_a_claim_that_is_missing_or_malformed() {
    let paid = Requirement::Not(Box::new(claim("plan", ClaimTest::Equals("free".into()))));
    table(
        &paid,
        &[
            (r#"{"plan":"pro"}"#, Holds),
            (r#"{"plan":"free"}"#, Fails),
            (r#"{"plan":["free"]}"#, Unknown),
            (r#"{"plan":null}"#, Unknown),
            ("{}", Unknown),
        ],
    );
    let neither = Requirement::Not(Box::new(Requirement::Any(vec![
        role("guest"),
        claim("plan", ClaimTest::Equals("free".into())),
    ])));
    table(
        &neither,
        &[
            (r#"{"roles":["user"],"plan":"pro"}"#, Holds),
            (r#"{"roles":["user"]}"#, Unknown),
            (r#"{"plan":"pro"}"#, Unknown),
            (r#"{"roles":["guest"]}"#, Fails),
        ],
    );
    let twice = Requirement::Not(Box::new(neither));
    table(&twice, &[(r#"{"roles":["guest"]}"#, Holds), (r#"{"roles":["user"]}"#, Unknown)]);
}

#[test]
fn the_scopes_of_a_challenge_are_those_that_would_help() {
    let scope = |name: &str| Requirement::Scope(name.to_owned());
    let tree = Requirement::Any(vec![
        scope("a"),
        Requirement::All(vec![scope("b"), role("c")]),
        Requirement::Not(Box::new(scope("d"))),
    ]);
    assert_eq!(tree.scopes(), ["a", "b"]);
}

#[test]
fn findings_stand_in_the_order_and_words_of_the_configuration() {
    let tree = Requirement::All(vec![
        role("admin"),
        Requirement::Not(Box::new(Requirement::Any(vec![
            claim("plan", ClaimTest::OneOf(vec!["free".into(), 2.into()])),
            claim("level", range(Some("1.5"), Some("9"))),
        ]))),
        Requirement::MaxAge(Duration::from_secs(300)),
        Requirement::Acr(vec!["a".to_owned(), "b".to_owned()]),
        Requirement::Tenant("acme".to_owned()),
        Requirement::Issuer("main".to_owned()),
        Requirement::Scope("x".to_owned()),
        claim("groups", ClaimTest::Contains("g".into())),
        claim("gone", ClaimTest::Exists(false)),
        claim("min", range(Some("1"), None)),
        claim("max", range(None, Some("1"))),
        claim("name", ClaimTest::Equals(json!("n"))),
    ]);
    let text = r#"{"roles":["user"],"plan":"pro","level":1,"tenant":"acme","acr":"b","groups":[]}"#;
    let findings = with_facts(text, |facts| tree.explain(facts));
    let lines: Vec<_> = findings
        .iter()
        .map(|finding| format!("{}{}: {}", "  ".repeat(finding.depth), finding.text, finding.truth))
        .collect();
    assert_eq!(
        lines,
        [
            r"all: fails",
            r#"  role = "admin": fails"#,
            r"  not: holds",
            r"    any: fails",
            r#"      claim = "plan", one_of = ["free", 2]: fails"#,
            r#"      claim = "level", min = 1.5, max = 9: fails"#,
            r"  max_age_seconds = 300: unknown",
            r#"  acr = ["a", "b"]: holds"#,
            r#"  tenant = "acme": holds"#,
            r#"  issuer = "main": holds"#,
            r#"  scope = "x": unknown"#,
            r#"  claim = "groups", contains = "g": fails"#,
            r#"  claim = "gone", exists = false: holds"#,
            r#"  claim = "min", min = 1: unknown"#,
            r#"  claim = "max", max = 1: unknown"#,
            r#"  claim = "name", equals = "n": unknown"#,
        ]
    );
}
