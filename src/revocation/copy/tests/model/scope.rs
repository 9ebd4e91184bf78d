//! The steps that a model may have.

use std::time::Duration;

use super::super::super::super::{LogCommand, Reason};
use super::tokens::ISSUED_AT;

/// The bound of the copies.
pub(super) const BOUND: Duration = Duration::from_secs(4);

/// How long an entry for the first token and [`Reason::Admin`] lives. No other expires.
pub(super) const LIFE: Duration = Duration::from_secs(6);

/// A command with the number of a token, the reason, and the cut-off.
pub(super) type Order = (LogCommand, usize, Reason, Option<i64>);

pub(super) const REVOKE: Order = (LogCommand::Append, 0, Reason::Admin, None);
pub(super) const LIFT: Order = (LogCommand::Lift, 0, Reason::Admin, None);
pub(super) const REVOKE_ON_LOGOUT: Order = (LogCommand::Append, 0, Reason::Logout, None);
pub(super) const LIFT_ON_LOGOUT: Order = (LogCommand::Lift, 0, Reason::Logout, None);
/// The token was issued after it.
pub(super) const CUT_EARLIER: Order = (LogCommand::Append, 1, Reason::Admin, Some(ISSUED_AT - 5));
/// The token was issued before it.
pub(super) const CUT_LATER: Order = (LogCommand::Append, 1, Reason::Admin, Some(ISSUED_AT + 5));
pub(super) const LIFT_CUT: Order = (LogCommand::Lift, 1, Reason::Admin, None);

/// Which steps a model has.
pub(super) struct Scope {
    pub(super) copies: usize,
    /// The most changes in an answer.
    pub(super) page: usize,
    pub(super) orders: &'static [Order],
    /// Seconds that pass at once: less than half the bound, more than half of it, more than all.
    pub(super) pauses: &'static [u64],
    /// How many answers may be on their way to each copy, to come late or never.
    pub(super) late_answers: usize,
    pub(super) has_reloads: bool,
    /// Whether the log may be wiped or set back.
    pub(super) has_losses: bool,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The log carries out an order.
    Order(Order),
    /// Seconds pass.
    Wait(u64),
    /// A copy asks, the log reads at once, and the answer stays on its way.
    Send { copy: usize, with_names: bool },
    /// The same, and the answer comes at once.
    Exchange { copy: usize, with_names: bool },
    /// An answer comes: as it was read when it was asked for, or as it is read now.
    Arrive { copy: usize, answer: usize, is_read_late: bool },
    /// An answer is lost.
    Lose { copy: usize, answer: usize },
    /// A copy begins to load everything anew, because much of it has expired.
    Reload { copy: usize },
    /// The storage of the log is lost, and a new log begins.
    Wipe,
    /// The storage of the log is restored as it was before the last order.
    SetBack,
}
