use std::rc::Rc;

use serde_json::Value;

use super::*;
use crate::time::NumericDate;
use crate::token::{ClaimError, PresentedToken, TokenError, VerifiedToken};

const NOW: NumericDate = NumericDate::from_seconds(1_767_225_600);

fn check(token: &str, way: RemoteMethod) -> RemoteCheck {
    let token = PresentedToken::parse(token.to_owned()).expect(token);
    let kept = ["user.email", "role"].map(str::to_owned);
    RemoteCheck::new(token, way, Rc::from("https://a.example"), Rc::from(kept))
}

fn reply(status: u16, body: &str) -> RemoteReply {
    RemoteReply { status, body: body.as_bytes().to_vec(), is_signed: false, retry_after: None }
}

/// `yes`, or the code of the refusal or failure.
fn verdict(way: RemoteMethod, status: u16, body: &str) -> &'static str {
    match check("opaque", way).read(&reply(status, body), NOW) {
        RemoteVerdict::Yes(_) => "yes",
        RemoteVerdict::No(error) => error.code(),
        RemoteVerdict::CannotSay(failure) => failure.code(),
        RemoteVerdict::Signed(_) => "signed",
    }
}

#[track_caller]
fn yes(token: &str, body: &str) -> VerifiedToken {
    match check(token, RemoteMethod::Me).read(&reply(200, body), NOW) {
        RemoteVerdict::Yes(token) => *token,
        other => panic!("{other:?}"),
    }
}

/// A JWT of these claims under a signature that nobody verifies here.
fn jwt(claims: &str) -> String {
    format!("eyJhbGciOiJFUzI1NiJ9.{}.AQ", crate::jose::base64url(claims.as_bytes()))
}

