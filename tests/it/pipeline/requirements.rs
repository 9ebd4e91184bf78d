//! Who may pass: requirements are judged on every request, remembered or not.

use edgeward::gateway::Outcome;
use edgeward::route::{Access, Route};
use serde_json::{Value, json};

use super::{Bench, NOW, NOW_SECONDS, SECRET_ISSUER, claims_of, configuration};
use crate::support::after_ms;
use crate::support::request::get;

const PASSED: &str = "forward https://origin.example/guarded";
const DENIED: &str = "403 insufficient_scope";

/// A route `/guarded` with this requirement.
fn guarded(requirement: &Value) -> Bench {
    let mut raw = configuration();
    raw["routes"].as_array_mut().expect("routes").push(json!({
        "path": "/guarded", "access": "authenticated", "require": requirement,
    }));
    Bench::of(&raw)
}

#[track_caller]
fn verdicts(requirement: &Value, cases: &[(Value, &str)]) {
    let mut bench = guarded(requirement);
    for (changes, expected) in cases {
        let request = get("/guarded").bearer(&bench.token(changes));
        assert_eq!(bench.now(&request), *expected, "{requirement} {changes}");
    }
}

#[test]
fn a_role_is_one_of_the_callers_to_the_letter() {
    verdicts(
        &json!({ "role": "admin" }),
        &[
            (json!({ "roles": ["user", "admin"] }), PASSED),
            (json!({ "roles": "admin" }), PASSED),
            // A group that is called so, as AD FS and WSO2 send a single one.
            (json!({ "roles": "Not an admin" }), DENIED),
            (json!({ "roles": "user admin" }), DENIED),
            (json!({ "roles": ["Admin", "admin ", "user,admin", "user admin"] }), DENIED),
            (json!({ "roles": null }), DENIED),
            (json!({ "role": "admin" }), DENIED),
        ],
    );
}

#[test]
fn a_scope_is_one_of_the_tokens() {
    verdicts(
        &json!({ "scope": "users:write" }),
        &[
            (json!({ "scope": "users:read users:write" }), PASSED),
            (json!({ "scope": ["users:write"] }), PASSED),
            (json!({ "scope": "users:write2 users" }), DENIED),
            (json!({ "roles": "users:write" }), DENIED),
        ],
    );
}

#[test]
fn a_claim_is_equal_in_value_and_type() {
    verdicts(
        &json!({ "claim": "org.plan", "one_of": ["pro", 2, true] }),
        &[
            (json!({ "org": { "plan": "pro" } }), PASSED),
            (json!({ "org": { "plan": 2 } }), PASSED),
            (json!({ "org": { "plan": true } }), PASSED),
            (json!({ "org.plan": "pro" }), PASSED),
            (json!({ "org": { "plan": "2" } }), DENIED),
            (json!({ "org": { "plan": 1 } }), DENIED),
            (json!({ "org": { "plan": ["pro"] } }), DENIED),
            (json!({ "org": "pro" }), DENIED),
            (json!({}), DENIED),
        ],
    );
}

#[test]
fn all_needs_every_branch_and_any_needs_one() {
    let (a, b) = (json!({ "role": "a" }), json!({ "scope": "b" }));
    let both = json!({ "roles": ["a"], "scope": "b" });
    let one = json!({ "roles": ["a"] });
    verdicts(&json!({ "all": [a, b] }), &[(both.clone(), PASSED), (one.clone(), DENIED)]);
    verdicts(&json!({ "any": [a, b] }), &[(both, PASSED), (one, PASSED), (json!({}), DENIED)]);
    let nested = json!({ "any": [{ "all": [a, b] }, { "role": "c" }] });
    verdicts(
        &nested,
        &[(json!({ "roles": ["c"] }), PASSED), (json!({ "roles": ["a", "b"] }), DENIED)],
    );
}

#[test]
fn not_needs_to_know() {
    let plan = json!({ "claim": "plan", "equals": "free" });
    verdicts(
        &json!({ "not": plan }),
        &[
            (json!({ "plan": "pro" }), PASSED),
            (json!({ "plan": "free" }), DENIED),
            (json!({ "plan": ["free"] }), DENIED),
            (json!({}), DENIED),
        ],
    );
    verdicts(
        &json!({ "any": [{ "not": plan }, { "claim": "plan", "exists": false }] }),
        &[(json!({}), PASSED), (json!({ "plan": "free" }), DENIED)],
    );
    verdicts(
        &json!({ "not": { "role": "guest" } }),
        &[
            (json!({ "roles": ["user"] }), PASSED),
            (json!({ "roles": [] }), PASSED),
            (json!({ "roles": ["guest"] }), DENIED),
            (json!({}), DENIED),
        ],
    );
}

