//! `issuers[].refresh.session`: tokens of browsers in cookies.

use serde_json::{Value, json};

use super::credentials::origins;
use super::shape::{ANY, Default, Form, Kind, Shape, field, number, table, text, texts};
use super::table::Table;
use super::{Environment, secrets};
use crate::json::object;

/// A session, as its issuer configures it.
#[derive(Clone, Debug)]
pub(super) struct SessionRules {
    /// The names of the cookies of the access and of the refresh token.
    pub(super) cookies: [String; 2],
    pub(super) origins: Vec<String>,
    pub(super) csrf_header: Option<String>,
    /// The settings for handlers, in JSON.
    pub(super) settings: Value,
}

pub(super) static SHAPE: Shape = Shape {
    name: "session",
    about: "Tokens of browsers in cookies that no script can read.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        field("key", Kind::Text(&secrets::NAME))
            .required()
            .about("The name of the Worker secret under which refresh tokens are sealed."),
        field("previous_key", Kind::Text(&secrets::NAME))
            .about("The name of the one before, while cookies under it are in use."),
        table("cookies", &COOKIES).about("The names of the cookies."),
        number("idle_seconds", 60, 34_560_000)
            .or(Default::Number(1_209_600))
            .about("After so long without a refresh the session is over. Absent: 14 days."),
        number("absolute_seconds", 60, 34_560_000)
            .or(Default::Number(2_592_000))
            .about("So long after its login the session is over in any case. Absent: 30 days."),
        table("csrf", &CSRF).about("Which pages may use the session."),
        texts("removed_members")
            .about("Dotted paths of members that are removed from answers besides the tokens."),
        texts("removed_cookies")
            .about("Names of cookies that are removed from answers besides those with the tokens."),
        text("client_id").about("With `preset = \"oauth2\"`, the client that the gateway is."),
        text("scope").about(
            "With `preset = \"oauth2\"`, the scope of refreshed tokens. Absent: that of the login.",
        ),
        text("resource")
            .about("With `preset = \"oauth2\"`, the resource of refreshed tokens (RFC 8707)."),
        text("audience").about("With `preset = \"oauth2\"`, the audience of refreshed tokens."),
        field("client_secret", Kind::Text(&secrets::NAME))
            .about("The name of the Worker secret of that client."),
    ],
};

static COOKIES: Shape = Shape {
    name: "session_cookies",
    about: "The names of the cookies of a session.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        field("access", Kind::Text(&COOKIE))
            .or(Default::Text("__Host-access"))
            .about("That of the access token."),
        field("refresh", Kind::Text(&COOKIE))
            .or(Default::Text("__Host-refresh"))
            .about("That of the sealed refresh token."),
    ],
};

/// The form of a cookie's name, without the point that stands before the number of a part.
static COOKIE: Form = Form {
    class: "A-Za-z0-9_-",
    most: 64,
    expected: "expected `__Host-` and then letters, digits, `_` and `-`, 64 at most",
    ..ANY
};

static CSRF: Shape = Shape {
    name: "csrf",
    about: "Which pages may use a session.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        texts("origins").about("Origins whose pages may use it, besides the API's own."),
        field("header", Kind::Text(&HEADER)).about(
            "A header by which clients without `Origin` and `Sec-Fetch-Site` say that they are no page.",
        ),
    ],
};

static HEADER: Form = Form { class: "a-z0-9-", expected: CSRF_HEADER, ..ANY };
const CSRF_HEADER: &str =
    "expected a header name that begins with `x-`, in lower case, which no browser sends by itself";

/// Reads the session of an issuer's `refresh`.
pub(super) fn read(refresh: &Table<'_>, environment: &Environment<'_>) -> Option<SessionRules> {
    let table = refresh.table("session")?;
    for name in ["key", "previous_key"] {
        secrets::check_key(&table, name, environment);
    }
    if let Some(name) = table.text("client_secret") {
        secrets::read(&table, "client_secret", name, environment);
    }
    let is_form = refresh.text("preset") == Some("oauth2");
    for name in PARAMETERS.into_iter().chain(["client_secret"]).filter(|name| table.has(name)) {
        if !is_form {
            table.error(name, "expected `preset = \"oauth2\"` with it");
        }
    }
    if table.has("client_secret") && !table.has("client_id") {
        table.error("client_id", "is required with `client_secret`");
    }
    let cookies = cookies(&table);
    for name in ["access_cookie", "refresh_cookie"] {
        let own = refresh.text(name);
        if cookies.iter().flatten().any(|cookie| Some(cookie.as_str()) == own) {
            refresh.error(name, "expected another name than the session's cookies have");
        }
    }
    let csrf = table.table("csrf");
    let origins = csrf.as_ref().map(origins).unwrap_or_default();
    let csrf_header = csrf.as_ref().and_then(|csrf| csrf.string("header"));
    if let Some(csrf) = csrf {
        let is_own = |name: &str| {
            name.starts_with("x-") && name != "x-request-id" && !name.starts_with("x-forwarded-")
        };
        if csrf_header.as_deref().is_some_and(|name| !is_own(name)) {
            csrf.error("header", CSRF_HEADER);
        }
        csrf.finish();
    }
    let settings = settings(&table, cookies.as_ref());
    table.finish();
    Some(SessionRules { cookies: cookies?, origins, csrf_header, settings })
}

/// The parameters beside a refresh token in a form (RFC 6749 §6, RFC 8707).
const PARAMETERS: [&str; 4] = ["client_id", "scope", "resource", "audience"];

fn settings(table: &Table<'_>, cookies: Option<&[String; 2]>) -> Value {
    object([
        ("key", json!(table.text("key"))),
        ("previous_key", json!(table.text("previous_key"))),
        ("access", json!(cookies.map(|[access, _]| access))),
        ("refresh", json!(cookies.map(|[_, refresh]| refresh))),
        ("idle", json!(table.number("idle_seconds"))),
        ("absolute", json!(table.number("absolute_seconds"))),
        ("removed_members", json!(table.strings("removed_members").unwrap_or_default())),
        ("removed_cookies", json!(table.strings("removed_cookies").unwrap_or_default())),
        (
            "parameters",
            PARAMETERS.map(|name| (name, json!(table.text(name)))).into_iter().collect(),
        ),
        ("client_secret", json!(table.text("client_secret"))),
    ])
}

fn cookies(table: &Table<'_>) -> Option<[String; 2]> {
    let Some(own) = table.table("cookies") else {
        return Some(["__Host-access", "__Host-refresh"].map(str::to_owned));
    };
    let [access, refresh] = ["access", "refresh"].map(|name| {
        let cookie = own.string(name)?;
        // Browsers then refuse it from any other host, from plain HTTP, and for a part of the paths.
        if cookie.strip_prefix("__Host-").is_none_or(str::is_empty) {
            own.error(name, COOKIE.expected);
        }
        Some(cookie)
    });
    if access.is_some() && access == refresh {
        own.error("refresh", "expected another name than that of `access`");
    }
    own.finish();
    Some([access?, refresh?])
}
