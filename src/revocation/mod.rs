//! Revocation: what can be revoked, under which name it is stored, and what a store's answer means.

mod entry;
mod name;
mod verdict;

pub use entry::{Cutoff, RevocationEntry};
pub use name::{RevocationKind, RevocationName, RevocationNames};
pub(crate) use verdict::judge;
pub use verdict::{NotRevoked, RevocationAnswer, RevocationError, RevocationLevel};
