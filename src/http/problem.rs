use serde_json::Value;

use super::RequestId;

/// A body of type `application/problem+json` ([RFC 9457]).
///
/// `type` names the code, which `docs/errors.md` explains; nothing of the request is repeated but its id.
///
/// [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457
#[must_use]
pub fn problem(
    status: u16,
    code: &str,
    title: &str,
    id: &RequestId,
    detail: Option<&str>,
) -> String {
    // Code and title are words of ours, and an id is harmless: nothing in them is to be escaped.
    let detail = detail.map(|detail| [",\"detail\":", &Value::from(detail).to_string()].concat());
    format!(
        "{{\"type\":\"urn:edgeward:problem:{code}\",\"title\":{},\"status\":{status},\"code\":\"{code}\",\
         \"request_id\":\"{}\"{}}}",
        Value::from(title),
        id.as_str(),
        detail.unwrap_or_default(),
    )
}
