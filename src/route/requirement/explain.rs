use serde_json::json;

use super::{ClaimTest, Facts, Requirement, Truth};
use crate::json;

/// The result of one node of a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The depth of the node in the tree: 0 for the requirement itself.
    pub depth: usize,
    /// The node as configured, such as `role = "admin"`; the name alone for a branching node.
    pub text: String,
    /// The truth value of the node.
    pub truth: Truth,
    /// The caller's actual value for what the node asks, in JSON; `None` for branching nodes, and
    /// where the token says nothing.
    pub found: Option<String>,
    /// The segment of the path that a claim is compared with, in JSON; `None` for other nodes, and
    /// where the path has no such segment.
    pub segment: Option<String>,
}

impl Requirement {
    /// Judges the requirement and every node in it: each node stands before its branches, in the
    /// order of the configuration. Unlike [`Requirement::holds`] it leaves no branch out, and
    /// allocates.
    #[must_use]
    pub fn explain(&self, facts: &Facts<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.find(facts, 0, &mut findings);
        findings
    }

    fn find(&self, facts: &Facts<'_>, depth: usize, findings: &mut Vec<Finding>) {
        // Each node is judged by the very function that decides, so the two cannot differ.
        let (text, truth, found) = (self.to_string(), self.judge(facts), self.found(facts));
        let segment = self.segment(facts);
        findings.push(Finding { depth, text, truth, found, segment });
        for branch in self.branches() {
            branch.find(facts, depth.saturating_add(1), findings);
        }
    }

    fn segment(&self, facts: &Facts<'_>) -> Option<String> {
        let Self::Claim { test: ClaimTest::PathSegment(index), .. } = self else { return None };
        facts.segments.get(*index).map(|segment| json!(segment).to_string())
    }

    fn found(&self, facts: &Facts<'_>) -> Option<String> {
        let listed = |words: &[String], are_known: bool| are_known.then(|| json!(words));
        let claim = |path: &str| json::lookup(&facts.claims.all, path).cloned();
        let identity = facts.identity;
        let found = match self {
            Self::All(_) | Self::Any(_) | Self::Not(_) => None,
            Self::Role(_) => listed(&identity.roles, identity.roles_known),
            Self::Scope(_) => listed(&identity.scope, identity.scope_known),
            Self::Issuer(_) => Some(json!(facts.issuer)),
            Self::Tenant(_) => identity.tenant.as_ref().map(|tenant| json!(tenant)),
            Self::MaxAge(_) => claim("auth_time"),
            Self::Acr(_) => claim("acr"),
            Self::Claim { path, .. } => claim(path),
        };
        found.map(|found| found.to_string())
    }
}
