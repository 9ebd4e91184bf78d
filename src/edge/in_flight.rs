use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use web_sys::Request;

use super::bridge::{self, RequestContext};
use crate::gateway::{Caller, Decision, Gateway, Record, Rejection};
use crate::platform::future;

/// The way in which a token in a body is verified; the driver's own, which the resources are given
/// because the driver knows them, and they may not know it.
pub(super) type VerifyPresented =
    fn(Rc<InFlight>, String, Record) -> Pin<Box<dyn Future<Output = Verified>>>;

/// The caller of a token, or the reason for which it is not good, or for which nobody knows.
pub(super) type Verified = Result<Rc<Caller>, Rejection>;

/// One request and what surrounds it, kept until its answer.
#[derive(Debug)]
pub(super) struct InFlight {
    given: RequestContext,
    pub(super) gateway: Rc<Gateway>,
    /// For a token that is presented for verification alone: where its decision is left.
    presented: Option<RefCell<Option<Decision>>>,
    /// A question to the revocation log that this request has started. Only it may await the promise.
    asked_log: RefCell<Option<Promise>>,
}

impl InFlight {
    /// The request that is being decided at this moment.
    pub(super) fn current(gateway: Rc<Gateway>) -> Self {
        Self::of(bridge::current(), gateway)
    }

    /// A request that has waited for its gateway.
    pub(super) fn of(given: RequestContext, gateway: Rc<Gateway>) -> Self {
        Self { given, gateway, presented: None, asked_log: RefCell::default() }
    }

    /// The surroundings of this request for a token in its body, which is verified by itself.
    pub(super) fn for_presented(&self) -> Self {
        let (given, gateway) = (self.given.clone(), Rc::clone(&self.gateway));
        Self { presented: Some(RefCell::default()), ..Self::of(given, gateway) }
    }

    /// Whether this is for a token alone.
    pub(super) fn is_presented(&self) -> bool {
        self.presented.is_some()
    }

    /// Leaves the decision on a token.
    pub(super) fn decide(&self, decision: Decision) {
        if let Some(place) = &self.presented {
            *place.borrow_mut() = Some(decision);
        }
    }

    /// Takes the decision on a token.
    pub(super) fn decision(&self) -> Option<Decision> {
        self.presented.as_ref()?.borrow_mut().take()
    }

    /// The request with its surroundings, as the platform gave them.
    pub(super) fn request_context(&self) -> &RequestContext {
        &self.given
    }

    pub(super) fn request(&self) -> Request {
        self.given.request()
    }

    pub(super) fn env(&self) -> JsValue {
        self.given.env()
    }

    /// Keeps the promise of a question to the log for [`Self::asked_log`].
    pub(super) fn ask_log(&self, asking: Promise) {
        *self.asked_log.borrow_mut() = Some(asking);
    }

    /// The promise of a question to the log that this request has started, once.
    pub(super) fn asked_log(&self) -> Option<Promise> {
        self.asked_log.borrow_mut().take()
    }

    /// Goes on with `work` after the answer.
    pub(super) fn after(&self, work: impl Future<Output = ()> + 'static) {
        let _ = self.during(work);
    }

    /// Does `work` now, and goes on with it should the client hang up. The promise is for this
    /// exchange alone to await.
    pub(super) fn during(&self, work: impl Future<Output = ()> + 'static) -> Promise {
        let promise: Promise = future::promise(async move {
            work.await;
            Ok(JsValue::UNDEFINED)
        });
        // Fails only when the exchange has ended, and then there is nothing left to go on with.
        let _ = self.given.context().wait_until(&promise);
        promise
    }
}