#[test]
fn null_is_absent_and_not_a_value() {
    let mut bench = guarded(&json!({ "claim": "suspended_at", "exists": false }));
    let mut claims = claims_of(SECRET_ISSUER);
    claims["suspended_at"] = Value::Null;
    let token = bench.secret.token(&claims);
    assert_eq!(bench.now(&get("/guarded").bearer(&token)), PASSED);
    claims["suspended_at"] = json!(0);
    let token = bench.secret.token(&claims);
    assert_eq!(bench.now(&get("/guarded").bearer(&token)), DENIED);
}

#[test]
fn claims_are_judged_by_their_test() {
    let cases = [(json!({ "a": [1, 2] }), PASSED), (json!({ "a": [1] }), DENIED)];
    verdicts(&json!({ "claim": "a", "contains": 2 }), &cases);
    let cases = [
        (json!({ "a": 1.5 }), PASSED),
        (json!({ "a": 3 }), PASSED),
        (json!({ "a": 1.49 }), DENIED),
        (json!({ "a": "2" }), DENIED),
    ];
    verdicts(&json!({ "claim": "a", "min": 1.5, "max": 3 }), &cases);
}

#[test]
fn an_issuer_and_a_tenant_are_those_of_the_token() {
    let mut bench = guarded(&json!({ "issuer": "main" }));
    let (by_main, by_secret) = (bench.published(&json!({})), bench.token(&json!({})));
    assert_eq!(bench.now(&get("/guarded").bearer(&by_main)), PASSED);
    assert_eq!(bench.now(&get("/guarded").bearer(&by_secret)), DENIED);

    let mut bench = guarded(&json!({ "tenant": "7" }));
    let mapped = bench.published(&json!({ "org": { "id": 7 }, "tenant": "8" }));
    let unmapped = bench.token(&json!({ "org": { "id": 7 }, "tenant": "8" }));
    assert_eq!(bench.now(&get("/guarded").bearer(&mapped)), PASSED);
    assert_eq!(bench.now(&get("/guarded").bearer(&unmapped)), DENIED);
}

#[test]
fn a_remembered_caller_grows_too_old_for_a_route() {
    let mut bench = guarded(&json!({ "max_age_seconds": 60 }));
    let token = bench.token(&json!({ "auth_time": NOW_SECONDS }));
    let request = get("/guarded").bearer(&token);
    for (millis, expected) in [
        (0, PASSED),
        (89_999, PASSED),
        (90_000, "401 insufficient_user_authentication"),
        (0, PASSED),
    ] {
        assert_eq!(bench.at(&request, after_ms(millis)), expected, "{millis} ms later");
    }
}

/// The challenge of a refused request, and its status.
#[track_caller]
fn refused(bench: &mut Bench, changes: &Value) -> (u16, String) {
    let request = get("/guarded").bearer(&bench.token(changes));
    let Outcome::Refuse(rejection) = bench.decide_at(&request, NOW).outcome else {
        panic!("passed: {changes}");
    };
    (rejection.status(), rejection.challenge().expect("a challenge").header("api"))
}

