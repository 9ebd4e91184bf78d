use super::*;
use crate::route::{ClaimTest, Requirement};

#[track_caller]
fn read(requirement: &Value) -> Requirement {
    let mut raw = minimal();
    raw["routes"][0]["require"] = requirement.clone();
    let config = check(&raw).unwrap_or_else(|errors| panic!("{errors:?}"));
    config.routes.routes()[0].requirement.clone().expect("a requirement")
}

/// The faults of a requirement, without the path of the requirement itself.
fn faults(requirement: Value) -> Vec<String> {
    let faults = errors("/routes/0/require", requirement);
    faults.iter().map(|fault| fault.replacen("routes[0].require", "", 1)).collect()
}

#[test]
fn every_kind_of_requirement_is_read() {
    let text = |text: &str| text.to_owned();
    let claim = |test| Requirement::Claim { path: text("org.plan"), test };
    for (raw, requirement) in [
        (json!({ "role": "admin" }), Requirement::Role(text("admin"))),
        (json!({ "scope": "users:write" }), Requirement::Scope(text("users:write"))),
        (json!({ "issuer": "main" }), Requirement::Issuer(text("main"))),
        (json!({ "tenant": "acme" }), Requirement::Tenant(text("acme"))),
        (json!({ "acr": ["mfa", "hw"] }), Requirement::Acr(vec![text("mfa"), text("hw")])),
        (json!({ "max_age_seconds": 300 }), Requirement::MaxAge(Duration::from_secs(300))),
        (json!({ "claim": "org.plan", "equals": 2.5 }), claim(ClaimTest::Equals(json!(2.5)))),
        (
            json!({ "claim": "org.plan", "one_of": ["pro", 2, true] }),
            claim(ClaimTest::OneOf(vec![json!("pro"), json!(2), json!(true)])),
        ),
        (json!({ "claim": "org.plan", "contains": "a" }), claim(ClaimTest::Contains(json!("a")))),
        (json!({ "claim": "org.plan", "exists": false }), claim(ClaimTest::Exists(false))),
        (
            json!({ "claim": "org.plan", "min": 2, "max": 2 }),
            claim(ClaimTest::Range { min: Some(2.into()), max: Some(2.into()) }),
        ),
        (
            json!({ "claim": "org.plan", "max": -1 }),
            claim(ClaimTest::Range { min: None, max: Some((-1).into()) }),
        ),
        (
            json!({ "not": { "role": "a" } }),
            Requirement::Not(Box::new(Requirement::Role(text("a")))),
        ),
        (json!({ "all": [{ "role": "a" }] }), Requirement::All(vec![Requirement::Role(text("a"))])),
        (json!({ "any": [{ "role": "a" }] }), Requirement::Any(vec![Requirement::Role(text("a"))])),
    ] {
        assert_eq!(read(&raw), requirement, "{raw}");
    }
}

#[test]
fn a_fault_is_told_where_it_stands() {
    let routes = json!([
        { "path": "/a", "access": "public" },
        { "path": "/b", "access": "authenticated", "require":
            { "any": [{ "role": "a" }, { "claim": "", "equals": 1 }, { "not": { "all": [] } }] } },
    ]);
    assert_eq!(
        errors("/routes", routes),
        [
            "routes[1].require.any[1].claim: expected a text that is not empty",
            "routes[1].require.any[2].not.all: expected at least one requirement",
        ]
    );
    let mut raw = minimal();
    raw["admin"] = json!({ "require": { "issuer": "other" } });
    assert_eq!(
        check(&raw).expect_err("unknown"),
        ["admin.require.issuer: expected the name of a configured issuer"]
    );
}

#[test]
fn one_table_holds_one_requirement() {
    const KINDS: &str = ": expected exactly one of `role`, `scope`, `claim`, `issuer`, `tenant`, \
                         `acr`, `max_age_seconds`, `all`, `any`, `not`";
    assert_eq!(faults(json!({ "role": "a", "not": { "role": "b" } })), [KINDS]);
    assert_eq!(faults(json!({ "not": {} })), [format!(".not{KINDS}")]);
    assert_eq!(faults(json!({ "not": [{ "role": "a" }] })), [".not: expected a table"]);
    assert_eq!(faults(json!({ "role": "a", "equals": "b" })), [".equals: unknown field"]);
    assert_eq!(faults(json!({ "acr": ["a"], "leeway": 1 })), [".leeway: unknown field"]);
}

