//! Requests whose cookie session is renewed first: the authority does it, and goes on here where it cannot.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::in_flight::InFlight;
use super::{bridge, respond};
use crate::gateway::{Decision, Outcome, Rejection};
use crate::http::CookieSession;
use crate::limits;

/// How a decision is carried out; the driver's own.
type CarryOut = fn(&Rc<InFlight>, Decision) -> Promise;

/// A request that waits for the renewal of its session, and what becomes of it without.
#[derive(Debug)]
#[wasm_bindgen]
pub struct Renewal {
    exchange: Rc<InFlight>,
    decision: Decision,
    carry_out: CarryOut,
}

#[wasm_bindgen]
impl Renewal {
    /// Goes on as if there were no refresh token.
    pub fn proceed(self) -> Promise {
        (self.carry_out)(&self.exchange, self.decision)
    }

    /// Goes on where nobody knows whether the session still holds: what was refused may only be late.
    pub fn postpone(self) -> Promise {
        let Self { exchange, decision, carry_out } = self;
        let is_judged = match &decision.outcome {
            // In shadow mode nothing is refused.
            Outcome::Forward(plan) => {
                let admission = plan.admission();
                admission.caller().is_some() || admission.would_refuse().is_some()
            }
            Outcome::Serve(request) => request.admission.caller().is_some(),
            Outcome::Refuse(_) => false,
        };
        if is_judged {
            return carry_out(&exchange, decision);
        }
        let rejection = Rejection::AuthServerUnavailable(limits::RETRY_AFTER);
        respond::refuse(exchange.gateway.config(), &rejection, &decision.record)
    }
}

/// Has the authority renew the session of a request, which then begins anew with its new token.
#[cold]
#[inline(never)]
pub(super) fn renew(
    exchange: &Rc<InFlight>,
    session: &CookieSession,
    decision: Decision,
    carry_out: CarryOut,
) -> Promise {
    let routes = exchange.gateway.config().routes.routes();
    let route = decision.record.route.and_then(|index| routes.get(index));
    // A page that only asks who is logged in does not make the session last longer.
    let slides = route.is_some_and(|route| route.is_configured());
    let renewal = Renewal { exchange: Rc::clone(exchange), decision, carry_out };
    let given = exchange.request_context();
    let (path, access) = (&session.refresh_path, &session.access);
    bridge::renew_session(given, path, access, slides, &renewal.into())
}
