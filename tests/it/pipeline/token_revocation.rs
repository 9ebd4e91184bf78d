//! The form of RFC 7009, and the authentication of its clients.

use base64ct::{Base64, Encoding};
use edgeward::gateway::{Gateway, TokenRevocationError};
use serde_json::json;

use super::configuration;
use crate::support::gateway_with_log;
use crate::support::sign::secret;

const INVALID_REQUEST: Result<(String, bool), TokenRevocationError> =
    Err(TokenRevocationError::InvalidRequest);
const INVALID_CLIENT: Result<(String, bool), TokenRevocationError> =
    Err(TokenRevocationError::InvalidClient);

fn open() -> Gateway {
    gateway_with_log(&configuration(), false)
}

/// Two clients, `app` and `the:other`.
fn closed() -> Gateway {
    let mut raw = configuration();
    raw["revocation"]["clients"] = json!([
        { "client_id": "app", "client_secret": "SECRET" },
        { "client_id": "the:other", "client_secret": "OTHER" },
    ]);
    gateway_with_log(&raw, false)
}

/// The token, and whether a client has authenticated itself.
fn read(
    gateway: &Gateway,
    body: &[u8],
    authorization: Option<&str>,
) -> Result<(String, bool), TokenRevocationError> {
    let wanted = gateway.token_revocation(body, authorization)?;
    Ok((wanted.token, wanted.is_authenticated))
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", Base64::encode_string(format!("{id}:{secret}").as_bytes()))
}

fn own(name: &str) -> String {
    secret(name).expect(name)
}

#[test]
fn a_form_with_one_token_names_it() {
    let gateway = open();
    for (body, token) in [
        ("token=a.b.c", "a.b.c"),
        ("token=a.b.c&token_type_hint=refresh_token", "a.b.c"),
        ("x=1&x=2&token=a", "a"),
        ("token=%20a.b.c+", "a.b.c"),
        ("token=1%7Ca%2Bb", "1|a+b"),
    ] {
        assert_eq!(read(&gateway, body.as_bytes(), None), Ok((token.to_owned(), false)), "{body}");
    }
}

#[test]
fn a_body_without_exactly_one_token_is_an_invalid_request() {
    let gateways = [open(), closed()];
    let many = format!("{}token=a", "x=1&".repeat(64));
    for body in [
        "",
        "token",
        "token=",
        "token=%20",
        "Token=a",
        "token=a&token=a",
        "token=a&token=b",
        "token=%ff",
        "token=%4",
        r#"{"token":"a"}"#,
        &many,
        "token=a&client_id=x&client_id=y",
        "token=a&client_secret=x&client_secret=x",
    ] {
        for gateway in &gateways {
            assert_eq!(read(gateway, body.as_bytes(), None), INVALID_REQUEST, "{body}");
        }
    }
    assert_eq!(read(&open(), b"token=\xff", None), INVALID_REQUEST);
    let most = format!("{}token=a", "x=1&".repeat(63));
    assert_eq!(read(&open(), most.as_bytes(), None), Ok(("a".to_owned(), false)));
}

#[test]
fn without_clients_nobody_is_authenticated_whatever_they_send() {
    let gateway = open();
    let basic = basic("app", &own("SECRET"));
    for authorization in [None, Some("Bearer x"), Some(basic.as_str())] {
        let body = format!("token=a&client_id=app&client_secret={}", own("SECRET"));
        assert_eq!(read(&gateway, body.as_bytes(), authorization), Ok(("a".to_owned(), false)));
    }
}

#[test]
fn a_client_authenticates_by_basic_or_in_the_form() {
    let gateway = closed();
    let passes = Ok(("a".to_owned(), true));
    for (id, encoded, name) in [("app", "app", "SECRET"), ("the:other", "the%3Aother", "OTHER")] {
        let secret = own(name);
        let body = format!("token=a&client_id={encoded}&client_secret={secret}");
        assert_eq!(read(&gateway, body.as_bytes(), None), passes, "{id}");
        // Another scheme is no authentication of a client, and does no harm.
        assert_eq!(read(&gateway, body.as_bytes(), Some("Bearer a")), passes, "{id}");
        let header = basic(encoded, &secret);
        assert_eq!(read(&gateway, b"token=a", Some(&header)), passes, "{id}");
        let header = header.replacen("Basic", "bAsIc", 1);
        assert_eq!(read(&gateway, b"token=a&client_id=app", Some(&header)), passes, "{id}");
    }
}

#[test]
fn a_client_that_does_not_authenticate_is_refused() {
    let gateway = closed();
    let (secret, other) = (own("SECRET"), own("OTHER"));
    let shorter = secret.get(1..).expect("ASCII");
    for (body, authorization) in [
        ("token=a".to_owned(), None),
        ("token=a&client_id=app".to_owned(), None),
        (format!("token=a&client_secret={secret}"), None),
        ("token=a&client_id=app&client_secret=".to_owned(), None),
        (format!("token=a&client_id=app&client_secret={shorter}"), None),
        (format!("token=a&client_id=app&client_secret={other}"), None),
        (format!("token=a&client_id=App&client_secret={secret}"), None),
        (format!("token=a&client_id=&client_secret={secret}"), None),
        ("token=a".to_owned(), Some("Basic !".to_owned())),
        ("token=a".to_owned(), Some("Basic".to_owned())),
        ("token=a".to_owned(), Some(basic("app", ""))),
        ("token=a".to_owned(), Some(basic("app", &other))),
        ("token=a".to_owned(), Some(basic("nobody", &secret))),
        ("token=a".to_owned(), Some(format!("Bearer {secret}"))),
    ] {
        let read = read(&gateway, body.as_bytes(), authorization.as_deref());
        assert_eq!(read, INVALID_CLIENT, "{body} {authorization:?}");
    }
}

#[test]
fn a_client_that_authenticates_in_two_ways_is_refused() {
    let secret = own("SECRET");
    let body = format!("token=a&client_id=app&client_secret={secret}");
    let header = basic("app", &secret);
    assert_eq!(read(&closed(), body.as_bytes(), Some(&header)), INVALID_CLIENT);
}
