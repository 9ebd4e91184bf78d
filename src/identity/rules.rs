use crate::http::{fold_byte, fold_name, folds_to, folds_to_start};

use super::Encoding;
use crate::limits;

/// A fact about the caller that a default identity header carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it all")]
#[expect(clippy::exhaustive_enums, reason = "each facet must be written")]
pub enum IdentityField {
    Subject,
    Issuer,
    Email,
    Roles,
    Scope,
    Tenant,
    Session,
    TokenId,
}

impl IdentityField {
    /// All of them, in the order in which they are written.
    pub const ALL: [Self; 8] = [
        Self::Subject,
        Self::Issuer,
        Self::Email,
        Self::Roles,
        Self::Scope,
        Self::Tenant,
        Self::Session,
        Self::TokenId,
    ];

    /// The name in the configuration.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Issuer => "issuer",
            Self::Email => "email",
            Self::Roles => "roles",
            Self::Scope => "scope",
            Self::Tenant => "tenant",
            Self::Session => "session",
            Self::TokenId => "token_id",
        }
    }
}

/// A header for one more claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderRule {
    /// The header's lower-case name.
    pub header: String,
    /// Dotted path of the claim.
    pub claim: String,
    /// How it is written.
    pub encoding: Encoding,
}

/// The names of the gateway's own headers, and the claims that they carry.
#[derive(Clone, Debug)]
pub struct HeaderRules {
    prefix: String,
    facets: [(IdentityField, String); 8],
    claims: Vec<HeaderRule>,
    names: Vec<String>,
    /// The names of other sets, which clients may not send either.
    others: Vec<String>,
    starts: [bool; 128],
    assertion: String,
    max_bytes: usize,
}

impl HeaderRules {
    /// Rules with a prefix such as `x-auth-`, other names for some facets, and more claims. All
    /// names are lower-case.
    #[must_use]
    pub fn new(prefix: &str, renamed: &[(IdentityField, String)], claims: Vec<HeaderRule>) -> Self {
        let name = |facet: IdentityField| {
            let renamed =
                renamed.iter().find(|(own, _)| *own == facet).map(|(_, name)| name.clone());
            renamed.unwrap_or_else(|| format!("{prefix}{}", facet.key().replace('_', "-")))
        };
        let facets = IdentityField::ALL.map(|facet| (facet, name(facet)));
        let names =
            facets.iter().map(|(_, name)| name).chain(claims.iter().map(|rule| &rule.header));
        let names: Vec<_> = names.map(|name| fold_name(name)).collect();
        let assertion = format!("{prefix}assertion");
        let prefix = fold_name(prefix);
        let starts = starts(names.iter().map(String::as_str).chain([prefix.as_str(), OWN_PREFIX]));
        let (others, max_bytes) = (Vec::new(), limits::IDENTITY_BYTES);
        Self { prefix, facets, claims, names, others, starts, assertion, max_bytes }
    }

    /// These rules with other names for some facets and more claims: a set for some origins.
    #[must_use]
    pub fn extended(&self, renamed: &[(IdentityField, String)], claims: Vec<HeaderRule>) -> Self {
        let own = |(facet, name): &(IdentityField, String)| {
            let other = renamed.iter().find(|(renamed, _)| renamed == facet);
            (*facet, other.map_or(name, |(_, name)| name).clone())
        };
        let facets: Vec<_> = self.facets.iter().map(own).collect();
        let claims = self.claims.iter().cloned().chain(claims).collect();
        Self::new(&self.prefix, &facets, claims).of_at_most(self.max_bytes)
    }

    /// The same rules with a limit on all headers together, in bytes of names and values.
    #[must_use]
    pub fn of_at_most(mut self, max_bytes: usize) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// The limit on all headers together, in bytes.
    #[must_use]
    pub fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Reserves the names of another set as well: whichever origin a request goes to, no header of
    /// a client may be taken for one of ours at any origin.
    pub fn reserve_all_of(&mut self, other: &Self) {
        let names = other.names.iter().filter(|name| !self.names.contains(name));
        self.others.extend(names.cloned().collect::<Vec<_>>());
        let all = self.names.iter().chain(&self.others).map(String::as_str);
        self.starts = starts(all.chain([self.prefix.as_str(), OWN_PREFIX]));
    }

