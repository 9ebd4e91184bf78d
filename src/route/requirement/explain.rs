use super::{Facts, Requirement, Truth};

/// What was found about one node of a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How deep it stands in the tree: 0 for the requirement itself.
    pub depth: usize,
    /// The node as it is configured, such as `role = "admin"`; of a branching one its name alone.
    pub text: String,
    /// What can be said of it.
    pub truth: Truth,
}

impl Requirement {
    /// What is found about it and everything in it: each node before its branches, in the order
    /// of the configuration. Unlike [`Requirement::holds`] it leaves no branch out, and allocates.
    #[must_use]
    pub fn explain(&self, facts: &Facts<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.find(facts, 0, &mut findings);
        findings
    }

    fn find(&self, facts: &Facts<'_>, depth: usize, findings: &mut Vec<Finding>) {
        // Each node is judged by the very function that decides, so the two cannot differ.
        findings.push(Finding { depth, text: self.to_string(), truth: self.judge(facts) });
        for branch in self.branches() {
            branch.find(facts, depth.saturating_add(1), findings);
        }
    }
}
