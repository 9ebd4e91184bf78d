use crate::time::NumericDate;

/// The state of a name in the log, or of all names that share a fingerprint, in the order of how
/// much it refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "each must be judged, and written on the wire")]
pub enum RevocationState {
    /// Nothing is revoked.
    Absent,
    /// Tokens whose `iat` is earlier are revoked: whole seconds since the epoch.
    Before(i64),
    /// Every token is revoked.
    Revoked,
}

impl RevocationState {
    /// The state that an entry gives its name at `now`: a lifted one, and one that has expired, none.
    #[must_use]
    pub fn of(
        is_lifted: bool,
        before: Option<i64>,
        expires_at: Option<NumericDate>,
        now: NumericDate,
    ) -> Self {
        match before {
            _ if is_lifted || expires_at.is_some_and(|at| at <= now) => Self::Absent,
            Some(before) => Self::Before(before),
            None => Self::Revoked,
        }
    }

    /// Whether a token that was issued then is revoked. A cut-off refuses a token of unknown age.
    #[must_use]
    pub fn refuses(self, issued_at: Option<NumericDate>) -> bool {
        match self {
            Self::Absent => false,
            Self::Before(before) => {
                issued_at.is_none_or(|issued_at| issued_at < NumericDate::from_seconds(before))
            }
            Self::Revoked => true,
        }
    }

    /// The state in 32 bits, for a copy of the log: never one that refuses less. Times before 1970
    /// count as 1970, times after 2106 as [`Self::Revoked`].
    #[must_use]
    pub fn to_code(self) -> u32 {
        match self {
            Self::Absent => ABSENT,
            Self::Before(before) => match u32::try_from(before.max(0)) {
                Ok(before) => before.saturating_add(1),
                Err(_) => REVOKED,
            },
            Self::Revoked => REVOKED,
        }
    }

    /// The state of a code.
    #[must_use]
    pub fn from_code(code: u32) -> Self {
        match code {
            ABSENT => Self::Absent,
            REVOKED => Self::Revoked,
            code => Self::Before(i64::from(code).saturating_sub(1)),
        }
    }
}

const ABSENT: u32 = 0;
const REVOKED: u32 = u32::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cutoff_refuses_what_was_issued_before_it_and_what_is_of_unknown_age() {
        let at = |seconds| Some(NumericDate::from_seconds(seconds));
        let state = RevocationState::Before(100);
        assert!(state.refuses(at(99)));
        assert!(!state.refuses(at(100)));
        assert!(state.refuses(None));
        assert!(RevocationState::Revoked.refuses(at(i64::MAX)));
        assert!(!RevocationState::Absent.refuses(None));
    }

    #[test]
    fn a_code_never_refuses_less_than_its_state() {
        for state in [RevocationState::Absent, RevocationState::Revoked] {
            assert_eq!(RevocationState::from_code(state.to_code()), state);
        }
        let most = i64::from(u32::MAX);
        for (before, expected) in [
            (i64::MIN, RevocationState::Before(0)),
            (-1, RevocationState::Before(0)),
            (0, RevocationState::Before(0)),
            (1_767_225_600, RevocationState::Before(1_767_225_600)),
            (most - 2, RevocationState::Before(most - 2)),
            (most - 1, RevocationState::Revoked),
            (most, RevocationState::Revoked),
            (i64::MAX, RevocationState::Revoked),
        ] {
            let state = RevocationState::from_code(RevocationState::Before(before).to_code());
            assert_eq!(state, expected, "{before}");
        }
    }

    #[test]
    fn states_are_ordered_by_how_much_they_refuse() {
        let in_order = [
            RevocationState::Absent,
            RevocationState::Before(-1),
            RevocationState::Before(7),
            RevocationState::Revoked,
        ];
        assert!(in_order.is_sorted());
    }
}
