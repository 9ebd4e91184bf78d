//! `RevocationLog` without a database, over the functions that the Durable Object runs.

use std::collections::BTreeMap;

use super::super::super::{
    Ask, AskReply, Epoch, Fingerprint, LogCommand, LogEntry, LogStart, Reason, RevocationKind,
    RevocationName, RevocationState, fold, since,
};
use super::NOW;
use crate::time::NumericDate;

#[derive(Clone)]
pub(super) struct MemoryLog {
    pub(super) epoch: Epoch,
    pub(super) head: u64,
    pub(super) starts: Vec<LogStart>,
    pub(super) now: NumericDate,
    pub(super) entries: BTreeMap<(RevocationName, Reason), Row>,
}

/// A row of the table `entry`.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) seq: u64,
    pub(super) fingerprint: Fingerprint,
    pub(super) entry: LogEntry,
}

pub(super) fn name(value: u16) -> RevocationName {
    RevocationName::new(RevocationKind::Subject, "i", &value.to_string())
}

pub(super) fn entry(name: RevocationName, reason: Reason, before: Option<i64>) -> LogEntry {
    LogEntry {
        name,
        reason,
        is_lifted: false,
        before,
        expires_at: None,
        issuer: String::new(),
        tenant: None,
        actor: None,
    }
}

impl MemoryLog {
    pub(super) fn new() -> Self {
        let starts = vec![LogStart { id: 1, head: 0 }];
        Self { epoch: Epoch::NARROW, head: 0, starts, now: NOW, entries: BTreeMap::new() }
    }

    /// Starts the object again, as what no start was before.
    pub(super) fn restart(&mut self, id: u64) {
        self.starts.push(LogStart { id, head: self.head });
    }

    pub(super) fn order(
        &mut self,
        command: LogCommand,
        value: u16,
        reason: Reason,
        before: Option<i64>,
    ) {
        self.carry_out(command, &entry(name(value), reason, before));
    }

    /// Returns whether anything has changed.
    pub(super) fn carry_out(&mut self, command: LogCommand, entry: &LogEntry) -> bool {
        let key = (entry.name.clone(), entry.reason);
        let standing = self.entries.get(&key).map(|row| &row.entry);
        let changed = command.apply(standing, entry, self.now);
        let is_changed = changed.is_some();
        if let Some(entry) = changed {
            self.head += 1;
            let fingerprint = self.epoch.fingerprint(&entry.name);
            self.entries.insert(key, Row { seq: self.head, fingerprint, entry });
        }
        is_changed
    }

    /// The exact state of a name.
    pub(super) fn state(&self, name: &RevocationName) -> RevocationState {
        let own = self.entries.iter().filter(|((own, _), _)| own == name);
        own.map(|(_, row)| row.entry.state(self.now)).max().unwrap_or(RevocationState::Absent)
    }

    /// The state that all names with the fingerprint of `name` have together.
    pub(super) fn state_in_copies(&self, name: &RevocationName) -> RevocationState {
        let fingerprint = self.epoch.fingerprint(name);
        let sharing = self.entries.values().filter(|row| row.fingerprint == fingerprint);
        sharing.map(|row| row.entry.state(self.now)).max().unwrap_or(RevocationState::Absent)
    }

    /// The answer to a question, with at most `page` changes.
    pub(super) fn answer(&self, ask: &Ask, page: usize) -> AskReply {
        let since = since(ask, self.epoch, self.head, &self.starts);
        let from = since.unwrap_or(0);
        let mut changes: Vec<_> =
            self.entries.values().map(|row| row.seq).filter(|seq| *seq > from).collect();
        changes.sort_unstable();
        let page = page.min(usize::try_from(ask.page).expect("32 bits"));
        let last = page.checked_sub(1).map(|last| changes.get(last).copied().unwrap_or(self.head));
        let seq = last.unwrap_or(from);
        let in_page = self.entries.values().filter(|row| row.seq > from && row.seq <= seq);
        let told: Vec<_> = in_page.map(|row| row.fingerprint).collect();
        let sharing = self.entries.values().filter(|row| told.contains(&row.fingerprint));
        AskReply {
            epoch: self.epoch,
            start: self.starts.last().map_or(0, |start| start.id),
            since,
            seq,
            head: self.head,
            has_more: seq < self.head,
            is_imported: true,
            states: fold(sharing.map(|row| (row.fingerprint, row.entry.state(self.now)))),
            verdicts: ask.names.iter().map(|name| self.state(name)).collect(),
            oldest_change: None,
        }
    }
}
