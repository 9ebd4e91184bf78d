//! Each reason has one answer on the wire, and all faults of a token have the same one.

use std::time::Duration;

use edgeward::gateway::{Outcome, Rejection};
use edgeward::http::CredentialError;
use edgeward::jose::JoseError;
use edgeward::revocation::{Reason, RevocationKind, RevocationName};
use edgeward::route::{Denial, StepUp};
use edgeward::token::{ClaimError, TokenError};
use serde_json::json;

use super::{Bench, NOW};
use crate::support::request::get;

const BARE: Option<&str> = Some(r#"Bearer realm="api""#);
const INVALID_REQUEST: Option<&str> = Some(r#"Bearer realm="api", error="invalid_request""#);
const INVALID_TOKEN: Option<&str> = Some(r#"Bearer realm="api", error="invalid_token""#);
const INSUFFICIENT: Option<&str> =
    Some(r#"Bearer realm="api", error="insufficient_scope", scope="a b""#);
const STEP_UP: Option<&str> = Some(concat!(
    r#"Bearer realm="api", error="insufficient_user_authentication", error_description="a different "#,
    r#"authentication level or a more recent authentication is required", acr_values="mfa hw", max_age="300""#
));

#[test]
fn every_reason_has_its_status_code_and_challenge() {
    let name = RevocationName::new(RevocationKind::Session, "https://issuer.example", "s-1");
    let order = Box::new((name, Reason::Admin));
    let denial = Denial::Insufficient { scopes: vec!["a".to_owned(), "b".to_owned()] };
    let step_up = Denial::StepUp(StepUp {
        acr_values: Some(vec!["mfa".to_owned(), "hw".to_owned()]),
        max_age: Some(Duration::from_secs(300)),
    });
    let jose = Rejection::Token(TokenError::Jose(JoseError::SignatureInvalid));
    let claim = Rejection::Token(TokenError::Claim(ClaimError::AudienceMismatch));
    for (rejection, status, code, challenge) in [
        (Rejection::PathAmbiguous, 400, "path_ambiguous", None),
        (Rejection::RequestAmbiguous, 400, "request_ambiguous", None),
        (
            Rejection::Credential(CredentialError::Malformed),
            400,
            "invalid_request",
            INVALID_REQUEST,
        ),
        (Rejection::Credential(CredentialError::Several), 400, "invalid_request", INVALID_REQUEST),
        (Rejection::BadRequest("x"), 400, "invalid_request", None),
        (Rejection::CredentialMissing, 401, "credential_missing", BARE),
        (Rejection::IssuerUnknown, 401, "invalid_token", INVALID_TOKEN),
        (jose, 401, "invalid_token", INVALID_TOKEN),
        (claim, 401, "invalid_token", INVALID_TOKEN),
        (Rejection::Revoked, 401, "invalid_token", INVALID_TOKEN),
        (Rejection::Denied(denial), 403, "insufficient_scope", INSUFFICIENT),
        (Rejection::Denied(step_up), 401, "insufficient_user_authentication", STEP_UP),
        (Rejection::RouteNotFound, 404, "route_not_found", None),
        (Rejection::MethodNotAllowed("GET".into()), 405, "method_not_allowed", None),
        (Rejection::HeaderNotUtf8, 400, "header_not_utf8", None),
        (Rejection::LengthRequired, 411, "length_required", None),
        (Rejection::HeaderFieldsTooLarge, 431, "header_fields_too_large", None),
        (Rejection::IdentityTooLarge, 431, "identity_too_large", None),
        (Rejection::Internal, 500, "internal_error", None),
        (Rejection::OriginUnreachable, 502, "origin_unreachable", None),
        (Rejection::ConfigurationInvalid, 503, "configuration_invalid", None),
        (Rejection::KeysUnavailable, 503, "keys_unavailable", None),
        (Rejection::RevocationUnavailable, 503, "revocation_unavailable", None),
        (Rejection::StoreUnavailable(order), 503, "revocation_unavailable", None),
        (Rejection::OriginTimeout, 504, "origin_timeout", None),
    ] {
        assert_eq!((rejection.status(), rejection.wire_code()), (status, code), "{rejection:?}");
        let header = rejection.challenge().map(|challenge| challenge.header("api"));
        assert_eq!(header.as_deref(), challenge, "{rejection:?}");
        let may_be_tried_again = code.ends_with("_unavailable");
        assert_eq!(rejection.retry_after().is_some(), may_be_tried_again, "{rejection:?}");
    }
}

#[test]
fn all_faults_of_a_token_look_alike_on_the_wire() {
    let mut bench = Bench::new();
    let mut codes = Vec::new();
    for changes in [
        json!({ "exp": 1 }),
        json!({ "nbf": 9_999_999_999_i64 }),
        json!({ "aud": "x" }),
        json!({ "iss": "x" }),
        json!({ "sub": 1 }),
        json!({ "token_type": "refresh" }),
    ] {
        let request = get("/private/a").bearer(&bench.token(&changes));
        let Outcome::Refuse(rejection) = bench.decide_at(&request, NOW).outcome else {
            panic!("passed: {changes}");
        };
        let wire = (rejection.status(), rejection.wire_code(), rejection.title());
        assert_eq!(wire, (401, "invalid_token", "the token is not valid"), "{changes}");
        assert_eq!(rejection.detail(), None);
        codes.push(rejection.code());
    }
    codes.dedup();
    assert_eq!(codes.len(), 6, "the log tells them apart: {codes:?}");
}
