use super::*;
use crate::json::parse_object;

const NOW: NumericDate = NumericDate::from_seconds(1_767_225_600);
const NONE: Duration = Duration::ZERO;

#[track_caller]
fn claims(text: &str) -> Claims {
    Claims::from_object(parse_object(text.as_bytes()).expect("object")).expect("typed")
}

#[track_caller]
fn verdict(text: &str, leeway: Duration) -> Result<(), &'static str> {
    claims(text).in_force(NOW, leeway).map_err(|error| error.code())
}

#[test]
fn exp_equal_to_now_is_expired() {
    assert_eq!(verdict(r#"{"exp":1767225600}"#, NONE), Err("token_expired"));
    assert_eq!(verdict(r#"{"exp":1767225600.5}"#, NONE), Ok(()));
    assert_eq!(verdict(r#"{"exp":1767225601}"#, NONE), Ok(()));
    assert_eq!(verdict(r#"{"exp":0}"#, NONE), Err("token_expired"));
}

#[test]
fn leeway_moves_exp_by_its_length_and_no_further() {
    let leeway = Duration::from_secs(30);
    assert_eq!(verdict(r#"{"exp":1767225571}"#, leeway), Ok(()));
    assert_eq!(verdict(r#"{"exp":1767225570}"#, leeway), Err("token_expired"));
}

#[test]
fn nbf_equal_to_now_is_valid_and_a_second_later_is_not() {
    assert_eq!(verdict(r#"{"nbf":1767225600}"#, NONE), Ok(()));
    assert_eq!(verdict(r#"{"nbf":1767225601}"#, NONE), Err("token_not_yet_valid"));
    assert_eq!(verdict(r#"{"nbf":1767225630}"#, Duration::from_secs(30)), Ok(()));
    assert_eq!(
        verdict(r#"{"nbf":1767225631}"#, Duration::from_secs(30)),
        Err("token_not_yet_valid")
    );
}

#[test]
fn iat_in_the_future_is_refused() {
    assert_eq!(verdict(r#"{"iat":1767225600}"#, NONE), Ok(()));
    assert_eq!(verdict(r#"{"iat":1767225601}"#, NONE), Err("issued_in_future"));
}

#[test]
fn extreme_times_neither_wrap_nor_panic() {
    for now in [i64::MIN, 0, i64::MAX] {
        for claims_text in
            [r#"{"exp":9007199254740992}"#, r#"{"nbf":0}"#, r#"{"iat":9007199254740992}"#]
        {
            let _ = claims(claims_text).in_force(NumericDate::from_seconds(now), Duration::MAX);
        }
    }
    assert_eq!(verdict(r#"{"exp":9007199254740992}"#, NONE), Ok(()));
}

#[test]
fn required_claims_must_be_there_and_not_null() {
    let required = ["sub".to_owned(), "org.id".to_owned()];
    assert!(claims(r#"{"sub":"a","org":{"id":1}}"#).have(&required).is_ok());
    assert_eq!(claims(r#"{"sub":"a"}"#).have(&required), Err(ClaimError::Missing));
    assert_eq!(
        claims(r#"{"sub":"a","org":{"id":null}}"#).have(&required),
        Err(ClaimError::Missing)
    );
}

#[track_caller]
fn type_verdict(types: &TokenTypes, typ: Option<&str>, text: &str) -> Result<(), &'static str> {
    types.check(typ, &claims(text).all, None).map_err(|error| error.code())
}

#[test]
fn a_refresh_token_opens_nothing_by_default() {
    let types = TokenTypes::default();
    assert_eq!(type_verdict(&types, Some("JWT"), r#"{"token_type":"access"}"#), Ok(()));
    assert_eq!(type_verdict(&types, Some("at+jwt"), "{}"), Ok(()));
    assert_eq!(type_verdict(&types, Some("application/at+JWT"), "{}"), Ok(()));
    assert_eq!(type_verdict(&types, None, "{}"), Ok(()));
    for (typ, text) in [
        (Some("JWT"), r#"{"token_type":"refresh"}"#),
        (None, r#"{"token_type":"refresh"}"#),
        (Some("logout+jwt"), "{}"),
        (Some("logout+jwt"), r#"{"token_type":"access"}"#),
        (Some(""), "{}"),
    ] {
        assert_eq!(type_verdict(&types, typ, text), Err("token_type_refused"), "{typ:?} {text}");
    }
    assert_eq!(type_verdict(&types, None, r#"{"token_type":1}"#), Err("claim_malformed"));
}

#[test]
fn an_answers_type_and_the_tokens_own_must_both_be_accepted() {
    let types = TokenTypes::default();
    let verdict = |answer: &str, own: &str| {
        types.check(Some("JWT"), &claims(answer).all, Some(&claims(own).all)).map_err(|e| e.code())
    };
    assert_eq!(verdict(r#"{"token_type":"Bearer"}"#, r#"{"token_type":"access"}"#), Ok(()));
    assert_eq!(verdict("{}", "{}"), Ok(()));
    for (answer, own) in [
        ("{}", r#"{"token_type":"refresh"}"#),
        (r#"{"token_type":"Bearer"}"#, r#"{"token_type":"refresh"}"#),
        (r#"{"token_type":"DPoP"}"#, r#"{"token_type":"access"}"#),
    ] {
        assert_eq!(verdict(answer, own), Err("token_type_refused"), "{answer} {own}");
    }
    assert_eq!(verdict("{}", r#"{"token_type":1}"#), Err("claim_malformed"));
}

#[test]
fn configured_types_leave_no_room_for_others_or_none() {
    let types = TokenTypes::only(&["at+jwt".to_owned()]);
    assert_eq!(type_verdict(&types, Some("at+jwt"), "{}"), Ok(()));
    for typ in [None, Some("JWT"), Some("at+jwt2")] {
        assert_eq!(type_verdict(&types, typ, "{}"), Err("token_type_refused"));
    }
    let access = TokenTypes::only(&["access".to_owned()]);
    assert_eq!(type_verdict(&access, Some("JWT"), r#"{"token_type":"access"}"#), Ok(()));
}
