//! The counts of an isolate, and the text in which the sums of all isolates are shown. Without I/O, and
//! without labels that a client chooses.

mod counters;
mod histogram;
mod series;
mod text;

pub use counters::{Counters, DecisionOutcome, RouteClass};
pub use series::{Kind, METRICS, MOST_SERIES, Metric, key};
pub use text::text;
