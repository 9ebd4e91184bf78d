//! Requests whose cookie session is renewed first: the authority does it, and asks here where it cannot.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::in_flight::InFlight;
use super::{bridge, respond};
use crate::gateway::{Decision, Outcome, Record, Rejection};
use crate::http::CookieSession;
use crate::limits;

/// A request that waits for the renewal of its session.
#[derive(Debug)]
#[wasm_bindgen]
pub struct Renewal {
    exchange: Rc<InFlight>,
    record: Record,
    has_caller: bool,
}

#[wasm_bindgen]
impl Renewal {
    /// Whether the request passes without a renewal, as somebody's; in shadow mode, as anybody's.
    #[must_use]
    pub fn has_caller(&self) -> bool {
        self.has_caller
    }

    /// The refusal where nobody knows whether the session still holds.
    pub fn unavailable(&self) -> Promise {
        let rejection = Rejection::AuthServerUnavailable(limits::RETRY_AFTER);
        respond::refuse(self.exchange.gateway.config(), &rejection, &self.record)
    }
}

/// Has the authority renew the session of a request, which then begins anew with its new token, or
/// without a refresh token. `decision` is not carried out: the limits of the route have not counted it.
#[cold]
#[inline(never)]
pub(super) fn renew(
    exchange: &Rc<InFlight>,
    session: &CookieSession,
    decision: Decision,
) -> Promise {
    let has_caller = match &decision.outcome {
        // In shadow mode nothing is refused.
        Outcome::Forward(plan) => {
            let admission = plan.admission();
            admission.caller().is_some() || admission.would_refuse().is_some()
        }
        Outcome::Serve(request) => request.admission.caller().is_some(),
        Outcome::Refuse(_) => false,
    };
    let routes = exchange.gateway.config().routes.routes();
    let route = decision.record.route.and_then(|index| routes.get(index));
    // A page that only asks who is logged in does not make the session last longer.
    let slides = route.is_some_and(|route| route.is_configured());
    let names = [session.access.as_str(), &session.refresh].join("\n");
    let renewal = Renewal { exchange: Rc::clone(exchange), record: decision.record, has_caller };
    let given = exchange.request_context();
    bridge::renew_session(given, &session.refresh_path, &names, slides, &renewal.into())
}