#[test]
fn one_test_is_asked_of_a_claim() {
    const ONE: &str = ": expected exactly one of `equals`, `one_of`, `contains`, `exists`, \
                       `path_segment`, `min` and `max`";
    for raw in [
        json!({ "claim": "a" }),
        json!({ "claim": "a", "equals": 1, "exists": true }),
        json!({ "claim": "a", "min": 1, "one_of": [1] }),
        json!({ "claim": "a", "min": 1, "max": 2, "contains": 1 }),
    ] {
        assert_eq!(faults(raw.clone()), [ONE], "{raw}");
    }
    let matches = faults(json!({ "claim": "a", "matches": "b" }));
    assert_eq!(matches, [ONE, ".matches: unknown field"]);
}

#[test]
fn what_a_claim_is_compared_with_is_a_text_a_number_or_a_boolean() {
    for value in [json!(null), json!(""), json!([]), json!(["a"]), json!({})] {
        for test in ["equals", "contains"] {
            let found = faults(json!({ "claim": "a", test: value }));
            let expected =
                format!(".{test}: expected a text that is not empty, a number or a boolean");
            assert_eq!(found, [expected], "{value}");
        }
    }
    for value in [json!([]), json!("a"), json!([null]), json!(["a", ""]), json!([["a"]])] {
        let found = faults(json!({ "claim": "a", "one_of": value }));
        let expected = ".one_of: expected a list of texts, numbers or booleans with at least one \
                        entry";
        assert_eq!(found, [expected], "{value}");
    }
    assert_eq!(
        faults(json!({ "claim": "a", "exists": "no" })),
        [".exists: expected true or false"]
    );
    assert_eq!(faults(json!({ "claim": "a", "min": "1" })), [".min: expected a number"]);
    assert_eq!(faults(json!({ "claim": "a", "max": true })), [".max: expected a number"]);
}

#[test]
fn numbers_are_those_that_the_platform_hands_on_unrounded() {
    const MOST: i64 = 9_007_199_254_740_991;
    const FAULT: &str = ": expected a number within ±9007199254740991";
    for most in [MOST, -MOST] {
        read(&json!({ "claim": "a", "equals": most }));
        read(&json!({ "claim": "a", "one_of": ["x", most] }));
    }
    for beyond in [json!(MOST + 1), json!(-MOST - 1), json!(u64::MAX), json!(1e300)] {
        for test in ["equals", "contains", "min", "max"] {
            let found = faults(json!({ "claim": "a", test: beyond }));
            assert_eq!(found, [format!(".{test}{FAULT}")], "{beyond}");
        }
        let found = faults(json!({ "claim": "a", "one_of": [1, beyond] }));
        assert_eq!(found, [format!(".one_of[1]{FAULT}")], "{beyond}");
    }
}

#[test]
fn a_range_that_nothing_is_in_is_refused() {
    read(&json!({ "claim": "a", "min": 1.5, "max": 1.5 }));
    assert_eq!(
        faults(json!({ "claim": "a", "min": 2, "max": 1.5 })),
        [".min: expected no more than `max`"]
    );
}

#[test]
fn what_a_challenge_names_can_stand_between_quotes() {
    const FAULT: &str = ": expected visible ASCII without spaces, `\"` and `\\`";
    for sound in ["users:write", "urn:mace:incommon:iap:silver", "!#[]~", "a,b"] {
        read(&json!({ "scope": sound }));
        read(&json!({ "acr": [sound] }));
    }
    for word in ["a b", "a\"b", "a\\b", "a\r\nb", "é", "\u{7f}", " "] {
        assert_eq!(faults(json!({ "scope": word })), [format!(".scope{FAULT}")], "{word:?}");
        let found = faults(json!({ "acr": ["x", word] }));
        assert_eq!(found, [format!(".acr[1]{FAULT}")], "{word:?}");
    }
    assert_eq!(
        faults(json!({ "acr": "mfa" })),
        [".acr: expected a list of texts with at least one entry"]
    );
}

#[test]
fn an_issuer_is_one_of_the_configured_names() {
    for (name, hint) in
        [("other", ""), ("Main", ": did you mean `main`?"), ("https://auth.example.com", "")]
    {
        assert_eq!(
            faults(json!({ "not": { "issuer": name } })),
            [format!(".not.issuer: expected the name of a configured issuer{hint}")]
        );
    }
    // A fault of the issuer itself is told once.
    let mut raw = minimal();
    raw["issuers"][0]["audiences"] = json!([]);
    raw["routes"][0]["require"] = json!({ "issuer": "main" });
    assert_eq!(check(&raw).expect_err("no audience").len(), 1);
}

