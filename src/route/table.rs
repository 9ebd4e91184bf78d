use std::rc::Rc;

use super::path::{fold_case, is_case_folded, is_script};
use super::trie::{Case, Trie};
use super::{
    CanonicalPath, Handler, Methods, OwnResource, Pattern, Requirement, Rewrite, RouteLimit, Target,
};
use crate::http::{CookieSession, CredentialSources, ErrorStyle};
use crate::revocation::RevocationLevel;

/// One route: the requests it matches, who may pass, and where they go.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the configuration")]
pub struct Route {
    /// The paths that it matches.
    pub pattern: Pattern,
    /// The methods that it serves.
    pub methods: Methods,
    /// Whether a token is needed.
    pub access: Access,
    /// The requirement that the caller must meet besides.
    pub requirement: Option<Requirement>,
    /// The segments of the path that the requirement compares, by index.
    pub compared_segments: Vec<usize>,
    /// How strictly it is checked that the token is not revoked.
    pub revocation: RevocationLevel,
    /// The target of the request.
    pub target: Target,
    /// Whether the client's `Authorization`, and a token in another place, reach the origin.
    pub keeps_authorization: bool,
    /// The places where the caller's token may stand; `None` for `Authorization: Bearer` alone.
    pub credentials: Option<Rc<CredentialSources>>,
    /// Whether CORS preflights pass without a token.
    pub cors_preflight: bool,
    /// The path at the tenant's origin that is told of what another origin has changed.
    pub sync: Option<String>,
    /// How the path at the origin differs from the client's.
    pub rewrite: Rewrite,
    /// Whether `%2F` stays encoded in a segment of its path.
    pub keeps_encoded_slashes: bool,
    /// Whether answers to callers without a token may come from the zone's cache.
    pub uses_zone_cache: bool,
    /// The format of its 401 bodies.
    pub error_style: ErrorStyle,
    /// The handler that serves it, if its requests are about tokens of an issuer.
    pub handler: Option<Rc<Handler>>,
    /// The cookie session whose tokens it accepts, or that its handler begins, renews and ends.
    pub session: Option<Rc<CookieSession>>,
    /// Where a page navigation is sent in the place of a 401.
    pub login: Option<String>,
    /// The limit on its requests.
    pub limit: Option<RouteLimit>,
    /// On a route in shadow mode, the header that tells the origin what would have been refused.
    pub shadow: Option<Rc<str>>,
}

/// Whether a route needs a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a new kind of access must be considered everywhere")]
pub enum Access {
    /// No token is read, and no identity is forwarded.
    Public,
    /// No token is needed, but one that is present must be valid.
    Optional,
    /// A valid token is needed.
    Authenticated,
}

/// All routes, searchable in time that depends on the path and not on their number.
#[derive(Debug)]
pub struct RouteTable {
    routes: Vec<Rc<Route>>,
    exact: Trie,
    /// The same by literals whose case is folded; `None` where each of them is its own folding.
    folded: Option<Trie>,
    /// Conflicts between routes that differ in case only.
    case_conflicts: Vec<RouteConflict>,
}

/// The route for a request.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its index in the configuration.
    pub index: usize,
    /// The route.
    pub route: Rc<Route>,
}

/// A conflict of two routes that match the same requests, neither of which is the more specific.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteConflict {
    /// Index of the earlier route.
    pub first: usize,
    /// Index of the later route.
    pub second: usize,
}

/// The reason why no route was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "each case differs on the wire")]
pub enum FindError {
    /// No route matches.
    #[error("no route matches")]
    NotFound,
    /// The most specific path does not list the method.
    #[error("the route does not list the method")]
    MethodNotAllowed {
        /// The index of the first route of this path.
        index: usize,
        /// The methods that its routes list, for `Allow`.
        allowed: String,
    },
    /// Another route would match for a server that reads the path differently.
    #[error("another route would match in another reading of the path")]
    Ambiguous,
}

impl RouteTable {
    /// Builds the table.
    ///
    /// # Errors
    ///
    /// All [`RouteConflict`]s: if the order of lines decided, it would not be clear who may pass.
    pub fn new(routes: Vec<Route>) -> Result<Self, Vec<RouteConflict>> {
        let routes: Vec<_> = routes.into_iter().map(Rc::new).collect();
        let (exact, conflicts) = trie(&routes, Case::Exact);
        if !conflicts.is_empty() {
            return Err(conflicts);
        }
        let is_own_folding = |route: &Rc<Route>| route.pattern.is_case_folded();
        let folded = (!routes.iter().all(is_own_folding)).then(|| trie(&routes, Case::Folded));
        let (folded, case_conflicts) = folded.unzip();
        Ok(Self { routes, exact, folded, case_conflicts: case_conflicts.unwrap_or_default() })
    }

