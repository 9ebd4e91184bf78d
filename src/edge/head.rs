use js_sys::Array;
use worker::worker_sys::web_sys::Request;

use super::random;
use crate::http::{RequestHead, RequestId};

/// Shows `decide` the head of a request.
///
/// All names cross from JavaScript in one string; of the values only those that are asked for.
pub(super) fn with<T>(request: &Request, decide: impl FnOnce(&RequestHead<'_>) -> T) -> T {
    let headers = request.headers();
    let names = Array::from(&headers.keys()).join("\n");
    let names = String::from(names);
    let names: Vec<&str> = names.split('\n').filter(|name| !name.is_empty()).collect();
    let value = |name: &str| headers.get(name).ok().flatten();
    let own_id = names.contains(&"x-request-id").then(|| value("x-request-id")).flatten();
    let id = own_id.and_then(|id| RequestId::accept(&id)).unwrap_or_else(random::request_id);
    let (method, url) = (request.method(), request.url());
    decide(&RequestHead { method: &method, url: &url, names: &names, value: &value, id })
}
