//! Warnings about origins that take the client's word where they should take the gateway's, and
//! about rewritten paths that bypass the protection of another route.

use super::Warnings;
use crate::config::ForwardedRule;
use crate::route::{Access, Pattern, Route};

impl Warnings<'_> {
    pub(super) fn origins(&mut self) {
        let config = self.config;
        for (index, origin) in config.origins.iter().enumerate().take(self.named_origins) {
            if origin.forwarded == ForwardedRule::Keep {
                let message = "the client chooses host, scheme and address: an origin that picks a tenant by \
                               its host takes the client's word";
                self.add("forwarded_kept", format!("origins[{index}].forwarded"), message);
            }
            if origin.keeps_method_override {
                let message =
                    "the origin may carry out another method than the one that was checked";
                self.add(
                    "method_override_kept",
                    format!("origins[{index}].method_override"),
                    message,
                );
            }
        }
    }

    /// Warns of a route whose path at the origin is one that another route protects better.
    pub(super) fn rewritten(&mut self, index: usize, route: &Route) {
        let Some(pattern) = at_origin(route) else { return };
        let is_stricter = |other: &Route| {
            let needs = |route: &Route| {
                (route.access == Access::Authenticated, route.requirement.is_some())
            };
            needs(other) > needs(route)
        };
        let meets = |other: &Route| {
            let other = at_origin(other).unwrap_or_else(|| other.pattern.clone());
            other.covers(&pattern) || pattern.covers(&other)
        };
        let is_same_place = |other: &Route| other.target == route.target;
        let stricter = self.config.configured().map(|(_, other)| other);
        let stricter = stricter
            .filter(|other| is_same_place(other) && is_stricter(other))
            .find(|other| meets(other));
        if let Some(other) = stricter {
            let message = format!(
                "is {pattern} at the origin, which {} protects better: who passes here gets there",
                other.pattern
            );
            self.add("rewritten_past_protected", format!("routes[{index}]"), message);
        }
    }
}

/// The pattern of the paths that a route's requests have at the origin; `None` where they keep
/// theirs.
fn at_origin(route: &Route) -> Option<Pattern> {
    if route.rewrite.is_none() {
        return None;
    }
    Pattern::parse(&route.rewrite.apply_to_pattern(route.pattern.as_str())?).ok()
}