    /// The route for a request: the one whose path is the most specific (segment by segment a
    /// literal goes before `*`, `*` before `**`), and there the one that lists the method.
    ///
    /// A method that the most specific path does not list has no route: it does not fall through
    /// to a wider pattern, which may let more people pass. `ignores_case` says of a route whether
    /// its origin may take `/Admin` for `/admin`.
    ///
    /// # Errors
    ///
    /// [`FindError`].
    pub fn find(
        &self,
        method: &str,
        path: &CanonicalPath<'_>,
        ignores_case: impl Fn(&Route) -> bool,
    ) -> Result<Found, FindError> {
        let here = self.exact.search(path.segments());
        let found = self.pick(method, here);
        let readings = path.readings().ok_or(FindError::Ambiguous)?;
        let scripts = if readings.is_empty() { Vec::new() } else { self.scripts(found) };
        let differs = |reading: &Vec<String>| {
            let is_decoded =
                path.has_encoded_slash() && !reading.iter().any(|own| own.contains('/'));
            let lacks_script =
                scripts.iter().any(|script| !reading.iter().any(|own| own == script));
            // The route says that its origin does not decode `%2F`, or which script serves its paths: only what
            // another route guards counts.
            !((is_decoded || lacks_script) && self.is_unknown(reading))
                && (self.pick(method, self.exact.search(reading)) != found
                    || self.differs_by_case(method, reading, found, &ignores_case))
        };
        if readings.iter().any(differs)
            || self.differs_by_case(method, path.segments(), found, &ignores_case)
        {
            return Err(FindError::Ambiguous);
        }
        match found.and_then(|index| Some((index, self.routes.get(index)?))) {
            Some((index, route)) => Ok(Found { index, route: Rc::clone(route) }),
            None => Err(self.not_found(here)),
        }
    }

    /// Whether a server that ignores case would serve another route's requests here.
    fn differs_by_case<S: AsRef<str>>(
        &self,
        method: &str,
        segments: &[S],
        found: Option<usize>,
        ignores_case: &impl Fn(&Route) -> bool,
    ) -> bool {
        let trie = match &self.folded {
            Some(folded) => folded,
            None if segments.iter().all(|segment| is_case_folded(segment.as_ref())) => {
                return false;
            }
            None => &self.exact,
        };
        let folded: Vec<_> = segments.iter().map(|segment| fold_case(segment.as_ref())).collect();
        let other = self.pick(method, trie.search(&folded));
        // Where nothing is found nobody reads it but the origin of the other route.
        let reader = found.or(other).and_then(|index| self.routes.get(index));
        other != found && reader.is_some_and(|route| ignores_case(route))
    }

    /// The scripts that a route names in its pattern.
    fn scripts(&self, found: Option<usize>) -> Vec<&str> {
        let route = found.and_then(|index| self.routes.get(index));
        let literals = route.into_iter().flat_map(|route| route.pattern.literals());
        literals.filter(|literal| is_script(literal)).collect()
    }

    /// Whether no route has these segments, in any case and for any method.
    fn is_unknown(&self, segments: &[String]) -> bool {
        self.exact.search(segments).is_empty()
            && self.most_specific_without_case(segments).is_empty()
    }

    fn not_found(&self, here: &[usize]) -> FindError {
        let Some(first) = here.first() else { return FindError::NotFound };
        let methods = here.iter().filter_map(|index| self.routes.get(*index));
        let allowed = Methods::allow(methods.map(|route| &route.methods));
        FindError::MethodNotAllowed { index: *first, allowed }
    }

    /// Whether some reading of a path, in any case, is one that no client may request: a path that
    /// an origin has for the gateway alone.
    #[must_use]
    pub fn is_closed(&self, path: &CanonicalPath<'_>) -> bool {
        let Some(readings) = path.readings() else { return true };
        let own: Vec<_> = path.segments().iter().map(|segment| segment.as_ref().into()).collect();
        let is_closed = |index: &usize| {
            let target = self.routes.get(*index).map(|route| route.target);
            target == Some(Target::Own(OwnResource::Unknown))
        };
        std::iter::once(own).chain(readings).any(|reading| {
            let found = self.exact.search(&reading).iter();
            found.chain(self.most_specific_without_case(&reading)).any(is_closed)
        })
    }

    /// All routes, in the order of the configuration.
    #[must_use]
    pub fn routes(&self) -> &[Rc<Route>] {
        &self.routes
    }

    /// Routes that tie for a server that ignores case.
    #[must_use]
    pub fn case_conflicts(&self) -> &[RouteConflict] {
        &self.case_conflicts
    }

    /// The routes of the most specific pattern that these segments match, by index: one of them
    /// decides, or none.
    #[must_use]
    pub fn most_specific<S: AsRef<str>>(&self, segments: &[S]) -> &[usize] {
        self.exact.search(segments)
    }

    /// The routes of the most specific pattern for a server that ignores case, by index.
    #[must_use]
    pub fn most_specific_without_case<S: AsRef<str>>(&self, segments: &[S]) -> &[usize] {
        let folded: Vec<_> = segments.iter().map(|segment| fold_case(segment.as_ref())).collect();
        self.folded.as_ref().unwrap_or(&self.exact).search(&folded)
    }

    /// Whether no request ever reaches the route with this index, because more specific routes
    /// match each of its paths: `/a` and `/a/*/**` leave nothing to `/a/**`.
    #[must_use]
    pub fn is_shadowed(&self, index: usize) -> bool {
        self.exact.is_shadowed(index)
    }

    fn pick(&self, method: &str, here: &[usize]) -> Option<usize> {
        let rank = |index: &usize| Some((self.routes.get(*index)?.methods.rank(method)?, *index));
        here.iter().filter_map(rank).min().map(|(_, index)| index)
    }
}

/// Builds the trie of the routes by their patterns, and finds those that tie.
fn trie(routes: &[Rc<Route>], case: Case) -> (Trie, Vec<RouteConflict>) {
    let (mut trie, mut conflicts) = (Trie::default(), Vec::new());
    for (second, route) in routes.iter().enumerate() {
        let ties = |other: &&usize| {
            routes.get(**other).is_some_and(|other| other.methods.tie(&route.methods))
        };
        let others = trie.insert(route.pattern.parts(), second, case).unwrap_or_default();
        if let Some(first) = others.iter().find(ties) {
            conflicts.push(RouteConflict { first: *first, second });
        }
    }
    (trie, conflicts)
}
