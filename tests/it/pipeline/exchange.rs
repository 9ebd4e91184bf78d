//! An origin that gets a token of its own: what is asked for, what arrives, how long it is used.

use edgeward::gateway::{Outcome, RemoteCall};
use edgeward::time::NumericDate;
use edgeward::token::RemoteReply;
use serde_json::{Value, json};

use super::{Bench, NOW, PASSED, configuration, with};
use crate::support::drive::{line, reply};
use crate::support::request::{Request, get};
use crate::support::{NOW_SECONDS, after_ms};

/// The usual configuration, whose first origin wants a token for `billing`.
pub(super) fn exchanging(changes: &Value) -> Value {
    let mut raw = configuration();
    let exchange = json!({
        "endpoint": "https://auth.example.com/token", "audience": "billing",
        "client_id": "gate way", "client_secret": "SECRET",
    });
    raw["origins"][0]["exchange"] = with(exchange, changes);
    raw
}

/// An auth server's answer with some members replaced.
pub(super) fn issued(changes: &Value) -> Value {
    let answer = json!({
        "access_token": "issued-1", "token_type": "Bearer", "expires_in": 300,
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
    });
    with(answer, changes)
}

pub(super) fn bench() -> Bench {
    let mut bench = Bench::of(&exchanging(&json!({})));
    bench.says_json(200, &issued(&json!({})));
    bench
}

impl Bench {
    /// What an origin gets as `Authorization` when the request passes; the refusal otherwise.
    pub(super) fn sends(&mut self, request: &Request, now: NumericDate) -> String {
        let decision = self.world.decide(&self.gateway, request, now);
        match &decision.outcome {
            Outcome::Forward(plan) => {
                let own = plan.exchanged().map(edgeward::token::ExchangedToken::authorization);
                own.unwrap_or_else(|| "nothing".to_owned())
            }
            _ => line(&decision),
        }
    }
}

/// What differs between two tokens of one issuer.
fn end_of(token: &str) -> &str {
    token.get(token.len() - 40..).expect("ASCII")
}

/// A token of this form for each that is exchanged: its last letters stand in the new one.
pub(super) fn echo(call: &RemoteCall) -> RemoteReply {
    let body = call.body.as_deref().expect("a form");
    let subject = body.split('&').find_map(|pair| pair.strip_prefix("subject_token="));
    let subject = subject.expect("a token");
    let text = format!("for-{}", end_of(subject));
    reply(200, &issued(&json!({ "access_token": text })).to_string())
}

#[test]
fn the_exchange_is_what_rfc_8693_says() {
    let basic = "Basic Z2F0ZSt3YXk6MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    let secret = "&client_id=gate+way&client_secret=0123456789abcdef0123456789abcdef";
    let more = "&resource=https%3A%2F%2Fbilling.example%2F&scope=read+write";
    let (access, jwt) = ("access_token", "jwt");
    for (changes, of, rest, authorization) in [
        (json!({}), access, String::new(), Some(basic)),
        (json!({ "client_auth": "post" }), access, secret.to_owned(), None),
        (json!({ "subject_token_type": "jwt" }), jwt, String::new(), Some(basic)),
        (
            json!({ "resource": "https://billing.example/", "scope": "read write" }),
            access,
            more.to_owned(),
            Some(basic),
        ),
    ] {
        let mut bench = Bench::of(&exchanging(&changes));
        let token = bench.token(&json!({}));
        let expected = format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
             &subject_token={token}&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3A{of}\
             &requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token\
             &audience=billing{rest}"
        );
        bench.says(move |call| {
            assert_eq!(
                (call.method, call.url.as_str()),
                ("POST", "https://auth.example.com/token")
            );
            assert_eq!(call.body.as_deref(), Some(expected.as_str()));
            let header = |name| call.headers.iter().find(|(own, _)| *own == name);
            assert_eq!(header("authorization").map(|(_, value)| value.as_str()), authorization);
            assert!(call.reads_refusals && call.timeout.as_millis() == 5000);
            Ok(reply(200, &issued(&json!({})).to_string()))
        });
        let request = get("/private/a").bearer(&token);
        assert_eq!(bench.sends(&request, NOW), "Bearer issued-1", "{changes}");
        assert_eq!(bench.world.calls, 1);
    }
}

