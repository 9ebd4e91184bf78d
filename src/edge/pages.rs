//! The files of the pages under `/.edgeward/`, from the binding `EDGEWARD_WWW`.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, Response};

use super::in_flight::InFlight;
use crate::gateway::{OwnRequest, Rejection};
use crate::platform::bindings::member;

const BINDING: &str = "EDGEWARD_WWW";

#[wasm_bindgen(raw_module = "./pages.js")]
extern "C" {
    fn page(files: &JsValue, path: &str, request: &Request) -> Promise;
}

/// Whether the deployment has such files.
pub(super) fn are_bound(env: &JsValue) -> bool {
    member(&member(env, BINDING), "fetch").is_function()
}

/// The file that stands under the path of the request.
pub(super) async fn file(
    exchange: &InFlight,
    request: &OwnRequest,
) -> Result<Result<Response, JsValue>, Rejection> {
    let answer = page(&member(&exchange.env(), BINDING), request.path(), &exchange.request());
    let answer = JsFuture::from(answer).await.map_err(|_| Rejection::Internal)?;
    if answer.is_undefined() { Err(Rejection::RouteNotFound) } else { Ok(answer.dyn_into()) }
}
