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
fn life(text: &str, is_vouched: bool) -> Result<(), &'static str> {
    let longest = Duration::from_secs(60);
    claims(text).check_life(longest, is_vouched).map_err(|error| error.code())
}

#[test]
fn a_life_of_exactly_the_longest_is_accepted_and_no_millisecond_more() {
    for is_vouched in [false, true] {
        assert_eq!(life(r#"{"iat":100,"exp":160}"#, is_vouched), Ok(()));
        assert_eq!(life(r#"{"iat":100.5,"exp":160.5}"#, is_vouched), Ok(()));
        assert_eq!(life(r#"{"iat":160,"exp":100}"#, is_vouched), Ok(()));
        assert_eq!(life(r#"{"iat":100,"exp":160.001}"#, is_vouched), Err("lifetime_too_long"));
        assert_eq!(life(r#"{"iat":100,"exp":161}"#, is_vouched), Err("lifetime_too_long"));
        let ever = r#"{"iat":0,"exp":9007199254740992}"#;
        assert_eq!(life(ever, is_vouched), Err("lifetime_too_long"));
    }
}

#[test]
fn a_life_that_the_token_does_not_tell_is_accepted_on_the_word_of_its_issuer_alone() {
    for text in ["{}", r#"{"iat":100}"#, r#"{"exp":160}"#] {
        assert_eq!(life(text, false), Err("lifetime_too_long"), "{text}");
        assert_eq!(life(text, true), Ok(()), "{text}");
    }
}
