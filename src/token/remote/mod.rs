//! A token whose issuer is asked about it: what is asked, what an answer means, what a yes proves.

mod check;
mod copy;
mod exchange;
mod failure;
mod method;
mod reply;
mod signed;
#[cfg(test)]
mod tests;
mod yes;

pub use check::RemoteCheck;
pub use copy::Recalled;
pub use exchange::{ExchangeVerdict, ExchangedToken};
pub use failure::RemoteFailure;
pub use method::RemoteMethod;
pub use reply::{RemoteReply, RemoteVerdict};
pub use signed::SignedAnswer;
pub use yes::RemoteYes;
