//! JWT: what does a token say, and is it in force? (RFC 7519, RFC 9068)
//!
//! Trust is in the type: [`UnverifiedToken`] → [`TokenCheck`] → [`VerifiedToken`] (its signature
//! holds, or its issuer said yes when asked) → [`Authenticated`] (and its claims satisfy the issuer's
//! policy, now).

mod check;
mod claims;
mod error;
mod identity;
mod issuer_template;
mod list_claim;
mod policy;
mod presented;
mod remote;
mod token_types;
mod unverified;
mod verified;

pub use check::{TokenCheck, TokenStep};
pub use claims::{Audience, Claims};
pub use error::{ClaimError, TokenError};
pub use identity::{ClaimPaths, Identity};
pub use issuer_template::IssuerTemplate;
pub(crate) use issuer_template::is_value;
pub use list_claim::{ListClaim, ListForm};
pub use policy::{Authenticated, ClaimCheck, ClaimsPolicy, PolicyChecked};
pub use presented::{OpaqueToken, PresentedToken};
pub use remote::{
    ExchangeVerdict, ExchangedToken, Recalled, RemoteCheck, RemoteFailure, RemoteMethod,
    RemoteReply, RemoteVerdict, RemoteYes, SignedAnswer,
};
pub use token_types::{TokenTypes, stated_type};
pub use unverified::UnverifiedToken;
pub use verified::VerifiedToken;
