use std::collections::BTreeMap;
use std::rc::Rc;

use super::pattern::Segment;
use super::{CanonicalPath, Methods, Pattern, Requirement, RouteLimit};
use crate::http::Sources;
use crate::revocation::RevocationPolicy;

/// One route: which requests, who may pass, and where they go.
#[derive(Clone, Debug)]
pub struct Route {
    /// Which paths.
    pub pattern: Pattern,
    /// Which methods.
    pub methods: Methods,
    /// Whether a token is needed.
    pub access: Access,
    /// What the caller must be or have, besides.
    pub requirement: Option<Requirement>,
    /// How surely the token must not be revoked.
    pub revocation: RevocationPolicy,
    /// Where the request goes.
    pub target: Target,
    /// Whether the client's `Authorization`, and a token in another place, reach the origin.
    pub keeps_authorization: bool,
    /// Where the caller's token may stand; `None` for `Authorization: Bearer` alone.
    pub credentials: Option<Rc<Sources>>,
    /// Whether CORS preflights pass without a token.
    pub cors_preflight: bool,
    /// The path at the tenant's origin that is told of what another origin has changed.
    pub sync: Option<String>,
    /// How many requests it takes.
    pub limit: Option<RouteLimit>,
    /// On a route in shadow mode, the header that tells the origin what would have been refused.
    pub shadow: Option<Rc<str>>,
}

/// Whether a route needs a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a new kind of access must be considered everywhere")]
pub enum Access {
    /// No token is looked at, and no identity is forwarded.
    Public,
    /// A token is not needed; one that is there must be good.
    Optional,
    /// A good token is needed.
    Authenticated,
}

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must serve every target")]
pub enum Target {
    /// To the origin with this index in the configuration.
    Origin(usize),
    /// To the origin of the tenant that the request is for.
    Tenant,
    /// The gateway answers itself.
    Own(OwnResource),
}

/// The gateway's own resources under `/.edgeward/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must serve every resource")]
pub enum OwnResource {
    /// `health`: alive.
    Health,
    /// `ready`: configuration, keys, store.
    Ready,
    /// `me`: the caller's claims as the gateway sees them.
    Me,
    /// `jwks.json`: the public keys of the gateway's assertions.
    KeySet,
    /// `admin/revocations`: adds an entry.
    Revocations,
    /// `playground/…`: a file of a page, where the deployment has such files.
    Page,
    /// Anything else under `/.edgeward/`: there is no such thing, and no origin is asked.
    Unknown,
}

/// All routes, searchable in time that depends on the path and not on their number.
#[derive(Debug)]
pub struct RouteTable {
    routes: Vec<Rc<Route>>,
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    literals: BTreeMap<String, usize>,
    any: Option<usize>,
    closed: Vec<usize>,
    open: Vec<usize>,
}

/// The route for a request.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its index in the configuration.
    pub index: usize,
    /// The route.
    pub route: Rc<Route>,
}

/// Two routes match the same requests, and neither is the more specific.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteConflict {
    /// Index of the earlier route.
    pub first: usize,
    /// Index of the later route.
    pub second: usize,
}

/// Why no route was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "both cases differ on the wire")]
pub enum FindError {
    /// No route matches.
    #[error("no route matches")]
    NotFound,
    /// Another route would match for a server that drops `;parameters` or empty segments.
    #[error("another route would match without parameters and empty segments")]
    Ambiguous,
}

impl RouteTable {
    /// Builds the table.
    ///
    /// # Errors
    ///
    /// Every [`RouteConflict`]: where the order of lines would decide, nobody can say who may pass.
    pub fn new(routes: Vec<Route>) -> Result<Self, Vec<RouteConflict>> {
        let routes = routes.into_iter().map(Rc::new).collect();
        let mut table = Self { routes, nodes: vec![Node::default()] };
        let mut conflicts = Vec::new();
        for index in 0..table.routes.len() {
            conflicts.extend(table.insert(index));
        }
        if conflicts.is_empty() { Ok(table) } else { Err(conflicts) }
    }

