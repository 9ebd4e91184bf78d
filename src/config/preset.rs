//! The contracts of auth servers that have a name.

use crate::http::ErrorStyle;

/// A contract of auth servers.
#[derive(Debug)]
pub(super) struct Preset {
    pub(super) body: &'static str,
    pub(super) request_refresh: &'static str,
    pub(super) response_access: &'static str,
    pub(super) response_refresh: &'static str,
    pub(super) refused_statuses: &'static [u16],
    pub(super) refused_codes: &'static [&'static str],
    pub(super) style: ErrorStyle,
    pub(super) has_cookies: bool,
    /// The body of the answer to a logout that is not forwarded; `None` for 204.
    pub(super) logout_body: Option<&'static str>,
}

static SIMPLEJWT: Preset = Preset {
    body: "json",
    request_refresh: "refresh",
    response_access: "access",
    response_refresh: "refresh",
    refused_statuses: &[401],
    refused_codes: &["token_not_valid", "no_active_account", "user_inactive", "user_not_found"],
    style: ErrorStyle::SimpleJwt,
    has_cookies: false,
    logout_body: Some("{}"),
};

static DJ_REST_AUTH: Preset = Preset {
    has_cookies: true,
    logout_body: Some(r#"{"detail":"Successfully logged out."}"#),
    ..SIMPLEJWT
};

static NODE: Preset = Preset {
    request_refresh: "refreshToken",
    response_access: "accessToken",
    response_refresh: "refreshToken",
    refused_statuses: &[400, 401, 403],
    refused_codes: &[],
    style: ErrorStyle::Problem,
    logout_body: None,
    ..SIMPLEJWT
};

static OAUTH2: Preset = Preset {
    body: "form",
    request_refresh: "refresh_token",
    response_access: "access_token",
    response_refresh: "refresh_token",
    refused_statuses: &[400, 401, 403],
    refused_codes: &["invalid_grant"],
    style: ErrorStyle::OAuth2,
    logout_body: None,
    ..SIMPLEJWT
};

/// The contracts by name.
pub(super) const PRESETS: [(&str, &Preset); 4] = [
    ("simplejwt", &SIMPLEJWT),
    ("dj-rest-auth", &DJ_REST_AUTH),
    ("node", &NODE),
    ("oauth2", &OAUTH2),
];
