//! The gateway's own assertion: what it says, how long it is used, and that nothing goes without.

use edgeward::gateway::{ForwardPlan, Outcome, Step};
use edgeward::jose::{self, Algorithm, VerificationKey};
use edgeward::revocation::RevocationAnswer;
use edgeward::time::NumericDate;
use serde_json::{Value, json};

use super::{Bench, NOW, PASSED, SECRET_ISSUER, configuration, with};
use crate::support::drive::line;
use crate::support::request::{Request, get};
use crate::support::sign::{assertion_key, decode};
use crate::support::{NOW_SECONDS, after_ms};

/// The usual configuration with a signing key and some changes to its table.
pub(super) fn signing(changes: &Value) -> Value {
    let mut raw = configuration();
    raw["assertion"] = with(json!({ "key": "ASSERTION_KEY" }), changes);
    raw
}

#[track_caller]
fn plan(bench: &mut Bench, request: &Request, now: NumericDate) -> ForwardPlan {
    match bench.decide_at(request, now).outcome {
        Outcome::Forward(plan) => plan,
        other => panic!("refused: {other:?}"),
    }
}

/// The assertion that goes with a request.
#[track_caller]
fn assertion(bench: &mut Bench, request: &Request, now: NumericDate) -> String {
    let plan = plan(bench, request, now);
    let (name, text) = plan.assertion().expect("an assertion");
    assert_eq!(name, "x-auth-assertion");
    text.to_owned()
}

/// Header and claims, when the key of `ASSERTION_KEY` has signed them.
#[track_caller]
fn read(assertion: &str) -> (Value, Value) {
    let (input, signature) = assertion.rsplit_once('.').expect("three parts");
    let bytes = |text: &str| decode(text).expect("base64url");
    let jwk = assertion_key().jwk("a9");
    let key = VerificationKey::from_jwk(jwk.as_object().expect("an object")).expect("a key");
    assert!(jose::verify(Algorithm::EdDsa, &key, input.as_bytes(), &bytes(signature)));
    let (header, claims) = input.split_once('.').expect("two parts");
    let json = |part: &str| serde_json::from_slice(&bytes(part)).expect("JSON");
    (json(header), json(claims))
}

#[test]
fn an_assertion_says_what_the_headers_say() {
    let mut raw = signing(&json!({ "issuer": "https://gateway.example" }));
    raw["headers"] = json!({ "claims": [
        { "header": "x-plan", "claim": "org.plan", "encoding": "json" },
        { "header": "x-lost", "claim": "org", "encoding": "plain" },
        { "header": "x-none", "claim": "none" },
    ] });
    let mut bench = Bench::of(&raw);
    let token = bench.published(&json!({
        "email": "a@x.example", "roles": ["user", "admin"], "scope": "a b",
        "org": { "id": 7, "plan": { "n": 1 } },
    }));
    let (header, claims) = read(&assertion(&mut bench, &get("/private/a").bearer(&token), NOW));
    assert_eq!(header, json!({ "alg": "EdDSA", "kid": "a9", "typ": "edgeward-assertion+jwt" }));
    let expected = json!({
        "iss": "https://gateway.example", "aud": "main",
        "iat": NOW_SECONDS, "exp": NOW_SECONDS + 60,
        "sub": "user-1", "issuer": "https://auth.example.com", "email": "a@x.example",
        "roles": ["user", "admin"], "scope": "a b", "tenant": "7", "session": "s-1",
        "token_id": "t-1", "claims": { "org.plan": { "n": 1 } },
    });
    assert_eq!(claims, expected);
}

#[test]
fn what_the_token_lacks_the_assertion_lacks() {
    let mut bench = Bench::of(&signing(&json!({})));
    let none = json!({ "sub": null, "jti": null, "sid": null, "roles": [], "scope": "" });
    let request = get("/private/a").bearer(&bench.token(&none));
    let (_, claims) = read(&assertion(&mut bench, &request, NOW));
    let expected = json!({
        "iss": "edgeward", "aud": "main", "issuer": SECRET_ISSUER,
        "iat": NOW_SECONDS, "exp": NOW_SECONDS + 60,
    });
    assert_eq!(claims, expected);
}

#[test]
fn an_assertion_ends_with_its_token_at_the_latest() {
    for (rest, life) in [(59, 59), (60, 60), (61, 60)] {
        let mut bench = Bench::of(&signing(&json!({})));
        let token = bench.token(&json!({ "exp": NOW_SECONDS + rest }));
        let (_, claims) = read(&assertion(&mut bench, &get("/private/a").bearer(&token), NOW));
        assert_eq!(claims["exp"], json!(NOW_SECONDS + life), "{rest}");
    }
}

