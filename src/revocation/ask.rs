//! The question that an isolate puts to the log, and the answer, as bytes.
//!
//! Both begin with a version. A reader ignores the bytes behind those it knows, so that the gate and
//! the log may be of two releases while a deployment spreads; a version that it does not know is no
//! answer.

use super::reader::Reader;
use super::{EPOCH_BYTES, Epoch, Fingerprint, NAME_BYTES, RevocationName, RevocationState};
use crate::time::NumericDate;

/// The version of both messages.
const VERSION: u8 = 1;

/// The most names in one question: a token has no more.
pub const ASKED_NAMES: usize = 6;

/// The most changes in one answer.
pub const PAGE: u32 = 2000;

/// A question to the log: the changes since `seq`, and the exact state of some names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "this is the whole message")]
pub struct Ask {
    /// The epoch of the copy; `None` if there is none yet.
    pub epoch: Option<Epoch>,
    /// The start of the log's object under which the copy learned its last change.
    pub start: u64,
    /// The last change that the log had when the copy learned something: the states are as of then.
    pub head: u64,
    /// The last change that the copy has. Without an epoch, or with another than the log's, the log
    /// answers with all changes.
    pub seq: u64,
    /// The most changes that the answer may have; 0 for none. The log answers with fewer than
    /// [`PAGE`] if it wants.
    pub page: u32,
    /// The names, at most [`ASKED_NAMES`].
    pub names: Vec<RevocationName>,
}

/// The log's answer to an [`Ask`], read at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "this is the whole message")]
pub struct AskReply {
    /// The epoch of the log.
    pub epoch: Epoch,
    /// The start of the log's object that answers.
    pub start: u64,
    /// The change from which the answer goes on: that of the question; `None` if it is about all
    /// changes, and the copy has to forget what it has.
    pub since: Option<u64>,
    /// The last change in this answer, from which the next question goes on.
    pub seq: u64,
    /// The last change in the log at this moment.
    pub head: u64,
    /// Whether there are changes after `seq`.
    pub has_more: bool,
    /// Whether the entries of KV are all in the log.
    pub is_imported: bool,
    /// The state, at this moment, of each fingerprint that has changed.
    pub states: Vec<(Fingerprint, RevocationState)>,
    /// The exact state of each name, in the order of the question.
    pub verdicts: Vec<RevocationState>,
    /// When the oldest of the changes was entered, in milliseconds; `None` without a change, or from a log that does
    /// not say. It changes nothing: only a metric shows it.
    pub oldest_change: Option<NumericDate>,
}

const HAS_MORE: u8 = 1;
const IS_IMPORTED: u8 = 2;
const GOES_ON: u8 = 4;

/// A fingerprint and the code of its state.
const STATE_BYTES: usize = 9;
/// A tag and a time.
const VERDICT_BYTES: usize = 9;

impl Ask {
    /// The message.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.push(self.epoch.is_some().into());
        bytes.extend_from_slice(
            self.epoch.map_or([0; EPOCH_BYTES], |epoch| *epoch.bytes()).as_slice(),
        );
        for number in [self.start, self.head, self.seq] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&self.page.to_be_bytes());
        bytes.push(u8::try_from(self.names.len()).unwrap_or(u8::MAX));
        for name in &self.names {
            bytes.extend_from_slice(&name.to_bytes());
        }
        bytes
    }

    /// Reads a message; `None` for anything that is not one, and for more than [`ASKED_NAMES`] names.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::of(VERSION, bytes)?;
        let has_epoch = reader.byte()? != 0;
        let epoch = Epoch::new(*reader.array()?);
        let (start, head, seq) = (reader.number()?, reader.number()?, reader.number()?);
        let page = u32::from_be_bytes(*reader.array()?);
        let count = usize::from(reader.byte()?);
        if count > ASKED_NAMES {
            return None;
        }
        let names = (0..count).map(|_| RevocationName::from_bytes(reader.array()?));
        let names = names.collect::<Option<_>>()?;
        Some(Self { epoch: has_epoch.then_some(epoch), start, head, seq, page, names })
    }
}

