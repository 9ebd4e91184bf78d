//! Revocation: what can be revoked, under which name it stands, what the log or a store says of it,
//! and the copy of the log that an isolate follows.

mod answer;
mod ask;
mod copy;
mod entry;
mod fingerprint;
mod log;
mod name;
mod names;
mod order;
mod reader;
mod state;
mod verdict;

pub use answer::{LogStart, fold, since};
pub use ask::{ASKED_NAMES, Ask, AskReply, PAGE};
pub use copy::LogCopy;
pub use entry::{Cutoff, RevocationEntry, refuses_in_kv};
pub use fingerprint::{EPOCH_BYTES, Epoch, Fingerprint};
pub use log::{LogCommand, LogEntry, Reason};
pub use name::{NAME_BYTES, RevocationKind, RevocationName};
pub use names::RevocationNames;
pub use order::{LogOrder, from_message, to_message};
pub use state::RevocationState;
pub(crate) use verdict::{CopyError, by_copy, judge, without_log};
pub use verdict::{NotRevoked, RevocationAnswer, RevocationError, RevocationLevel};