#[test]
fn one_signature_serves_until_half_of_its_life_is_over() {
    let mut bench = Bench::of(&signing(&json!({ "lifetime_seconds": 10 })));
    let request = get("/private/a").bearer(&bench.token(&json!({})));
    let first = assertion(&mut bench, &request, NOW);
    for millis in [0, 1, 4_999] {
        assert_eq!(assertion(&mut bench, &request, after_ms(millis)), first, "{millis}");
    }
    assert_eq!(bench.world.signed, 1);
    let second = assertion(&mut bench, &request, after_ms(5_000));
    assert_eq!((second == first, bench.world.signed), (false, 2));
    assert_eq!(read(&second).1["iat"], json!(NOW_SECONDS + 5));
    assert_eq!(assertion(&mut bench, &request, after_ms(5_001)), second);
    // A clock that went back: what comes from the future is not used.
    let third = assertion(&mut bench, &request, after_ms(4_999));
    assert_eq!((read(&third).1["iat"].clone(), bench.world.signed), (json!(NOW_SECONDS + 4), 3));
}

#[test]
fn a_tenants_origin_gets_one_too_for_its_name() {
    let mut raw = signing(&json!({}));
    raw["tenants"] = json!([
        { "name": "a", "path_prefix": "/a", "origin": "https://a.internal", "claim": false },
        { "name": "b", "path_prefix": "/b", "origin": "https://b.internal", "claim": false },
        { "name": "c", "path_prefix": "/c", "origin": "main", "claim": false },
    ]);
    raw["routes"] = json!([
        { "path": "/**", "access": "authenticated" },
        { "path": "/a/public", "access": "public" },
    ]);
    let mut bench = Bench::of(&raw);
    let token = bench.token(&json!({}));
    for (path, audience, signed) in
        [("/a/x", "a", 1), ("/b/x", "b", 2), ("/c/x", "main", 3), ("/a/y", "a", 3)]
    {
        let (_, claims) = read(&assertion(&mut bench, &get(path).bearer(&token), NOW));
        assert_eq!((&claims["aud"], bench.world.signed), (&json!(audience), signed), "{path}");
    }
    assert!(plan(&mut bench, &get("/a/public").bearer(&token), NOW).assertion().is_none());
    bench.world.signer_is_down = true;
    let other = bench.token(&json!({ "sub": "user-2" }));
    let decision = bench.world.decide(&bench.gateway, &get("/a/x").bearer(&other), NOW);
    assert_eq!(line(&decision), "503 assertion_unavailable");
}

#[test]
fn each_token_and_each_origin_has_its_own() {
    let mut raw = signing(&json!({}));
    for n in 0..5 {
        let origin = json!({ "name": format!("o{n}"), "url": "https://origin.example" });
        raw["origins"].as_array_mut().expect("a list").push(origin);
        let route = json!({ "path": format!("/o{n}"), "access": "authenticated", "origin": format!("o{n}") });
        raw["routes"].as_array_mut().expect("a list").push(route);
    }
    let mut bench = Bench::of(&raw);
    let (one, other) = (bench.token(&json!({})), bench.token(&json!({ "sub": "user-2" })));
    let mut said = |path: &str, token: &str| {
        let (_, claims) = read(&assertion(&mut bench, &get(path).bearer(token), NOW));
        let word = |name: &str| claims[name].as_str().expect(name).to_owned();
        (word("aud"), word("sub"), bench.world.signed)
    };
    let owned = |aud: &str, sub: &str, signed| (aud.to_owned(), sub.to_owned(), signed);
    assert_eq!(said("/o0", &one), owned("o0", "user-1", 1));
    assert_eq!(said("/o1", &one), owned("o1", "user-1", 2));
    assert_eq!(said("/o0", &other), owned("o0", "user-2", 3));
    assert_eq!(said("/o0", &one), owned("o0", "user-1", 3));
    // Four are kept; a fifth takes the place of the oldest.
    for (n, path) in ["/o2", "/o3", "/o4"].into_iter().enumerate() {
        assert_eq!(said(path, &one).2, 4 + n);
    }
    assert_eq!(said("/o1", &one).2, 6);
    assert_eq!(said("/o0", &one).2, 7);
}

#[test]
fn nothing_goes_to_an_origin_without_the_signature() {
    let mut bench = Bench::of(&signing(&json!({})));
    let request = get("/private/a").bearer(&bench.token(&json!({})));
    bench.world.signer_is_down = true;
    for _ in 0..2 {
        let decision = bench.world.decide(&bench.gateway, &request, NOW);
        assert_eq!(line(&decision), "503 assertion_unavailable");
    }
    bench.world.signer_is_down = false;
    assert_eq!(bench.now(&request), PASSED);
    assert_eq!(bench.world.signed, 3);
}

#[test]
fn a_signature_has_64_bytes() {
    for (bytes, outcome) in [(0, false), (63, false), (64, true), (65, false)] {
        let mut bench = Bench::of(&signing(&json!({})));
        let need = need_assertion(&mut bench);
        let Step::Done(decision) = need.resume(&bench.gateway, Some(&vec![1; bytes]), NOW) else {
            panic!("decided");
        };
        assert_eq!(line(&decision) == PASSED, outcome, "{bytes}: {}", line(&decision));
    }
}

