use serde_json::{Value, json};

use super::{check, minimal};
use crate::config::{Administrator, Config};
use crate::route::{OwnResource, Requirement, Target};

/// Two issuers, `main` and `other`, and these administrators.
fn with(admin: &Value) -> Value {
    let mut raw = minimal();
    let mut other = raw["issuers"][0].clone();
    (other["name"], other["issuer"]) = (json!("other"), json!("https://other.example.com"));
    raw["issuers"].as_array_mut().expect("a list").push(other);
    raw["admin"] = admin.clone();
    raw
}

#[track_caller]
fn accepted(admin: &Value) -> Config {
    check(&with(admin)).expect("valid")
}

fn refused(admin: &Value) -> Vec<String> {
    check(&with(admin)).err().unwrap_or_default()
}

/// The requirement of the gateway's own route on which revocations are changed.
fn required(config: &Config) -> Option<&Requirement> {
    let mut routes = config.routes.routes().iter();
    let route = routes.find(|route| route.target == Target::Own(OwnResource::Revocations));
    route?.requirement.as_ref()
}

fn role(name: &str) -> Requirement {
    Requirement::Role(name.to_owned())
}

#[test]
fn one_table_is_one_administrator_of_everything() {
    let config = accepted(&json!({ "require": { "role": "admin" } }));
    let [Administrator { requirement, issuers, tenants }] = config.admins.as_slice() else {
        panic!("{:?}", config.admins);
    };
    assert_eq!(requirement, &role("admin"));
    assert!(issuers.is_none() && tenants.is_none());
    assert_eq!(required(&config), Some(&role("admin")));
}

#[test]
fn a_list_has_an_administrator_for_each_table_with_its_issuers_and_tenants() {
    let config = accepted(&json!([
        { "require": { "role": "root" } },
        { "require": { "role": "support" }, "issuers": ["other", "main"], "tenants": ["acme", "Größe 7"] },
    ]));
    let limits = |admin: &Administrator| (admin.issuers.clone(), admin.tenants.clone());
    assert_eq!(limits(&config.admins[0]), (None, None));
    let tenants = vec!["acme".to_owned(), "Größe 7".to_owned()];
    assert_eq!(limits(&config.admins[1]), (Some(vec![1, 0]), Some(tenants)));
    let any = Requirement::Any(vec![role("root"), role("support")]);
    assert_eq!(required(&config), Some(&any));
}

#[test]
fn one_table_may_be_limited_as_well() {
    let config = accepted(&json!({ "require": { "role": "admin" }, "issuers": ["main"] }));
    assert_eq!(config.admins[0].issuers, Some(vec![0]));
}

#[test]
fn a_list_of_one_requires_what_that_one_requires() {
    let config = accepted(&json!([{ "require": { "role": "admin" } }]));
    assert_eq!(required(&config), Some(&role("admin")));
}

#[test]
fn without_administrators_there_is_no_route_for_them() {
    let config = check(&minimal()).expect("valid");
    assert!(config.admins.is_empty() && required(&config).is_none());
}

#[test]
fn what_an_administrator_lacks_or_has_too_much_is_said_at_its_place() {
    let admin = |changes: &Value| {
        let mut admin = json!({ "require": { "role": "admin" } });
        for (name, value) in changes.as_object().expect("an object") {
            admin[name] = value.clone();
        }
        admin
    };
    let empty = "expected a list of texts with at least one entry";
    for (changes, expected) in [
        (json!({ "issuers": [] }), format!("issuers: {empty}")),
        (json!({ "tenants": [] }), format!("tenants: {empty}")),
        (json!({ "tenants": [7] }), format!("tenants: {empty}")),
        (
            json!({ "issuers": ["main", "othr"] }),
            "issuers[1]: expected the name of a configured issuer: did you mean `other`?"
                .to_owned(),
        ),
        (
            json!({ "issuers": ["https://auth.example.com"] }),
            "issuers[0]: expected the name of a configured issuer".to_owned(),
        ),
        (json!({ "colour": "blue" }), "colour: unknown field".to_owned()),
        (
            json!({ "require": { "claim": "id", "path_segment": 0 } }),
            "require: expected no `path_segment`: it is not about one path".to_owned(),
        ),
    ] {
        assert_eq!(refused(&admin(&changes)), [format!("admin.{expected}")]);
        let list = json!([admin(&json!({})), admin(&changes)]);
        assert_eq!(refused(&list), [format!("admin[1].{expected}")]);
    }
    assert_eq!(refused(&json!([{ "issuers": ["main"] }])), ["admin[0].require: is required"]);
}

#[test]
fn an_empty_list_and_what_is_no_table_are_refused() {
    let expected = ["admin: expected a table, or a list of tables with at least one entry"];
    for other in [json!([]), json!("admin"), json!(true)] {
        assert_eq!(refused(&other), expected, "{other}");
    }
    assert_eq!(refused(&json!(["admin"])), ["admin[0]: expected a table"]);
}
