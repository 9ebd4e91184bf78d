//! The token exchange of an origin: not made, and assumed to succeed.

use super::Check;
use super::evidence::{Evidence, Found};
use crate::gateway::{Gateway, NeedExchange, Outcome, Step};
use crate::time::NumericDate;
use crate::token::RemoteReply;

/// The response that an auth server is assumed to give. It refuses nobody, and its token is sent
/// nowhere.
const ASSUMED: &[u8] = br#"{"access_token":"assumed","token_type":"Bearer","expires_in":60,"issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}"#;

/// Resumes the machine as if the auth server had issued a token.
pub(super) fn assume(need: NeedExchange, gateway: &Gateway, now: NumericDate) -> Step {
    let body = ASSUMED.to_vec();
    let reply = RemoteReply { status: 200, body, is_signed: false, retry_after: None };
    // An exchange needs nothing else to be settled.
    let _ = need.question().settle(gateway, now, Ok(reply), now);
    need.resume(gateway, now)
}

impl Evidence<'_> {
    /// The finding on the exchange: which token is requested, if the origin receives one of its
    /// own.
    pub(super) fn exchange(&self) -> Option<Found> {
        let Outcome::Forward(plan) = &self.decision.outcome else {
            return None;
        };
        plan.exchanged()?;
        let exchange = plan.origin(self.gateway.config())?.exchange.as_ref()?;
        let summary = format!(
            "not asked here: the auth server is assumed to issue a token for {}",
            exchange.audience
        );
        Some((summary, vec![Check::note("endpoint", exchange.url.as_str())]))
    }
}
