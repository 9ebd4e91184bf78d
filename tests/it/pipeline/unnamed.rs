//! Tokens that do not say whose they are, or for whom: those that Django's `SimpleJWT` and `jwt.sign`
//! write as installed, and those of Cognito, Clerk and `WorkOS`.

use serde_json::{Value, json};

use super::{Bench, NOW, PASSED, SECRET_ISSUER, claims_of, configuration, with};
use crate::support::drive::line;
use crate::support::request::get;
use crate::support::sign::Key;

/// The issuer with secrets, with these fields besides or instead.
fn bench(changes: &Value) -> Bench {
    let mut raw = configuration();
    raw["issuers"][1] = with(raw["issuers"][1].clone(), changes);
    Bench::of(&raw)
}

fn token(changes: &Value) -> String {
    Key::named("SECRET").token(&with(claims_of(SECRET_ISSUER), changes))
}

#[test]
fn a_simplejwt_as_installed_passes_where_its_issuer_says_so() {
    let changes = json!({
        "without_iss": true, "any_audience": true, "audiences": null, "claims": { "subject": "user_id" },
    });
    let installed = json!({
        "iss": null, "aud": null, "sub": null, "sid": null, "token_type": "access", "user_id": 7,
    });
    let mut open = bench(&changes);
    assert_eq!(open.verdict(&token(&installed)), PASSED);
    let request = get("/private/a").bearer(&token(&installed));
    let decision = open.decide_at(&request, NOW);
    let edgeward::gateway::Outcome::Forward(plan) = &decision.outcome else {
        panic!("{}", line(&decision))
    };
    let headers = plan.identity();
    let header =
        |name: &str| headers.iter().find(|(own, _)| own == name).map(|(_, value)| &**value);
    assert_eq!(header("x-auth-subject"), Some("7"));
    assert_eq!(header("x-auth-issuer"), Some(SECRET_ISSUER));
    assert_eq!(bench(&json!({})).verdict(&token(&installed)), "401 issuer_unknown");
    // Whose it is is all that it may leave out.
    for (changes, verdict) in [
        (json!({ "token_type": "refresh" }), "401 token_type_refused"),
        (json!({ "exp": 1 }), "401 token_expired"),
        (json!({ "iss": "https://evil.example" }), "401 issuer_unknown"),
        (json!({ "iss": 7 }), "401 issuer_unknown"),
        (json!({ "aud": "api" }), "401 audience_mismatch"),
    ] {
        assert_eq!(open.verdict(&token(&with(installed.clone(), &changes))), verdict, "{changes}");
    }
    let forged = Key::named("OTHER").token(&json!({ "exp": 9_999_999_999_i64, "user_id": 7 }));
    let published = open.published(&json!({ "iss": null }));
    assert_eq!(open.verdict(&published), "401 algorithm_refused");
    assert_eq!(open.verdict(&format!("{}x", &forged)), "401 signature_invalid");
}

#[test]
fn a_token_without_aud_passes_where_its_issuer_says_so_and_one_with_aud_must_match() {
    let none = json!({ "aud": null });
    for (audiences, aud, verdict) in [
        (json!(["api"]), Value::Null, PASSED),
        (json!(["api"]), json!("api"), PASSED),
        (json!(["api"]), json!(["x", "api"]), PASSED),
        (json!(["api"]), json!("x"), "401 audience_mismatch"),
        (json!(["api"]), json!([]), "401 audience_mismatch"),
        (json!(["api"]), json!(1), "401 claim_malformed"),
        (Value::Null, Value::Null, PASSED),
        (Value::Null, json!("api"), "401 audience_mismatch"),
    ] {
        let mut bench = bench(&json!({ "any_audience": true, "audiences": audiences }));
        assert_eq!(bench.verdict(&token(&json!({ "aud": aud }))), verdict, "{audiences} {aud}");
    }
    assert_eq!(bench(&json!({})).verdict(&token(&none)), "401 audience_mismatch");
}

#[test]
fn another_claim_says_for_whom_a_token_is_that_has_no_aud() {
    let mut bench = bench(&json!({ "audience_claim": "client_id", "audiences": ["web", "app"] }));
    for (changes, verdict) in [
        (json!({ "aud": null, "client_id": "web" }), PASSED),
        (json!({ "aud": null, "client_id": ["x", "app"] }), PASSED),
        (json!({ "aud": null, "client_id": "x" }), "401 audience_mismatch"),
        (json!({ "aud": null, "client_id": "" }), "401 audience_mismatch"),
        (json!({ "aud": null }), "401 audience_mismatch"),
        (json!({ "aud": null, "client_id": 1 }), "401 claim_malformed"),
        (json!({ "aud": null, "client_id": {} }), "401 claim_malformed"),
        // What `aud` says counts, and nothing instead of it.
        (json!({ "aud": "x", "client_id": "web" }), "401 audience_mismatch"),
        (json!({ "aud": [], "client_id": "web" }), "401 audience_mismatch"),
        (json!({ "aud": "app", "client_id": "x" }), PASSED),
    ] {
        assert_eq!(bench.verdict(&token(&changes)), verdict, "{changes}");
    }
}