#[test]
fn ages_are_whole_seconds_up_to_ten_years() {
    read(&json!({ "max_age_seconds": 1 }));
    read(&json!({ "max_age_seconds": 315_360_000 }));
    for age in [json!(0), json!(315_360_001), json!(1.5), json!("60"), json!(-1)] {
        assert_eq!(
            faults(json!({ "max_age_seconds": age })),
            [".max_age_seconds: expected a whole number from 1 to 315360000"]
        );
    }
}

#[test]
fn a_tree_is_at_most_8_levels_deep() {
    let nested = |levels: usize| {
        (1..levels).fold(json!({ "role": "a" }), |inner, _| json!({ "not": inner }))
    };
    read(&nested(8));
    for levels in [9, 100] {
        let place = ".not".repeat(8);
        assert_eq!(
            faults(nested(levels)),
            [format!("{place}: expected at most 8 levels of requirements")]
        );
    }
}

#[test]
fn a_tree_has_at_most_128_requirements_of_at_most_128_values() {
    let wide = |branches: usize| json!({ "any": vec![json!({ "role": "a" }); branches] });
    read(&wide(127));
    assert_eq!(faults(wide(128)), [": expected at most 128 requirements in all, got 129"]);
    let values = |count: usize| vec![json!("a"); count];
    read(&json!({ "claim": "a", "one_of": values(128) }));
    read(&json!({ "acr": values(128) }));
    for (raw, name) in [
        (json!({ "claim": "a", "one_of": values(129) }), "one_of"),
        (json!({ "acr": values(129) }), "acr"),
    ] {
        assert_eq!(faults(raw), [format!(".{name}: expected at most 128 values, got 129")]);
    }
}

#[test]
fn a_segment_of_the_path_must_be_one_that_differs_from_request_to_request() {
    let read = |path: &str, requirement: Value| {
        let mut raw = minimal();
        raw["routes"][0]["path"] = json!(path);
        raw["routes"][0]["require"] = requirement;
        check(&raw).map(|config| config.routes.routes()[0].compared_segments.clone())
    };
    let at = |index: u64| json!({ "claim": "sub", "path_segment": index });
    assert_eq!(read("/users/*/x", at(1)).expect("valid"), [1]);
    assert_eq!(read("/users/**", at(7)).expect("valid"), [7]);
    let both = json!({ "any": [at(1), { "all": [at(2), { "role": "a" }] }] });
    assert_eq!(read("/users/*/*", both).expect("valid"), [1, 2]);
    let expected = "routes[0].require: expected the index of a `*`, or of a segment below `**`, for \
                    `path_segment`";
    for (path, index, varying) in [
        ("/users/*/x", 0, "`*` has index 1"),
        ("/users/*/x", 2, "`*` has index 1"),
        ("/users/*", 2, "`*` has index 1"),
        ("/*/users/*", 1, "`*` has index 0, `*` has index 2"),
        ("/users/**", 0, "`**` begins at index 1"),
        ("/users/*/x/**", 2, "`*` has index 1, `**` begins at index 3"),
        ("/users/x", 1, "the path has neither"),
    ] {
        let problem = format!("{expected}: {varying}");
        assert_eq!(read(path, at(index)).expect_err(path), [problem], "{path} {index}");
    }
    for requirement in [
        json!({ "not": at(1) }),
        json!({ "any": [{ "role": "a" }, { "not": { "all": [at(1)] } }] }),
    ] {
        let errors = read("/users/*", requirement.clone()).expect_err("negated");
        assert!(errors[0].contains("expected no `path_segment` under `not`"), "{errors:?}");
    }
    for value in [json!(-1), json!(64), json!(1.5), json!("1")] {
        let requirement = json!({ "claim": "sub", "path_segment": value });
        let errors = read("/users/*", requirement).expect_err("no index");
        let path = "routes[0].require.path_segment";
        assert_eq!(errors, [format!("{path}: expected a whole number from 0 to 63")], "{value}");
    }
    let mut raw = minimal();
    raw["admin"] = json!({ "require": at(0) });
    assert_eq!(
        check(&raw).expect_err("no path"),
        ["admin.require: expected no `path_segment`: it is not about one path"]
    );
}