#[test]
fn a_login_that_would_do_is_asked_for_and_only_then() {
    let requirement = json!({ "all": [
        { "role": "admin" }, { "acr": ["mfa", "hw"] }, { "max_age_seconds": 300 }
    ] });
    let mut bench = guarded(&requirement);
    let fresh = json!({ "roles": ["admin"], "acr": "hw", "auth_time": NOW_SECONDS });
    let token = bench.token(&fresh);
    assert_eq!(bench.now(&get("/guarded").bearer(&token)), PASSED);
    let asked = (
        401,
        concat!(
            r#"Bearer realm="api", error="insufficient_user_authentication", "#,
            r#"error_description="a different authentication level or a more recent "#,
            r#"authentication is required", acr_values="mfa hw", max_age="300""#
        )
        .to_owned(),
    );
    for changes in [
        json!({ "roles": ["admin"] }),
        json!({ "roles": ["admin"], "acr": "pwd", "auth_time": NOW_SECONDS }),
        json!({ "roles": ["admin"], "acr": "hw", "auth_time": NOW_SECONDS - 330 }),
        json!({ "roles": ["admin"], "acr": "hw", "auth_time": "now" }),
    ] {
        assert_eq!(refused(&mut bench, &changes), asked, "{changes}");
    }
    let denied = (403, r#"Bearer realm="api", error="insufficient_scope""#.to_owned());
    for changes in [json!({ "roles": ["user"] }), json!({ "acr": "hw" })] {
        assert_eq!(refused(&mut bench, &changes), denied, "{changes}");
    }
}

#[test]
fn roles_may_stand_in_several_claims() {
    let mut raw = configuration();
    raw["issuers"][1]["claims"] = json!({ "roles": ["realm_access.roles", "role"] });
    let mut bench = Bench::of(&raw);
    for (changes, expected) in [
        (json!({ "role": "admin" }), "forward https://origin.example/admin/a"),
        (
            json!({ "realm_access": { "roles": ["admin"] } }),
            "forward https://origin.example/admin/a",
        ),
        (json!({ "roles": ["admin"] }), DENIED),
        (json!({ "role": "admin", "realm_access": "x" }), "401 claim_malformed"),
    ] {
        let token = bench.token(&changes);
        assert_eq!(bench.now(&get("/admin/a").bearer(&token)), expected, "{changes}");
    }
}

#[test]
fn a_refusal_names_the_scopes_that_the_requirement_mentions() {
    let mut bench = guarded(
        &json!({ "any": [{ "scope": "a" }, { "all": [{ "scope": "b" }, { "role": "c" }] }] }),
    );
    let request = get("/guarded").bearer(&bench.token(&json!({})));
    let Outcome::Refuse(rejection) = bench.decide_at(&request, NOW).outcome else {
        panic!("nothing is granted");
    };
    let challenge = rejection.challenge().expect("a challenge").header("api");
    assert_eq!(challenge, r#"Bearer realm="api", error="insufficient_scope", scope="a b""#);
}

#[test]
fn one_remembered_token_is_judged_by_each_route_for_itself() {
    let mut bench = Bench::new();
    let (user, admin) =
        (bench.token(&json!({ "jti": "t-2" })), bench.token(&json!({ "roles": ["admin"] })));
    for _ in 0..2 {
        for (token, path, expected) in [
            (&user, "/private/a", "forward https://origin.example/private/a"),
            (&user, "/admin/a", DENIED),
            (&admin, "/admin/a", "forward https://origin.example/admin/a"),
            (&admin, "/private/a", "forward https://origin.example/private/a"),
        ] {
            assert_eq!(bench.now(&get(path).bearer(token)), expected, "{path}");
        }
    }
}

#[test]
fn a_revoked_token_is_401_before_its_roles_are_looked_at() {
    let mut bench = Bench::new();
    let user = bench.token(&json!({}));
    let name = edgeward::revocation::RevocationName::new(
        edgeward::revocation::RevocationKind::Token,
        SECRET_ISSUER,
        "t-1",
    );
    bench.world.entries.insert(name.to_string(), "{}".to_owned());
    assert_eq!(bench.now(&get("/admin/a").bearer(&user)), "401 token_revoked");
}

#[test]
fn a_route_that_is_not_for_all_callers_takes_no_anonymous_one() {
    let mut bench = Bench::new();
    for path in ["/admin/a", "/cors/a"] {
        assert_eq!(bench.now(&get(path)), "401 credential_missing");
    }
    for access in [Access::Public, Access::Optional, Access::Authenticated] {
        let admin = bench.gateway.config().routes.routes().iter();
        let admin =
            admin.filter(|route| route.requirement.is_some()).map(|route| (**route).clone());
        for route in admin {
            assert!(Route { access, ..route }.permit_anonymous().is_none(), "{access:?}");
        }
    }
    for access in ["public", "optional"] {
        let mut raw = configuration();
        raw["routes"][0] = json!({ "path": "/x", "access": access, "require": { "role": "a" } });
        let errors = crate::support::check(&raw).expect_err(access);
        assert_eq!(errors.as_slice()[0].path, "routes[0].require");
    }
}
