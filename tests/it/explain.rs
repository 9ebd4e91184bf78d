//! Explanations: what they say besides the decision, which every test of the pipeline holds them to.

mod details;

use std::rc::Rc;

use edgeward::explain::{Check, Explanation, Finding, Outcome, Stage};
use edgeward::time::NumericDate;
use serde_json::{Value, json};

use crate::support::drive::World;
use crate::support::request::{Request, get, request};
use crate::support::sign::{Key, key_set};
use crate::support::{NOW, NOW_SECONDS};

fn configuration() -> Value {
    json!({
        "realm": "api",
        "origins": [
            { "name": "main", "url": "https://origin.example/v2" },
            { "name": "bound", "url": "service:API" },
        ],
        "issuers": [{
            "name": "main", "issuer": "https://auth.example.com", "audiences": ["api", "web"],
            "algorithms": ["ES256"], "verify": { "jwks": "https://auth.example.com/jwks.json" },
            "required_claims": ["sub", "org.id"], "max_age_seconds": 3600,
        }],
        "routes": [
            { "path": "/api/**", "access": "authenticated" },
            { "path": "/api/*", "access": "authenticated" },
            { "path": "/api/status", "methods": ["GET"], "access": "public", "origin": "bound" },
            { "path": "/api/status", "methods": ["POST"], "access": "authenticated" },
            { "path": "/api/admin/**", "access": "authenticated", "require": { "all": [
                { "role": "admin" },
                { "any": [{ "scope": "a:write" }, { "claim": "org.plan", "one_of": ["pro", 2] }] },
            ] } },
            { "path": "/off", "access": "authenticated", "revocation": "off", "authorization": "strip" },
        ],
    })
}

fn token(changes: &Value) -> String {
    let mut claims = json!({
        "iss": "https://auth.example.com", "sub": "ada", "aud": "api", "jti": "t-1",
        "iat": NOW_SECONDS - 60, "exp": NOW_SECONDS + 600, "roles": ["admin"], "org": { "id": "o-1" },
    });
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    Key::p256(1).token_by("k1", &claims)
}

fn world() -> World {
    let mut world = World::default();
    world.published.insert(0, key_set(&[("k1", &Key::p256(1))]));
    world
}

#[track_caller]
fn explain_in(world: &World, request: &Request) -> Explanation {
    crate::support::explain::agrees(&configuration(), world, request, NOW);
    crate::support::explain::explained(
        world,
        &crate::support::gateway(&configuration()),
        request,
        NOW,
    )
}

#[track_caller]
fn explain(request: &Request) -> Explanation {
    explain_in(&world(), request)
}

#[track_caller]
fn at(explanation: &Explanation, stage: Stage) -> &Finding {
    let found = explanation.findings.iter().find(|finding| finding.stage == stage);
    found.unwrap_or_else(|| panic!("no {stage:?} in {explanation:#?}"))
}

fn lines(checks: &[Check]) -> Vec<String> {
    let line = |check: &Check| {
        let holds = check.holds.map_or("", |holds| if holds { "yes " } else { "no " });
        let indent = "  ".repeat(check.depth);
        let expected = check.expected.as_ref().map_or(String::new(), |one| format!(" < {one}"));
        let got = check.got.as_ref().map_or(String::new(), |one| format!(" > {one}"));
        format!("{indent}{holds}{}{expected}{got}", check.what)
    };
    checks.iter().map(line).collect()
}

#[test]
fn routes_that_match_and_lose_are_named_with_the_reason() {
    let explanation = explain(&request("DELETE", "/api/status"));
    let route = at(&explanation, Stage::Route);
    assert_eq!((route.holds, route.code), (false, Some("method_not_allowed")));
    assert_eq!(
        route.summary,
        "the most specific path decides alone, and does not list DELETE: its methods are GET, HEAD, POST"
    );
    assert_eq!(
        lines(&route.checks),
        [
            "routes[0] /api/** > a less specific path",
            "routes[1] /api/* > a less specific path",
            "routes[2] GET /api/status > does not list the method",
            "routes[3] POST /api/status > does not list the method",
            "routes[4] /api/admin/** > another path, from `status` on",
            "routes[5] /off > another path, from `api` on",
        ]
    );
    let explanation = explain(&get("/api/status"));
    assert_eq!(
        at(&explanation, Stage::Route).summary,
        "routes[2] GET /api/status: public, to `bound`"
    );
    assert!(explanation.findings.iter().all(|finding| finding.stage <= Stage::Credential));
}

