use super::{Access, Facts, NotTaken, Route, StepUp, Target, Tenant};
use crate::token::Authenticated;

/// Proof that a route lets this request pass; only this module makes it.
#[derive(Debug)]
pub struct RoutePermit(());

/// Proof that a route takes callers without a token, and that this one brought none (or that
/// nobody looked, on a public route). Only this module makes it.
#[derive(Debug)]
pub struct Anonymous(());

/// Proof that a route is in shadow mode: what it would refuse passes, as nobody's. Only this module
/// makes it.
#[derive(Debug)]
pub struct Shadow(());

/// The caller is known, but may not pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "a new denial must be mapped before it compiles")]
pub enum Denial {
    /// Another token would be needed.
    #[error("caller lacks a role, scope or claim that the route requires")]
    Insufficient {
        /// The scopes that the route's requirement mentions.
        scopes: Vec<String>,
    },
    /// Authenticating again, as this says, would do ([RFC 9470 §3]).
    ///
    /// [RFC 9470 §3]: https://www.rfc-editor.org/rfc/rfc9470#section-3
    #[error("caller must authenticate in another way or more recently")]
    StepUp(StepUp),
    /// The token is none that the tenant of the request takes.
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
}

impl Route {
    /// Whether it leads to an origin, and is none of the gateway's own.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        matches!(self.target, Target::Origin(_) | Target::Tenant)
    }

    /// Lets an authenticated caller pass, when the token is one for the `tenant` of the request and
    /// the route's requirement holds.
    ///
    /// The claims that are judged are those of `who`, whichever `facts` came with.
    ///
    /// # Errors
    ///
    /// [`Denial`].
    pub fn permit(
        &self,
        who: &Authenticated,
        facts: Facts<'_>,
        tenant: Option<&Tenant>,
    ) -> Result<RoutePermit, Denial> {
        // First: what the route requires is no business of another tenant's callers.
        if let Some(tenant) = tenant {
            tenant.take(&facts)?;
        }
        let Some(requirement) = &self.requirement else {
            return Ok(RoutePermit(()));
        };
        let facts = Facts { claims: who.token().claims(), ..facts };
        if requirement.holds(&facts) {
            return Ok(RoutePermit(()));
        }
        if let Some(step_up) = requirement.step_up(&facts) {
            return Err(Denial::StepUp(step_up));
        }
        let scopes = requirement.scopes().into_iter().map(str::to_owned).collect();
        Err(Denial::Insufficient { scopes })
    }

    /// Lets a caller without a token pass, where the route is public, or optional.
    ///
    /// A route with a requirement never does: nobody has said that it holds.
    #[must_use]
    pub fn permit_anonymous(&self) -> Option<(Anonymous, RoutePermit)> {
        let open = matches!(self.access, Access::Public | Access::Optional);
        (open && self.requirement.is_none()).then_some((Anonymous(()), RoutePermit(())))
    }

    /// Lets a CORS preflight pass without a token, where the route says so: browsers send none
    /// (Fetch Standard, CORS-preflight fetch).
    #[must_use]
    pub fn permit_preflight(&self) -> Option<(Anonymous, RoutePermit)> {
        self.cors_preflight.then_some((Anonymous(()), RoutePermit(())))
    }

    /// Lets a request pass that would be refused, where the route only watches; with the header that
    /// says so. The gateway's own resources are never watched only.
    #[must_use]
    pub fn permit_shadow(&self) -> Option<(Shadow, &str)> {
        let header = self.shadow.as_deref().filter(|_| self.is_configured())?;
        Some((Shadow(()), header))
    }
}
