//! `origins[].exchange`: the origin gets a token of its own in the place of the caller's.

use std::time::Duration;

use super::shape::{ANY, Default, Form, Kind, Shape, choice, field, number, table, text};
use super::table::Table;
use super::{BreakerPolicy, Client, Environment, keys, remote, secrets};

pub(super) static SHAPE: Shape = Shape {
    name: "exchange",
    about: "A token exchange (RFC 8693) at an auth server, for an origin that wants its own audience.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        text("endpoint")
            .required()
            .about("URL of the auth server's token endpoint. The caller's token is sent to it."),
        text("audience").required().about("Whom the new token is to be for."),
        field("resource", Kind::Text(&RESOURCE))
            .about("The target's URI, where the server wants one."),
        field("scope", Kind::Text(&SCOPE))
            .about("The scope to ask for. Absent: the server's choice."),
        choice("subject_token_type", &TYPES)
            .or(Default::Text("access_token"))
            .about("What the caller's token is said to be."),
        text("client_id").required().about("Who the gateway is to the auth server."),
        field("client_secret", Kind::Text(&secrets::NAME))
            .required()
            .about("The name of the Worker secret that goes with it."),
        choice("client_auth", &remote::AUTH)
            .or(Default::Text("basic"))
            .about("How both are sent: in `Authorization`, or in the form."),
        text("service").about("A service binding to ask through, whatever the URL's host is."),
        number("timeout_ms", 1, 30_000)
            .or(Default::Number(5000))
            .about("Longest wait for the whole answer."),
        table("breaker", &remote::BREAKER).about("When the auth server is not called."),
    ],
};

static RESOURCE: Form =
    Form { class: "!-~", expected: "expected a URI of visible ASCII characters", ..ANY };
static SCOPE: Form =
    Form { class: " -~", expected: "expected words of visible ASCII characters", ..ANY };

const TYPES: [(&str, &str); 2] = [
    ("access_token", "urn:ietf:params:oauth:token-type:access_token"),
    ("jwt", "urn:ietf:params:oauth:token-type:jwt"),
];

/// How callers' tokens are exchanged for one origin.
#[derive(Debug)]
pub struct Exchange {
    /// The token endpoint.
    pub url: String,
    /// The service binding to ask it through, if any.
    pub service: Option<String>,
    /// Who the gateway is to it.
    pub client: Client,
    /// Whom the new token is to be for.
    pub audience: String,
    /// The target's URI.
    pub resource: Option<String>,
    /// The scope to ask for.
    pub scope: Option<String>,
    /// `subject_token_type`.
    pub subject_token_type: &'static str,
    /// Longest wait for its whole answer.
    pub timeout: Duration,
    /// When it is left alone.
    pub breaker: BreakerPolicy,
}

pub(super) fn read(origin: &Table<'_>, environment: &Environment<'_>) -> Option<Exchange> {
    let table = origin.table("exchange")?;
    let client = remote::client(&table, environment);
    let audience = table.string("audience");
    let resource = table.string("resource");
    let scope = table.string("scope");
    let subject_token_type = table.choice("subject_token_type", &TYPES);
    let service = keys::service(&table, environment);
    let timeout = table.number("timeout_ms").map(Duration::from_millis);
    let breaker = remote::breaker(&table);
    let url = remote::url(&table, "endpoint");
    table.finish();
    Some(Exchange {
        url: url?,
        service,
        client: client?,
        audience: audience?,
        resource,
        scope,
        subject_token_type: subject_token_type?,
        timeout: timeout?,
        breaker: breaker?,
    })
}
