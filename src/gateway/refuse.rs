//! Refuse: the end of a request that may not pass; in shadow mode it passes, marked, and as nobody's.

use super::request::PendingRequest;
use super::{Admission, Decision, Gateway, Outcome, Rejection, Step};

impl PendingRequest {
    #[cold]
    #[inline(never)]
    #[allow(
        clippy::boxed_local,
        reason = "unboxed once, not by each caller; on 64 bits it is too large for the lint"
    )]
    pub(super) fn refuse(self: Box<Self>, rejection: Rejection) -> Step {
        if self.route.shadow.is_some() {
            return self.pass_in_shadow(rejection);
        }
        self.refuse_even_in_shadow(rejection)
    }

    /// Refuses whatever the mode of the route is.
    pub(super) fn refuse_even_in_shadow(self, rejection: Rejection) -> Step {
        let may_renew = self.may_renew(&rejection);
        Step::from(Decision {
            renewal: self.renewal.filter(|_| may_renew),
            outcome: Outcome::Refuse(rejection),
            record: self.record,
            revalidate: self.revalidate,
            follows_log: self.follows_log,
            verified: None,
        })
    }

    /// Lets pass what the route would refuse, where it is in shadow mode.
    ///
    /// Only what is known of the caller is watched. A request that two servers could read
    /// differently, or that no route takes, is refused before any route's mode is known.
    #[inline(never)]
    pub(super) fn pass_in_shadow(mut self, rejection: Rejection) -> Step {
        let route = std::rc::Rc::clone(&self.route);
        match route.permit_shadow() {
            Some((proof, header)) if rejection != Rejection::Internal => {
                let mark = ["would-refuse code=", rejection.code()].concat();
                self.replaced.push((header.to_owned(), mark));
                Gateway::forward(self, Admission::Shadow(proof, Box::new(rejection))).into()
            }
            _ => self.refuse_even_in_shadow(rejection),
        }
    }
}
