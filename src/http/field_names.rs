use super::folds_to;
use super::hop::is_hop_by_hop;
use crate::prepared::Prepared;

/// Header fields whose values may decide something on any route. Of all others, but for those that
/// a route reads its token from, the name alone counts.
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

/// The names of a request's header fields, and what follows from them alone.
///
/// Clients send a few lists of names again and again: an adapter works this out once for each, and
/// need not even fetch the values that nobody reads.
#[derive(Debug, Default)]
pub struct FieldNames {
    fields: Vec<(Box<str>, bool)>,
    removed: Vec<String>,
    /// The adapter's own form of [`Self::removed`].
    pub prepared: Prepared,
}

impl FieldNames {
    /// What follows from `names`, which are in lower case and each there once: `is_read` says of
    /// which the value is wanted, `is_reserved` which could be taken for the gateway's own.
    #[must_use]
    pub fn new<'n>(
        names: impl Iterator<Item = &'n str>,
        is_read: impl Fn(&str) -> bool,
        is_reserved: impl Fn(&str) -> bool,
    ) -> Self {
        let fields: Vec<_> = names.map(|name| (Box::from(name), is_read(name))).collect();
        let stays =
            |name: &str| is_reserved(name) || is_hop_by_hop(name) || is_alias_of_request_id(name);
        let all = fields.iter().map(|(name, _): &(Box<str>, bool)| &**name);
        let removed = all.filter(|name| stays(name)).map(str::to_owned).collect();
        Self { fields, removed, prepared: Prepared::default() }
    }

    /// Names of which every value is read, and no name is reserved.
    #[must_use]
    pub fn whole<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        Self::new(names, |_| true, |_| false)
    }

    /// All names, in their order, and whether the value is read.
    pub fn all(&self) -> impl Iterator<Item = (&str, bool)> {
        self.fields.iter().map(|(name, is_read)| (&**name, *is_read))
    }

    /// Those that must not go on, whatever their values are.
    #[must_use]
    pub fn removed(&self) -> &[String] {
        &self.removed
    }

    /// Whether the field is there, and its value is not read.
    #[must_use]
    pub fn is_unread(&self, name: &str) -> bool {
        self.all().any(|(own, is_read)| own == name && !is_read)
    }
}

/// A second spelling of the header that names the request: a careless server merges the two.
fn is_alias_of_request_id(name: &str) -> bool {
    name != "x-request-id" && folds_to(name, "x-request-id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_not_go_on_is_told_by_the_names_alone() {
        let names = ["accept", "connection", "te", "x-auth-a", "x_request_id", "x-request-id"];
        let names = FieldNames::new(
            names.into_iter(),
            |name| name == "connection",
            |name| name.starts_with("x-auth-"),
        );
        assert_eq!(names.removed(), ["connection", "te", "x-auth-a", "x_request_id"]);
        assert!(names.is_unread("accept") && !names.is_unread("connection"));
        assert!(!names.is_unread("cookie"), "a field that is not there");
    }

    #[test]
    fn a_websocket_may_need_its_upgrade() {
        assert!(FieldNames::whole(["upgrade"].into_iter()).removed().is_empty());
    }
}
