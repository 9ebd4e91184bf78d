use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use super::credential::{TokenGrammar, of_scheme};
use super::{
    CookieSession, CredentialError, OWS, RequestHead, cookie, folds_to, may_be_cross_site, query,
    subprotocol,
};

/// A place where a caller's token may stand.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each must be read, and withheld")]
pub enum CredentialSource {
    /// `Authorization`, under this scheme.
    Authorization(String),
    /// The cookie with this name; pages of these origins may use it, besides the API's own.
    Cookie(String, Vec<String>),
    /// The cookies of this session, which reach no origin.
    Session(Rc<CookieSession>),
    /// The header with this lower-case name: the token and nothing else.
    Header(String),
    /// `Sec-WebSocket-Protocol`, where the token is the item behind this marker.
    Subprotocol(String),
    /// The query parameter with this name.
    Query(String),
}

/// All places where a route looks for a token. A token in any other place is no credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CredentialSources(Vec<CredentialSource>);

/// The token that a caller presents. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Presented<'a, 's> {
    /// The text of the token.
    pub token: Cow<'a, str>,
    /// The scheme of `Authorization` that it stands under, as the route writes it; `None` in other
    /// places, and for `Bearer`.
    pub scheme: Option<&'s str>,
    source: &'s CredentialSource,
}

impl Presented<'_, '_> {
    /// Whether it is a cookie that another site may have made the browser send, in a request that
    /// changes something.
    #[must_use]
    pub fn may_be_cross_site(&self, head: &RequestHead<'_>) -> bool {
        match self.source {
            CredentialSource::Cookie(_, origins) => may_be_cross_site(head, origins),
            CredentialSource::Session(session) => session.may_be_cross_site(head),
            _ => false,
        }
    }

    /// Whether it is in the cookies of a session.
    #[must_use]
    pub fn is_session(&self) -> bool {
        matches!(self.source, CredentialSource::Session(_))
    }
}

/// The changes to the request head that the origin receives. Its `Debug` shows no value.
#[derive(Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StrippedHead {
    /// Headers that are not forwarded.
    pub removed: Vec<String>,
    /// Headers that are forwarded with another value.
    pub replaced: Vec<(String, String)>,
    /// The query that is forwarded, where it differs from the client's.
    pub query: Option<String>,
}

impl CredentialSources {
    /// A list of these places; at least one.
    #[must_use]
    pub fn new(sources: Vec<CredentialSource>) -> Self {
        Self(sources)
    }

    /// Reads the token from these places; `None` where none of them has one.
    ///
    /// # Errors
    ///
    /// [`CredentialError`]; two tokens are refused, even the same one twice.
    pub fn read<'a>(
        &self,
        head: &RequestHead<'a>,
        grammar: TokenGrammar,
    ) -> Result<Option<Presented<'a, '_>>, CredentialError> {
        let mut presented = None;
        for source in &self.0 {
            let Some(token) = source.read(head, grammar)? else { continue };
            let scheme = source.scheme();
            if presented.replace(Presented { token, scheme, source }).is_some() {
                return Err(CredentialError::Several);
            }
        }
        Ok(presented)
    }

    /// Strips credentials that must not be forwarded. A token in the query or among subprotocols
    /// never is, because those are written to logs, and none of the cookies of `session` is; the others
    /// are not where the route strips them.
    #[must_use]
    pub fn withhold(
        &self,
        head: &RequestHead<'_>,
        strips: bool,
        session: Option<&CookieSession>,
    ) -> StrippedHead {
        let mut withheld = StrippedHead::default();
        if let Some(header) = head.header("cookie").filter(|_| strips || session.is_some()) {
            let is_own = |name: &str| {
                self.has(|source| matches!(source, CredentialSource::Cookie(own, _) if own == name))
            };
            let rest = cookie::without(header, |part| {
                session.is_some_and(|session| session.may_be_in(part))
                    || (strips && cookie::names(part).any(is_own))
            });
            withheld.take("cookie", header, rest);
        }
        let offers = self.has(|source| matches!(source, CredentialSource::Subprotocol(_)));
        if let Some(header) = head.header("sec-websocket-protocol").filter(|_| offers) {
            let rest = subprotocol::without(header, |item| {
                self.has(
                    |source| matches!(source, CredentialSource::Subprotocol(own) if own == item),
                )
            });
            withheld.take("sec-websocket-protocol", header, rest);
        }
        if let Some((_, query)) = head.url.split_once('?') {
            let rest = query::without(query, |part| {
                self.has(
                    |source| matches!(source, CredentialSource::Query(own) if query::is_named(part, own)),
                )
            });
            withheld.query = (rest != query).then_some(rest);
        }
        for (name, _) in head.names.all() {
            // A second spelling of the header is the same one to careless servers.
            let goes = |own: &str| folds_to(name, own) && (strips || own != name);
            if self.has(|source| matches!(source, CredentialSource::Header(own) if goes(own))) {
                withheld.removed.push(name.to_owned());
            }
        }
        withheld
    }

    /// Whether a header with this lower-case name may hold a token, besides `Authorization`.
    #[must_use]
    pub fn read_header(&self, name: &str) -> bool {
        self.has(|source| match source {
            CredentialSource::Cookie(..) | CredentialSource::Session(_) => name == "cookie",
            CredentialSource::Subprotocol(_) => name == "sec-websocket-protocol",
            CredentialSource::Header(own) => folds_to(name, own),
            CredentialSource::Authorization(_) | CredentialSource::Query(_) => false,
        })
    }

    /// Whether pages of this origin may read responses to requests with a token from here. Any page
    /// may that has to add the token itself; where a token may be in a cookie, only the pages of
    /// origins that each such cookie lists.
    #[must_use]
    pub fn may_read(&self, origin: &str) -> bool {
        self.0.iter().all(|source| match source {
            CredentialSource::Cookie(_, origins) => origins.iter().any(|listed| listed == origin),
            CredentialSource::Session(session) => {
                session.origins.iter().any(|listed| listed == origin)
            }
            _ => true,
        })
    }

    /// Whether one of the places is not in `Authorization`.
    #[must_use]
    pub fn are_outside_authorization(&self) -> bool {
        self.has(|source| !matches!(source, CredentialSource::Authorization(_)))
    }

    /// All places.
    #[must_use]
    pub fn all(&self) -> &[CredentialSource] {
        &self.0
    }

    /// The headers that hold nothing but a token.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|source| match source {
            CredentialSource::Header(name) => Some(name.as_str()),
            _ => None,
        })
    }

    fn has(&self, is_such: impl Fn(&CredentialSource) -> bool) -> bool {
        self.0.iter().any(is_such)
    }
}