impl AskReply {
    /// The message.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(self.epoch.bytes());
        for number in [self.start, self.since.unwrap_or(0), self.seq, self.head] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        let flags = [
            (self.has_more, HAS_MORE),
            (self.is_imported, IS_IMPORTED),
            (self.since.is_some(), GOES_ON),
        ];
        let set = flags.into_iter().filter(|(is_set, _)| *is_set);
        bytes.push(set.fold(0, |all, (_, flag)| all | flag));
        let states = u32::try_from(self.states.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&states.to_be_bytes());
        for (fingerprint, state) in &self.states {
            bytes.extend(fingerprint.number().to_be_bytes().iter().skip(3));
            bytes.extend_from_slice(&state.to_code().to_be_bytes());
        }
        bytes.push(u8::try_from(self.verdicts.len()).unwrap_or(u8::MAX));
        for verdict in &self.verdicts {
            let (tag, before) = match verdict {
                RevocationState::Absent => (0_u8, 0),
                RevocationState::Before(before) => (1, *before),
                RevocationState::Revoked => (2, 0),
            };
            bytes.push(tag);
            bytes.extend_from_slice(&before.to_be_bytes());
        }
        let oldest = self.oldest_change.map_or(0, NumericDate::millis);
        bytes.extend_from_slice(&oldest.to_be_bytes());
        bytes
    }

    /// Reads a message; `None` for anything that is not one.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::of(VERSION, bytes)?;
        let epoch = Epoch::new(*reader.array()?);
        let start = reader.number()?;
        let (since, seq, head) = (reader.number()?, reader.number()?, reader.number()?);
        let flags = reader.byte()?;
        let states = usize::try_from(u32::from_be_bytes(*reader.array()?)).ok()?;
        let states = reader.take(states.checked_mul(STATE_BYTES)?)?;
        let states =
            states.as_chunks::<STATE_BYTES>().0.iter().map(state).collect::<Option<_>>()?;
        let verdicts = usize::from(reader.byte()?);
        let verdicts = reader.take(verdicts.checked_mul(VERDICT_BYTES)?)?;
        let verdicts = verdicts.as_chunks::<VERDICT_BYTES>().0.iter().map(verdict);
        Some(Self {
            epoch,
            start,
            since: (flags & GOES_ON != 0).then_some(since),
            seq,
            head,
            has_more: flags & HAS_MORE != 0,
            is_imported: flags & IS_IMPORTED != 0,
            states,
            verdicts: verdicts.collect::<Option<_>>()?,
            oldest_change: reader.number().and_then(oldest),
        })
    }
}

fn oldest(millis: u64) -> Option<NumericDate> {
    i64::try_from(millis).ok().filter(|millis| *millis > 0).map(NumericDate::from_millis)
}

fn state(bytes: &[u8; STATE_BYTES]) -> Option<(Fingerprint, RevocationState)> {
    let (fingerprint, code) = bytes.split_first_chunk::<5>()?;
    let mut number = [0; 8];
    number.last_chunk_mut::<5>()?.copy_from_slice(fingerprint);
    let fingerprint = Fingerprint::new(u64::from_be_bytes(number))?;
    let code = u32::from_be_bytes(*code.first_chunk()?);
    Some((fingerprint, RevocationState::from_code(code)))
}

fn verdict(bytes: &[u8; VERDICT_BYTES]) -> Option<RevocationState> {
    let [tag, before @ ..] = *bytes;
    match tag {
        0 => Some(RevocationState::Absent),
        1 => Some(RevocationState::Before(i64::from_be_bytes(before))),
        2 => Some(RevocationState::Revoked),
        _ => None,
    }
}

const _: () = assert!(NAME_BYTES == 33, "the message has names of this length");

#[cfg(test)]
mod tests;
