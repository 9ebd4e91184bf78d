use std::rc::Rc;

use super::address;
use super::shape::{ANY, Field, Form, Kind, Shape, field, texts};
use super::table::Table;
use crate::http::{CredentialSource, CredentialSources};
use crate::json::ValueRef;
use crate::route::Access;

pub(super) static SHAPE: Shape = Shape {
    name: "credential",
    about: "A place where a caller's token may stand.",
    exactly_one: &["authorization", "cookie", "header", "subprotocol", "query"],
    sets_beside: ("", &[]),
    fields: &[
        word("authorization")
            .about("A scheme of `Authorization`, such as `Bearer` or `Token`; case does not matter."),
        word("cookie").about("A cookie, by its exact name."),
        field("header", Kind::Text(&HEADER)).about("A header that holds the token alone."),
        word("subprotocol").about(
            "A marker in `Sec-WebSocket-Protocol`: the token is the next item. Neither is forwarded.",
        ),
        word("query").about(
            "A query parameter, for clients that can do no better. It is not forwarded.",
        ),
        texts("origins").beside(&["cookie"]).about(
            "Origins whose pages may change something with the cookie, besides the API's own.",
        ),
    ],
};

const fn word(name: &'static str) -> Field {
    field(name, Kind::Text(&WORD))
}

/// The form of the other names: an RFC 9110 token without a few characters that no name of this
/// kind contains.
static WORD: Form =
    Form { class: "A-Za-z0-9._-", expected: "expected letters, digits and `._-`", ..ANY };

/// The form of a header name under which a token may stand: not one that has another meaning or
/// reaches no origin.
static HEADER: Form = Form {
    class: "a-z0-9-",
    except: &[
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "origin",
        "sec-websocket-protocol",
        "transfer-encoding",
        "upgrade",
        "x-request-id",
    ],
    expected: "expected a header name in lower case that has no other meaning",
    ..ANY
};

/// Reads `credentials`; `None` stands for `Authorization: Bearer` alone, which has the fastest
/// path.
pub(super) fn read(route: &Table<'_>, access: Option<Access>) -> Option<Rc<CredentialSources>> {
    if !route.has("credentials") {
        return None;
    }
    let tables = route.tables("credentials");
    let mut sources = Vec::new();
    for table in &tables {
        if let Some(source) = source(table) {
            if sources.iter().any(|other| is_same_place(other, &source)) {
                table.error("", "expected each place once");
            }
            sources.push(source);
        }
        table.finish();
    }
    if route.value("credentials").and_then(ValueRef::as_array).is_some_and(<[_]>::is_empty) {
        route.error("credentials", "expected at least one credential");
    }
    if access == Some(Access::Public) {
        route.error("credentials", "expected `access = \"authenticated\"` or \"optional\" with it");
    }
    let is_bearer = |source: &CredentialSource| matches!(source, CredentialSource::Authorization(scheme) if scheme.eq_ignore_ascii_case("bearer"));
    let is_default = sources.len() == 1 && sources.iter().all(is_bearer);
    (!is_default).then(|| Rc::new(CredentialSources::new(sources)))
}

fn source(table: &Table<'_>) -> Option<CredentialSource> {
    let place = table.only()?;
    let text = table.string(place)?;
    Some(match place {
        "authorization" => CredentialSource::Authorization(text),
        "cookie" => CredentialSource::Cookie(text, origins(table)),
        "header" => CredentialSource::Header(text),
        "subprotocol" => CredentialSource::Subprotocol(text),
        _ => CredentialSource::Query(text),
    })
}

pub(super) fn origins(table: &Table<'_>) -> Vec<String> {
    if !table.has("origins") {
        return Vec::new();
    }
    let origins = table.strings("origins").unwrap_or_default();
    for (index, origin) in origins.iter().enumerate() {
        // As browsers write it: no path, and no port that is the scheme's own.
        let is_origin = origin.matches('/').count() == 2 && !origin.ends_with(":443");
        if !is_origin || address::url(origin).is_err() {
            table.error(&format!("origins[{index}]"), "expected an origin: https://host[:port]");
        }
    }
    origins
}

fn is_same_place(one: &CredentialSource, other: &CredentialSource) -> bool {
    match (one, other) {
        (CredentialSource::Authorization(one), CredentialSource::Authorization(other)) => {
            one.eq_ignore_ascii_case(other)
        }
        (CredentialSource::Cookie(one, _), CredentialSource::Cookie(other, _)) => one == other,
        _ => one == other,
    }
}
