//! Tests of [`ClaimTest`]: each test with each kind of claim.

use super::*;

#[test]
fn equals_wants_the_same_type_and_value() {
    let path = "org.plan";
    table(
        &claim(path, ClaimTest::Equals("pro".into())),
        &[
            (r#"{"org":{"plan":"pro"}}"#, Holds),
            (r#"{"org.plan":"pro"}"#, Holds),
            (r#"{"org":{"plan":"Pro"}}"#, Fails),
            (r#"{"org":{"plan":""}}"#, Fails),
            (r#"{"org":{"plan":["pro"]}}"#, Unknown),
            (r#"{"org":{"plan":1}}"#, Unknown),
            (r#"{"org":{"plan":null}}"#, Unknown),
            (r#"{"org":"pro"}"#, Unknown),
            ("{}", Unknown),
        ],
    );
    table(
        &claim("verified", ClaimTest::Equals(true.into())),
        &[
            (r#"{"verified":true}"#, Holds),
            (r#"{"verified":false}"#, Fails),
            (r#"{"verified":"true"}"#, Unknown),
            (r#"{"verified":1}"#, Unknown),
        ],
    );
    table(
        &claim("level", ClaimTest::Equals(2.into())),
        &[
            (r#"{"level":2}"#, Holds),
            (r#"{"level":2.0}"#, Holds),
            (r#"{"level":2.5}"#, Fails),
            (r#"{"level":18446744073709551615}"#, Fails),
            (r#"{"level":"2"}"#, Unknown),
        ],
    );
    table(
        &claim("id", ClaimTest::Equals(9_007_199_254_740_993_i64.into())),
        &[
            (r#"{"id":9007199254740993}"#, Holds),
            (r#"{"id":9007199254740992}"#, Fails),
            (r#"{"id":9007199254740993.0}"#, Fails),
        ],
    );
}

#[test]
fn one_of_wants_one_value_and_knows_no_other_types() {
    let active = ["active", "trialing"].map(serde_json::Value::from).to_vec();
    table(
        &claim("subscription.status", ClaimTest::OneOf(active)),
        &[
            (r#"{"subscription":{"status":"active"}}"#, Holds),
            (r#"{"subscription":{"status":"trialing"}}"#, Holds),
            (r#"{"subscription":{"status":"canceled"}}"#, Fails),
            (r#"{"subscription":{"status":["active"]}}"#, Unknown),
            (r#"{"subscription":{"status":null}}"#, Unknown),
            (r#"{"subscription":["active"]}"#, Unknown),
            ("{}", Unknown),
        ],
    );
    table(
        &claim("plan", ClaimTest::OneOf(vec!["pro".into(), 2.into(), true.into()])),
        &[
            (r#"{"plan":2}"#, Holds),
            (r#"{"plan":true}"#, Holds),
            (r#"{"plan":"2"}"#, Fails),
            (r#"{"plan":1}"#, Fails),
            (r#"{"plan":{}}"#, Unknown),
        ],
    );
    table(&claim("plan", ClaimTest::OneOf(vec![])), &[(r#"{"plan":"pro"}"#, Unknown)]);
}

#[test]
fn contains_wants_an_item_of_a_list_and_never_a_part_of_a_text() {
    table(
        &claim("groups", ClaimTest::Contains("staff".into())),
        &[
            (r#"{"groups":["x","staff"]}"#, Holds),
            (r#"{"groups":[1,"staff"]}"#, Holds),
            (r#"{"groups":["Staff","staffing"]}"#, Fails),
            (r#"{"groups":[]}"#, Fails),
            (r#"{"groups":["x",1]}"#, Unknown),
            (r#"{"groups":[["staff"]]}"#, Unknown),
            (r#"{"groups":"staff"}"#, Unknown),
            (r#"{"groups":"x staff"}"#, Unknown),
            (r#"{"groups":{"staff":true}}"#, Unknown),
            (r#"{"groups":null}"#, Unknown),
            ("{}", Unknown),
        ],
    );
    table(
        &claim("teams", ClaimTest::Contains(7.into())),
        &[
            (r#"{"teams":[6,7]}"#, Holds),
            (r#"{"teams":[7.0]}"#, Holds),
            (r#"{"teams":[70]}"#, Fails),
            (r#"{"teams":["7"]}"#, Unknown),
        ],
    );
}

#[test]
fn exists_asks_for_presence_and_null_is_absence() {
    let lines = [
        (r#"{"org":{"suspended":true}}"#, Holds),
        (r#"{"org":{"suspended":false}}"#, Holds),
        (r#"{"org":{"suspended":""}}"#, Holds),
        (r#"{"org":{"suspended":[]}}"#, Holds),
        (r#"{"org":{"suspended":null}}"#, Fails),
        (r#"{"org":{}}"#, Fails),
        (r#"{"org":null}"#, Fails),
        ("{}", Fails),
        (r#"{"org":"acme"}"#, Unknown),
        (r#"{"org":[{"suspended":true}]}"#, Unknown),
    ];
    table(&claim("org.suspended", ClaimTest::Exists(true)), &lines);
    let absent = lines.map(|(text, truth)| (text, !truth));
    table(&claim("org.suspended", ClaimTest::Exists(false)), &absent);
}

#[test]
fn a_range_includes_its_bounds_and_takes_numbers_only() {
    table(
        &claim("level", range(Some("2"), Some("5"))),
        &[
            (r#"{"level":2}"#, Holds),
            (r#"{"level":3.5}"#, Holds),
            (r#"{"level":5.0}"#, Holds),
            (r#"{"level":1.9999999}"#, Fails),
            (r#"{"level":5.0000001}"#, Fails),
            (r#"{"level":-3}"#, Fails),
            (r#"{"level":18446744073709551615}"#, Fails),
            (r#"{"level":"3"}"#, Unknown),
            (r#"{"level":[3]}"#, Unknown),
            (r#"{"level":true}"#, Unknown),
            (r#"{"level":null}"#, Unknown),
            ("{}", Unknown),
        ],
    );
    let huge = range(Some("9007199254740993"), None);
    table(
        &claim("id", huge),
        &[
            (r#"{"id":9007199254740993}"#, Holds),
            (r#"{"id":1e300}"#, Holds),
            (r#"{"id":9007199254740992}"#, Fails),
        ],
    );
    table(
        &claim("balance", range(None, Some("-0.5"))),
        &[
            (r#"{"balance":-0.5}"#, Holds),
            (r#"{"balance":-1}"#, Holds),
            (r#"{"balance":0}"#, Fails),
        ],
    );
    table(&claim("level", range(None, None)), &[(r#"{"level":3}"#, Unknown)]);
}
