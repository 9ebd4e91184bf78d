use super::*;

fn endpoint(body: Body, path: &str) -> TokenEndpoint {
    TokenEndpoint {
        body,
        request_refresh: path.to_owned(),
        response_access: "access".to_owned(),
        response_refresh: "refresh".to_owned(),
        access_cookie: None,
        refresh_cookie: Some("rt".to_owned()),
        refused_statuses: vec![401],
        refused_codes: Vec::new(),
    }
}

fn request<'a>(body: &'a str, content_type: &'a str) -> TokenRequest<'a> {
    TokenRequest {
        body: body.as_bytes(),
        content_type: Some(content_type),
        content_encoding: None,
        authorization: None,
        dpop: None,
        cookie: None,
        origin: None,
    }
}

fn read(body: &str) -> Result<Option<String>, RequestError> {
    let found = request(body, "application/json").read(&endpoint(Body::Json, "refresh"));
    found.map(|found| found.map(|found| found.token))
}

const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln";

#[test]
fn a_token_is_found_by_its_path_and_trimmed() {
    assert_eq!(read(r#"{"refresh":"abc"}"#), Ok(Some("abc".to_owned())));
    assert_eq!(read(r#"{"refresh":" abc\n"}"#), Ok(Some("abc".to_owned())));
    let nested = endpoint(Body::Json, "tokens.refresh");
    let found = request(r#"{"tokens":{"refresh":"abc"}}"#, "application/json; charset=UTF-8");
    assert_eq!(
        found.read(&nested).map(|found| found.map(|found| found.token)),
        Ok(Some("abc".to_owned()))
    );
    let form =
        request("grant_type=refresh_token&refresh=a%2Bc", "application/x-www-form-urlencoded");
    let found = form.read(&endpoint(Body::Form, "refresh"));
    assert_eq!(found.map(|found| found.map(|found| found.token)), Ok(Some("a+c".to_owned())));
}

#[test]
fn a_request_without_a_token_is_the_auth_servers() {
    for body in
        ["{}", r#"{"refresh":""}"#, r#"{"refresh":null}"#, r#"{"refresh":7}"#, "[]", "\"a\""]
    {
        assert_eq!(read(body), Ok(None), "{body}");
    }
}

#[test]
fn what_two_servers_may_read_differently_is_refused() {
    for body in [
        r#"{"refresh":"a","refresh":"b"}"#,
        r#"{"refresh":"a","Refresh":"b"}"#,
        r#"{"REFRESH":"a"}"#,
        r#"{"refresh":"a","x":"\ud800"}"#,
        "{",
        "",
        "\u{feff}{\"refresh\":\"a\"}",
    ] {
        let found = read(body);
        if body.is_empty() {
            assert_eq!(found, Ok(None));
        } else {
            assert_eq!(found, Err(RequestError::Malformed), "{body}");
        }
    }
    let twice = request("refresh=a&refresh=b", "application/x-www-form-urlencoded");
    assert_eq!(twice.read(&endpoint(Body::Form, "refresh")), Err(RequestError::Malformed));
    for content_type in
        ["text/plain", "multipart/form-data; boundary=x", "application/json; charset=utf-16"]
    {
        let found =
            request(r#"{"refresh":"a"}"#, content_type).read(&endpoint(Body::Json, "refresh"));
        assert_eq!(found, Err(RequestError::MediaType), "{content_type}");
    }
    let zipped =
        TokenRequest { content_encoding: Some("gzip"), ..request("{}", "application/json") };
    assert_eq!(zipped.read(&endpoint(Body::Json, "refresh")), Err(RequestError::MediaType));
}

#[test]
fn a_jwt_in_another_spelling_is_no_token() {
    let read = |token: &str| read(&serde_json::json!({ "refresh": token }).to_string());
    assert_eq!(read(JWT), Ok(Some(JWT.to_owned())));
    for token in [
        format!("{JWT}="),
        format!("{JWT}!"),
        JWT.replace("c2ln", "c2l*n"),
        JWT.replace("e30", "e31"),
        format!("{JWT}\u{1c}"),
        format!("\u{a0}{JWT}"),
        JWT.replace('.', " ."),
    ] {
        assert_eq!(read(&token), Err(RequestError::Token), "{token}");
    }
    // Opaque tokens may look like anything else.
    for token in ["abc+/=", "a.b.c", "a.b", "v1.2.3!"] {
        assert_eq!(read(token), Ok(Some(token.to_owned())), "{token}");
    }
}

#[test]
fn a_token_is_opaque_unless_it_is_a_jwt() {
    let is_opaque = |token: &str| {
        let body = serde_json::json!({ "refresh": token }).to_string();
        let found = request(&body, "application/json").read(&endpoint(Body::Json, "refresh"));
        found.expect("readable").expect("a token").is_opaque
    };
    assert!(!is_opaque(JWT));
    assert!(is_opaque("a.b.c"));
    assert!(is_opaque("opaque"));
}

#[test]
fn the_rest_is_equal_only_for_the_same_client_scope_and_key() {
    fn rest(body: &str, authorization: Option<&str>, dpop: Option<&str>) -> [u8; 32] {
        let request = request(body, "application/x-www-form-urlencoded");
        let request = TokenRequest { authorization, dpop, ..request };
        let found = request.read(&endpoint(Body::Form, "refresh_token"));
        found.expect("readable").expect("a token").rest
    }
    let first = rest("refresh_token=a&scope=x", Some("Basic 1"), None);
    assert_eq!(first, rest("scope=x&refresh_token=a", Some("Basic 1"), None));
    assert_ne!(first, rest("refresh_token=a&scope=y", Some("Basic 1"), None));
    assert_ne!(first, rest("refresh_token=a&scope=x", Some("Basic 2"), None));
    // {"jwk":{"x":1}}, {"jwk":{"x":2}}
    let proof = |jwk: &str, end: &str| format!("{}.e30.{end}", base64url(jwk.as_bytes()));
    let with = |proof: &str| rest("refresh_token=a&scope=x", Some("Basic 1"), Some(proof));
    let one = with(&proof(r#"{"jwk":{"x":1}}"#, "a"));
    assert_eq!(one, with(&proof(r#"{"jwk":{"x":1}}"#, "b")));
    assert_ne!(one, with(&proof(r#"{"jwk":{"x":2}}"#, "a")));
    assert_ne!(one, first);
    // Where clients send an access token along, it says nothing about the client.
    let json = endpoint(Body::Json, "refresh");
    let with = |authorization| {
        let body = r#"{"refresh":"a"}"#;
        let request = TokenRequest { authorization, ..request(body, "application/json") };
        request.read(&json).expect("readable").expect("a token").rest
    };
    assert_eq!(with(Some("Bearer 1")), with(None));
}

#[test]
fn a_cookie_holds_the_token_where_the_body_has_none() {
    let with = |body: &str, cookie| {
        let request = TokenRequest { cookie: Some(cookie), ..request(body, "application/json") };
        let found = request.read(&endpoint(Body::Json, "refresh"));
        found.map(|found| found.map(|found| (found.token, found.is_cookie)))
    };
    let token = |is_cookie| Ok(Some(("abc".to_owned(), is_cookie)));
    assert_eq!(with("{}", "a=1; rt=abc"), token(true));
    assert_eq!(with("", "rt=abc"), token(true));
    // Some servers take the cookie where the member is blank.
    assert_eq!(with(r#"{"refresh":""}"#, "rt=abc"), token(true));
    assert_eq!(with(r#"{"refresh":"abc"}"#, "rt=abc"), token(false));
    assert_eq!(with(r#"{"refresh":"own"}"#, "rt=abc"), Err(RequestError::Malformed));
    assert_eq!(with("{}", "rt=abc; rt=def"), Err(RequestError::Malformed));
    for cookie in [r#"rt="\145yJ""#, "rt=%65yJ", "rt=a\"b", "rt=a,b"] {
        assert_eq!(with("{}", cookie), Err(RequestError::Token), "{cookie}");
    }
}

#[test]
fn names_that_lenient_servers_take_for_the_tokens_are_refused() {
    let read = |body: &str| {
        let found = request(body, "application/json").read(&endpoint(Body::Json, "refreshToken"));
        found.map(|found| found.map(|found| found.token))
    };
    for name in [
        "refreshtoken",
        "refre\u{17f}hToken",
        "refreshTo\u{212a}en",
        "refresh_token",
        "[refreshToken]",
    ] {
        let body = serde_json::json!({ name: "a" }).to_string();
        assert_eq!(read(&body), Err(RequestError::Malformed), "{name}");
    }
    assert_eq!(read(r#"{"refresh":"a","token":"b"}"#), Ok(None));
    for form in ["%5BrefreshToken%5D=a", "refreshToken[]=a", "refreshToken=a&RefreshToken=b"] {
        let found = request(form, "application/x-www-form-urlencoded");
        let found = found.read(&endpoint(Body::Json, "refreshToken"));
        assert_eq!(found, Err(RequestError::Malformed), "{form}");
    }
}

#[test]
fn a_media_type_has_one_charset_at_most() {
    let read = |content_type: &str| {
        request(r#"{"refresh":"a"}"#, content_type)
            .read(&endpoint(Body::Json, "refresh"))
            .map(|_| ())
    };
    for good in [
        "application/json",
        "Application/JSON;charset=UTF-8",
        "application/json; charset=\"utf-8\"",
    ] {
        assert_eq!(read(good), Ok(()), "{good}");
    }
    for bad in [
        "application/json; charset=utf-8; charset=utf-7",
        "application/json; a=\"; charset=utf-8; b=\"; charset=utf-7",
        "application/json; charset*=utf-8''utf-7",
        "application/json; charset=utf-7",
        "application/json; boundary=x",
        "application/jsonp",
    ] {
        assert_eq!(read(bad), Err(RequestError::MediaType), "{bad}");
    }
}

#[test]
fn what_says_nothing_of_the_client_does_not_bind_an_answer() {
    let rest = |body: &str| {
        let found = request(body, "application/json").read(&endpoint(Body::Json, "refresh"));
        found.expect("readable").expect("a token").rest
    };
    let first = rest(r#"{"refresh":"a","ts":1,"scope":"x"}"#);
    assert_eq!(first, rest(r#"{"refresh":"a","ts":2,"scope":"x"}"#));
    assert_ne!(first, rest(r#"{"refresh":"a","ts":1,"scope":"y"}"#));
}

#[test]
fn only_a_form_has_another_grant() {
    let is_other = |body: &str, format| {
        let content_type = "application/x-www-form-urlencoded";
        request(body, content_type).is_other_grant(&endpoint(format, "refresh_token"))
    };
    assert!(is_other("grant_type=client_credentials", Body::Form));
    assert!(!is_other("grant_type=refresh_token", Body::Form));
    assert!(!is_other("", Body::Form));
    assert!(!is_other("grant_type=client_credentials", Body::Json));
}
