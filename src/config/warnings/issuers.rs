//! For whom tokens are that do not say it in `aud`.

use super::Warnings;

impl Warnings<'_> {
    pub(super) fn audiences(&mut self) {
        let config = self.config;
        for (index, issuer) in config.issuers.iter().enumerate() {
            let policy = &issuer.policy;
            if policy.accepts_no_audience {
                let message = "tokens that say nowhere for whom they are pass: also those that the issuer \
                               made for another API";
                self.add("any_audience", format!("issuers[{index}].any_audience"), message);
            }
            if policy.audience_claim.is_some() {
                let message = "it says who got the token rather than for which API it is: what the same \
                               client got for another API passes, too";
                self.add("audience_claim", format!("issuers[{index}].audience_claim"), message);
            }
        }
    }
}
