use super::shape::{Default, Shape, choice, number};
use super::table::Table;
use crate::limits;

/// The rules for logging. Refusals are always logged, up to a limit.
#[derive(Clone, Copy, Debug)]
pub struct LogRules {
    /// Which passes are logged.
    pub passes: PassLog,
    /// How many refusals an isolate logs one by one within a second; further ones are only counted.
    pub refusals_per_second: u64,
    /// The same limit for passes.
    pub passes_per_second: u64,
}

/// The selection of passes that are logged. Refusals always are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each must be handled")]
pub enum PassLog {
    /// No pass is logged: a log line costs more than the whole decision.
    #[default]
    Off,
    /// One pass in a hundred is logged.
    Sampled,
    /// All passes are logged.
    All,
}

pub(super) static SHAPE: Shape = Shape {
    name: "log",
    about: "What is logged. Refusals always are.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        choice("passes", &PASSES)
            .or(Default::Text("off"))
            .about("Which passes are logged: none, one in a hundred, or all."),
        number("refusals_per_second", 1, 1_000_000)
            .or(Default::Number(limits::REFUSALS_LOGGED))
            .about("How many refusals an isolate logs within a second; what is more is counted."),
        number("passes_per_second", 1, 1_000_000)
            .or(Default::Number(limits::PASSES_LOGGED))
            .about("The same of passes, where they are logged."),
    ],
};

const PASSES: [(&str, PassLog); 3] =
    [("off", PassLog::Off), ("sampled", PassLog::Sampled), ("all", PassLog::All)];

/// Reads `log`.
pub(super) fn read(root: &Table<'_>) -> Option<LogRules> {
    let log = root.table_of_defaults("log")?;
    let passes = log.choice("passes", &PASSES);
    let [refusals, passes_logged] =
        ["refusals_per_second", "passes_per_second"].map(|name| log.number(name));
    log.finish();
    Some(LogRules {
        passes: passes?,
        refusals_per_second: refusals?,
        passes_per_second: passes_logged?,
    })
}