#[test]
fn an_endpoint_that_shows_the_caller_says_yes_by_200_and_no_by_401_or_403() {
    let me = |status, body| verdict(RemoteMethod::Me, status, body);
    assert_eq!(me(200, r#"{"id":1}"#), "yes");
    assert_eq!((me(401, ""), me(403, "{}")), ("refused_by_auth_server", "refused_by_auth_server"));
    for (status, code) in [
        (201, "auth_server_status"),
        (204, "auth_server_status"),
        (302, "auth_server_redirects"),
        (400, "auth_server_refuses_request"),
        (404, "auth_server_refuses_request"),
        (499, "auth_server_refuses_request"),
        (429, "auth_server_busy"),
        (500, "auth_server_status"),
        (503, "auth_server_status"),
    ] {
        assert_eq!(me(status, r#"{"id":1}"#), code, "{status}");
    }
}

#[test]
fn an_introspection_says_yes_and_no_by_active_alone() {
    let introspection = |status, body| verdict(RemoteMethod::Introspection, status, body);
    assert_eq!(introspection(200, r#"{"active":true}"#), "yes");
    assert_eq!(introspection(200, r#"{"active":false,"sub":"a"}"#), "refused_by_auth_server");
    for body in ["{}", r#"{"active":"true"}"#, r#"{"active":1}"#, r#"{"active":null}"#] {
        assert_eq!(introspection(200, body), "auth_server_answer_malformed", "{body}");
    }
    for status in [401, 403] {
        assert_eq!(introspection(status, r#"{"active":false}"#), "auth_server_refuses_client");
    }
    assert_eq!(introspection(400, r#"{"active":true}"#), "auth_server_refuses_request");
}

#[test]
fn rubbish_is_neither_yes_nor_no() {
    let rubbish =
        ["", "nul", "[]", "true", "\"null\"", "<html>", r#"{"active":true,"active":true}"#, "{"];
    for way in [RemoteMethod::Me, RemoteMethod::Introspection] {
        for body in rubbish {
            assert_eq!(verdict(way, 200, body), "auth_server_answer_malformed", "{body}");
        }
    }
    let null = verdict(RemoteMethod::Introspection, 200, "null");
    assert_eq!(null, "auth_server_answer_malformed");
}

#[test]
fn a_null_of_me_is_a_no() {
    for body in ["null", " null\r\n", "\u{feff}null"] {
        assert_eq!(verdict(RemoteMethod::Me, 200, body), "refused_by_auth_server", "{body}");
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_an_answer() {
    let answer = "\u{feff}{\"active\":true}";
    assert_eq!(verdict(RemoteMethod::Introspection, 200, answer), "yes");
}

#[test]
fn a_signed_answer_is_not_believed_unverified() {
    for way in [RemoteMethod::Me, RemoteMethod::Introspection] {
        let signed = RemoteReply { is_signed: true, ..reply(200, r#"{"active":true}"#) };
        let verdict = check("opaque", way).read(&signed, NOW);
        assert!(matches!(verdict, RemoteVerdict::CannotSay(RemoteFailure::Unverified)));
    }
    let signed = |status, body| verdict(RemoteMethod::SignedIntrospection, status, body);
    assert_eq!(signed(200, r#"{"active":true}"#), "auth_server_answer_unverified");
    assert_eq!(signed(401, ""), "auth_server_refuses_client");
    assert_eq!(signed(500, ""), "auth_server_status");
}

#[test]
fn a_registered_claim_of_the_wrong_type_refuses_the_token() {
    for body in [r#"{"exp":"soon"}"#, r#"{"aud":1}"#, r#"{"iss":7}"#] {
        assert_eq!(verdict(RemoteMethod::Me, 200, body), "claim_malformed", "{body}");
    }
    for claims in [r#"{"exp":"1"}"#, r#"{"iat":null}"#, r#"{"jti":1}"#, r#"{"aud":{}}"#] {
        let verdict = check(&jwt(claims), RemoteMethod::Me).read(&reply(200, r#"{"id":1}"#), NOW);
        let malformed = |error| matches!(error, TokenError::Claim(ClaimError::Malformed(_)));
        assert!(matches!(verdict, RemoteVerdict::No(error) if malformed(error)), "{claims}");
    }
}

#[test]
fn what_an_introspection_leaves_open_refuses_no_active_token() {
    let body = r#"{"active":true,"aud":null,"exp":null,"iat":null,"nbf":null,"jti":null,"sub":null,
        "token_type":null,"typ":null,"username":null}"#;
    for body in [body, r#"{"active":true,"exp":0}"#, r#"{"active":true}"#] {
        let verdict = check("opaque", RemoteMethod::Introspection).read(&reply(200, body), NOW);
        let RemoteVerdict::Yes(token) = verdict else { panic!("refused: {body}") };
        assert!(token.claims().expires_at.is_none() && token.stated_types().is_ok(), "{body}");
        assert!(token.claims().all.values().all(|value| !value.is_null()), "{body}");
    }
    for claims in [r#""exp":"0""#, r#""exp":false"#, r#""aud":1"#, r#""iat":"x""#] {
        let body = format!(r#"{{"active":true,{claims}}}"#);
        let verdict = check("opaque", RemoteMethod::Introspection).read(&reply(200, &body), NOW);
        assert!(matches!(verdict, RemoteVerdict::No(_)), "{claims}");
    }
}

#[test]
fn an_introspection_and_the_jwt_itself_state_types_and_a_person_may_be_of_any() {
    let types = |token: &str, way, body: &str| {
        let verdict = check(token, way).read(&reply(200, body), NOW);
        let RemoteVerdict::Yes(token) = verdict else { panic!("refused: {body}") };
        let types = token.stated_types().map_err(|error| error.code())?;
        Ok(types
            .iter()
            .map(|(claim, stated)| format!("{claim} {stated}"))
            .collect::<Vec<_>>()
            .join(", "))
    };
    let refresh = jwt(r#"{"typ":"Refresh"}"#);
    let said = r#"{"active":true,"id":1,"token_type":"Bearer","typ":"Bearer"}"#;
    assert_eq!(
        types("opaque", RemoteMethod::Introspection, said),
        Ok("token_type Bearer, typ Bearer".to_owned())
    );
    assert_eq!(
        types(&refresh, RemoteMethod::Introspection, r#"{"active":true}"#),
        Ok("typ Refresh".to_owned())
    );
    assert_eq!(
        types(&refresh, RemoteMethod::Me, r#"{"id":1,"typ":"staff"}"#),
        Ok("typ Refresh".to_owned())
    );
    let odd = r#"{"active":true,"token_use":1}"#;
    assert_eq!(types("opaque", RemoteMethod::Introspection, odd), Err("claim_malformed"));
}

#[test]
fn what_nobody_reads_is_not_kept() {
    let body = r#"{"id":1,"role":"a","user":{"email":"e","phone":"p"},"sub":"s","address":"x"}"#;
    let token = yes("opaque", body);
    let kept = r#"{"iss":"https://a.example","role":"a","sub":"s","user":{"email":"e"}}"#;
    assert_eq!(Value::Object(token.claims().all.clone()).to_string(), kept);
}

#[test]
fn the_issuer_is_the_one_that_was_asked_unless_the_answer_names_another() {
    let issuer = |body| yes("opaque", body).claims().issuer.clone();
    assert_eq!(issuer("{}").as_deref(), Some("https://a.example"));
    assert_eq!(issuer(r#"{"iss":"https://b.example"}"#).as_deref(), Some("https://b.example"));
}

#[test]
fn the_jwt_fills_in_what_the_answer_leaves_out_and_its_exp_only_shortens() {
    let own =
        jwt(r#"{"exp":2000,"iat":1000,"jti":"own","aud":"api","sub":"forged","role":"admin"}"#);
    let bare = yes(&own, "{}");
    let claims = bare.claims();
    let seconds = |date: Option<NumericDate>| date.map(NumericDate::seconds);
    assert_eq!((seconds(claims.expires_at), seconds(claims.issued_at)), (Some(2000), Some(1000)));
    assert_eq!((claims.token_id.as_deref(), bare.own_id()), (Some("own"), Some("own")));
    assert!(claims.audience.contains_any(&["api".to_owned()]));
    assert!(claims.subject.is_none() && !claims.all.contains_key("role"));
    let full = yes(&own, r#"{"exp":3000,"iat":1500,"jti":"said","aud":["web"]}"#);
    let claims = full.claims();
    assert_eq!((seconds(claims.expires_at), seconds(claims.issued_at)), (Some(2000), Some(1500)));
    assert_eq!((claims.token_id.as_deref(), full.own_id()), (Some("said"), Some("own")));
    assert!(!claims.audience.contains_any(&["api".to_owned()]));
    assert_eq!(seconds(yes(&own, r#"{"exp":1999}"#).claims().expires_at), Some(1999));
}

#[test]
fn a_copy_brings_the_same_token_back() {
    let token = yes("opaque", r#"{"role":"a","sub":"s","exp":1767225700}"#);
    let copy = token.copy(NumericDate::from_seconds(1_767_225_660)).expect("a copy");
    assert!(!copy.contains("opaque"), "{copy}");
    let recalled = check("opaque", RemoteMethod::Me).recall(&copy, NOW).expect("readable");
    assert_eq!(recalled.fresh_until.seconds(), 1_767_225_660);
    assert_eq!(recalled.token.asked_at(), Some(NOW));
    assert_eq!(recalled.token.claims().all, token.claims().all);
}

#[test]
fn a_copy_that_is_not_to_the_letter_or_from_the_future_is_none() {
    let good = r#"{"asked_at":1767225600,"fresh_until":1767225660,"claims":{}}"#;
    let recall = |copy: &str, now| check("opaque", RemoteMethod::Me).recall(copy, now).is_some();
    assert!(recall(good, NOW));
    assert!(!recall(good, NumericDate::from_seconds(1_767_225_599)));
    for copy in [
        "",
        "{}",
        r#"{"asked_at":1767225600,"fresh_until":1767225660}"#,
        r#"{"asked_at":1767225600,"fresh_until":1767225660,"claims":[]}"#,
        r#"{"asked_at":1767225600,"fresh_until":1767225660,"claims":{"exp":"1"}}"#,
        r#"{"asked_at":1767225600,"fresh_until":1767225660,"claims":{},"more":1}"#,
        r#"{"asked_at":"1767225600","fresh_until":1767225660,"claims":{}}"#,
        r#"{"asked_at":1767225600.5,"fresh_until":1767225660,"claims":{}}"#,
    ] {
        assert!(!recall(copy, NOW), "{copy}");
    }
}
