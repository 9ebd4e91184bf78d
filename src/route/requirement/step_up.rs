use std::time::Duration;

use super::{Facts, Requirement, Truth};

/// The step-up authentication that a caller needs to pass, where all else is in order (RFC 9470
/// §3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepUp {
    /// The accepted values of `acr`, the preferred one first; `None` when it does not matter.
    pub acr_values: Option<Vec<String>>,
    /// The longest accepted time since authentication; `None` when it does not matter.
    pub max_age: Option<Duration>,
}

impl Requirement {
    /// The step-up that would make it hold; `None` when no step-up would, or none is needed.
    ///
    /// It names everything that the new token must state, including what the current one states: an
    /// `acr` reached today may be lost by authenticating again. Under `not` a new authentication
    /// guarantees nothing, so such a branch must hold already. Of the branches of an `any`, one
    /// that holds is taken, or else the first that a step-up would satisfy; two branches are never
    /// mixed.
    #[must_use]
    pub fn step_up(&self, facts: &Facts<'_>) -> Option<StepUp> {
        if self.holds(facts) {
            return None;
        }
        self.opened_by(facts)
    }

    fn opened_by(&self, facts: &Facts<'_>) -> Option<StepUp> {
        match self {
            Self::Acr(values) if !values.is_empty() => {
                Some(StepUp { acr_values: Some(values.clone()), max_age: None })
            }
            Self::MaxAge(age) => Some(StepUp { acr_values: None, max_age: Some(*age) }),
            Self::All(branches) if !branches.is_empty() => branches
                .iter()
                .try_fold(StepUp::default(), |all, one| all.and(one.opened_by(facts)?)),
            Self::Any(branches) => {
                let holding = branches.iter().find(|one| one.holds(facts));
                let opened = || branches.iter().find_map(|one| one.opened_by(facts));
                holding.map_or_else(opened, |one| one.opened_by(facts))
            }
            other => (other.judge(facts) == Truth::Holds).then(StepUp::default),
        }
    }
}

impl StepUp {
    /// The step-up that satisfies both; `None` when no single `acr` does.
    fn and(self, other: Self) -> Option<Self> {
        let acr_values = match (self.acr_values, other.acr_values) {
            (Some(mut values), Some(others)) => {
                values.retain(|value| others.contains(value));
                if values.is_empty() {
                    return None;
                }
                Some(values)
            }
            (one, other) => one.or(other),
        };
        let max_age = match (self.max_age, other.max_age) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Some(Self { acr_values, max_age })
    }
}
