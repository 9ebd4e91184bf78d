use serde_json::Value;

/// A body of type `application/problem+json` ([RFC 9457]), in two parts: the request's id stands
/// between them, and is all that differs from request to request.
///
/// `type` names the code, which `docs/errors.md` explains; nothing of the request is repeated but its id.
///
/// [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457
#[must_use]
pub fn problem(status: u16, code: &str, title: &str, detail: Option<&str>) -> [String; 2] {
    // Code and title are words of ours, and an id is harmless: nothing in them is to be escaped.
    let detail = detail.map(|detail| [",\"detail\":", &Value::from(detail).to_string()].concat());
    let before = format!(
        "{{\"type\":\"urn:edgeward:problem:{code}\",\"title\":{},\"status\":{status},\"code\":\"{code}\",\
         \"request_id\":\"",
        Value::from(title),
    );
    [before, ["\"", &detail.unwrap_or_default(), "}"].concat()]
}
