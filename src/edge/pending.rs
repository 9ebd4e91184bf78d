//! Requests that wait for an answer from the platform, each under a ticket.
//!
//! A closure handed to a promise would do the same, at the cost of a closure and a finalizer for
//! each token. When a client hangs up its request is never resumed; so what waits for too long
//! goes, and there is never more than [`limits::WAITING_REQUESTS`].

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::in_flight::InFlight;
use crate::gateway::{NeedAssertion, NeedRevocation, NeedSignature};
use crate::limits;
use crate::time::NumericDate;

/// A request and what it needs.
pub(super) enum Pending {
    Signature(Rc<InFlight>, Rc<NeedSignature>),
    Revocation(Rc<InFlight>, Box<NeedRevocation>),
    Assertion(Rc<InFlight>, Box<NeedAssertion>),
}

#[derive(Default)]
struct Queue {
    /// The ticket of the first entry; those behind it count on.
    first: u32,
    entries: VecDeque<(NumericDate, Option<Pending>)>,
}

thread_local! {
    static QUEUE: RefCell<Queue> = RefCell::default();
}

/// Lets `waiter` wait; the ticket is for [`take`].
pub(super) fn add(waiter: Pending, now: NumericDate) -> u32 {
    QUEUE.with_borrow_mut(|queue| queue.add(waiter, now))
}

/// Whoever waits under `ticket`, once.
pub(super) fn take(ticket: u32) -> Option<Pending> {
    QUEUE.with_borrow_mut(|queue| queue.take(ticket))
}

impl Queue {
    fn add(&mut self, waiter: Pending, now: NumericDate) -> u32 {
        while self
            .entries
            .front()
            .is_some_and(|(since, waiter)| waiter.is_none() || since.plus(limits::WAITING) <= now)
            || self.entries.len() >= limits::WAITING_REQUESTS
        {
            self.entries.pop_front();
            self.first = self.first.wrapping_add(1);
        }
        let count = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.entries.push_back((now, Some(waiter)));
        self.first.wrapping_add(count)
    }

    fn take(&mut self, ticket: u32) -> Option<Pending> {
        let index = usize::try_from(ticket.wrapping_sub(self.first)).ok()?;
        self.entries.get_mut(index)?.1.take()
    }
}
