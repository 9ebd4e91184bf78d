use serde::{Deserialize, Serialize};

/// The format of a request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "each is read")]
pub enum Body {
    /// JSON, or a form: what Django REST framework accepts.
    Json,
    /// A form alone (RFC 6749 §6).
    Form,
}

/// Where tokens stand in the requests and answers of an auth server, and which of its answers refuse a
/// token for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "a preset or the configuration fills every field")]
pub struct TokenEndpoint {
    /// The format of requests.
    pub body: Body,
    /// The dotted path of the refresh token in a request.
    pub request_refresh: String,
    /// The dotted path of the access token in an answer.
    pub response_access: String,
    /// The dotted path of the refresh token in an answer.
    pub response_refresh: String,
    /// The cookie that holds the access token, in answers.
    pub access_cookie: Option<String>,
    /// The cookie that holds the refresh token, in requests without the member and in answers.
    pub refresh_cookie: Option<String>,
    /// The statuses by which the auth server refuses a token for good.
    pub refused_statuses: Vec<u16>,
    /// The values of `error` or `code` that such an answer has to have; empty where the status is enough.
    pub refused_codes: Vec<String>,
}
