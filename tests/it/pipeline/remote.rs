//! An auth server that is asked: what it is sent, and what its yes, no and silence mean.

use std::rc::Rc;
use std::time::Duration;

use edgeward::gateway::{Gateway, Outcome, RemoteCall};
use edgeward::token::{RemoteFailure, RemoteReply};
use serde_json::{Value, json};

use super::{Bench, NOW, PASSED, with};
use crate::support::NOW_SECONDS;
use crate::support::drive::reply;
use crate::support::request::get;

pub(super) const ME: &str = "https://me.example.com";
pub(super) const INTROSPECTION: &str = "https://introspection.example.com";

/// An issuer that shows the caller and takes tokens that name nobody, and one that introspects.
pub(super) fn configuration() -> Value {
    let mut configuration = super::configuration();
    configuration["issuers"] = json!([
        {
            "name": "me", "issuer": ME, "opaque": true,
            "claims": { "subject": "id", "roles": "role", "email": "user.email" },
            "verify": { "me": "https://me.example.com/api/me/" },
        },
        {
            "name": "introspection", "issuer": INTROSPECTION, "audiences": ["api"],
            "verify": {
                "introspection": "https://introspection.example.com/introspect",
                "client_id": "gate way", "client_secret": "SECRET",
            },
        },
    ]);
    configuration
}

/// The configuration with members of the first issuer's `verify` replaced.
pub(super) fn verifying(changes: &Value) -> Value {
    let mut configuration = configuration();
    let verify = configuration["issuers"][0]["verify"].take();
    configuration["issuers"][0]["verify"] = with(verify, changes);
    configuration
}

pub(super) fn bench() -> Bench {
    Bench::of(&configuration())
}

impl Bench {
    /// What the auth server answers from now on.
    pub(super) fn says(
        &mut self,
        answer: impl Fn(&RemoteCall) -> Result<RemoteReply, RemoteFailure> + 'static,
    ) {
        self.world.auth_server = Some(Rc::new(answer));
    }

    pub(super) fn says_json(&mut self, status: u16, body: &Value) {
        let body = body.to_string();
        self.says(move |_| Ok(reply(status, &body)));
    }
}

/// A token of the issuer that introspects; its signature means nothing here.
pub(super) fn jwt(bench: &Bench, changes: &Value) -> String {
    let claims = json!({ "iss": INTROSPECTION, "exp": NOW_SECONDS + 600, "iat": NOW_SECONDS - 60 });
    bench.p256.token(&with(claims, changes))
}

fn header(call: &RemoteCall, name: &str) -> Option<String> {
    call.headers.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone())
}