#[test]
fn the_origin_gets_the_new_token_and_never_the_callers() {
    let mut bench = bench();
    let token = bench.token(&json!({}));
    for path in ["/private/a", "/optional/a", "/stripped/a"] {
        let request = get(path).bearer(&token);
        let decision = bench.decide_at(&request, NOW);
        let Outcome::Forward(plan) = &decision.outcome else { panic!("{}", line(&decision)) };
        let authorization = plan.exchanged().expect("a token").authorization();
        assert_eq!(authorization, "Bearer issued-1", "{path}");
        assert_eq!(plan.removed().collect::<Vec<_>>(), ["authorization"], "{path}");
        // What a telling of a change takes along is the identity: the token is not a part of it.
        assert!(plan.identity().iter().all(|(name, _)| name != "authorization"));
    }
}

#[test]
fn without_a_caller_nothing_is_exchanged_and_no_credential_goes_on() {
    let mut bench = bench();
    let token = bench.token(&json!({}));
    for (path, value) in [
        ("/public/a", format!("Bearer {token}")),
        ("/public/a", "Basic abc".to_owned()),
        ("/optional/a", "Basic abc".to_owned()),
    ] {
        let decision = bench.decide_at(&get(path).header("authorization", &value), NOW);
        let Outcome::Forward(plan) = &decision.outcome else { panic!("{}", line(&decision)) };
        assert_eq!((plan.exchanged().is_none(), plan.removed().count()), (true, 1), "{path}");
        assert_eq!(bench.world.calls, 0);
    }
    // Another origin has its clients' own.
    let bound = get("/bound/a").bearer(&token);
    let Outcome::Forward(plan) = bench.decide_at(&bound, NOW).outcome else { panic!("public") };
    assert_eq!(plan.removed().count(), 0);
}

#[test]
fn who_may_not_pass_has_nothing_exchanged() {
    let mut bench = bench();
    let (token, expired) =
        (bench.token(&json!({})), bench.token(&json!({ "exp": NOW_SECONDS - 60 })));
    for (request, expected) in [
        (get("/admin/a").bearer(&token), "403 insufficient_scope"),
        (get("/private/a").bearer(&expired), "401 token_expired"),
        (get("/private/a"), "401 credential_missing"),
    ] {
        assert_eq!(bench.sends(&request, NOW), expected);
        assert_eq!(bench.world.calls, 0, "{expected}");
    }
}

#[test]
fn a_token_in_a_cookie_is_exchanged_and_stays_behind() {
    let mut raw = exchanging(&json!({}));
    raw["routes"] = json!([{
        "path": "/**", "access": "authenticated",
        "credentials": [{ "cookie": "access", "origins": ["https://app.example"] }],
    }]);
    let mut bench = Bench::of(&raw);
    bench.says_json(200, &issued(&json!({})));
    let token = bench.token(&json!({}));
    let request = get("/a").header("cookie", &format!("a=b; access={token}"));
    let decision = bench.decide_at(&request, NOW);
    let Outcome::Forward(plan) = &decision.outcome else { panic!("{}", line(&decision)) };
    assert!(plan.exchanged().is_some());
    assert_eq!(plan.replaced(), [("cookie".to_owned(), "a=b".to_owned())]);
}

#[test]
fn an_exchanged_token_is_used_until_shortly_before_its_end() {
    for (life, fresh_ms) in [(json!(300), 290_000), (json!(8), 4_000), (json!(null), 50_000)] {
        let mut bench = bench();
        bench.says_json(200, &issued(&json!({ "expires_in": life })));
        let request = get("/off/a").bearer(&bench.token(&json!({})));
        for (at, calls) in [(0, 1), (1, 0), (fresh_ms - 1, 0), (fresh_ms, 1), (fresh_ms + 1, 0)] {
            assert_eq!(bench.sends(&request, after_ms(at)), "Bearer issued-1");
            assert_eq!(bench.world.calls, calls, "{life} at {at}");
        }
        // A clock that went back knows nothing of what is to come.
        assert_eq!(bench.sends(&request, after_ms(-1)), "Bearer issued-1");
        assert_eq!(bench.world.calls, 1, "{life}");
    }
}

#[test]
fn it_is_never_used_past_the_end_of_the_callers_own() {
    let mut bench = bench();
    bench.says_json(200, &issued(&json!({ "expires_in": 86_400 })));
    let request = get("/off/a").bearer(&bench.token(&json!({ "exp": NOW_SECONDS + 20 })));
    for (at, calls) in [(0, 1), (19_999, 0), (20_000, 1), (20_001, 1)] {
        // The leeway of 30 s is for clocks; what is kept does not profit from it.
        assert_eq!(bench.sends(&request, after_ms(at)), "Bearer issued-1");
        assert_eq!(bench.world.calls, calls, "at {at}");
    }
    assert_eq!(bench.sends(&request, after_ms(50_000)), "401 token_expired");
}

