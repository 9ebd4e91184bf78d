//! The part of the revocations that an administrator may list and act on.

use serde_json::{Value, json};

use super::{Caller, Gateway, LiftOrder, Rejection};
use crate::config::Administrator;
use crate::json::object;
use crate::route::Denial;
use crate::time::NumericDate;

/// The entries of the configuration by which a caller is an administrator. Each allows what it says,
/// so that together they allow what any of them does.
#[derive(Debug)]
pub struct AdminScope<'g>(Vec<&'g Administrator>);

/// Issuers and tenants, each `None` for all.
type Part<'g> = (Option<&'g Vec<usize>>, Option<Vec<&'g str>>);

impl Gateway {
    /// The scope of an administrator; empty for anybody else.
    #[must_use]
    pub fn admin_scope(&self, caller: Option<&Caller>, now: NumericDate) -> AdminScope<'_> {
        let facts = caller.and_then(|caller| self.facts(caller, now));
        let holds = |admin: &&Administrator| {
            facts.as_ref().is_some_and(|facts| admin.requirement.holds(facts))
        };
        AdminScope(self.config.admins.iter().filter(holds).collect())
    }
}

impl AdminScope<'_> {
    /// Whether the caller is no administrator.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses an order outside the scope. `tenant` is the tenant that was shown: that of a verified
    /// token, or of the tenant's own cut-off. Where none was shown, an administrator of some tenants
    /// may do nothing, because the order may concern another tenant.
    ///
    /// # Errors
    ///
    /// [`Rejection::Denied`].
    pub fn check(&self, issuer: usize, tenant: Option<&str>) -> Result<(), Rejection> {
        let allows = |admin: &&Administrator| {
            admin.issuers.as_ref().is_none_or(|own| own.contains(&issuer))
                && admin.tenants.as_ref().is_none_or(|own| {
                    tenant.is_some_and(|tenant| own.iter().any(|own| own == tenant))
                })
        };
        if self.0.iter().any(allows) { Ok(()) } else { Err(denied()) }
    }

    /// Refuses an order about a hashed name or about all of KV, unless the administrator may act on
    /// everything: nobody can tell what a hash is about.
    ///
    /// # Errors
    ///
    /// [`Rejection::Denied`].
    pub fn check_everything(&self) -> Result<(), Rejection> {
        let is_unlimited =
            |admin: &&Administrator| admin.issuers.is_none() && admin.tenants.is_none();
        if self.0.iter().any(is_unlimited) { Ok(()) } else { Err(denied()) }
    }

    /// Whether an order about a token needs the token to be verified first, because the scope is
    /// limited to tenants.
    #[must_use]
    pub fn needs_tenant(&self, issuer: usize, tenant: Option<&str>) -> bool {
        tenant.is_none() && self.check(issuer, None).is_err()
    }

    /// Refuses to lift what lies outside the scope.
    ///
    /// # Errors
    ///
    /// [`Rejection::Denied`].
    pub fn check_lift(&self, order: &LiftOrder) -> Result<(), Rejection> {
        match &order.of {
            Some((issuer, tenant)) => self.check(*issuer, tenant.as_deref()),
            None => self.check_everything(),
        }
    }

    /// The filter for a list of what is revoked; `None` for an administrator of everything.
    #[must_use]
    pub fn filter(&self, gateway: &Gateway) -> Option<Value> {
        if self.check_everything().is_ok() {
            return None;
        }
        let issuers = &gateway.config().issuers;
        let names = |indexes: &Vec<usize>| {
            let names = indexes.iter().filter_map(|index| issuers.get(*index));
            names.map(|issuer| issuer.name.as_str()).collect::<Vec<_>>()
        };
        let scopes = self.by_issuers().into_iter().map(|(own, tenants)| {
            object([("issuers", json!(own.map(names))), ("tenants", json!(tenants))])
        });
        Some(scopes.collect())
    }

    /// The tenants of all entries with the same issuers: a query has room for a hundred values.
    fn by_issuers(&self) -> Vec<Part<'_>> {
        let mut merged: Vec<Part<'_>> = Vec::new();
        for admin in &self.0 {
            let own = admin.issuers.as_ref();
            let tenants = admin.tenants.as_ref();
            let tenants = tenants.map(|own| own.iter().map(String::as_str).collect::<Vec<_>>());
            match merged.iter_mut().find(|(issuers, _)| *issuers == own) {
                None => merged.push((own, tenants)),
                Some((_, all)) => *all = all.take().zip(tenants).map(|(a, b)| [a, b].concat()),
            }
        }
        merged
    }
}

fn denied() -> Rejection {
    Rejection::Denied(Denial::Insufficient { scopes: Vec::new() })
}
