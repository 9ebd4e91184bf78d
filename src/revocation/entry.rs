use std::time::Duration;

use super::{RevocationName, RevocationState};
use crate::json;
use crate::limits;
use crate::time::NumericDate;

/// The value of a cut-off entry: every token with `iat` earlier than `before` is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "whoever asks for one says its time")]
pub struct Cutoff {
    /// Whole seconds since the epoch.
    pub before: i64,
}

impl Cutoff {
    /// Reads the stored text; `None` unless it is what [`Self::text`] writes, but for spaces.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let object = json::parse_object(text.as_bytes()).ok().filter(|object| object.len() == 1)?;
        object.get("before")?.as_i64().map(|before| Self { before })
    }

    /// The stored text.
    #[must_use]
    pub fn text(self) -> String {
        ["{\"before\":", &self.before.to_string(), "}"].concat()
    }
}

/// An entry to be written: its name, its value, and when it may be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationEntry {
    /// Where it is stored.
    pub name: RevocationName,
    /// For cut-offs, the time; otherwise the entry's being there says it all.
    pub cutoff: Option<Cutoff>,
    /// When the last token that it concerns has expired; `None` when nobody knows, and then it
    /// stays for good.
    pub expires_at: Option<NumericDate>,
}

impl RevocationEntry {
    /// The stored text. An entry that lapses says when: a later order must be able to tell.
    #[must_use]
    pub fn value(&self) -> String {
        match (self.cutoff, self.expires_at) {
            (Some(cutoff), _) => cutoff.text(),
            (None, Some(at)) => ["{\"expires_at\":", &at.seconds().to_string(), "}"].concat(),
            (None, None) => "{}".to_owned(),
        }
    }

    /// This entry, or what stands under its name already as far as that refuses more, or for longer:
    /// a later order must not take an earlier one back.
    ///
    /// One order after another: of two at the same moment the store keeps one.
    #[must_use]
    pub fn over(mut self, standing: Option<&str>) -> Self {
        let Some(standing) = standing else { return self };
        if let Some(own) = &mut self.cutoff {
            // One that cannot be read refuses every token, and so does the latest time there is.
            let before = Cutoff::parse(standing).map_or(i64::MAX, |standing| standing.before);
            own.before = own.before.max(before);
            return self;
        }
        // One that does not say when it lapses may never do.
        self.expires_at = match (self.expires_at, expires_at(standing)) {
            (Some(own), Some(standing)) => Some(own.max(standing)),
            _ => None,
        };
        self
    }

    /// How long the store must keep it: to its `expires_at` and `leeway` beyond, during which an
    /// expired token still passes, and never less than the store's minimum.
    #[must_use]
    pub fn ttl(&self, now: NumericDate, leeway: Duration) -> Option<Duration> {
        let rest = self.expires_at?.plus(leeway).since(now);
        // Rounded up: a second too long is harmless, a second too short is a hole.
        let seconds = rest.as_secs().saturating_add(1);
        // Further than the store can count: then it stays for good.
        let ttl = Duration::from_secs(seconds).max(limits::KV_TTL_MIN);
        (ttl <= limits::KV_TTL_MAX).then_some(ttl)
    }
}

/// Whether KV's value under a name refuses a token that was issued at `issued_at`.
#[must_use]
pub fn refuses_in_kv(
    name: &RevocationName,
    value: Option<&str>,
    issued_at: Option<NumericDate>,
) -> bool {
    state_in_kv(name, value).refuses(issued_at)
}

/// The state of a name in KV by its value. A cut-off that cannot be read refuses every token: its
/// author wanted something refused.
pub(super) fn state_in_kv(name: &RevocationName, value: Option<&str>) -> RevocationState {
    match value {
        None => RevocationState::Absent,
        Some(value) if name.kind().is_cutoff() => Cutoff::parse(value)
            .map_or(RevocationState::Revoked, |cutoff| RevocationState::Before(cutoff.before)),
        Some(_) => RevocationState::Revoked,
    }
}

/// When a stored entry lapses, if it says so in the words of [`RevocationEntry::value`].
fn expires_at(standing: &str) -> Option<NumericDate> {
    let object = json::parse_object(standing.as_bytes()).ok().filter(|all| all.len() == 1)?;
    object.get("expires_at")?.as_i64().map(NumericDate::from_seconds)
}

#[cfg(test)]
mod tests {
    use super::super::RevocationKind;
    use super::*;

    const NOW: NumericDate = NumericDate::from_seconds(1_767_225_600);

    fn entry(expires_in: Option<i64>, cutoff: Option<Cutoff>) -> RevocationEntry {
        let name = RevocationName::new(RevocationKind::Token, "i", "j");
        let at = |seconds: i64| NumericDate::from_seconds(1_767_225_600 + seconds);
        RevocationEntry { name, cutoff, expires_at: expires_in.map(at) }
    }

    #[test]
    fn an_entry_outlives_the_token_and_its_leeway() {
        let leeway = Duration::from_secs(30);
        assert_eq!(entry(Some(600), None).ttl(NOW, leeway), Some(Duration::from_secs(631)));
        assert_eq!(entry(Some(5), None).ttl(NOW, leeway), Some(Duration::from_secs(60)));
        assert_eq!(entry(Some(-5), None).ttl(NOW, leeway), Some(Duration::from_secs(60)));
        assert_eq!(entry(None, None).ttl(NOW, leeway), None);
        assert_eq!(entry(Some(1 << 31), None).ttl(NOW, leeway), None);
    }

    #[test]
    fn a_smaller_cutoff_does_not_undo_a_larger_one() {
        let over = |standing| entry(None, Some(Cutoff { before: 7 })).over(standing).cutoff;
        assert_eq!(over(Some(r#"{"before":9}"#)), Some(Cutoff { before: 9 }));
        assert_eq!(over(Some(r#"{"before":5}"#)), Some(Cutoff { before: 7 }));
        for unreadable in ["rubbish", "{}", "", r#"{"before":1e10}"#, r#"{"before":9,"by":"ops"}"#]
        {
            assert_eq!(over(Some(unreadable)), Some(Cutoff { before: i64::MAX }), "{unreadable}");
        }
        assert_eq!(over(None), Some(Cutoff { before: 7 }));
        assert_eq!(entry(None, None).over(Some(r#"{"before":9}"#)).cutoff, None);
    }

    #[test]
    fn the_later_expiry_wins_and_never_wins_over_all() {
        let at = |seconds: i64| Some(NumericDate::from_seconds(1_767_225_600 + seconds));
        let standing = |seconds: i64| entry(Some(seconds), None).value();
        for (own, standing, expected) in [
            (Some(60), None, at(60)),
            (Some(60), Some(standing(600)), at(600)),
            (Some(600), Some(standing(60)), at(600)),
            (Some(60), Some("{}".to_owned()), None),
            (Some(60), Some("rubbish".to_owned()), None),
            (Some(60), Some(r#"{"expires_at":"soon"}"#.to_owned()), None),
            (Some(60), Some(r#"{"expires_at":5,"by":"ops"}"#.to_owned()), None),
            (None, Some(standing(60)), None),
            (None, None, None),
        ] {
            let over = entry(own, None).over(standing.as_deref());
            assert_eq!(over.expires_at, expected, "{own:?} over {standing:?}");
        }
    }

    #[test]
    fn a_cutoff_carries_its_time() {
        assert_eq!(entry(None, Some(Cutoff { before: 7 })).value(), r#"{"before":7}"#);
        assert_eq!(entry(None, None).value(), "{}");
        assert_eq!(entry(Some(1), None).value(), r#"{"expires_at":1767225601}"#);
    }
}
