use super::RequestHead;

/// The method that a CORS preflight asks about; `None` when the request is none.
///
/// Only the real thing counts: `OPTIONS` with both `Origin` and `Access-Control-Request-Method`
/// ([Fetch, CORS-preflight fetch]). Any other `OPTIONS` is a request like all others.
///
/// [Fetch, CORS-preflight fetch]: https://fetch.spec.whatwg.org/#cors-preflight-fetch
#[must_use]
pub fn requested_method<'a>(head: &RequestHead<'a>) -> Option<&'a str> {
    if head.method != "OPTIONS" {
        return None;
    }
    head.header("origin")?;
    head.header("access-control-request-method").filter(|method| !method.is_empty())
}
