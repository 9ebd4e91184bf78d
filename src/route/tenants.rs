//! Tenants: the tenant that a request is for, and the tokens that it accepts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::path::fold_case;
use super::{CanonicalPath, Facts, TenantLimit};
use crate::http::split_port;

/// A customer with a server of its own behind the gateway.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its name in the configuration and in logs.
    pub name: String,
    /// The hosts or the path prefix of its requests.
    pub place: TenantPlace,
    /// The index in the configuration of the origin that gets its requests.
    pub origin: usize,
    /// The names of the issuers whose tokens it accepts; `None` accepts those of all.
    pub issuers: Option<Vec<String>>,
    /// The value that its tokens must have in the claim of their issuer's `claims.tenant`; `None`
    /// only where the configuration turns this check off.
    pub claim: Option<String>,
    /// The limit on its requests; `None` for no limit.
    pub limit: Option<TenantLimit>,
}

/// The hosts or the path prefix of the requests for a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum TenantPlace {
    /// Requests to one of these hosts, in lower case, are for the tenant.
    Hosts(Vec<HostPattern>),
    /// Requests whose path begins with these segments are for the tenant.
    Prefix(Vec<String>),
}

/// A host that belongs to a tenant, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum HostPattern {
    /// This host. With a port it matches that port alone, without one any port.
    Exact(String),
    /// Any single label, followed by `.` and this host.
    AnyLabel(String),
}

/// All tenants, searchable in time that does not depend on their number.
#[derive(Debug, Default)]
pub struct TenantTable {
    tenants: Vec<Rc<Tenant>>,
    hosts: BTreeMap<String, usize>,
    parents: BTreeMap<String, usize>,
    prefixes: BTreeMap<String, usize>,
    /// The prefixes with their case folded.
    folded_prefixes: BTreeMap<String, usize>,
    /// The number of segments of the longest prefix.
    deepest: usize,
}

/// A conflict of two tenants that claim the same host, or prefixes that differ in case only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantConflict {
    /// Index of the earlier tenant.
    pub first: usize,
    /// Index of the later tenant.
    pub second: usize,
}

/// The error of a path that names another tenant, or none, for a server that reads it differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path names another tenant in another reading")]
pub struct TenantAmbiguous;

/// The error of a token that the tenant does not accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "both cases differ on the wire")]
pub enum NotTaken {
    /// The token's issuer is not one of the tenant's.
    #[error("the tenant accepts no tokens of this issuer")]
    Issuer,
    /// The token names another tenant, or none.
    #[error("the token names another tenant or none")]
    Tenant,
}

impl TenantTable {
    /// Builds the table.
    ///
    /// # Errors
    ///
    /// Every [`TenantConflict`]: where the order of lines would decide, one tenant's requests could
    /// go to another.
    pub fn new(tenants: Vec<Tenant>) -> Result<Self, Vec<TenantConflict>> {
        let tenants = tenants.into_iter().map(Rc::new).collect();
        let mut table = Self { tenants, ..Self::default() };
        let mut conflicts = Vec::new();
        for (second, tenant) in table.tenants.clone().iter().enumerate() {
            let taken = table.insert(second, &tenant.place);
            conflicts.extend(taken.into_iter().map(|first| TenantConflict { first, second }));
        }
        if conflicts.is_empty() { Ok(table) } else { Err(conflicts) }
    }

    /// All tenants, in the order of the configuration.
    #[must_use]
    pub fn tenants(&self) -> &[Rc<Tenant>] {
        &self.tenants
    }

    /// The tenant of an authority under a scheme, by index. One without a port has that of its scheme
    /// (RFC 9110 §4.2.3).
    #[must_use]
    pub fn by_authority(&self, scheme: &str, authority: &str) -> Option<usize> {
        let (host, port) = split_port(authority);
        let usual = match scheme {
            "https" => Some("443"),
            "http" => Some("80"),
            _ => None,
        };
        self.by_host(host, port.or(usual))
    }

    /// The tenant of a host, by index: the host with this port, then the host, then `*.` and what
    /// follows its first label.
    ///
    /// Case does not matter (RFC 9110 §4.2.3), and one dot at the end is folded: the name is the
    /// same in the DNS (RFC 1034 §3.1), and must not be a way round the tenant.
    #[must_use]
    pub fn by_host(&self, host: &str, port: Option<&str>) -> Option<usize> {
        let host = lower_case(host.strip_suffix('.').unwrap_or(host));
        let with_port = port.and_then(|port| self.hosts.get(&format!("{host}:{port}")));
        let exact = with_port.or_else(|| self.hosts.get(host.as_ref()));
        exact.or_else(|| self.parents.get(parent(&host)?)).copied()
    }

