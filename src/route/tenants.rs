//! Tenants: which one a request is for, and whose tokens it takes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::path::fold_case;
use super::{CanonicalPath, Facts, TenantLimit};

/// A customer with a server of its own behind the gateway.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its name in the configuration and in logs.
    pub name: String,
    /// Which requests are for it.
    pub place: TenantPlace,
    /// Where its requests go: the origin with this index in the configuration.
    pub origin: usize,
    /// The names of the issuers whose tokens it takes; `None` takes those of all.
    pub issuers: Option<Vec<String>>,
    /// What its tokens say under their issuer's `claims.tenant`; `None` only where the
    /// configuration says that nobody shall look.
    pub claim: Option<String>,
    /// How many requests it takes; `None` is any number.
    pub limit: Option<TenantLimit>,
}

/// Which requests are for a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum TenantPlace {
    /// Those to one of these hosts, in lower case.
    Hosts(Vec<HostPattern>),
    /// Those whose path begins with these segments.
    Prefix(Vec<String>),
}

/// A host that belongs to a tenant, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum HostPattern {
    /// This host. With a port it is this port's alone, without one any port's.
    Exact(String),
    /// One label, whichever, before `.` and this.
    AnyLabel(String),
}

/// All tenants, searchable in time that does not depend on their number.
#[derive(Debug, Default)]
pub struct TenantTable {
    tenants: Vec<Rc<Tenant>>,
    hosts: BTreeMap<String, usize>,
    parents: BTreeMap<String, usize>,
    prefixes: BTreeMap<String, usize>,
    /// The same without regard to case.
    folded_prefixes: BTreeMap<String, usize>,
    /// Segments of the longest prefix.
    deepest: usize,
}

/// Two tenants claim the same host, or prefixes that are the same but for case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantConflict {
    /// Index of the earlier tenant.
    pub first: usize,
    /// Index of the later tenant.
    pub second: usize,
}

/// The path names another tenant, or none, for a server that reads it in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path names another tenant in another reading")]
pub struct TenantAmbiguous;

/// The token is none that the tenant takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "both cases differ on the wire")]
pub enum NotTaken {
    /// Its issuer is none of the tenant's.
    #[error("the tenant takes no tokens of this issuer")]
    Issuer,
    /// It names another tenant, or none.
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

    /// The tenants that are in the way already.
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
    /// Judges whether a token is one for this tenant, on every request anew: that it was verified
    /// says nothing about whose customer the caller is.
    ///
    /// A token without a tenant is nobody's, so it is not this tenant's.
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

/// No segment of a canonical path has a NUL in it, so that no two lists of segments have one key. A
/// slash it may have, where a route keeps those that are encoded.
fn push_segment(key: &mut String, segment: &str) {
    key.push('\0');
    key.push_str(segment);
}

/// What follows the first label, where there is one.
fn parent(host: &str) -> Option<&str> {
    host.split_once('.').filter(|(label, _)| !label.is_empty()).map(|(_, parent)| parent)
}

fn lower_case(host: &str) -> Cow<'_, str> {
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Owned(host.to_ascii_lowercase());
    }
    Cow::Borrowed(host)
}
