//! `issuers[].refresh`: how the tokens of an issuer are refreshed and ended.

use serde_json::{Value, json};

use super::preset::{PRESETS, Preset};
use super::session::{self, SessionRules};
use super::shape::{Default, Kind, Shape, boolean, choice, field, number, table, text, texts};
use super::table::Table;
use super::{Environment, metrics, secrets};
use crate::http::ErrorStyle;
use crate::json::object;

/// How the tokens of an issuer are refreshed. `Debug` shows no secret, because there is none.
#[derive(Clone, Debug)]
pub struct RefreshRules {
    /// How long the answer to a used refresh token is given again while its successor has not been
    /// seen, in seconds; never less than `grace`.
    pub unused: u64,
    /// Whether good tokens that were never seen here are refused.
    pub(super) refuses_unknown: bool,
    /// Where the token stands in requests to `verify`, and the rest of the contract, in JSON.
    pub(super) verify_endpoint: String,
    /// The settings of all handlers, in JSON.
    pub(super) settings: Vec<(&'static str, Value)>,
    /// The session whose cookies hold the tokens.
    pub(super) session: Option<SessionRules>,
    /// The style of refusals where a route names none.
    pub(super) style: ErrorStyle,
}

impl RefreshRules {
    /// Whether tokens are registered.
    pub(super) fn registers(&self) -> bool {
        self.settings.iter().any(|(name, value)| *name == "register" && !value.is_null())
    }
}

pub(super) static SHAPE: Shape = Shape {
    name: "refresh",
    about: "How its tokens are refreshed. Needs the Durable Objects `RevocationLog` and `SessionFamily`.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        choice("preset", &PRESETS)
            .required()
            .about("The auth server's contract; the fields below change what differs from it."),
        text("request_refresh").about("The path of the refresh token in requests."),
        text("request_token").about("The path of the token in requests to `verify`. Absent: `token`."),
        text("response_access").about("The path of the access token in answers."),
        text("response_refresh").about("The path of the refresh token in answers."),
        text("access_cookie").about("The cookie that holds the access token; `dj-rest-auth` needs it."),
        text("refresh_cookie").about("The cookie that holds the refresh token; `dj-rest-auth` needs it."),
        field("refused_statuses", Kind::Scalars)
            .about("The statuses by which the auth server refuses a refresh token for good."),
        texts("refused_codes").about("The values of `error` or `code` in such an answer. Absent: the preset's."),
        number("grace_seconds", 0, 300)
            .or(Default::Number(10))
            .about("So long after a refresh the same token gets the same answer, in any case."),
        number("unused_seconds", 0, 86_400).about(
            "So long it gets it while its successor has not been seen; at least `grace_seconds`. Absent: 60, \
             and 600 with `session`.",
        ),
        choice("unknown", &UNKNOWN).or(Default::Text("adopt")).about(
            "A good refresh token that was never seen here: `adopt` begins a session with it, `refuse` \
             refuses it, and those that cannot be verified, too.",
        ),
        choice("handles", &HANDLES).or(Default::Text("off")).about(
            "Whether clients get handles instead of opaque refresh tokens: `on`, `off`, or `drain`, which \
             accepts them and gives none.",
        ),
        field("handle_key", Kind::Text(&secrets::NAME))
            .about("The name of the Worker secret under which handles are sealed."),
        field("previous_handle_key", Kind::Text(&secrets::NAME))
            .about("The name of the one before, while handles under it are in use."),
        boolean("expire_tree_on_refresh")
            .or(Default::Flag(false))
            .about("Whether a refresh ends the session's other access tokens."),
        table("session", &session::SHAPE)
            .about("Keeps the tokens of browsers in cookies that no script can read."),
        field("register", Kind::Names(&REGISTER)).about(
            "What is registered of its tokens in `EDGEWARD_DB`: `pairs`, whose they are (`user`), and with which \
             `device` they were got.",
        ),
        boolean("register_address")
            .or(Default::Flag(false))
            .about("Whether the client's address is registered with the device."),
        table("limit", &LIMIT).about("How many refreshes one subject or session makes. Absent: any."),
    ],
};