    /// The route for a request: the one whose path is the most specific (segment by segment a
    /// literal goes before `*`, `*` before `**`), and there the one that lists the method.
    ///
    /// A method that the most specific path does not list has no route: it does not fall through
    /// to a wider pattern, which may let more people pass.
    ///
    /// # Errors
    ///
    /// [`FindError`].
    pub fn find(&self, method: &str, path: &CanonicalPath<'_>) -> Result<Found, FindError> {
        let found = self.pick(method, path.segments());
        let differs = |reading: &Vec<String>| self.pick(method, reading) != found;
        if path.lenient_readings().iter().any(differs) {
            return Err(FindError::Ambiguous);
        }
        let found = found.and_then(|index| Some((index, self.routes.get(index)?)));
        let (index, route) = found.ok_or(FindError::NotFound)?;
        Ok(Found { index, route: Rc::clone(route) })
    }

    /// All routes, in the order of the configuration.
    #[must_use]
    pub fn routes(&self) -> &[Rc<Route>] {
        &self.routes
    }

    /// The routes of the most specific path that `path` matches, by index: one of them decides, or
    /// none.
    #[must_use]
    pub fn most_specific(&self, path: &CanonicalPath<'_>) -> &[usize] {
        self.search(0, path.segments()).unwrap_or_default()
    }

    /// Whether no request ever reaches the route with this index, because closer routes take each
    /// path that it matches: `/a` and `/a/*/**` leave nothing to `/a/**`.
    #[must_use]
    pub fn is_shadowed(&self, index: usize) -> bool {
        let its_node = self.nodes.iter().find(|node| node.open.contains(&index));
        its_node.is_some_and(|node| self.takes_root_and_below(node))
    }

    fn takes_root_and_below(&self, node: &Node) -> bool {
        let below = node.any.and_then(|at| self.nodes.get(at));
        !node.closed.is_empty()
            && below.is_some_and(|below| !below.open.is_empty() || self.takes_root_and_below(below))
    }

    fn insert(&mut self, index: usize) -> Option<RouteConflict> {
        let route = Rc::clone(self.routes.get(index)?);
        let mut at = 0;
        for segment in &route.pattern.segments {
            at = self.child(at, segment)?;
        }
        let node = self.nodes.get_mut(at)?;
        let here = if route.pattern.open { &mut node.open } else { &mut node.closed };
        let methods = &route.methods;
        let tied =
            |other: &&usize| self.routes.get(**other).is_some_and(|o| o.methods.tie(methods));
        let conflict =
            here.iter().find(tied).map(|first| RouteConflict { first: *first, second: index });
        here.push(index);
        conflict
    }

    fn child(&mut self, at: usize, segment: &Segment) -> Option<usize> {
        let new = self.nodes.len();
        let node = self.nodes.get_mut(at)?;
        let child = match segment {
            Segment::Literal(text) => *node.literals.entry(text.clone()).or_insert(new),
            Segment::Any => *node.any.get_or_insert(new),
        };
        if child == new {
            self.nodes.push(Node::default());
        }
        Some(child)
    }

    fn pick<S: AsRef<str>>(&self, method: &str, segments: &[S]) -> Option<usize> {
        let here = self.search(0, segments)?;
        let rank = |index: &usize| Some((self.routes.get(*index)?.methods.rank(method)?, *index));
        here.iter().filter_map(rank).min().map(|(_, index)| index)
    }

    /// The routes of the most specific path. Every node is visited once at most.
    fn search<S: AsRef<str>>(&self, at: usize, segments: &[S]) -> Option<&[usize]> {
        let node = self.nodes.get(at)?;
        let below = match segments.split_first() {
            None => Some(node.closed.as_slice()),
            Some((segment, rest)) => self.search_below(node, segment.as_ref(), rest),
        };
        let some = |routes: &&[usize]| !routes.is_empty();
        below.filter(some).or_else(|| Some(node.open.as_slice()).filter(some))
    }

    fn search_below<S: AsRef<str>>(
        &self,
        node: &Node,
        segment: &str,
        rest: &[S],
    ) -> Option<&[usize]> {
        let literal = node.literals.get(segment).and_then(|at| self.search(*at, rest));
        literal.or_else(|| {
            let any = node.any.filter(|_| !segment.is_empty())?;
            self.search(any, rest)
        })
    }
}
