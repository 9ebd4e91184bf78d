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

#[test]
fn days_of_the_archiver_that_it_cannot_read_are_an_error() {
    let days = |name: &str, value: &str| {
        let days = format!("EDGEWARD_ARCHIVE_DAYS = {value}\n");
        check(name, "", &[DATABASE, CRON, "[vars]\n", &days])
    };
    for (name, value) in [("days-none", "0"), ("days-text", "\"90\""), ("days-most", "3650")] {
        let run = days(name, value);
        assert_eq!(run.code, Some(0), "{value}: {}", run.out);
    }
    for (name, value) in [
        ("days-more", "3651"),
        ("days-less", "-1"),
        ("days-part", "1.5"),
        ("days-word", "\"a month\""),
        ("days-blank", "\"\""),
        ("days-long", "\"00090\""),
    ] {
        let run = days(name, value);
        let error = "error: vars.EDGEWARD_ARCHIVE_DAYS\n    expected a number of days, 0 to 3650\n";
        assert!(run.out.contains(error), "{value}: {}", run.out);
        assert_eq!(run.code, Some(1));
    }
}

#[test]
fn a_binding_under_nearly_the_right_name_is_warned_of() {
    let consumer = "[[queues.consumers]]\nqueue = \"events\"\n";
    for (name, from, wrong, path) in [
        ("name-events", "EDGEWARD_EVENTS", "EDGEWARD_QUEUE", "queues.producers.0.binding"),
        ("name-slip", "EDGEWARD_EVENTS", "EDGWARD_EVENT", "queues.producers.0.binding"),
        ("name-kind", "EDGEWARD_EVENTS", "EDGEWARD_DB", "queues.producers.0.binding"),
        ("name-case", "EDGEWARD_EVENTS", "edgeward_events", "queues.producers.0.binding"),
    ] {
        let run = check(name, "", &[DATABASE, CRON, &PRODUCER.replace(from, wrong), consumer]);
        let warning = format!(
            "warning: {path} [binding_unknown]\n    the gateway reads nothing under `{wrong}`: \
             expected `EDGEWARD_EVENTS` or `EDGEWARD_SYNC` here\n"
        );
        assert!(run.out.contains(&warning), "{wrong}: {}", run.out);
    }
    let own = check(
        "name-own",
        "",
        &[DATABASE, CRON, &PRODUCER.replace("EDGEWARD_EVENTS", "JOBS"), consumer],
    );
    assert!(!own.out.contains("binding_unknown"), "another program's binding: {}", own.out);
}
