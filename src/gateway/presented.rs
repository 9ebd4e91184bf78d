//! A token that is presented for verification alone, and not as the credential of a request.

use std::rc::Rc;

use super::need::{Flow, step};
use super::request::{Passing, PendingRequest};
use super::{Decision, Gateway, Record, Rejection, Step};
use crate::route::{OwnResource, Route, Target};
use crate::time::NumericDate;

impl Gateway {
    /// Begins to verify a token, whose caller is [`Decision::verified`] in the end, or nobody. What is checked
    /// is its signature, or the answer of its auth server; neither its claims nor revocation are.
    #[must_use]
    pub fn begin_presented(&self, text: &str, record: Record, now: NumericDate) -> Step {
        step(self.run_presented(text, record, now))
    }

    fn run_presented(&self, text: &str, record: Record, now: NumericDate) -> Flow<Decision> {
        // The route of all paths of ours that are none: it lets nobody pass, and its mode is to enforce.
        let is_none = |route: &&Rc<Route>| route.target == Target::Own(OwnResource::Unknown);
        let Some(route) = self.config.routes.routes().iter().find(is_none) else {
            return Err(Step::from(Decision::refused(Rejection::Internal, record)));
        };
        let request = Box::new(PendingRequest::of_token(Rc::clone(route), record));
        let verified = match self.remembered(text) {
            Some(caller) => self.verify_remembered(request, caller, now)?,
            None => self.verify_new(request, text, now)?,
        };
        Ok(verified.into_verified())
    }
}

impl Passing<()> {
    /// The end of a token that was presented for verification alone.
    pub(super) fn into_verified(self) -> Decision {
        let Self { request, caller, .. } = self;
        let refused = Decision::refused(Rejection::Internal, request.record);
        Decision { revalidate: request.revalidate, verified: Some(caller), ..refused }
    }
}
