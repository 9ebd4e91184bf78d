use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use web_sys::Request;

use super::bridge::{self, RequestContext};
use crate::gateway::Gateway;
use crate::platform::future;

/// One request and what surrounds it, kept until its answer.
#[derive(Debug)]
pub(super) struct InFlight {
    given: RequestContext,
    pub(super) gateway: Rc<Gateway>,
}

impl InFlight {
    /// The request that is being decided at this moment.
    pub(super) fn current(gateway: Rc<Gateway>) -> Self {
        Self { given: bridge::current(), gateway }
    }

    /// A request that has waited for its gateway.
    pub(super) fn of(given: RequestContext, gateway: Rc<Gateway>) -> Self {
        Self { given, gateway }
    }

    /// The request with its surroundings, as the platform gave them.
    pub(super) fn given(&self) -> &RequestContext {
        &self.given
    }

    pub(super) fn request(&self) -> Request {
        self.given.request()
    }

    pub(super) fn env(&self) -> JsValue {
        self.given.env()
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
