use std::collections::BTreeMap;

use super::super::{Fingerprint, RevocationName, RevocationState};
use crate::limits;
use crate::time::NumericDate;

/// The answers of the log about names, by fingerprint: hits that it confirmed, and false ones.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct Confirmations(BTreeMap<Fingerprint, Vec<(RevocationName, Confirmation)>>);

/// The state that the log confirmed for a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Confirmation {
    pub(super) state: RevocationState,
    pub(super) head: u64,
    asked_at: NumericDate,
}

impl Confirmation {
    /// No change says that an entry has expired: the log is asked again after a while.
    pub(super) fn is_fresh(&self, now: NumericDate) -> bool {
        self.asked_at <= now && now < self.asked_at.plus(limits::REVOCATION_EVENTUAL)
    }
}

impl Confirmations {
    /// Keeps the state of a name as it was at `head`, in the place of an older one. A newer one stays.
    pub(super) fn keep(
        &mut self,
        fingerprint: Fingerprint,
        name: &RevocationName,
        (state, head): (RevocationState, u64),
        asked_at: NumericDate,
    ) {
        // To be asked again costs little; to be asked again for all of them at once, too.
        if self.0.len() >= limits::LOG_CONFIRMATIONS {
            self.0.clear();
        }
        let known = self.0.entry(fingerprint).or_default();
        // Answers come in any order: one from before a lift must not undo what was said after it.
        if known.iter().any(|(own, confirmation)| own == name && confirmation.head > head) {
            return;
        }
        known.retain(|(own, _)| own != name);
        known.push((name.clone(), Confirmation { state, head, asked_at }));
    }

    pub(super) fn find(
        &self,
        fingerprint: Fingerprint,
        name: &RevocationName,
    ) -> Option<&Confirmation> {
        let known = self.0.get(&fingerprint)?;
        known.iter().find(|(own, _)| own == name).map(|(_, confirmation)| confirmation)
    }

    /// Drops what was said before `head`, because the state has changed.
    pub(super) fn forget(&mut self, fingerprint: Fingerprint, head: u64) {
        if let Some(known) = self.0.get_mut(&fingerprint) {
            known.retain(|(_, confirmation)| confirmation.head >= head);
            if known.is_empty() {
                self.0.remove(&fingerprint);
            }
        }
    }
}
