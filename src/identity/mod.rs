//! Identity headers: what the origin learns about the caller, and what a client may not say; and the
//! assertion, by which the origin can prove it.

mod assertion;
mod encoding;
mod headers;
mod rules;

pub use assertion::{Assertion, AssertionRules, UnsignedAssertion, facts};
pub use encoding::Encoding;
pub use headers::{IdentityHeaders, TooLarge};
pub use rules::{HeaderRule, HeaderRules, IdentityField};
