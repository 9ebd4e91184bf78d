use super::*;

const FORM: &str = "https://login.example.com/{tid}/v2.0";
const METADATA: &str = "https://login.example.com/common/v2.0/.well-known/openid-configuration";

/// The configuration with one issuer that has a template, and these fields.
fn with(changes: &Value) -> Value {
    let mut raw = minimal();
    let issuer = raw["issuers"][0].as_object_mut().expect("an issuer");
    issuer.insert("issuer".to_owned(), json!(FORM));
    issuer.insert("allowed".to_owned(), json!(["a"]));
    for (name, value) in changes.as_object().expect("fields") {
        if value.is_null() {
            issuer.remove(name);
        } else {
            issuer.insert(name.clone(), value.clone());
        }
    }
    raw
}

#[track_caller]
fn faults(changes: &Value) -> Vec<String> {
    let faults = check(&with(changes)).err().unwrap_or_default();
    faults.iter().map(|fault| fault.replacen("issuers[0].", "", 1)).collect()
}

#[test]
fn a_template_says_which_values_are_accepted() {
    let config = check(&with(&json!({}))).expect("valid");
    let policy = &config.issuers[0].policy;
    assert!(policy.takes("https://login.example.com/a/v2.0"));
    assert!(!policy.takes("https://login.example.com/b/v2.0"));
    let config = check(&with(&json!({ "allowed": "any" }))).expect("valid");
    assert!(config.issuers[0].policy.takes("https://login.example.com/b/v2.0"));
    let expected = "allowed: expected the values of the claim that are accepted, or \"any\"";
    assert_eq!(faults(&json!({ "allowed": null })), [expected]);
    let expected = "allowed: expected a list of texts with at least one entry, or \"any\"";
    for allowed in [json!([]), json!("all"), json!([""]), json!(true), json!([1])] {
        assert_eq!(faults(&json!({ "allowed": allowed })), [expected], "{allowed}");
    }
    assert_eq!(
        faults(&json!({ "allowed": ["a", "a/b", "{sub}"] })),
        ["allowed[1]", "allowed[2]"]
            .map(|path| format!("{path}: expected letters, digits and `-._~`"))
    );
    assert_eq!(
        faults(&json!({ "issuer": "https://a.example" })),
        ["allowed: expected a claim in braces in `issuer` with it"]
    );
    for issuer in [
        "https://a.example/{}",
        "https://a.example/{a}/{b}",
        "https://a.example/{a",
        "https://{a}/v2.0",
        "{a}",
    ] {
        let expected = "issuer: expected at most one claim in braces, such as `{tid}`, and a host that does not \
                        depend on it";
        assert_eq!(faults(&json!({ "issuer": issuer })), [expected], "{issuer}");
    }
}

#[test]
fn a_template_goes_with_keys_and_with_the_url_of_the_metadata() {
    let discovery = json!({ "verify": { "discovery": METADATA } });
    let config = check(&with(&discovery)).expect("valid");
    let expected = KeySource::Discovery { url: METADATA.to_owned(), service: None };
    assert!(config.issuers[0].keys.is_fetched_as(&expected));
    let faults_of = |verify: Value| faults(&json!({ "verify": verify }));
    assert_eq!(faults_of(json!({ "discovery": true })).len(), 1);
    assert_eq!(faults_of(json!({ "discovery": "http://a.example/x" })).len(), 1);
    assert_eq!(
        faults_of(json!({ "discovery": false })),
        ["verify.discovery: expected true, or a URL"]
    );
    let asked = json!({ "verify": { "me": "https://a.example/me" }, "algorithms": null, "audiences": null });
    assert_eq!(faults(&asked), ["verify: expected keys, because `issuer` is a template"]);
    assert_eq!(
        faults(&json!({ "without_iss": true })),
        ["without_iss: expected no template in `issuer` with it"]
    );
}

#[test]
fn two_templates_that_could_have_one_iss_are_refused() {
    let mut raw = with(&json!({}));
    let mut other = raw["issuers"][0].clone();
    other["name"] = json!("other");
    other["issuer"] = json!("https://login.example.com/{oid}/v2.0");
    raw["issuers"].as_array_mut().expect("issuers").push(other);
    let errors = check(&raw).expect_err("twins");
    assert_eq!(errors, ["issuers[1].issuer: expected an `iss` that no other issuer has"]);
    raw["issuers"][1]["issuer"] = json!("https://login.example.com/{oid}/v1");
    assert!(check(&raw).is_ok());
    // One that is named exactly comes first.
    raw["issuers"][1].as_object_mut().expect("an issuer").remove("allowed");
    raw["issuers"][1]["issuer"] = json!("https://login.example.com/a/v2.0");
    assert!(check(&raw).is_ok());
}
