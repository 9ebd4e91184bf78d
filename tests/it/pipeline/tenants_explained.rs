//! What an explanation says about tenants; that it decides alike, every test of them sees to.

use edgeward::explain::{Explanation, Stage};
use serde_json::{Value, json};

use super::{Bench, SECRET_ISSUER, claims_of, configuration, with};
use crate::support::request::{Request, get};

fn tenants() -> Value {
    let tenant =
        |name: &str, host: &str| json!({ "name": name, "hosts": [host], "origin": "main" });
    let mut raw = configuration();
    raw["tenants"] = json!([
        tenant("wild", "*.example.com"),
        tenant("acme", "acme.example.com"),
        tenant("a", "a.example"),
        tenant("b", "b.example"),
        tenant("c", "c.example"),
        tenant("d", "d.example"),
        tenant("e", "e.example"),
    ]);
    raw["tenants"][1]["issuers"] = json!(["secret"]);
    raw["tenants"][2]["claim"] = json!(false);
    raw
}

fn explained(host: &str, tenant: &Value) -> Explanation {
    let bench = Bench::of(&tenants());
    let claims = with(claims_of(SECRET_ISSUER), &json!({ "tenant": tenant }));
    let url = format!("https://{host}/private/x");
    let request = Request { url, ..get("") }.bearer(&bench.secret.token(&claims));
    crate::support::explain::explained(&bench.world, &bench.gateway, &request, crate::support::NOW)
}

fn lines(explanation: &Explanation, stage: Stage) -> Vec<String> {
    let finding = explanation.findings.iter().find(|finding| finding.stage == stage);
    let finding = finding.unwrap_or_else(|| panic!("no {stage:?} in {explanation:#?}"));
    let checks = finding.checks.iter().map(|check| {
        let (expected, got) = (check.expected.clone(), check.got.clone());
        format!(
            "{:?} {} {}>{}",
            check.holds,
            check.what,
            expected.unwrap_or_default(),
            got.unwrap_or_default()
        )
    });
    std::iter::once(finding.summary.clone()).chain(checks).collect()
}

#[test]
fn the_tenant_is_named_with_a_few_of_the_others() {
    let explanation = explained("acme.example.com", &json!("acme"));
    assert_eq!(
        lines(&explanation, Stage::Tenant),
        [
            "tenants[1] acme: acme.example.com",
            "None tenants[0] wild >*.example.com",
            "None tenants[2] a >a.example",
            "None tenants[3] b >b.example",
            "None tenants[4] c >c.example",
            "None tenants[5] d >d.example",
        ]
    );
    assert_eq!(
        lines(&explanation, Stage::Membership),
        [
            "acme accepts the token",
            "Some(true) issuer secret>secret",
            "Some(true) tenant of the token acme>acme",
        ]
    );
}

#[test]
fn a_token_of_another_tenant_is_held_against_what_was_expected() {
    assert_eq!(
        lines(&explained("x.example.com", &json!("acme")), Stage::Membership),
        ["wild rejects the token", "Some(false) tenant of the token wild>acme"]
    );
    assert_eq!(
        lines(&explained("x.example.com", &Value::Null), Stage::Membership),
        ["wild rejects the token", "Some(false) tenant of the token wild>none"]
    );
    assert_eq!(
        lines(&explained("a.example", &json!("acme")), Stage::Membership),
        ["a accepts the token", "None tenant of the token >not looked at: `claim = false`"]
    );
}

#[test]
fn a_host_of_no_tenant_is_named() {
    let explanation = explained("x.y.example.com", &json!("acme"));
    let found = lines(&explanation, Stage::Tenant);
    assert_eq!(found[0], "no tenant has the host x.y.example.com, or the path");
    assert_eq!(explanation.findings.last().and_then(|last| last.code), Some("tenant_unknown"));
}

#[test]
fn a_path_without_one_reading_is_explained_before_the_tenants_are_compared() {
    let mut bench = Bench::of(&tenants());
    let request = |path: &str| {
        let url = format!("https://acme.example.com{path}");
        Request { url, ..get(path) }.header("host", "a.example")
    };
    assert_eq!(bench.now(&request("/public/%2e%2e/x")), "400 path_ambiguous");
    assert_eq!(bench.now(&request("/public/x")), "400 request_ambiguous");
}