impl CredentialSource {
    fn is_cookie(&self) -> bool {
        matches!(self, Self::Cookie(..) | Self::Session(_))
    }

    fn scheme(&self) -> Option<&str> {
        match self {
            Self::Authorization(scheme) if !scheme.eq_ignore_ascii_case("bearer") => Some(scheme),
            _ => None,
        }
    }

    fn read<'a>(
        &self,
        head: &RequestHead<'a>,
        grammar: TokenGrammar,
    ) -> Result<Option<Cow<'a, str>>, CredentialError> {
        let in_header = |name: &str| head.header(name).unwrap_or_default();
        let found = match self {
            Self::Authorization(scheme) => {
                let authorization = head.header("authorization");
                let token = authorization.map(|value| of_scheme(value, scheme, grammar));
                let token = token.transpose()?;
                return Ok(token.flatten().map(Cow::Borrowed));
            }
            Self::Cookie(name, _) => cookie::value(in_header("cookie"), name)?.map(Cow::Borrowed),
            Self::Session(session) => session.access_token(in_header("cookie"))?,
            Self::Header(name) => {
                head.header(name).map(|value| Cow::Borrowed(value.trim_matches(OWS)))
            }
            Self::Subprotocol(marker) => {
                let offered = in_header("sec-websocket-protocol");
                subprotocol::value(offered, marker)?.map(Cow::Borrowed)
            }
            Self::Query(name) => match head.url.split_once('?') {
                Some((_, query)) => query::value(query, name)?,
                None => None,
            },
        };
        match found {
            // What the gateway has not set there is no token, and the session may be renewed.
            Some(token) if matches!(self, Self::Session(_)) && !grammar.permits(&token) => Ok(None),
            // RFC 6265 §4.1.1: no cookie's value holds a backslash.
            Some(token) if self.is_cookie() && token.contains('\\') => {
                Err(CredentialError::Malformed)
            }
            Some(token) if grammar.permits(&token) => Ok(Some(token)),
            // The platform joins what came twice, and no token holds a comma.
            Some(text) if text.contains(',') => Err(CredentialError::Several),
            Some(_) => Err(CredentialError::Malformed),
            None => Ok(None),
        }
    }
}

impl fmt::Display for CredentialSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authorization(scheme) => write!(formatter, "`Authorization: {scheme}`"),
            Self::Cookie(name, _) => write!(formatter, "the cookie `{name}`"),
            Self::Session(session) => write!(formatter, "the cookie `{}`", session.access),
            Self::Header(name) => write!(formatter, "the header `{name}`"),
            Self::Subprotocol(marker) => {
                write!(formatter, "`Sec-WebSocket-Protocol` behind `{marker}`")
            }
            Self::Query(name) => write!(formatter, "the query parameter `{name}`"),
        }
    }
}

impl fmt::Debug for Presented<'_, '_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Presented").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

impl fmt::Debug for StrippedHead {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StrippedHead")
            .field("removed", &self.removed)
            .finish_non_exhaustive()
    }
}

impl StrippedHead {
    fn take(&mut self, name: &str, whole: &str, rest: Option<String>) {
        match rest {
            Some(rest) if rest == whole => {}
            Some(rest) => self.replaced.push((name.to_owned(), rest)),
            None => self.removed.push(name.to_owned()),
        }
    }
}
