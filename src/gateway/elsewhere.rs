//! Tokens in other places than `Authorization: Bearer`.

use super::request::PendingRequest;
use super::{Gateway, Rejection, Step};
use crate::http::{self, RequestHead, Sources};
use crate::time::NumericDate;

impl Gateway {
    /// Goes on with the token from where the route looks for it.
    #[inline(never)]
    pub(super) fn admit_from(
        &self,
        sources: &Sources,
        head: &RequestHead<'_>,
        request: Box<PendingRequest>,
        now: NumericDate,
    ) -> Step {
        let presented = match sources.read(head) {
            Err(error) => return request.refuse(Rejection::Credential(error)),
            Ok(None) => return Self::admit_anonymous(request),
            Ok(Some(presented)) => presented,
        };
        // Before the token is looked at: another site must not even learn whether it is good.
        if presented.origins.is_some_and(|origins| http::may_be_cross_site(head, origins)) {
            return request.refuse(Rejection::CrossSite);
        }
        self.authenticate(request, &presented.token, now)
    }
}

impl PendingRequest {
    /// Takes out of the request what must not reach the origin.
    #[inline(never)]
    pub(super) fn withhold(&mut self, sources: &Sources, head: &RequestHead<'_>) {
        let withheld = sources.withhold(head, self.strips_credential());
        let is_new =
            |name: &String| !self.removed.contains(name) && !self.names.removed().contains(name);
        let removed: Vec<_> = withheld.removed.into_iter().filter(is_new).collect();
        self.removed.extend(removed);
        self.replaced.extend(withheld.replaced);
        if let (Some(query), Some((path, _))) = (withheld.query, self.url.split_once('?')) {
            let mark = if query.is_empty() { "" } else { "?" };
            (self.url, self.kept_from) = ([path, mark, &query].concat(), None);
        }
    }
}
