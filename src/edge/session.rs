//! Routes with a handler: the authority serves them, and asks here about tokens.

use std::rc::Rc;

use js_sys::Promise;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::in_flight::{InFlight, VerifyPresented};
use super::{bridge, ids, revocation_log};
use crate::config::Config;
use crate::gateway::{Caller, Gateway, Record, Rejection, SessionToken};
use crate::http::{self, RequestId};
use crate::json::object;
use crate::platform::bindings::member;
use crate::platform::{clock, future};
use crate::route::Handler;
use crate::time::NumericDate;

/// Whether the objects are bound and the authority is there.
pub(super) fn are_bound(env: &JsValue) -> bool {
    member(&member(env, "EDGEWARD_SESSIONS"), "idFromName").is_function() && bridge::has_sessions()
}

/// Whether the registry's database is bound, and the authority is there.
pub(super) fn has_database(env: &JsValue) -> bool {
    member(&member(env, "EDGEWARD_DB"), "prepare").is_function() && bridge::has_sessions()
}

/// Whether the object for the metrics is bound, and the authority is there.
pub(super) fn has_metrics(env: &JsValue) -> bool {
    member(&member(env, "EDGEWARD_METRICS"), "idFromName").is_function() && bridge::has_sessions()
}

/// The questions about tokens that the authority may ask the gate during one request.
#[derive(Debug)]
#[wasm_bindgen]
pub struct SessionGate {
    request: Rc<InFlight>,
    handler: Rc<Handler>,
    verify: VerifyPresented,
    caller: Option<Value>,
    reader: Option<String>,
}

#[wasm_bindgen]
impl SessionGate {
    /// Describes the token of the request's caller, whom the route has let pass; `None` for nobody.
    #[must_use]
    pub fn caller(&self) -> Option<String> {
        self.caller.as_ref().map(ToString::to_string)
    }

    /// The realm of challenges.
    #[must_use]
    pub fn realm(&self) -> String {
        self.request.gateway.config().realm.clone()
    }

    /// The `Origin` whose pages may read a refusal.
    #[must_use]
    pub fn reader(&self) -> Option<String> {
        self.reader.clone()
    }

    /// Whether a page of another site may have made the browser send the request.
    #[must_use]
    pub fn may_be_cross_site(&self) -> bool {
        let request = self.request.request();
        let field = |name| request.headers().get(name).ok().flatten();
        let (origin, site) = (field("origin"), field("sec-fetch-site"));
        // What says nothing of it is no browser of today, and sends no cookie by itself.
        (origin.is_some() || site.is_some())
            && http::is_foreign(&request.url(), origin.as_deref(), site.as_deref(), &[])
    }

    /// Asks the revocation log, so that this isolate refuses at once what was revoked before.
    pub fn refresh_log(&self) -> Promise {
        revocation_log::refreshed(&self.request)
    }

    /// The name of the revocation of all tokens of a subject.
    #[must_use]
    pub fn subject_name(&self, subject: &str) -> Option<String> {
        self.request.gateway.subject_name(self.handler.issuer, subject)
    }

    /// Verifies a token's signature and issuer, and describes it in JSON: its `status` is `verified`,
    /// `unknown` if the gate cannot verify it, or `unavailable`. Neither revocation nor
    /// time is checked; `is_over` tells whether it has expired.
    pub fn verify(&self, text: String, is_opaque: bool) -> Promise {
        self.described(text, if is_opaque { Kind::Opaque } else { Kind::Jwt })
    }

    /// The same for an access token, about which the auth server is asked where that is how the issuer's
    /// tokens are verified.
    pub fn verify_access(&self, text: String) -> Promise {
        self.described(text, Kind::Access)
    }
}

/// The way in which a token is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Opaque,
    Jwt,
    Access,
}

impl SessionGate {
    fn described(&self, text: String, kind: Kind) -> Promise {
        let (request, handler, verify) =
            (Rc::clone(&self.request), Rc::clone(&self.handler), self.verify);
        future::promise(async move {
            let described = describe(&request, &handler, verify, text, kind).await;
            Ok(JsValue::from_str(&described.to_string()))
        })
    }
}

async fn describe(
    request: &Rc<InFlight>,
    handler: &Handler,
    verify: VerifyPresented,
    text: String,
    kind: Kind,
) -> Value {
    let gateway = &request.gateway;
    let Some(issuer) = gateway.config().issuers.get(handler.issuer) else {
        return status("unavailable", Rejection::Internal.code());
    };
    if kind == Kind::Opaque || (kind == Kind::Jwt && !issuer.verifies_tokens()) {
        let known = gateway.opaque_token(handler.issuer, &text);
        return described(gateway, known.as_ref());
    }
    describe_verified(request, verify, text, Some(handler.issuer)).await
}