/// The need of a request that is held back until its assertion is signed.
#[track_caller]
fn need_assertion(bench: &mut Bench) -> edgeward::gateway::NeedAssertion {
    let request = get("/private/a").bearer(&bench.token(&json!({})));
    let mut step = request.begin(&bench.gateway, NOW);
    loop {
        step = match step {
            Step::NeedAssertion(need) => return *need,
            step => bench.world.answer(&bench.gateway, step, NOW).expect_err("not decided"),
        };
    }
}

#[test]
fn a_revocation_that_is_served_meanwhile_counts() {
    let mut bench = Bench::of(&signing(&json!({})));
    let need = need_assertion(&mut bench);
    bench.gateway.forget_verdicts();
    let signature = assertion_key().sign(need.signing_input());
    let Step::NeedRevocation(need) = need.resume(&bench.gateway, Some(&signature), NOW) else {
        panic!("the store is asked again");
    };
    let mut entries = vec![None; need.names().len()];
    entries[0] = Some("{}".to_owned());
    let answer = RevocationAnswer::Entries(entries);
    let Step::Done(decision) = need.resume(&bench.gateway, &answer, NOW) else {
        panic!("decided");
    };
    assert_eq!(line(&decision), "401 token_revoked");
}

#[test]
fn an_assertion_goes_with_the_verdict() {
    let mut bench = Bench::of(&signing(&json!({})));
    let request = get("/private/a").bearer(&bench.token(&json!({})));
    assertion(&mut bench, &request, NOW);
    bench.gateway.forget_verdicts();
    assertion(&mut bench, &request, NOW);
    assert_eq!(bench.world.signed, 2);
}

#[test]
fn who_is_nobody_gets_no_assertion() {
    let mut bench = Bench::of(&signing(&json!({})));
    let token = bench.token(&json!({}));
    for request in [get("/public/a"), get("/public/a").bearer(&token), get("/optional/a")] {
        let plan = plan(&mut bench, &request, NOW);
        assert_eq!((plan.assertion(), plan.identity()), (None, Vec::new()));
    }
    assert_eq!(bench.now(&get("/.edgeward/me").bearer(&token)), "serve Me");
    assert_eq!(bench.world.signed, 0);
    assertion(&mut bench, &get("/optional/a").bearer(&token), NOW);
    // Without a key there is none for anybody.
    let mut bench = Bench::new();
    assert!(plan(&mut bench, &get("/private/a").bearer(&token), NOW).assertion().is_none());
}

#[test]
fn a_stripped_route_hands_on_the_assertion_and_no_token() {
    let mut bench = Bench::of(&signing(&json!({})));
    let token = bench.token(&json!({}));
    let forged = ["x-auth-assertion", "x_auth_assertion", "x.auth-assertion"];
    let request = forged
        .iter()
        .fold(get("/stripped/a").bearer(&token), |request, name| request.header(name, "forged"));
    let plan = plan(&mut bench, &request, NOW);
    let mut removed: Vec<_> = plan.removed().collect();
    removed.sort_unstable();
    assert_eq!(
        removed,
        ["authorization", "x-auth-assertion", "x.auth-assertion", "x_auth_assertion"]
    );
    let prepared = plan.prepared(str::to_owned).expect("prepared");
    let assertion = plan.assertion().expect("an assertion");
    let assertion = (assertion.0.to_owned(), assertion.1.to_owned());
    let all = plan.identity().into_iter().chain([assertion]).flat_map(<[String; 2]>::from);
    assert_eq!(*prepared, all.collect::<Vec<_>>().join("\n"));
    assert!(!prepared.contains(&token));
}

#[test]
fn an_assertion_that_does_not_fit_is_refused_and_never_left_out() {
    // The identity headers alone have room up to 6144 bytes.
    let verdict = |raw: &Value, bytes: usize| {
        let mut bench = Bench::of(raw);
        let token = bench.token(&json!({ "email": "e".repeat(bytes) }));
        bench.now(&get("/private/a").bearer(&token))
    };
    assert_eq!(verdict(&configuration(), 5_000), PASSED);
    let raw = signing(&json!({}));
    let fits = (2_000..3_000).step_by(8).filter(|bytes| verdict(&raw, *bytes) == PASSED).count();
    assert!((1..125).contains(&fits), "{fits}");
    assert_eq!(verdict(&raw, 3_000), "431 identity_too_large");
}

#[test]
fn a_tenants_origin_gets_an_assertion_of_its_own() {
    let mut raw = signing(&json!({}));
    raw["tenants"] = json!([
        { "name": "acme", "hosts": ["api.example.com"], "origin": "https://acme.internal" },
    ]);
    raw["issuers"][1]["claims"] = json!({ "tenant": "org" });
    raw["routes"] = json!([
        { "path": "/**", "access": "authenticated" },
        { "path": "/main", "access": "authenticated", "origin": "main" },
    ]);
    let mut bench = Bench::of(&raw);
    let token = bench.token(&json!({ "org": "acme" }));
    for (path, audience) in [("/a", "acme"), ("/main", "main")] {
        let text = assertion(&mut bench, &get(path).bearer(&token), NOW);
        assert_eq!(read(&text).1["aud"], audience, "{path}");
    }
}
