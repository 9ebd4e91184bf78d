//! The search for the routes of the most specific pattern that a path matches.

use std::collections::BTreeMap;

use super::path::fold_case;
use super::pattern::Segment;

/// Patterns by their segments; what is found are numbers of routes.
#[derive(Debug)]
pub(super) struct Trie(Vec<Node>);

#[derive(Debug, Default)]
struct Node {
    literals: BTreeMap<String, usize>,
    any: Option<usize>,
    closed: Vec<usize>,
    open: Vec<usize>,
}

/// Whether literals are compared exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Exact,
    Folded,
}

impl Default for Trie {
    fn default() -> Self {
        Self(vec![Node::default()])
    }
}

impl Trie {
    /// Adds a route under its pattern; the routes that had the same pattern before.
    pub(super) fn insert(
        &mut self,
        (segments, is_open): (&[Segment], bool),
        route: usize,
        case: Case,
    ) -> Option<&[usize]> {
        let mut at = 0;
        for segment in segments {
            at = self.child(at, segment, case)?;
        }
        let node = self.0.get_mut(at)?;
        let here = if is_open { &mut node.open } else { &mut node.closed };
        here.push(route);
        here.split_last().map(|(_, others)| others)
    }

    fn child(&mut self, at: usize, segment: &Segment, case: Case) -> Option<usize> {
        let new = self.0.len();
        let node = self.0.get_mut(at)?;
        let child = match segment {
            Segment::Literal(text) => {
                let key = if case == Case::Folded { fold_case(text) } else { text.clone() };
                *node.literals.entry(key).or_insert(new)
            }
            Segment::Any => *node.any.get_or_insert(new),
        };
        if child == new {
            self.0.push(Node::default());
        }
        Some(child)
    }

    /// The routes of the most specific pattern: segment by segment a literal goes before `*`, `*`
    /// before `**`. Every node is visited once at most.
    pub(super) fn search<S: AsRef<str>>(&self, segments: &[S]) -> &[usize] {
        self.search_from(0, segments).unwrap_or_default()
    }

    fn search_from<S: AsRef<str>>(&self, at: usize, segments: &[S]) -> Option<&[usize]> {
        let node = self.0.get(at)?;
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
        let literal = node.literals.get(segment).and_then(|at| self.search_from(*at, rest));
        literal.or_else(|| {
            let any = node.any.filter(|_| !segment.is_empty())?;
            self.search_from(any, rest)
        })
    }

    /// Whether closer patterns take each path that the open pattern of this route matches.
    pub(super) fn is_shadowed(&self, route: usize) -> bool {
        let its_node = self.0.iter().find(|node| node.open.contains(&route));
        its_node.is_some_and(|node| self.takes_root_and_below(node))
    }

    fn takes_root_and_below(&self, node: &Node) -> bool {
        let below = node.any.and_then(|at| self.0.get(at));
        !node.closed.is_empty()
            && below.is_some_and(|below| !below.open.is_empty() || self.takes_root_and_below(below))
    }
}
