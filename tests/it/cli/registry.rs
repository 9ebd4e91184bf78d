//! The bindings and triggers of the registry, as the wrangler file has them.

use super::{Folder, GOOD, Run};

const DATABASE: &str = r#"
[[d1_databases]]
binding = "EDGEWARD_DB"
database_name = "edgeward"
database_id = "x"
"#;
const CRON: &str = "[triggers]\ncrons = [\"0 3 * * *\"]\n";
const PRODUCER: &str = "[[queues.producers]]\nbinding = \"EDGEWARD_EVENTS\"\nqueue = \"events\"\n";

/// Checks a deployment with an audit trail; `before` stands above all tables.
fn check(name: &str, before: &str, more: &[&str]) -> Run {
    let config = GOOD.replacen("[[vars.EDGEWARD.origins]]", "[vars.EDGEWARD]\naudit = \"database\"\nadmin = { require = { issuer = \"keys\" } }\n\n[[vars.EDGEWARD.origins]]", 1);
    let text = format!("{before}{config}{}", more.concat());
    Folder::new(name).with("wrangler.toml", &text).run(&["check"])
}

#[test]
fn a_registry_with_a_trigger_and_a_queue_that_is_read_has_no_warning() {
    for (name, more) in [
        ("registry-direct", vec![DATABASE, CRON]),
        (
            "registry-queue",
            vec![DATABASE, CRON, PRODUCER, "[[queues.consumers]]\nqueue = \"events\"\n"],
        ),
    ] {
        let run = check(name, "main = \"build/index.js\"\n", &more);
        assert!(run.out.starts_with("wrangler.toml: no errors, no warnings\n"), "{}", run.out);
    }
}

#[test]
fn a_registry_without_a_trigger_is_warned_of() {
    for (name, more) in [("registry-idle", ""), ("registry-empty", "[triggers]\ncrons = []\n")] {
        let run = check(name, "", &[DATABASE, more]);
        assert!(run.out.contains("warning: audit [registry_not_triggered]"), "{}", run.out);
        assert_eq!(run.code, Some(0));
    }
}

#[test]
fn a_queue_that_nothing_reads_is_warned_of() {
    for (name, more) in
        [("queue-unread", ""), ("queue-other", "[[queues.consumers]]\nqueue = \"other\"\n")]
    {
        let run = check(name, "", &[DATABASE, CRON, PRODUCER, more]);
        assert!(run.out.contains("[events_not_consumed]"), "{}", run.out);
    }
}

#[test]
fn the_gate_alone_has_no_registry() {
    let run = check("registry-gate", "main = \"build/gate.js\"\n", &[DATABASE, CRON]);
    assert!(run.out.contains("error: audit\n    expected a D1 database"), "{}", run.out);
    assert_eq!(run.code, Some(1));
}
