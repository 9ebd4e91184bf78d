//! Notifications of tenants: a tenant keeps a copy of data that another service owns, and is
//! notified of changes.

use super::{ForwardPlan, Gateway};
use crate::config::{Address, Config, Origin};
use crate::identity::{IdentityHeaders, UnsignedAssertion, facts};
use crate::json;
use crate::time::NumericDate;

/// The endpoint at which a tenant is notified, by the configuration at this moment.
#[derive(Debug)]
pub struct SyncTarget<'a> {
    /// The URL to post to.
    pub url: String,
    /// The tenant's origin.
    pub origin: &'a Origin,
    /// The assertion to sign with the key of [`Config::assertion`], if one is configured: then
    /// nothing is sent to an origin without an assertion.
    pub unsigned: Option<UnsignedAssertion>,
}

impl ForwardPlan {
    /// The facts that an assertion states about the caller, as JSON in one line, for a notification
    /// that is sent later. The token itself is not part of any notification. `None` if there is no
    /// caller or no tenant to notify.
    #[must_use]
    pub fn sync_facts(&self, config: &Config) -> Option<String> {
        let (caller, sync) = (self.admission().caller()?, self.sync()?);
        let rules = config.headers_of(Some(sync.tenant));
        let facts = facts(rules, caller.token(), caller.identity());
        Some(serde_json::Value::Object(facts).to_string())
    }

    /// The identity headers as the tenant's own origin receives them; `None` if there is no caller
    /// or no tenant to notify, or if the headers are too large.
    #[must_use]
    pub fn sync_identity(&self, config: &Config) -> Option<IdentityHeaders> {
        let (caller, sync) = (self.admission().caller()?, self.sync()?);
        let rules = config.headers_of(Some(sync.tenant));
        IdentityHeaders::write(rules, caller.token(), caller.identity()).ok()
    }
}

impl Gateway {
    /// The endpoint at which the tenant named `tenant` is notified of a change on a route whose
    /// `sync` is `path`. `facts` are those of [`ForwardPlan::sync_facts`], however long ago they
    /// were written.
    ///
    /// The notification is kept outside the gateway in the meantime, so that only values that the
    /// configuration knows are taken from it: no other origin and no other path. `None` if the
    /// configuration no longer has the tenant or the route.
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