static LIMIT: Shape = Shape {
    name: "refresh_limit",
    about: "How many refreshes one subject or session makes.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        number("requests", 1, 10_000).required().about("So many."),
        number("seconds", 1, 86_400).required().about("Within so many seconds."),
    ],
};

/// The words of `register`.
const REGISTER: [&str; 3] = ["pairs", "user", "device"];

/// Where none is given; longer for browsers, because a closed tab loses its `Set-Cookie`.
const UNUSED: u64 = 60;
const UNUSED_IN_SESSION: u64 = 600;

/// Whether handles are used.
const HANDLES: [(&str, &str); 3] = [("off", "off"), ("on", "on"), ("drain", "drain")];

const UNKNOWN: [(&str, &str); 2] = [("adopt", "adopt"), ("refuse", "refuse")];

const OBJECTS_MISSING: &str = "expected the Durable Objects `RevocationLog` and `SessionFamily` with it, bound \
    as `EDGEWARD_REVOCATION_LOG` and `EDGEWARD_SESSIONS`, and as `main` the Worker that has \
    them: `edgeward/worker`, in a clone `build/index.js`";

pub(super) fn read(issuer: &Table<'_>, environment: &Environment<'_>) -> Option<RefreshRules> {
    let table = issuer.table("refresh")?;
    if !(environment.has_log && environment.has_sessions) {
        issuer.error("refresh", OBJECTS_MISSING);
    }
    let preset = table.choice("preset", &PRESETS);
    let [endpoint, verify_endpoint] = endpoints(&table, preset);
    for name in ["access_cookie", "refresh_cookie"] {
        if preset.is_some_and(|preset| preset.has_cookies) && !table.has(name) {
            table.error(
                name,
                "is required with `preset = \"dj-rest-auth\"`: the cookie has no default name",
            );
        }
    }
    let grace = table.number("grace_seconds");
    let unused = unused(&table, grace);
    if let Some((grace, _)) = grace.zip(unused).filter(|(grace, unused)| unused < grace) {
        table.error(
            "unused_seconds",
            format!("expected at least `grace_seconds`, which is {grace}"),
        );
    }
    let unknown = table.choice("unknown", &UNKNOWN);
    let expires_tree = table.boolean("expire_tree_on_refresh");
    let limit = limit(&table);
    let register = register(&table, environment);
    let handles = handles(&table, environment);
    let session = session::read(&table, environment);
    if session.is_some() && handles.is_some_and(|handles| handles != "off") {
        table.error(
            "handles",
            "expected `off` with `session`, whose cookies hold the tokens sealed",
        );
    }
    table.finish();
    let preset = preset?;
    Some(RefreshRules {
        unused: unused?,
        verify_endpoint,
        refuses_unknown: unknown == Some("refuse"),
        session,
        settings: vec![
            ("endpoint", endpoint.into()),
            ("grace", json!(grace?)),
            ("unused", json!(unused?)),
            ("unknown", json!(unknown?)),
            ("expire_tree", json!(expires_tree?)),
            ("limit", limit),
            ("register", register),
            ("handles", json!(handles)),
            ("handle_key", json!(table.text("handle_key"))),
            ("previous_handle_key", json!(table.text("previous_handle_key"))),
            ("logout_body", json!(preset.logout_body)),
        ],
        style: preset.style,
    })
}

/// The window of unused answers: as it is given, or the default, which is longer for browsers.
fn unused(table: &Table<'_>, grace: Option<u64>) -> Option<u64> {
    if table.has("unused_seconds") {
        return table.number("unused_seconds");
    }
    let default = if table.has("session") { UNUSED_IN_SESSION } else { UNUSED };
    Some(default.max(grace.unwrap_or_default()))
}