    /// Whether an inbound header of this name is removed: it could be taken for one of ours.
    #[must_use]
    pub fn reserves(&self, name: &str) -> bool {
        self.may_reserve(name)
            && (folds_to_start(name, &self.prefix)
                || folds_to_start(name, OWN_PREFIX)
                || self.names.iter().chain(&self.others).any(|own| folds_to(name, own)))
    }

    /// Whether a reserved name begins with the same byte as `name`, which rules out most headers.
    fn may_reserve(&self, name: &str) -> bool {
        let first = name.bytes().next().map(fold_byte);
        first.and_then(|byte| self.starts.get(usize::from(byte))).is_some_and(|start| *start)
    }

    /// The header that marks requests that would have been refused, on routes in shadow mode.
    #[must_use]
    pub fn shadow(&self) -> String {
        [&self.prefix, "shadow"].concat()
    }

    /// The name of a header that would carry two facts, if there is one.
    #[must_use]
    pub fn collision(&self) -> Option<&str> {
        let twin = |(index, name): (usize, &String)| {
            *name == self.assertion
                || self.names.iter().skip(index.saturating_add(1)).any(|other| other == name)
        };
        let mut names = self.names.iter().enumerate();
        names.find(|(index, name)| twin((*index, name))).map(|(_, name)| name.as_str())
    }

    /// The header for the assertion: the prefix and `assertion`.
    #[must_use]
    pub fn assertion(&self) -> &str {
        &self.assertion
    }

    /// The headers for facets.
    #[must_use]
    pub fn facets(&self) -> &[(IdentityField, String)] {
        &self.facets
    }

    /// The headers for other claims.
    #[must_use]
    pub fn claims(&self) -> &[HeaderRule] {
        &self.claims
    }
}

/// The prefix of headers that only the gateway may set, whatever the configured prefix.
const OWN_PREFIX: &str = "x-edgeward-";

/// A table of the bytes with which any of the names begins. All names are ASCII by configuration,
/// and folded.
fn starts<'a>(names: impl Iterator<Item = &'a str>) -> [bool; 128] {
    let mut starts = [false; 128];
    for byte in names.filter_map(|name| name.bytes().next()) {
        if let Some(start) = starts.get_mut(usize::from(byte)) {
            *start = true;
        }
    }
    starts
}

impl Default for HeaderRules {
    fn default() -> Self {
        Self::new("x-auth-", &[], Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_our_prefix_is_reserved() {
        let rules = HeaderRules::default();
        for name in ["x-auth-subject", "X_Auth_Zzz", "x.auth.roles", "X-EDGEWARD_X", "x-auth-"] {
            assert!(rules.reserves(name), "{name}");
        }
        for name in ["x-auth", "x-authx-a", "authorization", "x-author"] {
            assert!(!rules.reserves(name), "{name}");
        }
    }

    #[test]
    fn renamed_headers_and_headers_of_claims_are_reserved_too() {
        let renamed = [(IdentityField::Subject, "remote-user".to_owned())];
        let plan = HeaderRule {
            header: "x-plan".to_owned(),
            claim: "plan".to_owned(),
            encoding: Encoding::Plain,
        };
        let rules = HeaderRules::new("x-id-", &renamed, vec![plan]);
        for name in ["Remote_User", "X.Plan", "x-id-roles"] {
            assert!(rules.reserves(name), "{name}");
        }
        assert!(!rules.reserves("x-auth-roles"));
        let rules = HeaderRules::new("-id-", &[], Vec::new());
        assert!(rules.reserves("_id_a") && rules.reserves(".ID-a") && !rules.reserves("id-a"));
    }
}
