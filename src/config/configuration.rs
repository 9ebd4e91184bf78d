use std::rc::Rc;

use super::{Administrator, Issuer, LogRules, ObservationRules, Origin, RevocationRules};
use crate::http::{CookieSession, CredentialSources, READ, TokenGrammar};
use crate::identity::{AssertionRules, HeaderRules};
use crate::route::{RouteTable, TenantTable};

/// A checked, consistent configuration: the only kind that a [`crate::gateway::Gateway`] takes.
#[derive(Debug)]
pub struct Config {
    /// The realm that challenges name.
    pub realm: String,
    /// Which requests are logged, and how many a second.
    pub log: LogRules,
    /// The length of the longest token that is accepted, in bytes.
    pub token_bytes: usize,
    /// The characters that a token may have: more of them where an issuer accepts opaque tokens.
    pub token_grammar: TokenGrammar,
    /// Identity headers.
    pub headers: HeaderRules,
    /// The identity headers for the origins of tenants that have a set of their own, by the
    /// tenant's index.
    pub tenant_headers: Vec<Option<HeaderRules>>,
    /// The assertion for origins, when there is a key for it.
    pub assertion: Option<AssertionRules>,
    /// The origins that requests may be sent to; at least one. Those with a table of their own come
    /// first, then those of tenants that give an address.
    pub origins: Vec<Origin>,
    /// The tenants whose servers stand behind the gateway; none where all requests go to the same
    /// servers.
    pub tenants: TenantTable,
    /// The issuers whose tokens are accepted.
    pub issuers: Vec<Issuer>,
    /// The routes that accept requests, those to the gateway's own resources among them.
    pub routes: RouteTable,
    /// The administrators; none when no one may revoke tokens.
    pub admins: Vec<Administrator>,
    /// The rules for revocation that hold for all routes.
    pub revocation: RevocationRules,
    /// The rules for the audit trail and the metrics.
    pub observation: ObservationRules,
    /// The cookie session of the deployment, whose cookies reach no origin.
    pub session: Option<Rc<CookieSession>>,
    /// The lower-case names of the headers that some route reads besides [`READ`].
    pub(super) read_headers: Vec<String>,
}

impl Config {
    /// The identity headers for the own origin of a tenant.
    #[must_use]
    pub fn headers_of(&self, tenant: Option<usize>) -> &HeaderRules {
        let own = tenant.and_then(|tenant| self.tenant_headers.get(tenant)?.as_ref());
        own.unwrap_or(&self.headers)
    }

    /// Whether some route looks for a token in a place other than `Authorization`.
    #[must_use]
    pub fn reads_tokens_outside_authorization(&self) -> bool {
        let routes = self.routes.routes().iter();
        let mut sources = routes.filter_map(|route| route.credentials.as_deref());
        sources.any(CredentialSources::are_outside_authorization)
    }

    /// The path of the first setting that writes to the registry's database; `None` without one.
    #[must_use]
    pub fn uses_registry(&self) -> Option<&'static str> {
        let registers =
            |issuer: &Issuer| issuer.refresh.as_ref().is_some_and(super::RefreshRules::registers);
        if self.observation.audits {
            return Some("audit");
        }
        self.issuers.iter().any(registers).then_some("issuers")
    }

    /// Whether the value of the header with this lower-case name may affect a decision.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        READ.contains(&name) || self.read_headers.iter().any(|own| own == name)
    }
}
