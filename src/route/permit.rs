use super::{Access, Facts, NotTaken, Route, StepUp, Target, Tenant};
use crate::revocation::NotRevoked;
use crate::token::Authenticated;

/// Proof that a route lets the caller of a token pass that is not revoked; only this module makes it.
///
/// ```compile_fail
/// // A token that was not looked up in the store is no argument.
/// fn skip(
///     route: &edgeward::route::Route,
///     proof: edgeward::token::Authenticated,
///     facts: edgeward::route::Facts<'_>,
/// ) {
///     let _ = route.permit(proof, facts, None);
/// }
/// ```
///
/// ```compile_fail
/// fn forge(proof: edgeward::revocation::NotRevoked) -> edgeward::route::Permitted {
///     edgeward::route::Permitted(proof)
/// }
/// ```
#[derive(Debug)]
pub struct Permitted(NotRevoked);

/// Proof that a route lets callers without a token pass, and that this one brought none (or that
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

impl Permitted {
    /// The token that it is about.
    #[must_use]
    pub fn authenticated(&self) -> &Authenticated {
        self.0.authenticated()
    }
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
    /// # Errors
    ///
    /// [`Denial`]; `facts` about another token permit nothing.
    pub fn permit(
        &self,
        proof: NotRevoked,
        facts: Facts<'_>,
        tenant: Option<&Tenant>,
    ) -> Result<Permitted, Denial> {
        if !std::ptr::eq(facts.claims, proof.authenticated().token().claims()) {
            return Err(Denial::Insufficient { scopes: Vec::new() });
        }
        // First: what the route requires is no business of another tenant's callers.
        if let Some(tenant) = tenant {
            tenant.take(&facts)?;
        }
        let Some(requirement) = &self.requirement else {
            return Ok(Permitted(proof));
        };
        if requirement.holds(&facts) {
            return Ok(Permitted(proof));
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
    pub fn permit_anonymous(&self) -> Option<Anonymous> {
        let open = matches!(self.access, Access::Public | Access::Optional);
        (open && self.requirement.is_none()).then_some(Anonymous(()))
    }

    /// Lets a CORS preflight pass without a token, where the route says so: browsers send none
    /// (Fetch Standard, CORS-preflight fetch).
    #[must_use]
    pub fn permit_preflight(&self) -> Option<Anonymous> {
        self.cors_preflight.then_some(Anonymous(()))
    }

    /// Lets a request pass that would be refused, where the route only watches; with the header that
    /// says so. The gateway's own resources are never watched only.
    #[must_use]
    pub fn permit_shadow(&self) -> Option<(Shadow, &str)> {
        let header = self.shadow.as_deref().filter(|_| self.is_configured())?;
        Some((Shadow(()), header))
    }
}
