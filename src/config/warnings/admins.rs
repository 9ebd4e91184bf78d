//! Administrators: who they are, and of what.

use super::{Warnings, template_of_many};
use crate::config::{Administrator, did_you_mean};
use crate::route::{ClaimTest, Requirement};

impl Warnings<'_> {
    pub(super) fn admins(&mut self) {
        self.readers_of_registry();
        for (index, admin) in self.config.admins.iter().enumerate() {
            let path = if self.has_list_of_admins {
                format!("admin[{index}]")
            } else {
                "admin".to_owned()
            };
            self.admin_of_all(&path, admin);
            self.admin_tenants(&path, admin);
        }
    }

    /// Warns where nobody may read what is registered or audited.
    fn readers_of_registry(&mut self) {
        if let Some(path) = self.config.uses_registry().filter(|_| self.config.admins.is_empty()) {
            let message = "no one may read or change what is stored: add `admin`";
            self.add("registry_unread", path.to_owned(), message.to_owned());
        }
    }

    /// Warns where an administrator of one of several issuers or tenants administers all of them.
    fn admin_of_all(&mut self, path: &str, admin: &Administrator) {
        let issuers = &self.config.issuers;
        let several = issuers.len() > 1
            || self.config.tenants.tenants().len() > 1
            || issuers.iter().any(|issuer| template_of_many(issuer).is_some());
        // The name of an issuer with a template is that of all its tenants.
        let is_narrow = |leaf: &Requirement| match leaf {
            Requirement::Issuer(name) => !issuers
                .iter()
                .any(|issuer| issuer.name == *name && template_of_many(issuer).is_some()),
            Requirement::Claim { path, test: ClaimTest::Equals(_) } => {
                issuers.iter().filter_map(template_of_many).any(|template| template.claim() == path)
            }
            Requirement::Tenant(_) => true,
            _ => false,
        };
        if !several || admin.requirement.is_limited_to(&is_narrow) {
            return;
        }
        let of = if admin.issuers.is_some() || admin.tenants.is_some() {
            "those that this entry names"
        } else {
            "all of them"
        };
        let message = format!(
            "an administrator of any one issuer or tenant administers {of}; add `{{ issuer = \"…\" }}`, or \
             `{{ tenant = \"…\" }}`, which an issuer with a template needs"
        );
        self.add("admin_of_all", format!("{path}.require"), message);
    }

    /// Warns of tenants that no token for a configured tenant names.
    fn admin_tenants(&mut self, path: &str, admin: &Administrator) {
        let tenants = self.config.tenants.tenants();
        if tenants.is_empty() {
            return;
        }
        let claims = || tenants.iter().filter_map(|tenant| tenant.claim.as_deref());
        for (at, named) in admin.tenants.iter().flatten().enumerate() {
            if !claims().any(|claim| claim == named) {
                let meant = did_you_mean(named, claims());
                let message = format!("is the `claim` of no tenant under `tenants`{meant}");
                self.add("admin_tenant_unknown", format!("{path}.tenants[{at}]"), message);
            }
        }
    }
}
