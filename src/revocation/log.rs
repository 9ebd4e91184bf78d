//! The transitions of the revocation log: what a command makes of the entry that stands under its
//! name and reason. Without I/O; the Durable Object `RevocationLog` stores what comes out.

use super::{RevocationName, RevocationState};
use crate::time::NumericDate;

/// The reason for which something is revoked. Entries for different reasons stand beside each
/// other, so that lifting one never lifts another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "each is a word of the log's format")]
pub enum Reason {
    /// An administrator revoked it.
    Admin,
    /// A client revoked its own token (RFC 7009).
    Client,
    /// The user logged out.
    Logout,
    /// A refresh token was used again after its successor was.
    Reuse,
    /// The identity provider ended the session (OIDC Back-Channel Logout).
    Backchannel,
    /// A security event said so (RFC 8417).
    Event,
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the store writes every field")]
pub struct LogEntry {
    /// The name of what is revoked.
    pub name: RevocationName,
    /// Why.
    pub reason: Reason,
    /// Whether it was lifted. A lifted entry refuses nothing.
    pub is_lifted: bool,
    /// For a cut-off its time, in whole seconds since the epoch; `None` revokes every token.
    pub before: Option<i64>,
    /// When the last token that it concerns has expired; `None` if nobody knows.
    pub expires_at: Option<NumericDate>,
    /// The name of the issuer in the configuration.
    pub issuer: String,
    /// The tenant, where it is known.
    pub tenant: Option<String>,
    /// The hash that names the administrator or client who made the entry.
    pub actor: Option<String>,
}

/// A command to the log about an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the log carries out every command")]
pub enum LogCommand {
    /// Revokes. A standing entry is never weakened.
    Append,
    /// Revokes, unless the entry was lifted: a copy from KV must not undo a lift.
    Import,
    /// Lifts the entry.
    Lift,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Admin, Self::Client, Self::Logout, Self::Reuse, Self::Backchannel, Self::Event];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Client => "client",
            Self::Logout => "logout",
            Self::Reuse => "reuse",
            Self::Backchannel => "backchannel",
            Self::Event => "event",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

impl LogEntry {
    /// The state that the entry gives its name at `now`.
    #[must_use]
    pub fn state(&self, now: NumericDate) -> RevocationState {
        RevocationState::of(self.is_lifted, self.before, self.expires_at, now)
    }

    /// Whether it concerns no token any more.
    #[must_use]
    pub fn has_expired(&self, now: NumericDate) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}

impl LogCommand {
    /// The entry that takes the place of `standing`, which has the same name and reason; `None` if
    /// nothing changes.
    ///
    /// A revocation extends: the later cut-off and the later expiry hold. A lift keeps all but
    /// `is_lifted`, so that the lifted entry stays until it would have expired.
    #[must_use]
    pub fn apply(
        self,
        standing: Option<&LogEntry>,
        entry: &LogEntry,
        now: NumericDate,
    ) -> Option<LogEntry> {
        let standing = standing.filter(|standing| !standing.has_expired(now));
        match (self, standing) {
            (Self::Lift, None) => Some(LogEntry { is_lifted: true, ..entry.clone() }),
            (Self::Lift, Some(standing)) => (!standing.is_lifted).then(|| LogEntry {
                is_lifted: true,
                actor: entry.actor.clone(),
                ..standing.clone()
            }),
            (Self::Append | Self::Import, None) => Some(entry.clone()),
            (Self::Import, Some(standing)) if standing.is_lifted => None,
            (Self::Append, Some(standing)) if standing.is_lifted => Some(entry.clone()),
            (Self::Append | Self::Import, Some(standing)) => extended(standing, entry),
        }
    }
}

/// The standing entry as far as it refuses more than `entry`, and `entry` as far as that does.
fn extended(standing: &LogEntry, entry: &LogEntry) -> Option<LogEntry> {
    // `None` revokes every token, and expires never.
    let later = |one: Option<i64>, other: Option<i64>| Some(one?.max(other?));
    let both = entry.expires_at.zip(standing.expires_at);
    let before = later(standing.before, entry.before);
    let expires_at = both.map(|(one, other)| one.max(other));
    let is_same = before == standing.before && expires_at == standing.expires_at;
    // An import knows neither issuer nor who acted.
    let known = if entry.issuer.is_empty() { standing } else { entry };
    let tenant = || entry.tenant.clone().or_else(|| standing.tenant.clone());
    (!is_same).then(|| LogEntry { before, expires_at, tenant: tenant(), ..known.clone() })
}

#[cfg(test)]
mod tests {
    use super::super::RevocationKind;
    use super::*;