#[test]
fn of_many_other_routes_the_nearest_are_named_and_the_rest_counted() {
    let mut raw = configuration();
    let far = (0..20).map(|index| json!({ "path": format!("/r{index}"), "access": "public" }));
    raw["routes"] = far.collect();
    raw["routes"][15] = json!({ "path": "/api/status/x", "access": "public" });
    let gateway = crate::support::gateway(&raw);
    let explanation =
        crate::support::explain::explained(&world(), &gateway, &get("/api/status"), NOW);
    let shown = lines(&at(&explanation, Stage::Route).checks);
    assert_eq!(shown.len(), 11);
    assert_eq!(shown[0], "routes[15] /api/status/x > another path: the pattern goes on");
    assert_eq!(shown[1], "routes[0] /r0 > another path, from `api` on");
    assert_eq!(shown[10], "10 more > another path");
}

/// At every turn the claims are judged otherwise than a second before.
#[test]
fn turns_are_the_seconds_at_which_the_outcome_changes() {
    let token = token(&json!({ "nbf": NOW_SECONDS - 30, "auth_time": NOW_SECONDS - 100 }));
    let mut raw = configuration();
    raw["routes"][0]["require"] = json!({ "not": { "not": { "max_age_seconds": 300 } } });
    let at = |seconds: i64| {
        let now = NumericDate::from_seconds(seconds);
        crate::support::explain::explained(
            &world(),
            &crate::support::gateway(&raw),
            &get("/api/a/b").bearer(&token),
            now,
        )
    };
    let explanation = at(NOW_SECONDS);
    let turns: Vec<_> = explanation
        .turns
        .iter()
        .map(|turn| {
            let offset = |seconds: i64| seconds - NOW_SECONDS;
            (turn.claim, offset(turn.claim_seconds), offset(turn.at_seconds), turn.is_start)
        })
        .collect();
    assert_eq!(
        turns,
        [
            ("auth_time", -100, -130, true),
            ("iat", -60, -90, true),
            ("nbf", -30, -60, true),
            ("auth_time", -100, 230, false),
            ("exp", 600, 630, false),
            ("iat", -60, 3570, false),
        ]
    );
    let passes = |seconds: i64| matches!(at(seconds).outcome, Outcome::Forward { .. });
    for (turn, before, after) in [(2, false, true), (3, true, false)] {
        let second = explanation.turns[turn].at_seconds;
        assert_eq!((passes(second - 1), passes(second)), (before, after), "{turn}");
    }
}

#[test]
fn a_token_that_nobody_vouches_for_has_no_turns() {
    let forged =
        Key::p256(2).token_by("k1", &json!({ "iss": "https://auth.example.com", "exp": 1 }));
    assert!(explain(&get("/api/a").bearer(&forged)).turns.is_empty());
    assert!(explain(&get("/api/status")).turns.is_empty());
}

#[test]
fn a_path_that_is_read_loosely_elsewhere_is_shown_as_it_is_read() {
    let explanation = explain(&get("/api/admin;x/a"));
    let route = at(&explanation, Stage::Route);
    assert_eq!((route.holds, route.code), (false, Some("path_ambiguous")));
    let shown = lines(&route.checks);
    assert!(
        shown.contains(&"read as /api/admin/a > it is of routes[4] /api/admin/**".to_owned()),
        "{shown:?}"
    );
    let explanation = explain(&get("/a%2fb"));
    assert_eq!(at(&explanation, Stage::Path).code, Some("path_ambiguous"));
}