    /// The tenant whose prefix the path has, by index; of several the longest. `ignores_case` says
    /// of a tenant whether its origin may take `/Acme` for `/acme`.
    ///
    /// # Errors
    ///
    /// [`TenantAmbiguous`].
    pub fn by_path(
        &self,
        path: &CanonicalPath<'_>,
        ignores_case: impl Fn(&Tenant) -> bool,
    ) -> Result<Option<usize>, TenantAmbiguous> {
        if self.prefixes.is_empty() {
            return Ok(None);
        }
        let found = self.longest(&self.prefixes, path.segments());
        let differs_by_case = |folded: &[String]| {
            let other = self.longest(&self.folded_prefixes, folded);
            let reader = found.or(other).and_then(|index| self.tenants.get(index));
            other != found && reader.is_some_and(|tenant| ignores_case(tenant))
        };
        let differs = |reading: &Vec<String>| {
            self.longest(&self.prefixes, reading) != found || differs_by_case(&folded(reading))
        };
        let readings = path.readings().ok_or(TenantAmbiguous)?;
        if readings.iter().any(differs) || differs_by_case(&folded(path.segments())) {
            return Err(TenantAmbiguous);
        }
        Ok(found)
    }

    fn longest<S: AsRef<str>>(
        &self,
        prefixes: &BTreeMap<String, usize>,
        segments: &[S],
    ) -> Option<usize> {
        let (mut found, mut key) = (None, String::new());
        for segment in segments.iter().take(self.deepest) {
            push_segment(&mut key, segment.as_ref());
            found = prefixes.get(&key).copied().or(found);
        }
        found
    }

    /// Adds the place of a tenant, and returns the earlier tenants that have it already.
    fn insert(&mut self, index: usize, place: &TenantPlace) -> Vec<usize> {
        match place {
            TenantPlace::Hosts(hosts) => {
                let taken = hosts.iter().filter_map(|host| match host {
                    HostPattern::Exact(host) => self.hosts.insert(host.clone(), index),
                    HostPattern::AnyLabel(parent) => self.parents.insert(parent.clone(), index),
                });
                taken.collect()
            }
            TenantPlace::Prefix(segments) => {
                self.deepest = self.deepest.max(segments.len());
                // Two that differ by case alone would be one to a server that ignores it.
                let taken = self.folded_prefixes.insert(key(&folded(segments)), index);
                self.prefixes.insert(key(segments), index);
                taken.into_iter().collect()
            }
        }
    }
}

impl Tenant {
    /// Checks on every request that a token is one for this tenant: its verification does not tell
    /// which tenant the caller belongs to.
    ///
    /// A token without a tenant belongs to none, so it is not accepted either.
    ///
    /// # Errors
    ///
    /// [`NotTaken`].
    pub(super) fn take(&self, facts: &Facts<'_>) -> Result<(), NotTaken> {
        let is_listed = |issuers: &Vec<String>| issuers.iter().any(|name| name == facts.issuer);
        if !self.issuers.as_ref().is_none_or(is_listed) {
            return Err(NotTaken::Issuer);
        }
        match &self.claim {
            Some(claim) if facts.identity.tenant.as_ref() != Some(claim) => Err(NotTaken::Tenant),
            _ => Ok(()),
        }
    }
}

fn folded<S: AsRef<str>>(segments: &[S]) -> Vec<String> {
    segments.iter().map(|segment| fold_case(segment.as_ref())).collect()
}

fn key<S: AsRef<str>>(segments: &[S]) -> String {
    let mut key = String::new();
    for segment in segments {
        push_segment(&mut key, segment.as_ref());
    }
    key
}

/// Appends a segment to a key. No segment of a canonical path contains a NUL, so no two lists of
/// segments have the same key. A segment may contain a slash, where a route keeps encoded ones.
fn push_segment(key: &mut String, segment: &str) {
    key.push('\0');
    key.push_str(segment);
}

/// The part of a host behind its first label and the dot; `None` where there is no such label.
fn parent(host: &str) -> Option<&str> {
    host.split_once('.').filter(|(label, _)| !label.is_empty()).map(|(_, parent)| parent)
}

fn lower_case(host: &str) -> Cow<'_, str> {
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Owned(host.to_ascii_lowercase());
    }
    Cow::Borrowed(host)
}
