use std::fmt;
use std::ops::Not;

/// The truth value of a requirement. There are three, so that `not` opens no gap.
///
/// A missing claim, or one of the wrong type, makes a requirement [`Unknown`](Self::Unknown), and
/// `not` leaves it so. Were it `Fails`, then `not = { claim = "plan", equals = "free" }` would let
/// everybody pass whose token says nothing of a plan. The tables are those of Kleene's strong logic:
///
/// | `a` | `b` | `all` | `any` | `not` a |
/// |---|---|---|---|---|
/// | holds | holds | holds | holds | fails |
/// | holds | fails | fails | holds | fails |
/// | holds | unknown | unknown | holds | fails |
/// | fails | fails | fails | fails | holds |
/// | fails | unknown | fails | unknown | holds |
/// | unknown | unknown | unknown | unknown | unknown |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth")]
pub enum Truth {
    /// The requirement is known to hold. This value alone lets anybody pass.
    Holds,
    /// The requirement is known to fail.
    Fails,
    /// It is unknown whether the requirement holds.
    Unknown,
}

impl Truth {
    /// All of `branches`: the first that fails decides.
    pub(super) fn all(branches: impl Iterator<Item = Self>) -> Self {
        Self::decided_by(Self::Fails, branches)
    }

    /// Any of `branches`: the first that holds decides.
    pub(super) fn any(branches: impl Iterator<Item = Self>) -> Self {
        Self::decided_by(Self::Holds, branches)
    }

    fn decided_by(decisive: Self, branches: impl Iterator<Item = Self>) -> Self {
        // No branch says nothing: neither "all of nothing" nor "not any of nothing" may hold.
        let mut truth = None;
        for branch in branches {
            if branch == decisive {
                return decisive;
            }
            if branch == Self::Unknown || truth.is_none() {
                truth = Some(branch);
            }
        }
        truth.unwrap_or(Self::Unknown)
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Holds => Self::Fails,
            Self::Fails => Self::Holds,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Fails }
    }
}

impl fmt::Display for Truth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Holds => "holds",
            Self::Fails => "fails",
            Self::Unknown => "unknown",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{self, Fails, Holds, Unknown};

    #[test]
    fn all_is_the_least_and_any_the_most_of_what_can_be_said() {
        for (a, b, all, any) in [
            (Holds, Holds, Holds, Holds),
            (Holds, Fails, Fails, Holds),
            (Holds, Unknown, Unknown, Holds),
            (Fails, Fails, Fails, Fails),
            (Fails, Unknown, Fails, Unknown),
            (Unknown, Unknown, Unknown, Unknown),
        ] {
            for pair in [[a, b], [b, a]] {
                assert_eq!(Truth::all(pair.into_iter()), all, "all {pair:?}");
                assert_eq!(Truth::any(pair.into_iter()), any, "any {pair:?}");
            }
        }
        assert_eq!(Truth::all([Holds, Unknown, Holds].into_iter()), Unknown);
        assert_eq!(Truth::any([Fails, Unknown, Fails].into_iter()), Unknown);
        assert_eq!(Truth::all([Holds, Unknown, Fails].into_iter()), Fails);
        assert_eq!(Truth::any([Fails, Unknown, Holds].into_iter()), Holds);
    }

    #[test]
    fn not_turns_what_is_known_and_leaves_what_is_unknown() {
        assert_eq!([!Holds, !Fails, !Unknown], [Fails, Holds, Unknown]);
    }

    #[test]
    fn of_no_branch_nothing_can_be_said() {
        for none in [Truth::all(std::iter::empty()), Truth::any(std::iter::empty())] {
            assert_eq!((none, !none), (Unknown, Unknown));
        }
    }
}