#[test]
fn every_claim_is_shown_with_what_was_expected_even_after_the_first_fault() {
    let changes = json!({ "exp": NOW_SECONDS - 61, "aud": ["x", "y"], "org": { "plan": "pro" } });
    let explanation = explain(&get("/api/a").bearer(&token(&changes)));
    let claims = at(&explanation, Stage::Claims);
    assert_eq!((claims.holds, claims.code), (false, Some("token_expired")));
    assert_eq!(
        lines(&claims.checks),
        [
            "no exp < after 2025-12-31T23:59:30Z > 2025-12-31T23:58:59Z, 1 min 1 s ago",
            "yes iat < until 2026-01-01T00:00:30Z > 2025-12-31T23:59:00Z, 1 min ago",
            "yes age < at most 1 h > 2025-12-31T23:59:00Z, 1 min ago",
            "yes iss < https://auth.example.com > https://auth.example.com",
            "no aud < api or web > x, y",
            "yes type < jwt, at+jwt, access, access_token, bearer, or none > none",
            "no required < sub, org.id > not org.id",
        ]
    );
}

#[test]
fn a_requirement_is_shown_as_a_tree_with_what_holds() {
    let explanation = explain(&get("/api/admin/a").bearer(&token(&json!({}))));
    let requirement = at(&explanation, Stage::Requirement);
    assert_eq!(requirement.code, Some("insufficient_scope"));
    assert_eq!(
        lines(&requirement.checks),
        [
            "no all > unknown",
            "  yes role = \"admin\" > [\"admin\"]",
            "  no any > unknown",
            "    no scope = \"a:write\" > unknown",
            "    no claim = \"org.plan\", one_of = [\"pro\", 2] > unknown",
        ]
    );
    let Outcome::Refuse { status, headers, body, .. } = &explanation.outcome else {
        panic!("{explanation:#?}");
    };
    assert_eq!((*status, &body["code"]), (403, &json!("insufficient_scope")));
    let challenge = headers.iter().find(|header| header.name == "www-authenticate");
    assert_eq!(
        challenge.map(|header| header.value.as_str()),
        Some(r#"Bearer realm="api", error="insufficient_scope", scope="a:write""#)
    );
}

#[test]
fn a_requirement_that_fails_shows_what_the_caller_has_instead() {
    let changes = json!({ "roles": ["member", "x"], "scope": "a:read b", "org": { "id": "o-1", "plan": [7] } });
    let explanation = explain(&get("/api/admin/a").bearer(&token(&changes)));
    assert_eq!(
        lines(&at(&explanation, Stage::Requirement).checks),
        [
            "no all",
            "  no role = \"admin\" > [\"member\",\"x\"]",
            "  no any > unknown",
            "    no scope = \"a:write\" > [\"a:read\",\"b\"]",
            "    no claim = \"org.plan\", one_of = [\"pro\", 2] > unknown: [7]",
        ]
    );
}

#[test]
fn what_the_origin_receives_is_shown_header_by_header() {
    let request = get("/api/%61?q=1")
        .bearer(&token(&json!({})))
        .header("x_auth_subject", "eve")
        .header("accept", "*/*")
        .header("connection", "x-hop")
        .header("x-hop", "1");
    let explanation = explain(&request);
    let Outcome::Forward { url, origin, headers, removed, .. } = &explanation.outcome else {
        panic!("{explanation:#?}");
    };
    assert_eq!((url.as_str(), origin.as_str()), ("https://origin.example/v2/api/a?q=1", "main"));
    let shown: Vec<_> = headers
        .iter()
        .map(|header| {
            format!("{}{}: {}", if header.is_set { "+" } else { "" }, header.name, header.value)
        })
        .collect();
    let bytes = token(&json!({})).len();
    assert_eq!(
        shown,
        [
            "accept: */*".to_owned(),
            format!("authorization: Bearer … ({bytes} bytes, as it came)"),
            "+x-auth-subject: ada".to_owned(),
            "+x-auth-issuer: https://auth.example.com".to_owned(),
            "+x-auth-roles: \"admin\"".to_owned(),
            "+x-auth-token-id: t-1".to_owned(),
            "+x-forwarded-host: api.example.com".to_owned(),
            "+x-forwarded-proto: https".to_owned(),
            "+cache-control: no-cache".to_owned(),
            "+pragma: no-cache".to_owned(),
            "+x-request-id: made-by-the-gateway".to_owned(),
        ]
    );
    let removed: Vec<_> = removed.iter().map(|one| (one.name.as_str(), one.reason)).collect();
    assert_eq!(
        removed,
        [
            ("connection", "belongs to one connection"),
            ("x-hop", "belongs to one connection"),
            ("x_auth_subject", "could be taken for an identity header"),
        ]
    );
}

#[test]
fn the_token_of_the_asker_is_shown_and_marked_when_nobody_vouches_for_it() {
    let good = explain(&get("/api/a").bearer(&token(&json!({}))));
    let shown = good.token.expect("a token");
    assert!(shown.is_verified && shown.claims["sub"] == "ada");
    let forged =
        Key::p256(2).token_by("k1", &json!({ "iss": "https://auth.example.com", "sub": "eve" }));
    let explanation = explain(&get("/api/a").bearer(&forged));
    let shown = explanation.token.clone().expect("a token");
    assert!(!shown.is_verified && shown.claims["sub"] == "eve");
    let signature = at(&explanation, Stage::Signature);
    assert_eq!(signature.code, Some("signature_invalid"));
    assert_eq!(lines(&signature.checks), ["no key k1"]);
}

#[test]
fn whitespace_around_a_credential_is_no_part_of_it_but_a_line_break_is() {
    for (around, is_let_through) in [(" ", true), ("\t", true), ("\n", false), ("\u{a0}", false)] {
        let credential = format!("Bearer {}{around}", token(&json!({})));
        let explanation = explain(&get("/api/x").header("authorization", &credential));
        let forwards = matches!(explanation.outcome, Outcome::Forward { .. });
        assert_eq!(forwards, is_let_through, "{around:?}");
    }
}

#[test]
fn keys_that_are_missing_or_do_not_fit_are_told_apart() {
    let request = get("/api/a").bearer(&token(&json!({})));
    let explanation = explain_in(&World::default(), &request);
    let key = at(&explanation, Stage::Key);
    assert_eq!(
        (key.code, key.summary.as_str()),
        (Some("keys_unavailable"), "not known: the issuer's keys are not given (--jwks FILE)")
    );
    let mut others = World::default();
    others.published.insert(0, key_set(&[("k2", &Key::p256(2))]));
    let explanation = explain_in(&others, &request);
    let key = at(&explanation, Stage::Key);
    assert_eq!(key.code, Some("key_unknown"));
    assert!(key.summary.ends_with("none of 1 usable keys has the kid k1"), "{}", key.summary);
    let mut several = World::default();
    several.published.insert(0, key_set(&[("k1", &Key::p256(1)), ("k1", &Key::p256(2))]));
    let explanation = explain_in(&several, &request);
    let key = at(&explanation, Stage::Key);
    assert_eq!(key.code, Some("key_ambiguous"));
    let expected = "several different keys have the kid k1 and fit";
    assert!(key.summary.ends_with(expected), "{}", key.summary);
}

#[test]
fn an_unknown_issuer_is_shown_beside_those_that_are_known() {
    let explanation =
        explain(&get("/api/a").bearer(&token(&json!({ "iss": "https://auth.example.com/" }))));
    let issuer = at(&explanation, Stage::Issuer);
    assert_eq!(issuer.code, Some("issuer_unknown"));
    assert_eq!(lines(&issuer.checks), ["no `main` < https://auth.example.com"]);
}

#[test]
fn revocation_shows_what_was_assumed() {
    let request = get("/api/a").bearer(&token(&json!({})));
    let mut revoked = world();
    let name = "revoked:token:joPfPEMmP2hzVchqyiXfCQhXzSZ-l0UoOnolrJCIP1M";
    revoked.entries.insert(name.to_owned(), "{}".to_owned());
    let explanation = explain_in(&revoked, &request);
    let revocation = at(&explanation, Stage::Revocation);
    assert_eq!(revocation.code, Some("token_revoked"));
    assert_eq!(lines(&revocation.checks)[0], format!("token < {name} > {{}}"));
    let explanation = explain(&get("/off").bearer(&token(&json!({}))));
    assert!(at(&explanation, Stage::Revocation).summary.contains("does not check revocation"));
    let Outcome::Forward { removed, .. } = explanation.outcome else { panic!("refused") };
    assert_eq!(
        (removed[0].name.as_str(), removed[0].reason),
        ("authorization", "the route strips it")
    );
}

#[test]
fn the_gateways_own_paths_are_answered_or_refused_as_they_would_be() {
    let outcome = |request: &Request| explain(request).outcome;
    assert_eq!(
        outcome(&get("/.edgeward/health")),
        Outcome::Serve { resource: "health", status: Some(200) }
    );
    let Outcome::Refuse { status, headers, .. } = outcome(&request("DELETE", "/.edgeward/health"))
    else {
        panic!("served");
    };
    assert_eq!(status, 405);
    assert!(headers.iter().any(|header| header.name == "allow" && header.value == "GET, HEAD"));
}

#[test]
fn a_caller_without_a_subject_is_shown_where_it_was_looked_for() {
    let mut configuration = configuration();
    configuration["issuers"][0]["claims"] = json!({ "subject": "user.email" });
    configuration["issuers"][0]["verify"] = json!({
        "me": "https://auth.example.com/me",
        "fallback": { "jwks": "https://auth.example.com/jwks.json", "claims": { "subject": "email" } },
    });
    let explained = |world: &World| {
        let request = get("/api/a").bearer(&token(&json!({})));
        let gateway = crate::support::gateway(&configuration);
        let explanation = crate::support::explain::explained(world, &gateway, &request, NOW);
        lines(&at(&explanation, Stage::Claims).checks)
    };
    assert_eq!(explained(&world()), ["no subject < email > none"]);
    let mut nobody = world();
    nobody.auth_server = Some(Rc::new(|_: &_| Ok(crate::support::drive::reply(200, "{}"))));
    assert_eq!(explained(&nobody), ["no subject < user.email > none"]);
}

#[test]
fn a_session_that_would_be_renewed_first_is_told_with_the_path_that_renews_it() {
    let mut raw = configuration();
    raw["issuers"][0]["refresh"] = json!({ "preset": "node", "session": { "key": "SECRET" } });
    let route = |path: &str, handler: &str| json!({ "path": path, "methods": ["POST"], "access": "public", "handler": handler, "session": true });
    raw["routes"] = json!([
        { "path": "/app/**", "access": "authenticated", "session": true },
        { "path": "/api/**", "access": "optional" },
        route("/auth/login", "login"),
        route("/auth/refresh", "refresh"),
    ]);
    let gateway = crate::support::gateway_with_log(&raw, true);
    let renewal = |path: &str, cookie: &str| {
        let request = get(path).header("cookie", cookie).header("sec-fetch-site", "same-origin");
        crate::support::explain::explained(&world(), &gateway, &request, NOW).renewal
    };
    let access = |exp: i64| format!("__Host-access=1~{}", token(&json!({ "exp": exp })));
    let refresh = "__Host-refresh=1~sealed";
    let path = Some("/auth/refresh".to_owned());
    assert_eq!(renewal("/app/a", refresh), path, "without an access token");
    let ended = format!("{}; {refresh}", access(NOW_SECONDS - 600));
    assert_eq!(renewal("/app/a", &ended), path, "with one that has ended");
    let good = format!("{}; {refresh}", access(NOW_SECONDS + 600));
    for (path, cookies) in
        [("/app/a", good.as_str()), ("/app/a", &access(NOW_SECONDS - 600)), ("/api/a", &ended)]
    {
        assert_eq!(renewal(path, cookies), None, "{path} {cookies}");
    }
}
