//! The last proofs about a caller's token, and why a request may pass.

use std::rc::Rc;

use super::held::{HeldAssertion, HeldExchange};
use super::{Caller, Rejection};
use crate::route::{Anonymous, Permitted, Shadow};
use crate::token::Authenticated;

/// Why a request may pass. The proofs in it come each from the one module that checks; without an
/// `Admission` no [`ForwardPlan`](super::ForwardPlan) can be made.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth way to pass")]
pub enum Admission {
    /// Without a token, where the route allows.
    Anonymous(Anonymous),
    /// With a token that was verified, not revoked, and sufficient; with another one in its place,
    /// where the origin wants its own; and with an assertion, where one is due.
    Caller(Attested),
    /// Although it would be refused for this reason: the route is in shadow mode. Without identity,
    /// whoever the caller is.
    Shadow(Shadow, Box<Rejection>),
}

impl Admission {
    /// The caller, when a token was verified.
    #[must_use]
    pub fn caller(&self) -> Option<&Caller> {
        match self {
            Self::Anonymous(..) | Self::Shadow(..) => None,
            Self::Caller(attested) => Some(attested.caller()),
        }
    }

    /// Whether the answer is for anybody: nobody's token was looked at, none was refused.
    pub(super) fn is_anonymous(&self) -> bool {
        matches!(self, Self::Anonymous(..))
    }

    /// Why it would be refused, but for shadow mode.
    #[must_use]
    pub fn would_refuse(&self) -> Option<&Rejection> {
        match self {
            Self::Shadow(_, rejection) => Some(rejection),
            Self::Anonymous(..) | Self::Caller(..) => None,
        }
    }
}

/// Proof that a caller's request has its assertion, if one is due: with a key configured, nothing goes
/// to an origin without. The last of the chain of proofs about the caller's token.
#[derive(Debug)]
pub struct Attested {
    caller: Rc<Caller>,
    exchanged: Exchanged,
    held: Option<Rc<HeldAssertion>>,
}

impl Attested {
    /// `None` for proofs of another caller's token, and where an assertion is due and there is none.
    pub(super) fn new(
        caller: Rc<Caller>,
        exchanged: Exchanged,
        is_due: bool,
        held: Option<Rc<HeldAssertion>>,
    ) -> Option<Self> {
        let is_callers = Rc::ptr_eq(caller.checked.token(), exchanged.authenticated().token());
        (is_callers && is_due == held.is_some()).then_some(Self { caller, exchanged, held })
    }

    /// The caller.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    pub(super) fn assertion(&self) -> Option<&HeldAssertion> {
        self.held.as_deref()
    }

    pub(super) fn exchanged(&self) -> Option<&HeldExchange> {
        self.exchanged.held()
    }
}

/// Proof that a permitted request takes along the token that its origin wants, if that wants one of its
/// own.
#[derive(Debug)]
pub struct Exchanged {
    permitted: Permitted,
    held: Option<Rc<HeldExchange>>,
}

impl Exchanged {
    /// `None` where the origin wants a token of its own and there is none.
    pub(super) fn new(
        permitted: Permitted,
        is_wanted: bool,
        held: Option<Rc<HeldExchange>>,
    ) -> Option<Self> {
        (is_wanted == held.is_some()).then_some(Self { permitted, held })
    }

    pub(super) fn authenticated(&self) -> &Authenticated {
        self.permitted.authenticated()
    }

    pub(super) fn held(&self) -> Option<&HeldExchange> {
        self.held.as_deref()
    }
}