#[test]
fn the_callers_own_token_is_sent_to_an_endpoint_that_shows_the_caller() {
    let mut bench = bench();
    bench.says(|call| {
        assert_eq!((call.method, call.url.as_str()), ("GET", "https://me.example.com/api/me/"));
        assert_eq!(header(call, "authorization").as_deref(), Some("Bearer op~aque+/="));
        assert_eq!(header(call, "accept").as_deref(), Some("application/json"));
        assert_eq!((call.body.as_deref(), call.headers.len()), (None, 2));
        assert_eq!(call.timeout.as_millis(), 5000);
        Ok(reply(200, r#"{"id":7,"role":"rvt","user":{"email":"a@b.example"}}"#))
    });
    let decision = bench.decide_at(&get("/private/a").bearer("op~aque+/="), NOW);
    let Outcome::Forward(plan) = &decision.outcome else {
        panic!("{}", super::line(&decision));
    };
    let expected = [
        ("x-auth-subject", "7"),
        ("x-auth-issuer", ME),
        ("x-auth-email", "a@b.example"),
        ("x-auth-roles", "\"rvt\""),
    ];
    let headers = plan.identity();
    let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(headers, expected);
    assert_eq!(bench.world.calls, 1);
}

#[test]
fn an_introspection_is_a_form_by_a_client_that_authenticates() {
    let basic = "Basic Z2F0ZSt3YXk6MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    let secret = "client_id=gate+way&client_secret=0123456789abcdef0123456789abcdef";
    for (auth, authorization, rest) in
        [(json!("basic"), Some(basic), String::new()), (json!("post"), None, format!("&{secret}"))]
    {
        let mut configuration = configuration();
        configuration["issuers"][1]["verify"]["client_auth"] = auth;
        let mut bench = Bench::of(&configuration);
        let token = jwt(&bench, &json!({}));
        let body = format!("token={token}&token_type_hint=access_token{rest}");
        bench.says(move |call| {
            assert_eq!(call.method, "POST");
            assert_eq!(call.url, "https://introspection.example.com/introspect");
            assert_eq!(header(call, "authorization").as_deref(), authorization);
            let form = "application/x-www-form-urlencoded";
            assert_eq!(header(call, "content-type").as_deref(), Some(form));
            assert_eq!(call.body.as_deref(), Some(body.as_str()));
            Ok(reply(200, r#"{"active":true,"sub":"user-1","aud":"api"}"#))
        });
        assert_eq!(bench.verdict(&token), PASSED);
    }
}

#[test]
fn a_no_is_an_invalid_token_and_silence_is_503() {
    let mut bench = bench();
    let introspected = jwt(&bench, &json!({}));
    for (token, status, body, verdict) in [
        ("me-1", 401, json!({}), "401 refused_by_auth_server"),
        ("me-2", 403, json!({ "id": 1 }), "401 refused_by_auth_server"),
        ("me-3", 500, json!({ "id": 1 }), "503 auth_server_unavailable"),
        ("me-4", 404, json!({ "id": 1 }), "503 auth_server_unavailable"),
        (&introspected, 401, json!({ "active": false }), "503 auth_server_unavailable"),
        (&introspected, 200, json!({ "active": "false" }), "503 auth_server_unavailable"),
        (&introspected, 200, json!({ "active": false }), "401 refused_by_auth_server"),
    ] {
        bench.says_json(status, &body);
        let decision = bench.decide_at(&get("/private/a").bearer(token), NOW);
        assert_eq!(super::line(&decision), verdict, "{token} {status} {body}");
        let Outcome::Refuse(rejection) = &decision.outcome else { panic!("refused") };
        let is_known = rejection.status() == 401;
        let wire = if is_known { "invalid_token" } else { "auth_server_unavailable" };
        assert_eq!(rejection.wire_code(), wire);
        assert_eq!(rejection.challenge().is_some(), is_known);
        assert_eq!(rejection.retry_after(), (!is_known).then_some(Duration::from_secs(5)));
    }
    bench.world.auth_server = None;
    assert_eq!(bench.verdict("me-5"), "503 auth_server_unavailable");
}

#[test]
fn an_answer_about_nobody_lets_nobody_in() {
    let mut bench = bench();
    for (token, body) in [
        ("a", json!({})),
        ("b", json!({ "id": null })),
        ("c", json!({ "id": "" })),
        ("d", json!({ "user": null })),
        ("e", json!({ "sub": "user-1" })),
    ] {
        bench.says_json(200, &body);
        assert_eq!(bench.verdict(token), "401 claim_missing", "{body}");
    }
    for (token, id) in [("f", json!({ "a": 1 })), ("g", json!(true)), ("h", json!(["a"]))] {
        bench.says_json(200, &json!({ "id": id }));
        assert_eq!(bench.verdict(token), "401 claim_malformed", "{id}");
    }
}

#[test]
fn requirements_are_judged_by_the_answer() {
    let mut bench = bench();
    for (token, role, line) in [
        ("a", json!("admin"), "forward https://origin.example/admin/a"),
        ("b", json!("user"), "403 insufficient_scope"),
        ("c", json!(null), "403 insufficient_scope"),
        ("d", json!({ "admin": true }), "401 claim_malformed"),
    ] {
        bench.says_json(200, &json!({ "id": 1, "role": role }));
        assert_eq!(bench.now(&get("/admin/a").bearer(token)), line);
    }
}

#[test]
fn a_thousand_tokens_that_begin_alike_are_a_thousand_callers() {
    let mut bench = bench();
    let alike = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEiLCJ0eXAiOiJKV1Qi".repeat(4);
    bench.says(|call| {
        let token = header(call, "authorization").expect("a token");
        let id = token.rsplit('-').next().expect("a number").to_owned();
        Ok(reply(200, &json!({ "id": format!("user-{id}") }).to_string()))
    });
    let subject = |bench: &mut Bench, n: usize| {
        let request = get("/private/a").bearer(&format!("{alike}-{n}"));
        let decision = bench.decide_at(&request, NOW);
        let Outcome::Forward(plan) = &decision.outcome else { panic!("{decision:?}") };
        plan.identity()[0].1.clone()
    };
    for calls in [1, 0] {
        for n in 0..1000 {
            assert_eq!(subject(&mut bench, n), format!("user-{n}"));
            assert_eq!(bench.world.calls, calls);
        }
    }
}

#[test]
fn nothing_shows_the_token_or_the_secret() {
    let bench = bench();
    let show = |gateway: &Gateway| {
        let step = get("/private/a").bearer("opaque-token").begin(gateway, NOW);
        let shown = format!("{step:?} {:?}", gateway.config());
        let edgeward::gateway::Step::NeedRemoteClaims(need) = step else { panic!("asked") };
        let call = need.question().call(gateway, NOW).expect("closed");
        format!("{shown} {call:?} {:?}", reply(200, "body-text"))
    };
    let shown = show(&bench.gateway);
    for secret in ["opaque-token", "0123456789abcdef", "body-text"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}
