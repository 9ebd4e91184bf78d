//! When a new login would do (RFC 9470), and what it must be.

use super::*;

fn acr(values: &[&str]) -> Requirement {
    Requirement::Acr(values.iter().map(|value| (*value).to_owned()).collect())
}

fn age(seconds: u64) -> Requirement {
    Requirement::MaxAge(Duration::from_secs(seconds))
}

fn all(branches: &[Requirement]) -> Requirement {
    Requirement::All(branches.to_vec())
}

fn any(branches: &[Requirement]) -> Requirement {
    Requirement::Any(branches.to_vec())
}

fn not(branch: Requirement) -> Requirement {
    Requirement::Not(Box::new(branch))
}

/// `acr` values and age in one line; `-` when no step-up would do.
#[track_caller]
fn offered(tree: &Requirement, text: &str) -> String {
    let step_up = with_facts(text, |facts| tree.step_up(facts));
    let Some(StepUp { acr_values, max_age }) = step_up else {
        return "-".to_owned();
    };
    let acr = acr_values.unwrap_or_else(|| vec!["any".to_owned()]).join(" ");
    let age = max_age.map_or_else(|| "any".to_owned(), |age| age.as_secs().to_string());
    format!("acr {acr}, age {age}")
}

const ADMIN: &str = r#"{"roles":["admin"]}"#;
const USER: &str = r#"{"roles":["user"]}"#;

#[test]
fn a_step_up_is_offered_when_it_is_all_that_is_missing() {
    let tree = all(&[role("admin"), acr(&["mfa", "hw"]), age(300)]);
    assert_eq!(offered(&tree, ADMIN), "acr mfa hw, age 300");
    assert_eq!(
        offered(&tree, r#"{"roles":["admin"],"acr":"pwd","auth_time":0}"#),
        "acr mfa hw, age 300"
    );
    for text in [USER, "{}", r#"{"acr":"mfa","auth_time":1767225600}"#] {
        assert_eq!(offered(&tree, text), "-", "{text}");
    }
    assert_eq!(offered(&role("admin"), USER), "-");
    for empty in [all(&[]), any(&[]), acr(&[])] {
        assert_eq!(offered(&empty, USER), "-", "{empty}");
    }
}

#[test]
fn where_nothing_is_missing_nothing_is_asked_for() {
    let now = r#"{"roles":["admin"],"acr":"mfa","auth_time":1767225600}"#;
    for tree in [role("admin"), acr(&["mfa"]), all(&[acr(&["mfa"]), age(300)])] {
        assert_eq!(offered(&tree, now), "-", "{tree}");
    }
}

#[test]
fn what_the_token_says_already_is_asked_for_again() {
    let tree = all(&[acr(&["mfa"]), age(300)]);
    assert_eq!(offered(&tree, r#"{"acr":"mfa","auth_time":0}"#), "acr mfa, age 300");
}

#[test]
fn one_login_must_do_for_every_branch_of_all() {
    let tree = all(&[acr(&["a", "b", "c"]), age(300), acr(&["c", "b"]), age(60)]);
    assert_eq!(offered(&tree, "{}"), "acr b c, age 60");
    assert_eq!(offered(&all(&[acr(&["a"]), acr(&["b"])]), "{}"), "-");
}

#[test]
fn of_any_the_branch_that_holds_or_can_be_opened_is_taken() {
    let tree = any(&[all(&[role("admin"), acr(&["mfa"])]), acr(&["hw"])]);
    assert_eq!(offered(&tree, ADMIN), "acr mfa, age any");
    assert_eq!(offered(&tree, USER), "acr hw, age any");
    let guarded = all(&[any(&[acr(&["hw"]), role("admin")]), age(60)]);
    assert_eq!(offered(&guarded, ADMIN), "acr any, age 60");
    assert_eq!(offered(&guarded, USER), "acr hw, age 60");
    assert_eq!(offered(&any(&[role("x"), role("y")]), USER), "-");
}

#[test]
fn under_not_a_login_promises_nothing() {
    assert_eq!(offered(&not(acr(&["pwd"])), r#"{"acr":"pwd"}"#), "-");
    assert_eq!(offered(&not(age(300)), r#"{"auth_time":1767225600}"#), "-");
    let tree = all(&[not(role("guest")), acr(&["mfa"])]);
    assert_eq!(offered(&tree, USER), "acr mfa, age any");
    assert_eq!(offered(&tree, r#"{"roles":["guest"]}"#), "-");
    assert_eq!(offered(&tree, "{}"), "-");
}