/// Verifies a token of any issuer, or of the one with this index, and describes it.
pub(super) async fn describe_verified(
    request: &Rc<InFlight>,
    verify: VerifyPresented,
    text: String,
    issuer: Option<usize>,
) -> Value {
    let gateway = &request.gateway;
    let record = Record::new(ids::request_id(), clock::now());
    match verify(Rc::clone(request), text, record).await {
        Ok(caller) if issuer.is_none_or(|own| own == caller.issuer()) => {
            described(gateway, gateway.session_token(&caller).as_ref())
        }
        Ok(_) => status("unknown", "issuer_unknown"),
        // Nobody knows whether the token is good.
        Err(rejection) if rejection.status() >= 500 => status("unavailable", rejection.code()),
        Err(rejection) => status("unknown", rejection.code()),
    }
}

fn described(gateway: &Gateway, known: Option<&SessionToken>) -> Value {
    let written = known.and_then(|token| write(gateway, token));
    written.unwrap_or_else(|| status("unavailable", Rejection::Internal.code()))
}

fn status(status: &str, code: &str) -> Value {
    object([("status", json!(status)), ("code", json!(code))])
}

/// The description of a caller's token.
pub(super) fn description(gateway: &Gateway, caller: &Caller) -> Option<Value> {
    write(gateway, &gateway.session_token(caller)?)
}

fn write(gateway: &Gateway, token: &SessionToken) -> Option<Value> {
    let issuer = gateway.config().issuers.get(token.issuer)?;
    let leeway = issuer.policy.leeway;
    let is_over = token.expires_at.is_some_and(|at| at.plus(leeway) <= clock::now());
    let seconds = |date: Option<NumericDate>| json!(date.map(NumericDate::seconds));
    Some(object([
        ("status", json!("verified")),
        ("object", json!(token.object)),
        ("hash", json!(token.hash)),
        ("names", json!(token.names)),
        ("iss", json!(token.iss)),
        ("issuer", json!(issuer.name)),
        ("tenant", json!(token.tenant)),
        ("subject", json!(token.subject)),
        ("session", json!(token.session)),
        ("issued_at", seconds(token.issued_at)),
        ("expires_at", seconds(token.expires_at)),
        ("leeway", json!(leeway.as_secs())),
        ("type", json!(token.kind)),
        ("is_opaque", json!(token.is_opaque)),
        ("is_over", json!(is_over)),
    ]))
}

impl SessionGate {
    pub(super) fn new(
        request: &Rc<InFlight>,
        handler: &Rc<Handler>,
        (caller, reader): (Option<&Caller>, Option<String>),
        verify: VerifyPresented,
    ) -> Self {
        let caller = caller
            .filter(|caller| caller.issuer() == handler.issuer)
            .and_then(|caller| description(&request.gateway, caller));
        Self { request: Rc::clone(request), handler: Rc::clone(handler), verify, caller, reader }
    }
}

/// Ends the session of a refresh token (RFC 7009 §2.1); whether it is one of an issuer with `refresh`.
///
/// # Errors
///
/// The refusal of [`VerifyPresented`] where nobody knows; [`Rejection::RevocationUnavailable`] where it could not be ended.
pub(super) async fn end(
    request: &Rc<InFlight>,
    id: &RequestId,
    verify: VerifyPresented,
    text: &str,
) -> Result<bool, Rejection> {
    let routes = request.gateway.config().routes.routes().iter();
    let handlers = routes.filter_map(|route| route.handler.as_ref());
    for handler in handlers.filter(|handler| handler.kind == "refresh") {
        let gate = SessionGate::new(request, handler, (None, None), verify).into();
        let (given, settings) = (request.request_context(), &handler.settings);
        let ended = JsFuture::from(bridge::end_session(given, id.as_str(), &gate, settings, text));
        match ended.await.ok().and_then(|word| word.as_string()).as_deref() {
            Some("ended") => return Ok(true),
            Some("none") => {}
            Some("unverified") => return Err(unverified(request, verify, text).await),
            _ => return Err(Rejection::RevocationUnavailable),
        }
    }
    Ok(false)
}

/// The reason why nobody knows whether a token is good.
async fn unverified(request: &Rc<InFlight>, verify: VerifyPresented, text: &str) -> Rejection {
    let record = Record::new(ids::request_id(), clock::now());
    let verified = verify(Rc::clone(request), text.to_owned(), record).await;
    verified.err().filter(|it| it.status() >= 500).unwrap_or(Rejection::RevocationUnavailable)
}

/// Tells a token's family that it was used, after the response; `false` where the gateway itself has
/// used it.
pub(super) fn see(config: &Config, given: &JsValue, (object, hash): &(String, String)) -> bool {
    bridge::see_session(given, object, hash, config.revocation.location.as_deref())
}
