//! Identity headers: what the origin is told about the caller, and what a client may not say.

mod encoding;
mod headers;
mod rules;

pub use encoding::Encoding;
pub use headers::{IdentityHeaders, TooLarge};
pub use rules::{Facet, HeaderRule, HeaderRules};
