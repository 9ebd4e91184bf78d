//! What issuers, auth servers and clients as they are send: whole decisions, by the cases of
//! `tests/vectors/interop*.json`.

use std::path::Path;
use std::rc::Rc;

use edgeward::config::{Config, Environment};
use edgeward::gateway::{Gateway, Outcome};
use edgeward::jose::JwkSet;
use edgeward::time::NumericDate;
use serde_json::Value;

use crate::support::drive::{World, line, reply};
use crate::support::request::Request;

#[test]
fn every_case_comes_to_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut count = 0;
    for file in ["interop.json", "interop_cases.json"] {
        let text = std::fs::read_to_string(folder.join(file)).expect(file);
        let cases: Vec<Value> = serde_json::from_str(&text).expect(file);
        for case in cases.iter().filter(|case| case.get("id").is_some()) {
            check(case);
            count += 1;
        }
    }
    assert!(count >= 50, "{count} cases");
}

#[track_caller]
fn check(case: &Value) {
    let id = case["id"].as_str().expect("an id");
    let decision = world(case).decide(&gateway(case), &request(case), now(case));
    let found = line(&decision);
    match &decision.outcome {
        Outcome::Forward(plan) => {
            let expected = &case["expect"];
            assert!(expected == "forward" || expected.get("forward").is_some(), "{id}: {found}");
            for (name, value) in expected["forward"].as_object().into_iter().flatten() {
                let own = plan.identity().into_iter().find(|(own, _)| own == name);
                let own = own.map(|(_, value)| value);
                assert_eq!(own.as_deref(), value.as_str(), "{id}: {name}");
            }
        }
        Outcome::Refuse(rejection) => {
            let expected = &case["expect"];
            assert_eq!(expected["refuse"], rejection.status(), "{id}: {found}");
            let code = expected["code"].as_str().unwrap_or_else(|| rejection.code());
            assert_eq!(code, rejection.code(), "{id}");
        }
        Outcome::Serve(_) => panic!("{id}: {found}"),
    }
}

fn now(case: &Value) -> NumericDate {
    NumericDate::from_seconds(case["now"].as_i64().expect("a time"))
}

fn gateway(case: &Value) -> Gateway {
    let environment = Environment {
        secret: &|name| case["secrets"][name].as_str().map(str::to_owned),
        has_service: &|_| false,
        limiter: &|_| None,
        has_store: true,
        has_log: false,
        has_sessions: false,
        has_database: false,
        has_metrics: false,
        is_edge: false,
    };
    let config = Config::check(&(&case["config"]).into(), &environment);
    Gateway::new(config.unwrap_or_else(|errors| panic!("{}: {errors}", case["id"])))
}

/// The world in which its first issuer publishes the case's keys, and its auth server answers.
fn world(case: &Value) -> World {
    let mut world = World::default();
    if let Some(set) = case.get("jwks") {
        world.published.insert(0, JwkSet::from_json(set).expect("a key set"));
    }
    if let Some(answer) = case.get("answer") {
        let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        let body = answer.get("body").map(Value::to_string).unwrap_or_default();
        let status = status.expect("a status");
        world.auth_server = Some(Rc::new(move |_| Ok(reply(status, &body))));
    }
    world
}

fn request(case: &Value) -> Request {
    let text = |name: &str| case[name].as_str().expect(name).to_owned();
    let mut request = Request { method: text("method"), url: text("url"), headers: Vec::new() };
    for (name, value) in case["headers"].as_object().into_iter().flatten() {
        request = request.header(name, value.as_str().expect("a text"));
    }
    if let Some(token) = case["token"].as_str() {
        request = request.bearer(token);
    }
    request
}
