use std::cell::OnceCell;

use super::KeptHeaders;
use super::forwarded::{is_alias, is_cache_control, is_forwarded, is_method_override, is_path};
use super::hop_names::is_hop_by_hop;
use crate::adapter_cache::AdapterCache;

/// The header fields whose values may affect a decision on any route. Of all others, except those
/// that a route reads its token from, only the name counts.
pub const READ: [&str; 13] = [
    "access-control-request-method",
    "authorization",
    "cf-connecting-ip",
    "connection",
    "content-length",
    "cookie",
    "host",
    "origin",
    "sec-fetch-site",
    "sec-websocket-protocol",
    "transfer-encoding",
    "upgrade",
    "x-request-id",
];

/// The names of a request's header fields, and the decisions that depend on the names alone.
///
/// Clients send the same few lists of names again and again: an adapter classifies each list once,
/// and need not even fetch the values that nobody reads.
#[derive(Debug, Default)]
pub struct FieldNames {
    fields: Vec<Field>,
    /// The removed names for each of the eight [`KeptHeaders`], indexed by its fields in their
    /// order, and made when first asked for.
    removed: [[[OnceCell<RemovedNames>; 2]; 2]; 2],
}

fn pick<T>([no, yes]: &[T; 2], is_yes: bool) -> &T {
    if is_yes { yes } else { no }
}

#[derive(Debug)]
struct Field {
    name: Box<str>,
    is_read: bool,
    condition: Condition,
}

/// The condition under which a field is forwarded, as far as its name can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    Always,
    Never,
    /// If the origin keeps the client's forwarding headers.
    IfForwardedIsKept,
    /// If the origin keeps method overrides.
    IfMethodOverrideIsKept,
    /// If the request may be answered by a cache.
    IfCacheControlIsKept,
}

/// The names of fields that must not be forwarded, whatever their values are.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct RemovedNames {
    /// The lower-case names.
    pub names: Vec<String>,
    /// The adapter's own form of them.
    pub prepared: AdapterCache,
}

impl FieldNames {
    /// Classifies `names`, which are in lower case and each there once. `is_read` tells the names
    /// whose values are wanted, `is_reserved` those that could be taken for the gateway's own.
    #[must_use]
    pub fn new<'n>(
        names: impl Iterator<Item = &'n str>,
        is_read: impl Fn(&str) -> bool,
        is_reserved: impl Fn(&str) -> bool,
    ) -> Self {
        let condition = |name: &str| {
            let is_removed = is_reserved(name) || is_hop_by_hop(name) || is_path(name);
            if is_removed || is_alias(name) {
                Condition::Never
            } else if is_forwarded(name) {
                Condition::IfForwardedIsKept
            } else if is_method_override(name) {
                Condition::IfMethodOverrideIsKept
            } else if is_cache_control(name) {
                Condition::IfCacheControlIsKept
            } else {
                Condition::Always
            }
        };
        let field = |name: &str| Field {
            name: name.into(),
            is_read: is_read(name),
            condition: condition(name),
        };
        Self { fields: names.map(field).collect(), removed: Default::default() }
    }

    /// Classifies names of which every value is read, and none is reserved.
    #[must_use]
    pub fn whole<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        Self::new(names, |_| true, |_| false)
    }

    /// The number of names.
    #[must_use]
    pub fn count(&self) -> usize {
        self.fields.len()
    }

    /// All names, in their order, each with whether its value is read.
    pub fn all(&self) -> impl Iterator<Item = (&str, bool)> {
        self.fields.iter().map(|field| (&*field.name, field.is_read))
    }

    /// The names that must not be forwarded to an origin that keeps `kept`, whatever their values
    /// are.
    #[must_use]
    pub fn removed(&self, kept: KeptHeaders) -> &RemovedNames {
        let of = pick(&self.removed, kept.forwarded);
        let removed = pick(pick(of, kept.method_override), kept.cache_control);
        removed.get_or_init(|| {
            let stays = self.fields.iter().filter(|field| !field.condition.permits(kept));
            RemovedNames {
                names: stays.map(|field| field.name.as_ref().to_owned()).collect(),
                prepared: AdapterCache::default(),
            }
        })
    }

    /// The names that may be forwarded to an origin that keeps `kept`.
    pub fn remaining(&self, kept: KeptHeaders) -> impl Iterator<Item = &str> {
        let remaining = self.fields.iter().filter(move |field| field.condition.permits(kept));
        remaining.map(|field| &*field.name)
    }

    /// Whether the field is present, and its value is not read.
    #[must_use]
    pub fn is_unread(&self, name: &str) -> bool {
        self.all().any(|(own, is_read)| own == name && !is_read)
    }
}

impl Condition {
    const fn permits(self, kept: KeptHeaders) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::IfForwardedIsKept => kept.forwarded,
            Self::IfMethodOverrideIsKept => kept.method_override,
            Self::IfCacheControlIsKept => kept.cache_control,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_not_go_on_is_told_by_the_names_alone() {
        let names = [
            "accept",
            "connection",
            "te",
            "x-auth-a",
            "x_request_id",
            "x+request+id",
            "x-request-id",
        ];
        let names = FieldNames::new(
            names.into_iter(),
            |name| name == "connection",
            |name| name.starts_with("x-auth-"),
        );
        let removed = &names.removed(KeptHeaders::default()).names;
        assert_eq!(*removed, ["connection", "te", "x-auth-a", "x_request_id", "x+request+id"]);
        assert!(names.is_unread("accept") && !names.is_unread("connection"));
        assert!(!names.is_unread("cookie"), "a field that is not there");
    }

    #[test]
    fn a_websocket_may_need_its_upgrade() {
        let names = FieldNames::whole(["upgrade"].into_iter());
        assert!(names.removed(KeptHeaders::default()).names.is_empty());
    }

    #[test]
    fn an_origin_gets_what_it_keeps_and_no_more() {
        let names =
            ["accept", "te", "x_forwarded_host", "x-http-method", "cache-control", "script_name"];
        let names = FieldNames::whole(names.into_iter());
        for bits in 0..8 {
            let is_kept = |bit: u32| bits & bit != 0;
            let kept = KeptHeaders {
                forwarded: is_kept(1),
                method_override: is_kept(2),
                cache_control: is_kept(4),
            };
            let expected = [
                ("accept", true),
                ("x_forwarded_host", kept.forwarded),
                ("x-http-method", kept.method_override),
                ("cache-control", kept.cache_control),
            ];
            let expected: Vec<_> =
                expected.iter().filter(|(_, goes)| *goes).map(|(name, _)| *name).collect();
            assert_eq!(names.remaining(kept).collect::<Vec<_>>(), expected);
            let removed = &names.removed(kept).names;
            assert_eq!(removed.len(), names.count() - expected.len());
            assert!(expected.iter().all(|name| !removed.contains(&(*name).to_owned())));
        }
    }
}
