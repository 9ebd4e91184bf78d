use std::time::Duration;

use super::copy::{Finding, LogCopy};
use super::entry::state_in_kv;
use super::{AskReply, RevocationName, RevocationNames};
use crate::limits;
use crate::time::NumericDate;
use crate::token::Authenticated;

/// The level of a route: how recent the knowledge must be that a token is not revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevocationLevel {
    /// The log is asked for every request; without a log, KV is read for every request.
    Strict,
    /// The isolate's copy of the log is at most [`crate::config::RevocationRules::bound`] old;
    /// without a log, KV's answer is reused for 5 s.
    Bounded,
    /// The copy is at most 60 s old; without a log, KV's answer is reused for 60 s.
    Eventual,
    /// Nothing is asked. A revoked token passes until it expires.
    Off,
}

/// Proof that an authenticated token was found not revoked, as recently as the route requires; only
/// this module makes it.
///
/// ```compile_fail
/// // It is not made without a look-up.
/// fn forge(proof: edgeward::token::Authenticated) -> edgeward::revocation::NotRevoked {
///     edgeward::revocation::NotRevoked(proof)
/// }
/// ```
///
/// ```compile_fail
/// // Nor does a policy make one outside the gateway, not even the one that asks nobody.
/// fn forge(proof: edgeward::token::Authenticated, now: edgeward::time::NumericDate) {
///     let _ = edgeward::revocation::RevocationLevel::Off.recall(proof, None, now);
/// }
/// ```
#[derive(Debug)]
pub struct NotRevoked(Authenticated);

/// The answer of KV or of the log to one look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must know all answers that it can give")]
pub enum RevocationAnswer {
    /// The values in KV, in the order of the names; `None` where there is no entry.
    Entries(Vec<Option<String>>),
    /// The log's answer.
    Log(AskReply),
    /// There was no usable answer: an error, a timeout, or a malformed answer.
    Unavailable,
}

/// The reason why there is no [`NotRevoked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(
    clippy::exhaustive_enums,
    reason = "both cases differ on the wire; a third must be mapped"
)]
pub enum RevocationError {
    /// An entry says that the token is revoked, or cannot be read.
    #[error("token is revoked")]
    Revoked,
    /// The store gave no usable answer, which does not count as "not revoked".
    #[error("expected the revocation store's answer")]
    Unavailable,
}

/// The reason why a copy of the log gives no [`NotRevoked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CopyError {
    /// The log has confirmed that the token is revoked.
    Revoked,
    /// The log has to be asked.
    Unknown,
}

impl RevocationLevel {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Bounded => "bounded",
            Self::Eventual => "eventual",
            Self::Off => "off",
        }
    }

    /// How old the copy of the log may be, where `bounded` has this bound; `None` where the copy does
    /// not decide.
    #[must_use]
    pub fn copy_bound(self, bounded: Duration) -> Option<Duration> {
        match self {
            Self::Bounded => Some(bounded),
            Self::Eventual => Some(limits::REVOCATION_EVENTUAL.max(bounded)),
            Self::Strict | Self::Off => None,
        }
    }

    /// Makes the proof from an answer of `asked_at` about the same token, if it is fresh enough for
    /// this policy; otherwise returns the token.
    pub(crate) fn recall(
        self,
        token: Authenticated,
        asked_at: Option<NumericDate>,
        now: NumericDate,
    ) -> Result<NotRevoked, Authenticated> {
        if self.is_fresh(asked_at, now) { Ok(NotRevoked(token)) } else { Err(token) }
    }

    fn is_fresh(self, asked_at: Option<NumericDate>, now: NumericDate) -> bool {
        let bound = match self {
            Self::Bounded => limits::REVOCATION_BOUNDED,
            Self::Eventual => limits::REVOCATION_EVENTUAL,
            Self::Off => return true,
            Self::Strict => return false,
        };
        // An answer from the future (the clock was set back) is as good as none.
        asked_at.is_some_and(|at| at <= now && now < at.plus(bound))
    }
}

impl NotRevoked {
    /// The token that it is about.
    #[must_use]
    pub fn authenticated(&self) -> &Authenticated {
        &self.0
    }

    /// The token, to be looked up in another place as well.
    pub(crate) fn into_authenticated(self) -> Authenticated {
        self.0
    }
}

/// Makes the proof by a copy of the log that is younger than `bound`; otherwise returns the token.
pub(crate) fn by_copy(
    token: Authenticated,
    names: &RevocationNames,
    copy: &LogCopy,
    (bound, now): (Duration, NumericDate),
) -> Result<NotRevoked, (Authenticated, CopyError)> {
    if !names.are_of(token.token()) {
        return Err((token, CopyError::Unknown));
    }
    let issued_at = token.token().claims().issued_at;
    match copy.find(names, issued_at, bound, now) {
        Finding::Clear => Ok(NotRevoked(token)),
        Finding::Revoked => Err((token, CopyError::Revoked)),
        Finding::Unknown => Err((token, CopyError::Unknown)),
    }
}

