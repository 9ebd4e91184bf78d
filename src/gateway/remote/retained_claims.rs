use std::collections::BTreeSet;

use crate::config::{Config, Issuer};
use crate::identity::HeaderRules;
use crate::route::Requirement;

/// The paths of all claims that the configuration reads from an issuer's tokens. Nothing else of an
/// auth server's answer is remembered, stored or shown.
pub(super) fn paths(config: &Config, issuer: &Issuer) -> Vec<String> {
    let own = &issuer.paths;
    let facts = [&own.subject, &own.email, &own.tenant, &own.scope.path, &own.session];
    let sets = config.tenant_headers.iter().flatten().chain([&config.headers]);
    let headers = sets.flat_map(HeaderRules::claims).map(|rule| &rule.claim);
    let routes = config.routes.routes().iter().filter_map(|route| route.requirement.as_ref());
    let admins = config.admins.iter().map(|admin| &admin.requirement);
    let required = routes.chain(admins).flat_map(Requirement::claims);
    let named = facts
        .into_iter()
        .chain(own.roles.iter().map(|claim| &claim.path))
        .chain(&issuer.policy.audience_claim)
        .chain(headers)
        .chain(&issuer.policy.required)
        .map(String::as_str)
        .chain(required);
    let mut paths = BTreeSet::new();
    paths.extend(named);
    paths.into_iter().map(str::to_owned).collect()
}
