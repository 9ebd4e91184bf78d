use serde_json::json;

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
    let mut body = json!({
        "type": format!("urn:edgeward:problem:{code}"),
        "title": title,
        "status": status,
        "code": code,
        "request_id": id.as_str(),
    });
    if let (Some(detail), Some(body)) = (detail, body.as_object_mut()) {
        body.insert("detail".to_owned(), detail.into());
    }
    body.to_string()
}
