//! `/.edgeward/token/revoke`: ends a token (RFC 7009).

use std::rc::Rc;

use serde_json::json;
use wasm_bindgen::JsValue;
use web_sys::Response;

use super::in_flight::{InFlight, VerifyPresented};
use super::{admin, audit, bridge, log, respond, session};
use crate::gateway::{Record, Rejection, RevocationOrder, TokenRevocationError};
use crate::json::object;
use crate::limits;
use crate::platform::{body, clock};

/// Ends the token that the body names; of a refresh token its session. The answer is 200 for a token that is none, too (§2.2).
pub(super) async fn revoke(
    exchange: &Rc<InFlight>,
    record: &Record,
    verify: VerifyPresented,
) -> Result<Result<Response, JsValue>, Rejection> {
    let gateway = &exchange.gateway;
    let request = exchange.request();
    let form = body::read(request.body(), limits::ADMIN_BODY_BYTES).await;
    let form = form.ok().flatten().ok_or(TokenRevocationError::InvalidRequest);
    let authorization = request.headers().get("authorization").ok().flatten();
    let wanted = match form {
        Ok(form) => gateway.token_revocation(&form, authorization.as_deref()),
        Err(error) => Err(error),
    };
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(error) => return Ok(refusal(error, &gateway.config().realm)),
    };
    if session::end(exchange, &record.id, verify, &wanted.token).await? {
        return Ok(respond::json(200, &object([])));
    }
    let own = Record::new(record.id.clone(), clock::now());
    let order = match verify(Rc::clone(exchange), wanted.token.clone(), own).await {
        Ok(caller) => gateway.end_of(&caller, clock::now()),
        // Nobody knows whether the token is good: the client may try again.
        Err(rejection) if rejection.status() >= 500 => return Err(rejection),
        Err(_) if wanted.is_authenticated => gateway.end_of_unknown(&wanted.token),
        Err(_) => None,
    };
    if let Some(order) = order {
        end(exchange, &order, record).await?;
    }
    Ok(respond::json(200, &object([])))
}

async fn end(
    exchange: &InFlight,
    order: &RevocationOrder,
    record: &Record,
) -> Result<(), Rejection> {
    let entry = exchange.gateway.log_entry(order, None, clock::now());
    let revoked = admin::append(exchange, entry).await?;
    if revoked.is_changed {
        log::revoked(&revoked.name, revoked.reason, record);
        let entry = (&revoked.name, revoked.reason);
        let of = (revoked.issuer.as_deref(), revoked.tenant.as_deref());
        audit::revocation(exchange.gateway.config(), "revoked", entry, of, (record, None));
    }
    Ok(())
}

fn refusal(error: TokenRevocationError, realm: &str) -> Result<Response, JsValue> {
    let head = [
        "content-type",
        "application/json",
        "cache-control",
        "no-store",
        "cloudflare-cdn-cache-control",
        "no-store",
    ]
    .join("\n");
    match error {
        TokenRevocationError::InvalidRequest => {
            let description = "expected a form of at most 20 KiB with one `token`";
            let body = object([
                ("error", json!("invalid_request")),
                ("error_description", json!(description)),
            ]);
            bridge::respond(400, &head, &body.to_string())
        }
        TokenRevocationError::InvalidClient => {
            let challenge = format!("Basic realm=\"{realm}\"");
            let head = [head.as_str(), "www-authenticate", &challenge].join("\n");
            bridge::respond(401, &head, &object([("error", json!("invalid_client"))]).to_string())
        }
    }
}
