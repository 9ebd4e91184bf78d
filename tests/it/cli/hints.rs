//! What is said where a file, a table or a name is not there.

use serde_json::{Value, json};

use super::{Folder, GOOD, GOOD_JSONC, Run, explain};

fn report(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err))
}

#[test]
fn a_name_that_the_configuration_does_not_have_is_told_with_those_that_it_has() {
    let folder = Folder::new("unknown-names").with("wrangler.toml", GOOD);
    let folder = folder.with("jwks.json", r#"{"keys":[]}"#);
    let run = explain(&folder, &["--secret", "SECRTE=HS_KEY", "GET", "/api/a"]);
    assert_eq!(run.code, Some(1));
    let expected =
        "edgeward: --secret SECRTE=…: no secret `SECRTE`; the configuration names `SECRET`\n";
    assert_eq!(run.err, expected);
    let run = explain(&folder, &["--secret", "hunter2=HS_KEY", "GET", "/api/a"]);
    assert!(run.err.contains("no secret `…`") && !run.err.contains("hunter2"), "{}", run.err);
    let run = explain(&folder, &["--jwks", "kyes=jwks.json", "GET", "/api/a"]);
    assert_eq!(run.code, Some(1));
    let expected =
        "edgeward: --jwks kyes=…: no issuer `kyes`; the configuration names `keys`, `secret`\n";
    assert_eq!(run.err, expected);
    let public = r#"
        [vars.EDGEWARD]
        origins = [{ name = "main", url = "https://a.example" }]
        routes = [{ path = "/**", access = "public" }]
    "#;
    let folder = Folder::new("no-names").with("wrangler.toml", public);
    let folder = folder.with("jwks.json", r#"{"keys":[]}"#);
    for (given, kind) in [("--jwks", "issuer"), ("--secret", "secret")] {
        let value = if kind == "issuer" { "main=jwks.json" } else { "A=HS_KEY" };
        let run = explain(&folder, &[given, value, "GET", "/a"]);
        assert!(run.err.contains(&format!("the configuration names no {kind}")), "{}", run.err);
    }
}

#[test]
fn a_machine_gets_json_where_the_file_cannot_be_checked() {
    for (name, file, text, line, problem) in [
        ("no-file", "other.toml", "", 1, "no such file: expected one of wrangler.json, "),
        ("no-toml", "wrangler.toml", "a = 1\nb = = 2\n", 2, ""),
        ("no-table", "wrangler.toml", "name = \"x\"\n", 1, "no `vars.EDGEWARD`"),
        ("near-table", "wrangler.toml", "name = \"x\"\n[vars.EDGEWRAD]\n", 2, "did you mean"),
    ] {
        let folder = Folder::new(name).with(file, text);
        let run = folder.run(&["check", "--json", "wrangler.toml"]);
        let report = report(&run);
        assert_eq!((run.code, &report["ok"]), (Some(1), &json!(false)), "{name}");
        assert_eq!(report["errors"][0]["line"], line, "{name}: {report:#}");
        let text = report["errors"][0]["text"].as_str().expect("a text");
        assert!(text.contains(problem), "{name}: {text}");
        assert_eq!((&report["warnings"], &report["file"]), (&json!([]), &json!("wrangler.toml")));
        assert!(run.err.is_empty(), "{}", run.err);
    }
    let folder = Folder::new("no-env").with("wrangler.toml", GOOD);
    let run = folder.run(&["check", "--json", "--env", "stagin"]);
    let problem = "no environment `stagin` under `env`: did you mean `staging`?";
    assert_eq!((run.code, &report(&run)["errors"][0]["text"]), (Some(1), &json!(problem)));
}

#[test]
fn a_missing_table_is_told_with_its_file_and_a_name_that_comes_near() {
    let missing = "edgeward: wrangler.toml: no `vars.EDGEWARD`\n";
    let near = |name: &str, line: usize| {
        format!(
            "edgeward: wrangler.toml:{line}: no `vars.EDGEWARD`; there is `{name}`: did you mean `vars.EDGEWARD`?\n"
        )
    };
    for (text, said) in [
        ("name = \"x\"\n", missing.to_owned()),
        ("[vars]\nOTHER = 1\n", missing.to_owned()),
        ("[vars.edgeward]\nrealm = \"a\"\n", near("vars.edgeward", 1)),
        ("name = \"x\"\n[var.EDGEWARD]\nrealm = \"a\"\n", near("var.EDGEWARD", 2)),
        ("[EDGEWARD]\nrealm = \"a\"\n", near("EDGEWARD", 1)),
    ] {
        let folder = Folder::new("near").with("wrangler.toml", text);
        for run in [folder.run(&["check"]), folder.run(&["explain", "GET", "/a"])] {
            assert_eq!((run.code, run.err), (Some(1), said.clone()), "{text}");
        }
    }
}

#[test]
fn the_file_is_read_that_wrangler_reads() {
    for file in ["wrangler.jsonc", "wrangler.json"] {
        let folder = Folder::new(file).with(file, GOOD_JSONC);
        let run = folder.run(&["check"]);
        assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
        assert!(run.out.starts_with(&format!("{file}: no errors")), "{}", run.out);
        let run = folder.run(&["explain", "GET", "/a"]);
        assert!(run.out.contains("PASSES to `main`"), "{}{}", run.out, run.err);
    }
    let folder = Folder::new("two").with("wrangler.jsonc", GOOD_JSONC).with("wrangler.toml", "{");
    assert_eq!(folder.run(&["check"]).code, Some(0));
    let folder = Folder::new("three").with("wrangler.jsonc", "{").with("wrangler.toml", "{");
    assert_eq!(folder.with("wrangler.json", GOOD_JSONC).run(&["check"]).code, Some(0));
}

#[test]
fn a_name_of_a_field_draws_no_lines_of_its_own() {
    let text = GOOD_JSONC.replacen("\"EDGEWARD\": {", "\"EDGEWARD\": { \"\\u001b[2Jx\": 1,", 1);
    assert_ne!(text, GOOD_JSONC);
    let run = Folder::new("escape").with("wrangler.jsonc", &text).run(&["check"]);
    assert!(run.out.contains("unknown field") && !run.out.contains('\u{1b}'), "{:?}", run.out);
}

#[test]
fn a_placeholder_inside_a_text_is_an_error_of_its_own() {
    let text = GOOD.replace("https://keys.example.com", "https://<tenant>.auth0.com/");
    let run = Folder::new("inside").with("wrangler.toml", &text).run(&["check"]);
    let expected =
        "error: issuers[0].issuer\n    expected a value instead of the template's <tenant>\n";
    assert!(run.out.contains(expected), "{}", run.out);
}