/// Judges a token while the log gives no answer, by a copy that may be as old as `fallback` where the
/// operator allows that. A hit that the log never confirmed does not refuse for good, and never
/// passes.
///
/// # Errors
///
/// [`RevocationError`].
pub(crate) fn without_log(
    token: Authenticated,
    names: &RevocationNames,
    copy: &LogCopy,
    (fallback, now): (Option<Duration>, NumericDate),
) -> Result<NotRevoked, RevocationError> {
    let issued_at = token.token().claims().issued_at;
    if copy.has_confirmed(names, issued_at) {
        return Err(RevocationError::Revoked);
    }
    let fallback = fallback.ok_or(RevocationError::Unavailable)?;
    by_copy(token, names, copy, (fallback, now)).map_err(|(_, error)| match error {
        CopyError::Revoked => RevocationError::Revoked,
        CopyError::Unknown => RevocationError::Unavailable,
    })
}

/// Reads the store's `answer` to the names of `token`.
///
/// # Errors
///
/// [`RevocationError`]; an answer to the names of another token counts as none.
pub(crate) fn judge(
    token: Authenticated,
    names: &RevocationNames,
    answer: &RevocationAnswer,
) -> Result<NotRevoked, RevocationError> {
    if !names.are_of(token.token()) {
        return Err(RevocationError::Unavailable);
    }
    let issued_at = token.token().claims().issued_at;
    check(names.as_slice(), answer, issued_at).map(|()| NotRevoked(token))
}

fn check(
    names: &[RevocationName],
    answer: &RevocationAnswer,
    issued_at: Option<NumericDate>,
) -> Result<(), RevocationError> {
    let states: Vec<_> = match answer {
        RevocationAnswer::Entries(values) => names
            .iter()
            .zip(values)
            .map(|(name, value)| state_in_kv(name, value.as_deref()))
            .collect(),
        RevocationAnswer::Log(reply) => reply.verdicts.clone(),
        RevocationAnswer::Unavailable => return Err(RevocationError::Unavailable),
    };
    let asked = match answer {
        RevocationAnswer::Entries(values) => values.len(),
        _ => states.len(),
    };
    // An answer to another question is no answer.
    if asked != names.len() {
        return Err(RevocationError::Unavailable);
    }
    let is_revoked = states.iter().any(|state| state.refuses(issued_at));
    if is_revoked { Err(RevocationError::Revoked) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::super::RevocationKind;
    use super::*;

    const NOW: NumericDate = NumericDate::from_seconds(1_767_225_600);
    const ISSUED: Option<NumericDate> = Some(NumericDate::from_seconds(1_767_225_000));

    fn names() -> Vec<RevocationName> {
        [RevocationKind::Token, RevocationKind::Subject]
            .map(|kind| RevocationName::new(kind, "i", "v"))
            .to_vec()
    }

    fn verdict(token: Option<&str>, subject: Option<&str>) -> Result<(), RevocationError> {
        let values = vec![token.map(str::to_owned), subject.map(str::to_owned)];
        check(&names(), &RevocationAnswer::Entries(values), ISSUED)
    }

    #[test]
    fn no_entry_means_not_revoked() {
        assert_eq!(verdict(None, None), Ok(()));
    }

    #[test]
    fn any_value_under_a_tokens_name_revokes_it() {
        for value in ["", "{}", "x", r#"{"before":0}"#] {
            assert_eq!(verdict(Some(value), None), Err(RevocationError::Revoked), "{value:?}");
        }
    }

    #[test]
    fn a_cutoff_refuses_what_was_issued_before_it() {
        assert_eq!(verdict(None, Some(r#"{"before":1767225001}"#)), Err(RevocationError::Revoked));
        assert_eq!(verdict(None, Some(r#"{"before":1767225000}"#)), Ok(()));
        let entries = RevocationAnswer::Entries(vec![None, Some(r#"{"before":1}"#.to_owned())]);
        let unknown_age = check(&names(), &entries, None);
        assert_eq!(unknown_age, Err(RevocationError::Revoked));
    }

    #[test]
    fn a_cutoff_that_cannot_be_read_refuses() {
        for value in ["", "{}", "1767225000", r#"{"before":"1"}"#, r#"{"before":1,"x":1}"#] {
            assert_eq!(verdict(None, Some(value)), Err(RevocationError::Revoked), "{value:?}");
        }
    }

    #[test]
    fn a_missing_or_short_answer_is_not_a_yes() {
        for answer in [RevocationAnswer::Unavailable, RevocationAnswer::Entries(vec![None])] {
            let error = check(&names(), &answer, ISSUED).expect_err("no answer");
            assert_eq!(error, RevocationError::Unavailable);
        }
    }

    #[test]
    fn an_answer_is_reused_within_its_bound_and_not_at_it() {
        let fresh = |policy: RevocationLevel, age: i64| {
            let asked = NumericDate::from_millis(NOW.millis() - age);
            policy.is_fresh(Some(asked), NOW)
        };
        assert!(fresh(RevocationLevel::Bounded, 4_999));
        assert!(!fresh(RevocationLevel::Bounded, 5_000));
        assert!(fresh(RevocationLevel::Eventual, 59_999));
        assert!(!fresh(RevocationLevel::Eventual, 60_000));
        assert!(!fresh(RevocationLevel::Bounded, -1));
        assert!(!RevocationLevel::Bounded.is_fresh(None, NOW));
        assert!(RevocationLevel::Off.is_fresh(None, NOW));
        assert!(!RevocationLevel::Strict.is_fresh(Some(NOW), NOW));
    }
}
