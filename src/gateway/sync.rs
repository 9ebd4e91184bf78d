//! A tenant keeps a copy of what another service owns, and is told of changes.

use super::{ForwardPlan, Gateway};
use crate::config::{Address, Config, Origin};
use crate::identity::{IdentityHeaders, UnsignedAssertion, facts};
use crate::json;
use crate::time::NumericDate;

/// Where a tenant is told, at this moment.
#[derive(Debug)]
pub struct SyncTarget<'a> {
    /// The URL to post to.
    pub url: String,
    /// The origin.
    pub origin: &'a Origin,
    /// What is to be signed with the key of [`Config::assertion`], where there is one: nothing goes to
    /// an origin without it.
    pub unsigned: Option<UnsignedAssertion>,
}

impl ForwardPlan {
    /// What an assertion says of the caller, as JSON in one line, for whoever is told later: the token
    /// itself is told to nobody.
    #[must_use]
    pub fn sync_facts(&self, config: &Config) -> Option<String> {
        let (caller, sync) = (self.admission().caller()?, self.sync()?);
        let rules = config.headers_of(Some(sync.tenant));
        let facts = facts(rules, caller.token(), caller.identity());
        Some(serde_json::Value::Object(facts).to_string())
    }

    /// The identity headers as the tenant's own origin has them.
    #[must_use]
    pub fn sync_identity(&self, config: &Config) -> Option<IdentityHeaders> {
        let (caller, sync) = (self.admission().caller()?, self.sync()?);
        let rules = config.headers_of(Some(sync.tenant));
        IdentityHeaders::write(rules, caller.token(), caller.identity()).ok()
    }
}

impl Gateway {
    /// Where the tenant of this name is told of what a route with this `sync` has changed. `facts` are
    /// those of [`ForwardPlan::sync_facts`], however long ago.
    ///
    /// What is told waits elsewhere meanwhile, so that only what the configuration knows is taken from
    /// it: no other origin, no other path. `None` where the configuration no longer has it.
    #[must_use]
    pub fn sync_target(
        &self,
        tenant: &str,
        (path, authority): (&str, &str),
        facts: &str,
        now: NumericDate,
    ) -> Option<SyncTarget<'_>> {
        let tenant = self.config.tenants.tenants().iter().find(|own| own.name == tenant)?;
        let mut routes = self.config.routes.routes().iter();
        routes.find(|route| route.sync.as_deref() == Some(path))?;
        let origin = self.config.origins.get(tenant.origin)?;
        let base = match &origin.address {
            Address::Url(base) => base,
            Address::Service(_) => authority,
        };
        let unsigned = match &self.config.assertion {
            None => None,
            Some(rules) => {
                let facts = json::parse_object(facts.as_bytes()).ok()?;
                Some(UnsignedAssertion::of_facts(rules, facts, &origin.name, now))
            }
        };
        Some(SyncTarget { url: [base, path].concat(), origin, unsigned })
    }
}