#[test]
fn a_request_with_a_fresh_one_is_decided_from_memory() {
    let mut bench = bench();
    let request = get("/private/a").bearer(&bench.token(&json!({})));
    assert_eq!(bench.sends(&request, NOW), "Bearer issued-1");
    let step = request.begin(&bench.gateway, after_ms(1000));
    let edgeward::gateway::Step::Done(decision) = step else { panic!("not from memory: {step:?}") };
    assert_eq!(line(&decision), PASSED);
}

#[test]
fn two_tokens_that_begin_alike_never_share_one() {
    let mut bench = Bench::of(&exchanging(&json!({})));
    bench.says(|call| Ok(echo(call)));
    let tokens: Vec<_> =
        (0..200).map(|n| bench.token(&json!({ "jti": format!("t-{n}") }))).collect();
    assert_eq!(tokens[0].get(..40), tokens[1].get(..40));
    for calls in [1, 0] {
        for token in &tokens {
            let request = get("/off/a").bearer(token);
            let expected = format!("Bearer for-{}", end_of(token));
            assert_eq!(bench.sends(&request, NOW), expected);
            assert_eq!(bench.world.calls, calls);
        }
    }
}

#[test]
fn each_audience_has_a_token_of_its_own() {
    let mut raw = exchanging(&json!({}));
    raw["origins"].as_array_mut().expect("a list").push(json!(null));
    let mut other = raw["origins"][0]["exchange"].clone();
    for (index, audience) in [(1, "stock"), (2, "billing")] {
        other["audience"] = json!(audience);
        raw["origins"][index] = json!({
            "name": format!("o-{index}"), "url": "https://other.example", "exchange": other,
        });
    }
    raw["routes"] = json!([
        { "path": "/a", "access": "authenticated" },
        { "path": "/b", "access": "authenticated", "origin": "o-1" },
        { "path": "/c", "access": "authenticated", "origin": "o-2" },
    ]);
    let mut bench = Bench::of(&raw);
    bench.says(|call| {
        let body = call.body.clone().expect("a form");
        let audience = body.split("audience=").nth(1).expect("one").to_owned();
        Ok(reply(200, &issued(&json!({ "access_token": audience })).to_string()))
    });
    let token = bench.token(&json!({}));
    // The same question at the same endpoint has the same answer.
    for (path, sent, calls) in
        [("/a", "billing", 1), ("/b", "stock", 1), ("/c", "billing", 0), ("/b", "stock", 0)]
    {
        let request = get(path).bearer(&token);
        assert_eq!(bench.sends(&request, NOW), format!("Bearer {sent}"));
        assert_eq!(bench.world.calls, calls, "{path}");
    }
}

#[test]
fn a_tenants_origin_by_its_name_gets_its_own_too() {
    let mut raw = exchanging(&json!({}));
    raw["tenants"] = json!([{ "name": "acme", "hosts": ["api.example.com"], "origin": "main" }]);
    raw["issuers"][1]["claims"] = json!({ "tenant": "org" });
    raw["routes"] = json!([{ "path": "/**", "access": "authenticated" }]);
    let mut bench = Bench::of(&raw);
    bench.says_json(200, &issued(&json!({})));
    let token = bench.token(&json!({ "org": "acme" }));
    assert_eq!(bench.sends(&get("/a").bearer(&token), NOW), "Bearer issued-1");
}

#[test]
fn an_explanation_asks_nobody_and_says_what_it_assumes() {
    let mut bench = Bench::of(&exchanging(&json!({})));
    bench.says(|_| panic!("nobody is asked"));
    let request = get("/private/a").bearer(&bench.token(&json!({})));
    let gateway = crate::support::gateway(&bench.raw);
    let explanation = crate::support::explain::explained(&bench.world, &gateway, &request, NOW);
    let last = explanation.findings.last().expect("a step");
    assert_eq!(last.stage.as_str(), "exchange");
    let summary = "not asked here: the auth server is assumed to issue a token for billing";
    assert_eq!(last.summary, summary);
    let shown = serde_json::to_string(&explanation).expect("JSON");
    assert!(!shown.contains("assumed\""), "{shown}");
}
