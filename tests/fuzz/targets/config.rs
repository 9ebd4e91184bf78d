//! A configuration is refused with its reasons, or makes a gateway that lets nobody pass by accident.

use edgeward::config::{Config, Environment, KeySource};
use edgeward::gateway::{Admission, Gateway, Outcome, Step};
use edgeward::http::{FieldNames, RequestHead, RequestId};
use edgeward::route::{Access, Route, Target};
use edgeward::time::NumericDate;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// `data` is the configuration as JSON.
pub(crate) fn check(data: &[u8]) {
    let Ok(raw) = serde_json::from_slice::<serde_json::Value>(data) else {
        return;
    };
    let environment = Environment {
        secret: &|name| (name == "SECRET").then(|| SECRET.to_owned()),
        has_service: &|name| name == "API",
        limiter: &|_| Some(None),
        has_store: true,
        has_log: false,
        has_sessions: false,
        has_database: false,
        has_metrics: false,
        is_edge: data.len().is_multiple_of(2),
    };
    match Config::check(&(&raw).into(), &environment) {
        Ok(config) => lets_nobody_pass_by_accident(&Gateway::new(config)),
        Err(errors) => {
            assert!(!errors.as_slice().is_empty(), "refused without a reason");
            assert!(!errors.to_string().contains(SECRET), "a secret shows");
        }
    }
}

fn lets_nobody_pass_by_accident(gateway: &Gateway) {
    let config = gateway.config();
    assert!(!config.origins.is_empty());
    for issuer in &config.issuers {
        let has_keys = !matches!(issuer.keys, KeySource::Absent);
        assert!(has_keys || issuer.remote.is_some(), "nobody vouches for its tokens");
        assert_eq!(has_keys, !issuer.algorithms.is_empty());
        // No list at all is only for tokens that nobody verifies here.
        assert_eq!(issuer.policy.any_audience, issuer.policy.audiences.is_empty());
        assert!(!(issuer.policy.any_audience && issuer.verifies_tokens()));
        assert!(!issuer.is_opaque || issuer.remote.is_some());
        let symmetric = issuer.algorithms.iter().filter(|algorithm| algorithm.is_symmetric());
        assert!([0, issuer.algorithms.len()].contains(&symmetric.count()), "mixed kinds of keys");
    }
    for route in config.routes.routes() {
        let text = route.pattern.as_str();
        let own = text == "/.edgeward" || text.starts_with("/.edgeward/");
        assert_eq!(own, matches!(route.target, Target::Own(_)), "{}", route.pattern);
        assert!(route.requirement.is_none() || route.access == Access::Authenticated);
        let path = route.pattern.as_str().replace("/**", "/x/y");
        decides(gateway, &path, route);
    }
    decides_own(gateway);
}

/// A request without a token passes where a public or optional route says so, and nowhere else.
fn decides(gateway: &Gateway, path: &str, wanted: &Route) {
    let step = begin(gateway, path);
    let Step::Done(decision) = step else {
        panic!("{path} needs something without a token");
    };
    let matched = decision.record.route.and_then(|at| gateway.config().routes.routes().get(at));
    match decision.outcome {
        Outcome::Forward(plan) => {
            assert!(matched.is_some_and(|route| route.access != Access::Authenticated), "{path}");
            assert!(
                matches!(plan.admission(), Admission::Anonymous(..)) && plan.identity().is_empty()
            );
        }
        Outcome::Serve(own) => assert!(own.admission.caller().is_none()),
        // The methods of a route may leave `GET` out.
        Outcome::Refuse(refusal) => assert!(refusal.status() < 500, "{path}: {}", wanted.pattern),
    }
}

fn decides_own(gateway: &Gateway) {
    for path in ["/.edgeward", "/.edgeward/health", "/.edgeward/x", "/%2eedgeward/x"] {
        let Step::Done(decision) = begin(gateway, path) else {
            panic!("{path} needs something without a token");
        };
        assert!(matches!(decision.outcome, Outcome::Serve(_)), "{path} reaches an origin");
    }
}

fn begin(gateway: &Gateway, path: &str) -> Step {
    let url = format!("https://api.example.com{path}");
    let names = &FieldNames::default().into();
    let head =
        RequestHead { method: "GET", url: &url, names, fields: &[], id: RequestId::unknown() };
    gateway.begin(&head, NumericDate::from_seconds(1_767_225_600))
}
