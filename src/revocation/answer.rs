//! The log's answer to an [`Ask`], made of what its storage holds.

use std::collections::BTreeMap;

use super::{Ask, Epoch, Fingerprint, RevocationState};

/// The change from which the answer counts: that of the question if it is about this log, or else 0.
///
/// A copy that knows more changes than there are follows a log whose storage was set back.
#[must_use]
pub fn since(ask: &Ask, epoch: Epoch, head: u64) -> u64 {
    if ask.epoch == Some(epoch) && ask.seq <= head { ask.seq } else { 0 }
}

/// The state of each fingerprint: the greatest over all entries that share it.
#[must_use]
pub fn fold(
    entries: impl IntoIterator<Item = (Fingerprint, RevocationState)>,
) -> Vec<(Fingerprint, RevocationState)> {
    let mut states = BTreeMap::new();
    for (fingerprint, state) in entries {
        let known = states.entry(fingerprint).or_insert(RevocationState::Absent);
        *known = state.max(*known);
    }
    states.into_iter().collect()
}
