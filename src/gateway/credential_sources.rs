//! Tokens in other places than `Authorization: Bearer`.

use std::collections::BTreeMap;

use super::identify::{Identified, from_nobody};
use super::need::Flow;
use super::request::PendingRequest;
use super::{Gateway, Rejection};
use crate::http::{CookieSession, CredentialSources, RequestHead};

impl Gateway {
    /// Finds the token where the route looks for it.
    #[inline(never)]
    pub(super) fn credential_from<'h>(
        &self,
        sources: &CredentialSources,
        head: &RequestHead<'h>,
        mut request: Box<PendingRequest>,
    ) -> Flow<Identified<'h>> {
        let presented = match sources.read(head, self.config.token_grammar) {
            Err(error) => return Err(request.refuse(Rejection::Credential(error))),
            Ok(None) => return from_nobody(request),
            Ok(Some(presented)) => presented,
        };
        // Before the token is looked at: another site must not even learn whether it is good.
        if presented.may_be_cross_site(head) {
            return Err(request.refuse(Rejection::CrossSite));
        }
        if !presented.is_session() {
            request.renewal = None;
        } else if !request.strips_credential() {
            // The cookie reaches no origin, and what stands behind it expects a token.
            request.sends_bearer = true;
        }
        request.scheme = presented.scheme.map(Into::into);
        Ok(self.presented(request, presented.token))
    }
}

impl PendingRequest {
    /// The same for the route's places and the cookies of a session, which reach no origin on any route.
    pub(super) fn withhold_credentials(
        &mut self,
        head: &RequestHead<'_>,
        session: Option<&CookieSession>,
    ) -> Result<(), Rejection> {
        let sources = self.route.credentials.clone();
        if sources.is_none() && session.is_none() {
            return Ok(());
        }
        self.withhold(&sources.unwrap_or_default(), head, session)
    }

    /// Removes from the request's URL and headers the credentials that must not reach the origin.
    ///
    /// # Errors
    ///
    /// [`Rejection::HeaderNotUtf8`] if the rest of a header that held a credential was not UTF-8,
    /// and therefore cannot be forwarded unchanged.
    #[inline(never)]
    fn withhold(
        &mut self,
        sources: &CredentialSources,
        head: &RequestHead<'_>,
        session: Option<&CookieSession>,
    ) -> Result<(), Rejection> {
        let withheld = sources.withhold(head, self.strips_credential(), session);
        if let (Some(query), Some((path, _))) = (withheld.query, self.url.split_once('?')) {
            let mark = if query.is_empty() { "" } else { "?" };
            (self.url, self.kept_from) = ([path, mark, &query].concat(), None);
        }
        self.remove(withheld.removed);
        // The platform has read the bytes as UTF-8, and put this in the place of those that are none.
        let is_lossy = |(_, value): &(String, String)| value.contains(char::REPLACEMENT_CHARACTER);
        if withheld.replaced.iter().any(is_lossy) {
            return Err(Rejection::HeaderNotUtf8);
        }
        self.replaced.extend(withheld.replaced);
        Ok(())
    }

    /// Removes everything that the origin does not need to answer a preflight: credentials and the
    /// body. Browsers send neither with a preflight, and nothing has checked those that are there.
    pub(super) fn strip_to_preflight(&mut self) {
        self.drops_body = true;
        self.replaced.clear();
        // Nobody has been allowed another method.
        self.kept_headers.method_override = false;
        let sources = self.route.credentials.clone();
        let is_stripped = |name: &&str| {
            PREFLIGHT_STRIPPED.contains(name)
                || sources.as_ref().is_some_and(|sources| sources.read_header(name))
        };
        let names = self.names.all().map(|(name, _)| name);
        self.remove(names.filter(is_stripped).map(str::to_owned).collect());
    }

    /// Adds `names` to the headers that are not forwarded, each name once.
    fn remove(&mut self, names: Vec<String>) {
        let always = &self.names.removed(self.kept_headers).names;
        let mut before = BTreeMap::new();
        for name in always.iter().chain(&self.removed) {
            before.insert(name.clone(), 0_usize);
        }
        self.removed.extend(names.into_iter().filter(|name| !before.contains_key(name)));
    }
}

/// Headers that are removed from a preflight: credentials, and the fields that belong to a body.
const PREFLIGHT_STRIPPED: [&str; 5] =
    ["authorization", "content-encoding", "content-length", "content-type", "cookie"];
