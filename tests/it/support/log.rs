//! A revocation log in memory: what it answers, and when it does not.

use edgeward::revocation::{
    Ask, AskReply, Epoch, Fingerprint, RevocationName, RevocationState, fold,
};

/// The log that a test has in the place of the Durable Object.
pub(crate) struct Log {
    epoch: Epoch,
    entries: Vec<Entry>,
    head: u64,
    /// Whether the entries of KV are all in the log.
    pub(crate) is_imported: bool,
    /// Whether it gives no answer.
    pub(crate) is_down: bool,
    /// The most changes in one answer.
    pub(crate) page: u64,
}

struct Entry {
    /// The number of its last change.
    seq: u64,
    fingerprint: Fingerprint,
    /// Nothing is the name of something that no test asks for.
    name: Option<RevocationName>,
    state: RevocationState,
}

impl Log {
    pub(crate) fn new() -> Self {
        let epoch = Epoch::new([7; 16]);
        Self {
            epoch,
            entries: Vec::new(),
            head: 0,
            is_imported: true,
            is_down: false,
            page: u64::MAX,
        }
    }

    /// Gives a name this state.
    pub(crate) fn set(&mut self, name: &RevocationName, state: RevocationState) {
        self.entries.retain(|entry| entry.name.as_ref() != Some(name));
        self.add(name, Some(name.clone()), state);
    }

    /// Revokes something else whose fingerprint is that of `name`.
    pub(crate) fn revoke_beside(&mut self, name: &RevocationName) {
        self.add(name, None, RevocationState::Revoked);
    }

    fn add(&mut self, of: &RevocationName, name: Option<RevocationName>, state: RevocationState) {
        self.head += 1;
        let fingerprint = self.epoch.fingerprint(of);
        self.entries.push(Entry { seq: self.head, fingerprint, name, state });
    }

    /// The answer to a question; nothing while it is down.
    pub(crate) fn answer(&self, ask: &Ask) -> Option<AskReply> {
        let since = (ask.epoch == Some(self.epoch)).then_some(ask.seq);
        let from = since.unwrap_or(0);
        let page = self.page.min(ask.page.into());
        let seq = self.head.min(from.saturating_add(page));
        let is_told = |entry: &&Entry| {
            let mut sharing =
                self.entries.iter().filter(|other| other.fingerprint == entry.fingerprint);
            sharing.any(|other| other.seq > from && other.seq <= seq)
        };
        let told = self.entries.iter().filter(is_told);
        let reply = AskReply {
            epoch: self.epoch,
            start: 1,
            since,
            seq,
            head: self.head,
            has_more: seq < self.head,
            is_imported: self.is_imported,
            states: fold(told.map(|entry| (entry.fingerprint, entry.state))),
            verdicts: ask.names.iter().map(|name| self.state(name)).collect(),
            oldest_change: None,
        };
        (!self.is_down).then_some(reply)
    }

    fn state(&self, name: &RevocationName) -> RevocationState {
        let own = self.entries.iter().find(|entry| entry.name.as_ref() == Some(name));
        own.map_or(RevocationState::Absent, |entry| entry.state)
    }
}
