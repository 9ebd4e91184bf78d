//! The requests by which an administrator lists what is revoked, and imports KV's blacklist.

use serde_json::{Map, Value, json};

use super::{Gateway, Rejection};
use crate::http;
use crate::json;
use crate::revocation::{Reason, RevocationKind};

type Refused = &'static str;

impl Gateway {
    /// Reads the query of a request to list what is revoked: the message for the log. `scopes` are
    /// those of [`AdminScope::filter`](super::AdminScope::filter).
    ///
    /// # Errors
    ///
    /// [`Rejection::BadRequest`], which says what is expected.
    pub fn revocation_list(&self, query: &str, scopes: Option<Value>) -> Result<Value, Rejection> {
        let mut wanted = Map::new();
        if let Some(scopes) = scopes {
            wanted.insert("scopes".to_owned(), scopes);
        }
        for (name, value) in http::parameters(query).ok_or(Rejection::BadRequest(ONCE))? {
            let (name, value) = self.filter(&name, &value).map_err(Rejection::BadRequest)?;
            if wanted.insert(name.to_owned(), value).is_some() {
                return Err(Rejection::BadRequest(ONCE));
            }
        }
        Ok(wanted.into())
    }

    /// Reads the body of a request to import KV's blacklist: the message for the log.
    ///
    /// # Errors
    ///
    /// [`Rejection::BadRequest`], which says what is expected.
    pub fn import_order(&self, body: &[u8]) -> Result<Value, Rejection> {
        const EXPECTED: Rejection = Rejection::BadRequest(
            "expected no body, or `pause_seconds` as a whole number of at most 3600",
        );
        if body.is_empty() {
            return Ok(json!({}));
        }
        let order = json::parse_object(body).map_err(|_| EXPECTED)?;
        let is_pause = |(name, value): (&String, &Value)| {
            name == "pause_seconds" && value.as_u64().is_some_and(|pause| pause <= 3600)
        };
        if order.iter().all(is_pause) { Ok(order.into()) } else { Err(EXPECTED) }
    }

    fn filter(&self, name: &str, value: &str) -> Result<(&'static str, Value), Refused> {
        let number = |expected| value.parse::<u32>().map(Value::from).map_err(|_| expected);
        match name {
            "cursor" => {
                let cursor = value.parse::<u64>().ok().filter(|cursor| *cursor < 1 << 53);
                let cursor = cursor.ok_or("expected `cursor` as it was answered")?;
                Ok(("before", cursor.into()))
            }
            "limit" => {
                let limit = value.parse::<u32>().ok().filter(|limit| (1..=1000).contains(limit));
                let expected = "expected `limit` to be a number of 1 to 1000";
                Ok(("limit", limit.ok_or(expected)?.into()))
            }
            "since" => Ok(("since", number("expected `since` in whole seconds since 1970")?)),
            "kind" => match RevocationKind::parse(value) {
                Some(kind) => Ok(("kind", kind.as_str().into())),
                None => {
                    Err("expected `kind` to be token, input, session, subject, tenant or issuer")
                }
            },
            "reason" => match Reason::parse(value) {
                Some(reason) => Ok(("reason", reason.as_str().into())),
                None => Err(
                    "expected `reason` to be admin, client, logout, reuse, backchannel or event",
                ),
            },
            "issuer" => {
                let is_known = self.config.issuers.iter().any(|issuer| issuer.name == value);
                let known = is_known.then(|| json!([value]));
                Ok(("issuers", known.ok_or("expected `issuer` to be the name of an issuer")?))
            }
            "tenant" => Ok(("tenants", json!([value]))),
            _ => Err("expected cursor, limit, kind, reason, issuer, tenant or since"),
        }
    }
}

const ONCE: Refused = "expected each parameter once, and well-formed";
