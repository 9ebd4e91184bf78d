//! Whose tokens are accepted, and for whom they are.

use super::Warnings;
use crate::token::IssuerTemplate;

impl Warnings<'_> {
    pub(super) fn audiences(&mut self) {
        let config = self.config;
        for (index, issuer) in config.issuers.iter().enumerate() {
            let policy = &issuer.policy;
            if policy.template.as_ref().is_some_and(IssuerTemplate::takes_any) {
                let message = "tokens of every tenant of the identity provider pass, and anyone can have a tenant \
                               there; check the tenant in `require`, or at the origin";
                self.add("any_issuer", format!("issuers[{index}].allowed"), message);
            }
            let reads_tenant = self.config.reads_tenants();
            let other = policy.template.as_ref().filter(|one| one.claim() != issuer.paths.tenant);
            if other.is_some_and(|template| template.takes_many() && reads_tenant) {
                let message = "the tenant of a token is not the claim that is bound to its `iss`: what another \
                               tenant's administrator writes there counts";
                self.add("template_tenant", format!("issuers[{index}].claims.tenant"), message);
            }
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