    const NOW: NumericDate = NumericDate::from_seconds(1_767_225_600);

    const fn at(seconds: i64) -> NumericDate {
        NumericDate::from_seconds(1_767_225_600 + seconds)
    }

    fn entry(before: Option<i64>, expires_at: Option<NumericDate>) -> LogEntry {
        LogEntry {
            name: RevocationName::new(RevocationKind::Subject, "i", "v"),
            reason: Reason::Admin,
            is_lifted: false,
            before,
            expires_at,
            issuer: "main".to_owned(),
            tenant: None,
            actor: None,
        }
    }

    fn lifted(entry: LogEntry) -> LogEntry {
        LogEntry { is_lifted: true, ..entry }
    }

    fn append(standing: &LogEntry, new: &LogEntry) -> Option<LogEntry> {
        LogCommand::Append.apply(Some(standing), new, NOW)
    }

    #[test]
    fn a_first_entry_is_taken_as_it_is() {
        let new = entry(Some(7), Some(at(60)));
        assert_eq!(LogCommand::Append.apply(None, &new, NOW), Some(new));
    }

    #[test]
    fn the_same_command_again_changes_nothing() {
        for one in [entry(None, None), entry(Some(7), Some(at(60))), entry(None, Some(at(60)))] {
            assert_eq!(append(&one, &one), None);
            assert_eq!(LogCommand::Import.apply(Some(&one), &one, NOW), None);
            let lifted = lifted(one.clone());
            assert_eq!(LogCommand::Lift.apply(Some(&lifted), &one, NOW), None);
        }
    }

    #[test]
    fn a_cutoff_only_moves_forward() {
        assert_eq!(append(&entry(Some(9), None), &entry(Some(7), None)), None);
        let moved = append(&entry(Some(7), None), &entry(Some(9), None));
        assert_eq!(moved.and_then(|entry| entry.before), Some(9));
        let all = append(&entry(Some(7), None), &entry(None, None)).expect("it refuses more");
        assert_eq!(all.before, None);
        assert_eq!(append(&entry(None, None), &entry(Some(9), None)), None);
    }

    #[test]
    fn the_later_expiry_holds_and_none_is_the_latest() {
        let expiry = |standing, new| {
            append(&entry(None, standing), &entry(None, new)).map(|entry| entry.expires_at)
        };
        assert_eq!(expiry(Some(at(60)), Some(at(600))), Some(Some(at(600))));
        assert_eq!(expiry(Some(at(600)), Some(at(60))), None);
        assert_eq!(expiry(Some(at(60)), None), Some(None));
        assert_eq!(expiry(None, Some(at(60))), None);
    }

    #[test]
    fn an_expired_entry_counts_as_none() {
        let new = entry(Some(3), Some(at(60)));
        assert_eq!(append(&entry(Some(9), Some(at(0))), &new), Some(new.clone()));
        assert_eq!(
            append(&entry(Some(9), Some(at(1))), &new).and_then(|entry| entry.before),
            Some(9)
        );
    }

    #[test]
    fn a_lift_keeps_the_entry_until_it_would_have_expired() {
        let one = entry(None, Some(at(60)));
        let gone = LogCommand::Lift.apply(Some(&one), &entry(None, None), NOW).expect("it changes");
        assert_eq!(gone, lifted(one));
        assert_eq!(gone.state(NOW), RevocationState::Absent);
    }

    #[test]
    fn a_lifted_entry_is_revoked_again_but_not_by_an_import() {
        let standing = lifted(entry(Some(9), Some(at(600))));
        let new = entry(Some(7), Some(at(60)));
        assert_eq!(append(&standing, &new), Some(new.clone()));
        assert_eq!(LogCommand::Import.apply(Some(&standing), &new, NOW), None);
    }

    #[test]
    fn a_lift_before_the_import_holds() {
        let order = entry(None, Some(at(60)));
        let standing = LogCommand::Lift.apply(None, &order, NOW).expect("a lifted entry");
        assert_eq!(LogCommand::Import.apply(Some(&standing), &order, NOW), None);
    }

    #[test]
    fn an_entry_refuses_until_its_expiry_and_not_at_it() {
        let one = entry(Some(7), Some(at(1)));
        assert_eq!(one.state(NOW), RevocationState::Before(7));
        assert_eq!(entry(None, None).state(NOW), RevocationState::Revoked);
        assert_eq!(entry(None, Some(at(0))).state(NOW), RevocationState::Absent);
    }

    #[test]
    fn every_reason_has_a_word_of_its_own() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.as_str()), Some(reason));
        }
        assert_eq!(Reason::parse("Admin"), None);
    }
}
