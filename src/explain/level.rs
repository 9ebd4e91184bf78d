//! Levels of revocation in words: how soon a revocation holds on a route.

use std::time::Duration;

use crate::config::RevocationRules;
use crate::limits;
use crate::revocation::RevocationLevel;

/// The level of a route, with what it promises.
pub(super) fn promise(level: RevocationLevel, rules: &RevocationRules) -> String {
    match (level, rules.has_log) {
        (RevocationLevel::Off, _) => "off".to_owned(),
        (RevocationLevel::Strict, true) => "strict (the log is asked on every request)".to_owned(),
        // Only the gateway's own routes have this level without the log.
        (RevocationLevel::Strict, false) => "read on every request".to_owned(),
        (RevocationLevel::Bounded, true) => format!("bounded ({})", at_most(rules.bound)),
        (RevocationLevel::Bounded, false) => "bounded (by KV alone: 60 s or more)".to_owned(),
        (RevocationLevel::Eventual, true) => {
            format!("eventual ({})", at_most(limits::REVOCATION_EVENTUAL))
        }
        (RevocationLevel::Eventual, false) => "eventual (by KV alone: 120 s or more)".to_owned(),
    }
}

/// The use that a route at this level makes of an answer about a token.
pub(super) fn reuse(level: RevocationLevel, rules: &RevocationRules) -> String {
    let span = match level {
        RevocationLevel::Bounded => rules.bound,
        RevocationLevel::Eventual => limits::REVOCATION_EVENTUAL,
        RevocationLevel::Strict | RevocationLevel::Off if rules.has_log => {
            return "the log is asked on every request".to_owned();
        }
        RevocationLevel::Strict | RevocationLevel::Off => {
            return "KV is read on every request".to_owned();
        }
    };
    if rules.has_log {
        format!("the copy of the log is {}", at_most(span))
    } else {
        format!("an answer is reused for {} s", span.as_secs())
    }
}

fn at_most(age: Duration) -> String {
    format!("at most {} s old", age.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVELS: [RevocationLevel; 4] = [
        RevocationLevel::Strict,
        RevocationLevel::Bounded,
        RevocationLevel::Eventual,
        RevocationLevel::Off,
    ];

    fn rules(has_log: bool) -> RevocationRules {
        RevocationRules {
            has_log,
            has_kv: true,
            bound: Duration::from_secs(7),
            fallback: None,
            location: None,
            longest_token: None,
            clients: Vec::new(),
        }
    }

    #[test]
    fn the_log_promises_a_bound_and_kv_alone_a_minute_or_more() {
        let promises = |has_log| LEVELS.map(|level| promise(level, &rules(has_log)));
        assert_eq!(
            promises(true),
            [
                "strict (the log is asked on every request)",
                "bounded (at most 7 s old)",
                "eventual (at most 60 s old)",
                "off"
            ]
        );
        assert_eq!(
            promises(false),
            [
                "read on every request",
                "bounded (by KV alone: 60 s or more)",
                "eventual (by KV alone: 120 s or more)",
                "off"
            ]
        );
    }

    #[test]
    fn an_answer_of_kv_is_reused_and_the_copy_of_the_log_has_an_age() {
        let told = |has_log| LEVELS.map(|level| reuse(level, &rules(has_log)));
        let [strict, bounded, eventual, _] = told(true);
        assert_eq!(strict, "the log is asked on every request");
        assert_eq!(bounded, "the copy of the log is at most 7 s old");
        assert_eq!(eventual, "the copy of the log is at most 60 s old");
        let [strict, bounded, eventual, _] = told(false);
        assert_eq!(strict, "KV is read on every request");
        assert_eq!(bounded, "an answer is reused for 7 s");
        assert_eq!(eventual, "an answer is reused for 60 s");
    }
}
