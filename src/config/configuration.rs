use super::{Issuer, LogRules, Origin};
use crate::http::{CredentialSources, READ, TokenGrammar};
use crate::identity::{AssertionRules, HeaderRules};
use crate::route::{Requirement, RouteTable, TenantTable};

/// A configuration that holds together: the only kind that a [`crate::gateway::Gateway`] takes.
#[derive(Debug)]
pub struct Config {
    /// Named in challenges.
    pub realm: String,
    /// What is logged.
    pub log: LogRules,
    /// Longest token, in bytes.
    pub token_bytes: usize,
    /// Which characters a token may have: more of them where an issuer takes opaque ones.
    pub token_grammar: TokenGrammar,
    /// Identity headers.
    pub headers: HeaderRules,
    /// Those for the own origins of tenants that have a set for themselves, by the tenant's index.
    pub tenant_headers: Vec<Option<HeaderRules>>,
    /// The assertion for origins, when there is a key for it.
    pub assertion: Option<AssertionRules>,
    /// Where requests may go; at least one. Behind those that have a table of their own stand those
    /// of tenants that give an address.
    pub origins: Vec<Origin>,
    /// Whose servers stand behind the gateway; none where all requests go to the same ones.
    pub tenants: TenantTable,
    /// Whose tokens are taken.
    pub issuers: Vec<Issuer>,
    /// Which requests are taken, the gateway's own resources among them.
    pub routes: RouteTable,
    /// What an administrator is; `None` when nobody is one.
    pub admin: Option<Requirement>,
    /// Headers in which a route looks for a token.
    pub(super) token_headers: Vec<String>,
}

impl Config {
    /// The identity headers for the own origin of a tenant.
    #[must_use]
    pub fn headers_of(&self, tenant: Option<usize>) -> &HeaderRules {
        let own = tenant.and_then(|tenant| self.tenant_headers.get(tenant)?.as_ref());
        own.unwrap_or(&self.headers)
    }

    /// Whether some route looks for a token in another place than `Authorization`.
    #[must_use]
    pub fn reads_tokens_outside_authorization(&self) -> bool {
        let routes = self.routes.routes().iter();
        let mut sources = routes.filter_map(|route| route.credentials.as_deref());
        sources.any(CredentialSources::are_outside_authorization)
    }

    /// Whether the value of the header with this lower-case name may decide anything.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        READ.contains(&name) || self.token_headers.iter().any(|own| own == name)
    }
}