/// The contract in JSON, and the same with the place of the token in requests to `verify`.
fn endpoints(table: &Table<'_>, preset: Option<&'static Preset>) -> [String; 2] {
    let path = |name, default: Option<&'static str>| {
        table.string(name).or_else(|| default.map(str::to_owned))
    };
    let statuses = refused_statuses(table, preset);
    let codes = refused_codes(table, preset);
    let (access_cookie, refresh_cookie) =
        (table.string("access_cookie"), table.string("refresh_cookie"));
    let response_access = path("response_access", preset.map(|own| own.response_access));
    let response_refresh = path("response_refresh", preset.map(|own| own.response_refresh));
    let endpoint = |request: Option<String>| {
        object([
            ("body", json!(preset.map(|preset| preset.body))),
            ("request_refresh", json!(request)),
            ("response_access", json!(response_access)),
            ("response_refresh", json!(response_refresh)),
            ("access_cookie", json!(access_cookie)),
            ("refresh_cookie", json!(refresh_cookie)),
            ("refused_statuses", json!(statuses)),
            ("refused_codes", codes.clone()),
        ])
        .to_string()
    };
    let request_refresh = path("request_refresh", preset.map(|own| own.request_refresh));
    [endpoint(request_refresh), endpoint(path("request_token", Some("token")))]
}

/// Whether handles are used, and whether the secrets for them are there.
fn handles(table: &Table<'_>, environment: &Environment<'_>) -> Option<&'static str> {
    let handles = table.choice("handles", &HANDLES);
    let is_used = handles.is_some_and(|handles| handles != "off");
    for name in ["handle_key", "previous_handle_key"] {
        secrets::check_key(table, name, environment);
        if table.has(name) && handles == Some("off") {
            table.error(name, "expected `handles` with it");
        }
    }
    if is_used && !table.has("handle_key") {
        table.error("handle_key", "is required with `handles`");
    }
    if is_used && table.has("refresh_cookie") {
        table.error("handles", "expected no `refresh_cookie` with it");
    }
    handles
}

fn refused_statuses(table: &Table<'_>, preset: Option<&'static Preset>) -> Vec<u64> {
    let Some(scalars) = table.scalars("refused_statuses") else {
        let statuses = preset.map_or(&[][..], |preset| preset.refused_statuses);
        return statuses.iter().copied().map(u64::from).collect();
    };
    let status = |value: &Value| value.as_u64().filter(|status| (400..500).contains(status));
    let statuses: Option<Vec<_>> = scalars.iter().map(status).collect();
    if statuses.is_none() {
        table.error("refused_statuses", "expected statuses from 400 to 499");
    }
    statuses.unwrap_or_default()
}

fn refused_codes(table: &Table<'_>, preset: Option<&'static Preset>) -> Value {
    match table.strings("refused_codes") {
        Some(codes) => json!(codes),
        None => json!(preset.map_or(&[][..], |preset| preset.refused_codes)),
    }
}

/// The parts of tokens that are registered; nothing without the field.
fn register(table: &Table<'_>, environment: &Environment<'_>) -> Value {
    let has_address = table.boolean("register_address") == Some(true);
    let Some(names) = table.strings("register") else { return Value::Null };
    if !environment.has_database {
        table.error("register", metrics::DATABASE_MISSING);
    }
    let has = |name: &str| names.iter().any(|own| own == name);
    if let Some(unknown) = names.iter().position(|name| !REGISTER.contains(&name.as_str())) {
        let place = format!("register[{unknown}]");
        table.error(&place, "expected `pairs`, `user` or `device`");
    } else if !has("pairs") || (has("device") && !has("user")) {
        table.error("register", "expected `pairs` in it, and `user` with `device`");
    }
    if has_address && !has("device") {
        table.error("register_address", "expected `device` in `register` with it");
    }
    object([
        ("user", has("user").into()),
        ("device", has("device").into()),
        ("address", has_address.into()),
    ])
}

fn limit(table: &Table<'_>) -> Value {
    let Some(limit) = table.table("limit") else { return Value::Null };
    let (requests, seconds) = (limit.number("requests"), limit.number("seconds"));
    limit.finish();
    object([("requests", json!(requests)), ("seconds", json!(seconds))])
}
