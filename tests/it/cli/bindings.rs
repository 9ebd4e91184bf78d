//! The binding of the revocation log, as the wrangler file has it.

use serde_json::Value;

use super::{DOCUMENT, Folder, GOOD, Run};

const BINDING: &str = r#"
[[durable_objects.bindings]]
name = "EDGEWARD_REVOCATION_LOG"
class_name = "RevocationLog"
"#;
const MIGRATION: &str = r#"
[[migrations]]
tag = "v1"
new_sqlite_classes = ["RevocationLog"]
"#;

fn check(name: &str, more: &[&str]) -> Run {
    let text = format!("{GOOD}{}", more.concat());
    Folder::new(name).with("wrangler.toml", &text).run(&["check"])
}

/// A strict route in place of the one for administrators.
fn strict() -> String {
    GOOD.replace("require = { role = \"admin\" }", "revocation = \"strict\"")
}

#[test]
fn a_log_that_is_bound_and_created_has_no_warning_and_no_note() {
    for (name, more) in [
        ("log-migration", [BINDING, MIGRATION].concat()),
        ("log-script", format!("{BINDING}script_name = \"objects\"\n")),
        (
            "log-export",
            format!(
                "{BINDING}[exports.RevocationLog]\ntype = \"durable-object\"\nstorage = \"sqlite\"\n"
            ),
        ),
        (
            "log-renamed",
            format!(
                "{BINDING}[[migrations]]\ntag = \"v1\"\nnew_sqlite_classes = [\"Old\"]\n[[migrations]]\n\
                 tag = \"v2\"\nrenamed_classes = [{{ from = \"Old\", to = \"RevocationLog\" }}]\n"
            ),
        ),
    ] {
        let run = check(name, &[&more]);
        assert!(run.out.starts_with("wrangler.toml: no errors, no warnings\n"), "{}", run.out);
        assert!(!run.out.contains("revocation:"), "{}", run.out);
    }
}

#[test]
fn a_log_that_nothing_creates_with_sqlite_is_warned_of() {
    for (name, more) in [
        ("log-alone", ""),
        ("log-other", "[[migrations]]\ntag = \"v1\"\nnew_sqlite_classes = [\"Other\"]\n"),
        ("log-kv", "[[migrations]]\ntag = \"v1\"\nnew_classes = [\"RevocationLog\"]\n"),
        (
            "log-legacy",
            "[exports.RevocationLog]\ntype = \"durable-object\"\nstorage = \"legacy-kv\"\n",
        ),
    ] {
        let run = check(name, &[BINDING, more]);
        assert_eq!(run.code, Some(0));
        let warning = "warning: durable_objects.bindings.0 [revocation_log_not_created]\n";
        assert!(run.out.contains(warning), "{}", run.out);
        let line = format!("{GOOD}{BINDING}").lines().position(|line| line.contains("objects.b"));
        assert!(
            run.out.contains(&format!("wrangler.toml:{}: ", line.expect("it") + 1)),
            "{}",
            run.out
        );
    }
}

#[test]
fn a_log_of_another_class_is_an_error() {
    let other = BINDING.replace("\"RevocationLog\"", "\"Counter\"");
    let run = check("log-class", &[&other, MIGRATION]);
    assert_eq!(run.code, Some(1));
    let error =
        "error: durable_objects.bindings.0.class_name\n    expected the class `RevocationLog`\n";
    assert!(run.out.contains(error), "{}", run.out);
}

#[test]
fn the_class_of_sessions_is_checked_as_that_of_the_log_is() {
    let sessions = BINDING
        .replace("EDGEWARD_REVOCATION_LOG", "EDGEWARD_SESSIONS")
        .replace("RevocationLog", "SessionFamily");
    let migration = MIGRATION.replace("RevocationLog", "SessionFamily");
    let good = check("sessions", &[&sessions, &migration]);
    assert!(!good.out.contains("session_family_not_created"), "{}", good.out);
    let alone = check("sessions-alone", &[&sessions]);
    let warning = "warning: durable_objects.bindings.0 [session_family_not_created]\n";
    assert!(alone.out.contains(warning), "{}", alone.out);
    let other = check("sessions-class", &[&sessions.replace("\"SessionFamily\"", "\"Counter\"")]);
    assert!(other.out.contains("expected the class `SessionFamily`"), "{}", other.out);
}

#[test]
fn a_strict_route_is_valid_where_the_log_is_bound_and_nowhere_else() {
    let bound = format!("{}{BINDING}{MIGRATION}", strict());
    let folder = Folder::new("strict-bound").with("wrangler.toml", &bound);
    assert_eq!(folder.run(&["check"]).code, Some(0));
    let other = bound.replace("EDGEWARD_REVOCATION_LOG", "OTHER");
    for (name, text) in [("strict-unbound", strict()), ("strict-other", other)] {
        let run = Folder::new(name).with("wrangler.toml", &text).run(&["check"]);
        assert_eq!(run.code, Some(1));
        let error = "error: routes[1].revocation\n    expected the Durable Object `RevocationLog` bound as \
                     `EDGEWARD_REVOCATION_LOG` with it\n";
        assert!(run.out.contains(error), "{}", run.out);
    }
}

