use super::Check;
use super::evidence::Evidence;
use crate::gateway::Caller;
use crate::route::{ComparedSegments, Facts, Requirement, Truth};

/// Every node of a requirement, each before its branches, judged by the function that decides.
pub(super) fn trace(
    findings: &Evidence<'_>,
    requirement: &Requirement,
    caller: &Caller,
) -> Vec<Check> {
    let Some(facts) = findings.gateway.facts(caller, findings.journal.now) else {
        return Vec::new();
    };
    let indexes = requirement.segments();
    let segments = findings.path().map(|path| ComparedSegments::of(&path, &indexes));
    let segments = segments.unwrap_or_default();
    let facts = Facts { segments: &segments, ..facts };
    let found = requirement.explain(&facts).into_iter();
    let check = found.map(|node| {
        let check = Check::new(node.text, node.truth == Truth::Holds).at(node.depth);
        let check = match node.segment {
            Some(segment) => check.expected(segment),
            None => check,
        };
        // Not knowing is not a yes, and under `not` it is no yes either.
        match (node.truth == Truth::Unknown, node.found) {
            (true, Some(found)) => check.got(format!("unknown: {found}")),
            (true, None) => check.got("unknown"),
            (false, Some(found)) => check.got(found),
            (false, None) => check,
        }
    });
    check.collect()
}
