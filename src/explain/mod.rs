//! A decision step by step: what was asked, what was found, what was expected.
//!
//! The decision is the [`Gateway`](crate::gateway::Gateway)'s own: [`begin`] drives the machine and hands its needs on, as
//! the edge does, so that a command line answers them in software and a page with `WebCrypto`. What
//! was found at each step is worked out afterwards by the functions that decided; where the machine
//! stopped, the explanation stops.
//!
//! Where nobody can be asked, [`rehearse`] answers those needs from what was [`Fixtures`], and says what
//! it assumed; [`OfflineEnvironment`] check the configuration for it.
//!
//! An explanation shows the claims of the token, because whoever asks has the token. It holds no
//! key, no secret, and not the token itself.

mod assumption;
mod caller;
mod claims;
mod compose;
mod evidence;
mod exchange;
mod explanation;
mod findings;
mod fixtures;
mod issuer_claim;
mod level;
mod malformed;
mod offline;
mod offline_environment;
mod outcome;
mod recorder;
mod request;
mod requirement;
mod route;
mod stage;
mod step;
mod tenant;
mod token;
mod utc;
mod validity_change;

pub use assumption::Assumption;
pub use explanation::{
    Check, Explanation, Finding, Header, Outcome, Removed, ShownToken, ValidityChange,
};
pub use fixtures::{FixtureAnswer, Fixtures, Revoked};
pub use offline::{OfflineExplain, Unverified, rehearse};
pub use offline_environment::{Bound, OfflineEnvironment, usual_name};
pub use request::Request;
pub use stage::Stage;
pub use step::{ExplainStep, Pending, begin};
