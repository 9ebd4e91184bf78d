//! Shadow mode: what would be refused passes, marked, and as nobody's.

use super::request::PendingRequest;
use super::{Admission, Gateway, Rejection, Step};

impl PendingRequest {
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
