use serde_json::Value;

use crate::json;
use crate::token::{Claims, Identity};

/// What a route demands of a caller, as a tree.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Requirement {
    /// Every branch must hold. (An empty list cannot be configured.)
    All(Vec<Self>),
    /// One branch must hold. An empty list never holds.
    Any(Vec<Self>),
    /// The caller has this role, to the letter.
    Role(String),
    /// The token was granted this scope.
    Scope(String),
    /// The claim at a path equals one of these values, type included.
    Claim {
        /// Dotted path.
        path: String,
        /// Accepted values.
        one_of: Vec<Value>,
    },
}

impl Requirement {
    /// Whether it holds. A missing claim or one of another type never satisfies anything.
    #[must_use]
    pub fn holds(&self, claims: &Claims, identity: &Identity) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(claims, identity)),
            Self::Any(any) => any.iter().any(|one| one.holds(claims, identity)),
            Self::Role(role) => identity.roles.contains(role),
            Self::Scope(scope) => identity.scope.contains(scope),
            Self::Claim { path, one_of } => {
                json::lookup(&claims.all, path).is_some_and(|value| one_of.contains(value))
            }
        }
    }

    /// Every scope that it mentions, for the challenge of a refusal (RFC 6750 §3).
    #[must_use]
    pub fn scopes(&self) -> Vec<&str> {
        match self {
            Self::All(inner) | Self::Any(inner) => inner.iter().flat_map(Self::scopes).collect(),
            Self::Scope(scope) => vec![scope],
            Self::Role(_) | Self::Claim { .. } => Vec::new(),
        }
    }

    /// The path of every claim that it compares.
    #[must_use]
    pub fn claims(&self) -> Vec<&str> {
        match self {
            Self::All(inner) | Self::Any(inner) => inner.iter().flat_map(Self::claims).collect(),
            Self::Claim { path, .. } => vec![path],
            Self::Role(_) | Self::Scope(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::ClaimPaths;

    #[track_caller]
    fn holds(requirement: &Requirement, text: &str) -> bool {
        let all = json::parse_object(text.as_bytes()).expect("object");
        let claims = Claims::from_object(all).expect("typed");
        let identity = Identity::read(&claims, &ClaimPaths::default()).expect("readable");
        requirement.holds(&claims, &identity)
    }

    fn role(name: &str) -> Requirement {
        Requirement::Role(name.to_owned())
    }

    #[test]
    fn a_role_is_compared_to_the_letter() {
        assert!(holds(&role("admin"), r#"{"roles":["user","admin"]}"#));
        for other in [r#"{"roles":["Admin"]}"#, r#"{"roles":["admins"]}"#, r#"{"roles":[]}"#, "{}"]
        {
            assert!(!holds(&role("admin"), other), "{other}");
        }
    }

    #[test]
    fn a_scope_is_one_of_the_words() {
        let scope = Requirement::Scope("users:write".to_owned());
        assert!(holds(&scope, r#"{"scope":"users:read users:write"}"#));
        assert!(!holds(&scope, r#"{"scope":"users:writer"}"#));
    }

    #[test]
    fn a_claim_matches_by_value_and_type() {
        let one_of = vec![Value::from("pro"), Value::from(2)];
        let plan = Requirement::Claim { path: "org.plan".to_owned(), one_of };
        assert!(holds(&plan, r#"{"org":{"plan":"pro"}}"#));
        assert!(holds(&plan, r#"{"org":{"plan":2}}"#));
        for other in
            [r#"{"org":{"plan":"2"}}"#, r#"{"org":{"plan":["pro"]}}"#, r#"{"org":"pro"}"#, "{}"]
        {
            assert!(!holds(&plan, other), "{other}");
        }
    }

    #[test]
    fn all_needs_every_branch_and_any_needs_one() {
        let both = Requirement::All(vec![role("a"), role("b")]);
        let either = Requirement::Any(vec![role("a"), role("b")]);
        assert!(holds(&both, r#"{"roles":["a","b"]}"#) && !holds(&both, r#"{"roles":["a"]}"#));
        assert!(holds(&either, r#"{"roles":["b"]}"#) && !holds(&either, r#"{"roles":["c"]}"#));
        assert!(!holds(&Requirement::Any(vec![]), r#"{"roles":["a"]}"#));
    }
}
