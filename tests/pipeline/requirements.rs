//! Who may pass: requirements are judged on every request, remembered or not.

use edgeward::gateway::Outcome;
use edgeward::route::{Access, Route};
use serde_json::{Value, json};

use super::support::request::get;
use super::{Bench, NOW, configuration};

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
            (json!({ "roles": "user admin" }), PASSED),
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
        super::SECRET_ISSUER,
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
        let errors = super::support::check(&raw).expect_err(access);
        assert_eq!(errors.as_slice()[0].path, "routes[0].require");
    }
}
