//! The log's answer to an [`Ask`], made of what its storage holds.

use std::collections::BTreeMap;

use super::{Ask, Epoch, Fingerprint, RevocationState};

/// One start of the object that keeps the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the store writes every field")]
pub struct LogStart {
    /// A random number that no other start has.
    pub id: u64,
    /// The last change before it.
    pub head: u64,
}

/// The change from which the answer goes on: that of the question; `None` if the copy does not follow
/// this log, or follows changes that it does not have any more.
///
/// An operator may restore the storage to an earlier time. The changes since then are gone, and
/// others get their numbers. To restore it restarts the object; therefore a copy names the start
/// under which it learned its last change. `starts` are those that the storage knows, the oldest
/// first: a start that it does not know, or a change after the end of a start, was lost.
#[must_use]
pub fn since(ask: &Ask, epoch: Epoch, head: u64, starts: &[LogStart]) -> Option<u64> {
    let own = starts.iter().position(|start| start.id == ask.start);
    let is_known = own.is_some_and(|own| {
        let next = starts.iter().skip(own).nth(1);
        ask.head.max(ask.seq) <= next.map_or(head, |next| next.head)
    });
    (ask.epoch == Some(epoch) && is_known).then_some(ask.seq)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_goes_on_from_its_change_unless_that_was_lost() {
        let epoch = Epoch::new([1; 16]);
        let starts = [(7, 0), (9, 10)].map(|(id, head)| LogStart { id, head });
        let known = |epoch_of_copy, start, seq| {
            let ask = Ask {
                epoch: epoch_of_copy,
                start,
                head: seq,
                seq: seq - 1,
                page: 0,
                names: Vec::new(),
            };
            since(&ask, epoch, 12, &starts)
        };
        // Under the first start the log came to 10.
        assert_eq!(known(Some(epoch), 7, 10), Some(9));
        assert_eq!(known(Some(epoch), 7, 11), None);
        assert_eq!(known(Some(epoch), 9, 12), Some(11));
        assert_eq!(known(Some(epoch), 9, 13), None);
        assert_eq!(known(Some(epoch), 8, 5), None);
        assert_eq!(known(Some(Epoch::new([2; 16])), 9, 5), None);
        assert_eq!(known(None, 9, 5), None);
    }
}