#[test]
fn an_environment_inherits_the_migrations_and_not_the_binding() {
    let staging = r#"
[[env.staging.durable_objects.bindings]]
name = "EDGEWARD_REVOCATION_LOG"
class_name = "RevocationLog"
"#;
    let good = GOOD.replace(", colour = \"blue\"", "").replace("\"OTHER\"", "\"API\"");
    let run = |name: &str, more: &[&str]| {
        let text = format!("{good}{}", more.concat());
        Folder::new(name).with("wrangler.toml", &text).run(&["check", "--env", "staging"]).out
    };
    assert!(!run("log-inherited", &[MIGRATION, staging]).contains("revocation_log"));
    let warning = "warning: env.staging.durable_objects.bindings.0 [revocation_log_not_created]";
    let alone = run("log-env", &[staging]);
    assert!(alone.contains(warning), "{alone}");
    assert!(!run("log-elsewhere", &[BINDING]).contains("revocation_log"));
}

#[test]
fn kv_alone_is_noted_where_a_route_asks_it() {
    let note = "revocation: without the binding EDGEWARD_REVOCATION_LOG `bounded` promises what KV does, 60 s or more";
    assert!(check("kv-alone", &[]).out.contains(&format!("    {note}\n")));
    let run =
        Folder::new("kv-json").with("wrangler.toml", GOOD).run(&["check", "--json", "--strict"]);
    let report: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!((run.code, &report["notes"]), (Some(0), &serde_json::json!([note])));
    let off = GOOD.replace("\"authenticated\"", "\"authenticated\"\nrevocation = \"off\"");
    let run = Folder::new("kv-off").with("wrangler.toml", &off).run(&["check"]);
    assert!(!run.out.contains(note), "{}", run.out);
}

#[test]
fn an_explanation_shows_the_level_of_the_route_and_its_bound() {
    let copied = "[vars.EDGEWARD.revocation]\nbound_seconds = 2\n";
    let text = format!("{}{copied}{BINDING}{MIGRATION}", strict());
    let folder = Folder::new("levels").with("wrangler.toml", &text);
    for (path, level) in [
        ("/api/a", "authenticated, revocation bounded (at most 2 s old), to `main`"),
        (
            "/api/admin/a",
            "authenticated, revocation strict (the log is asked on every request), to `main`",
        ),
    ] {
        let run = folder.run(&["explain", "GET", path]);
        assert!(run.out.contains(level), "{}", run.out);
    }
}

#[test]
fn a_log_that_a_document_needs_is_taken_to_be_bound_and_that_is_said() {
    let note = "    EDGEWARD_REVOCATION_LOG is assumed to be bound in wrangler.toml\n";
    let strict =
        DOCUMENT.replacen("\"authenticated\"", "\"authenticated\", \"revocation\": \"strict\"", 1);
    let bound = DOCUMENT.replacen('{', "{ \"revocation\": { \"bound_seconds\": 1 },", 1);
    let longest = DOCUMENT.replacen('{', "{ \"revocation\": { \"longest_token_seconds\": 60 },", 1);
    for (name, text, is_said) in [
        ("document-plain", DOCUMENT, false),
        ("document-strict", &strict, true),
        ("document-bound", &bound, true),
        ("document-longest", &longest, false),
    ] {
        let run = Folder::new(name).with("config.json", text).run(&["check", "config.json"]);
        assert_eq!(run.code, Some(0), "{}", run.out);
        assert_eq!(run.out.contains(note), is_said, "{}", run.out);
    }
}

#[test]
fn members_of_the_table_that_stand_beside_it_are_warned_of() {
    let folder = |name: &str, beside: &str| {
        Folder::new(name).with("wrangler.toml", &format!("{beside}{GOOD}")).run(&["check"])
    };
    for (name, beside, path) in [
        ("misplaced-realm", "realm = \"api\"\n", "realm"),
        ("misplaced-admin", "admin = { require = { role = \"admin\" } }\n", "admin"),
        ("misplaced-routes", "routes = [{ path = \"/a\", access = \"public\" }]\n", "routes"),
    ] {
        let run = folder(name, beside);
        let warning = format!(
            "wrangler.toml:1: warning: {path} [misplaced]\n    the gateway does not read it here: expected \
             it in `vars.EDGEWARD`\n"
        );
        assert!(run.out.contains(&warning), "{}", run.out);
    }
    let own = folder(
        "misplaced-none",
        "routes = [{ pattern = \"api.example.com/*\", zone_name = \"example.com\" }]\n",
    );
    assert!(!own.out.contains("[misplaced]"), "wrangler's own routes: {}", own.out);
    let vars = Folder::new("misplaced-vars").with(
        "wrangler.toml",
        &format!(
            "[vars]\nissuers = []\n{}",
            &GOOD.replace("services = [{ binding = \"API\", service = \"api\" }]", "")
        ),
    );
    assert!(vars.run(&["check"]).out.contains("warning: vars.issuers [misplaced]"));
}
