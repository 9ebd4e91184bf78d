//! Tells of a decision: a line in the log, a count, and an event for the audit trail.

use super::{audit, log, metrics};
use crate::config::Config;
use crate::gateway::{Record, Rejection};
use crate::metrics::DecisionOutcome;

/// A request is forwarded, or was answered by one of the gateway's own resources.
pub(super) fn passed(config: &Config, record: &Record) {
    metrics::decided(Some(config), DecisionOutcome::Passed, record);
    log::passed(config, record);
}

/// A request was answered by one of the gateway's own resources: nobody wants to read of it.
pub(super) fn answered(config: &Config, record: &Record) {
    metrics::decided(Some(config), DecisionOutcome::Passed, record);
}

/// A request passes that would have been refused, but for shadow mode.
pub(super) fn shadow(config: &Config, rejection: &Rejection, record: &Record) {
    metrics::decided(Some(config), DecisionOutcome::Shadow, record);
    log::shadow(config, rejection, record);
}

/// A request is refused; without a configuration, too.
pub(super) fn refused(config: Option<&Config>, rejection: &Rejection, record: &Record) {
    // Of these requests it was decided that they pass; then their origin gave no answer.
    let is_of_origin = matches!(
        rejection,
        Rejection::OriginUnreachable | Rejection::OriginTimeout | Rejection::LengthRequired
    );
    if !is_of_origin {
        metrics::decided(config, DecisionOutcome::Refused, record);
    }
    metrics::refused(rejection);
    log::refused(config, rejection, record);
    audit::refused(config, rejection, record);
}
