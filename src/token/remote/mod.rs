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
mod verdict;
mod yes;

pub use check::RemoteCheck;
pub use copy::Recalled;
pub use exchange::{ExchangeVerdict, ExchangedToken};
pub use failure::RemoteFailure;
pub use method::RemoteMethod;
pub use reply::RemoteReply;
pub use signed::SignedAnswer;
pub use verdict::RemoteVerdict;
pub use yes::RemoteYes;
