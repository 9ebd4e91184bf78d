//! How many lines are written: whoever floods the gateway must not choose the bill.

use std::cell::RefCell;
use std::time::Duration;

use wasm_bindgen::prelude::*;

use super::line::Line;
use crate::limits;
use crate::platform::bindings::console_log;
use crate::platform::clock;
use crate::time::NumericDate;

/// The kinds of lines, each of which has a limit of its own: no kind crowds another one out.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Refused,
    Shadow,
    LimitUnavailable,
    Passed,
    /// The revocation log gave no answer, or a request passed without one.
    RevocationLog,
    /// Something was revoked, or a revocation lifted.
    Revocation,
    Event,
    /// A refusal in the audit trail.
    AuditedRefusal,
}

/// How many lines of a kind were written in the second that began at `since`.
struct Flood {
    since: Option<NumericDate>,
    logged: u64,
    unlogged: u64,
}

impl Flood {
    const NONE: Self = Self { since: None, logged: 0, unlogged: 0 };

    /// Whether one more is to be logged, and how many before it were not.
    fn admit(&mut self, most: u64, now: NumericDate) -> Option<u64> {
        if self.since.is_none_or(|since| since.plus(Duration::from_secs(1)) <= now) {
            (self.since, self.logged) = (Some(now), 0);
        }
        if self.logged >= most {
            self.unlogged = self.unlogged.saturating_add(1);
            return None;
        }
        self.logged = self.logged.saturating_add(1);
        Some(std::mem::take(&mut self.unlogged))
    }
}

thread_local! {
    static FLOODS: RefCell<[Flood; 8]> = const { RefCell::new([Flood::NONE; 8]) };
}

/// Writes a line unless its kind has had its number within this second; what is left out is counted
/// in the next line of the kind. `now` may be when the request came: to ask for the time costs more
/// than to count.
pub(super) fn write(kind: Kind, most: u64, now: NumericDate, line: impl FnOnce() -> Line) {
    let Some(unlogged) = admit(kind, most, now) else { return };
    let mut line = line();
    if unlogged > 0 {
        line.number("unlogged", unlogged);
    }
    console_log(&line.end());
}

/// Whether one more of a kind is admitted within this second, and how many before it were not.
fn admit(kind: Kind, most: u64, now: NumericDate) -> Option<u64> {
    FLOODS.with_borrow_mut(|[refused, shadow, limit, passed, log, revocation, audited, event]| {
        let flood = match kind {
            Kind::Refused => refused,
            Kind::Shadow => shadow,
            Kind::LimitUnavailable => limit,
            Kind::Passed => passed,
            Kind::RevocationLog => log,
            Kind::Revocation => revocation,
            Kind::AuditedRefusal => audited,
            Kind::Event => event,
        };
        flood.admit(most, now)
    })
}

/// Whether a refusal gets a row of its own in the audit trail, and for how many it stands.
pub(in super::super) fn admit_audited_refusal(now: NumericDate) -> Option<u64> {
    admit(Kind::AuditedRefusal, limits::REFUSALS_AUDITED, now).map(|more| more.saturating_add(1))
}

/// For lines that are written in JavaScript: whether one more is to be, and how many before it were
/// not; −1 for no.
#[wasm_bindgen]
#[must_use]
pub fn admit_line() -> f64 {
    let admitted = admit(Kind::Event, limits::LINES_LOGGED, clock::now());
    let unlogged = admitted.and_then(|unlogged| u32::try_from(unlogged).ok());
    unlogged.map_or(-1.0, f64::from)
}
