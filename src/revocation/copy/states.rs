use std::collections::BTreeMap;

use super::super::{Fingerprint, RevocationState};

/// The states of fingerprints, 12 bytes each: a sorted base, and a small overlay that lies over it.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct States {
    fingerprints: Vec<u64>,
    codes: Vec<u32>,
    overlay: BTreeMap<u64, u32>,
}

/// The overlay is merged when it has this many entries, or a sixteenth of the base.
const OVERLAY: usize = 1024;

const ABSENT: u32 = 0;

impl States {
    /// The state of a fingerprint.
    pub(super) fn get(&self, fingerprint: Fingerprint) -> RevocationState {
        let number = fingerprint.number();
        // Most of the time there is nothing in it.
        let over = if self.overlay.is_empty() { None } else { self.overlay.get(&number).copied() };
        let code = over.or_else(|| {
            let place = self.fingerprints.binary_search(&number).ok()?;
            self.codes.get(place).copied()
        });
        RevocationState::from_code(code.unwrap_or(ABSENT))
    }

    pub(super) fn set(&mut self, fingerprint: Fingerprint, state: RevocationState) {
        self.overlay.insert(fingerprint.number(), state.to_code());
        if self.overlay.len() > OVERLAY.max(self.fingerprints.len() / 16) {
            self.merge();
        }
    }

    /// At most how many are not absent.
    pub(super) fn len(&self) -> usize {
        self.fingerprints.len().saturating_add(self.overlay.len())
    }

    /// Puts the overlay into the base, in one pass over both; what is absent goes.
    fn merge(&mut self) {
        let overlay = std::mem::take(&mut self.overlay);
        let most = self.fingerprints.len().saturating_add(overlay.len());
        let mut merged = (Vec::with_capacity(most), Vec::with_capacity(most));
        let mut base = self.fingerprints.iter().copied().zip(self.codes.iter().copied()).peekable();
        let mut push = |number: u64, code: u32| {
            if code != ABSENT {
                merged.0.push(number);
                merged.1.push(code);
            }
        };
        for (number, code) in overlay {
            while let Some((below, code)) = base.next_if(|(below, _)| *below < number) {
                push(below, code);
            }
            let _replaced = base.next_if(|(same, _)| *same == number);
            push(number, code);
        }
        base.for_each(|(number, code)| push(number, code));
        (self.fingerprints, self.codes) = merged;
    }
}
