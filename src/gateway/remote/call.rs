use std::fmt;
use std::time::Duration;

use crate::config::{Client, ClientAuth, Exchange, Remote};
use crate::http;
use crate::token::RemoteMethod;

/// An HTTP call to an auth server, as it is to be made: no redirect followed, no shared cache
/// used. Its `Debug` shows neither token nor secret.
pub struct RemoteCall {
    /// The URL.
    pub url: String,
    /// The service binding to call through, if any.
    pub service: Option<String>,
    /// The method.
    pub method: &'static str,
    /// The header fields.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Option<String>,
    /// Longest wait for the whole answer.
    pub timeout: Duration,
    /// Whether the body of a 4xx says something, too.
    pub reads_refusals: bool,
}

impl RemoteCall {
    /// `scheme` is that of the caller's credential, where it is not `Bearer`.
    pub(super) fn new(remote: &Remote, scheme: Option<&str>, token: &str) -> Self {
        let media_type = match remote.way {
            RemoteMethod::SignedIntrospection => "application/token-introspection+jwt",
            RemoteMethod::Introspection | RemoteMethod::Me => "application/json",
        };
        let accept = ("accept", media_type.to_owned());
        // Who has a client introspects.
        let (method, headers, body) = if let Some(client) = &remote.client {
            introspection(client, accept, token)
        } else {
            let authorization = [scheme.unwrap_or("Bearer"), " ", token].concat();
            ("GET", vec![accept, ("authorization", authorization)], None)
        };
        Self {
            url: remote.url.clone(),
            service: remote.service.clone(),
            method,
            headers,
            body,
            timeout: remote.timeout,
            reads_refusals: false,
        }
    }

    /// [RFC 8693 §2.1]: another token for `token`, which is the caller's.
    ///
    /// [RFC 8693 §2.1]: https://www.rfc-editor.org/rfc/rfc8693#section-2.1
    pub(super) fn exchange(exchange: &Exchange, token: &str) -> Self {
        let resource = exchange.resource.as_deref().map(|resource| ("resource", resource));
        let scope = exchange.scope.as_deref().map(|scope| ("scope", scope));
        let pairs = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", token),
            ("subject_token_type", exchange.subject_token_type),
            ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("audience", &exchange.audience),
        ];
        let pairs = pairs.into_iter().chain(resource).chain(scope).collect();
        let accept = ("accept", "application/json".to_owned());
        let (method, headers, body) = form(&exchange.client, accept, pairs);
        Self {
            url: exchange.url.clone(),
            service: exchange.service.clone(),
            method,
            headers,
            body,
            timeout: exchange.timeout,
            reads_refusals: true,
        }
    }
}

type Parts = (&'static str, Vec<(&'static str, String)>, Option<String>);

/// [RFC 7662 §2.1].
///
/// [RFC 7662 §2.1]: https://www.rfc-editor.org/rfc/rfc7662#section-2.1
fn introspection(client: &Client, accept: (&'static str, String), token: &str) -> Parts {
    form(client, accept, vec![("token", token), ("token_type_hint", "access_token")])
}

/// A form by a client that authenticates as [RFC 6749 §2.3.1] has it.
///
/// [RFC 6749 §2.3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
fn form<'a>(
    client: &'a Client,
    accept: (&'static str, String),
    mut pairs: Vec<(&'static str, &'a str)>,
) -> Parts {
    let form = ("content-type", "application/x-www-form-urlencoded".to_owned());
    let mut headers = vec![accept, form];
    match client.auth {
        ClientAuth::Basic => {
            headers.push(("authorization", http::basic(&client.id, &client.secret)));
        }
        ClientAuth::Post => {
            pairs.extend([("client_id", client.id.as_str()), ("client_secret", &client.secret)]);
        }
    }
    ("POST", headers, Some(http::form(&pairs)))
}

impl fmt::Debug for RemoteCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RemoteCall")
            .field("method", &self.method)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
