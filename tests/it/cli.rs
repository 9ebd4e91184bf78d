//! The command line as it is run: what it prints, and how it exits.

mod bindings;
mod hints;
mod mistakes;
mod registry;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::NOW_SECONDS;
use crate::support::sign::Key;

/// A folder of its own for each test.
struct Folder(PathBuf);

/// What came of a command.
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn with(self, file: &str, text: &str) -> Self {
        fs::write(self.0.join(file), text).expect(file);
        self
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_edgeward"))
            .args(arguments)
            .current_dir(&self.0)
            .env("HS_KEY", crate::support::sign::secret("SECRET").expect("a secret"))
            .stdin(Stdio::null())
            .output()
            .expect("a run");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

const GOOD: &str = r#"
services = [{ binding = "API", service = "api" }]

[[kv_namespaces]]
binding = "EDGEWARD_KV"
id = "x"

[[vars.EDGEWARD.origins]]
name = "main"
url = "service:API"

[[vars.EDGEWARD.issuers]]
name = "keys"
issuer = "https://keys.example.com"
audiences = ["api"]
algorithms = ["ES256"]
verify = { discovery = true }

[[vars.EDGEWARD.issuers]]
name = "secret"
issuer = "https://secret.example.com"
audiences = ["api"]
algorithms = ["HS256"]
verify = { secrets = ["SECRET"] }

[[vars.EDGEWARD.routes]]
path = "/api/**"
access = "authenticated"

[[vars.EDGEWARD.routes]]
path = "/api/admin/**"
access = "authenticated"
require = { role = "admin" }

[env.staging]
services = [{ binding = "OTHER", service = "other" }]

[env.staging.vars.EDGEWARD]
origins = [{ name = "main", url = "service:API" }]
routes = [
  { path = "/x", access = "public" },
  { path = "/y", access = "public", colour = "blue" },
]

[env.bare]
"#;

fn claims(issuer: &str) -> Value {
    json!({ "iss": issuer, "sub": "ada", "aud": "api", "jti": "t-1",
            "iat": NOW_SECONDS - 60, "exp": NOW_SECONDS + 600 })
}

#[test]
fn a_good_configuration_exits_with_0_and_names_the_secrets_that_it_assumes() {
    let run = Folder::new("good").with("wrangler.toml", GOOD).run(&["check"]);
    assert_eq!(
        (run.code, run.out.as_str(), run.err.as_str()),
        (
            Some(0),
            "wrangler.toml: no errors, no warnings\n    secret SECRET is assumed to exist and to be long \
             enough: npx wrangler secret put SECRET\n    revocation: without the binding \
             EDGEWARD_REVOCATION_LOG `bounded` promises what KV does, 60 s or more\n",
            ""
        )
    );
}

#[test]
fn every_error_has_its_line_and_the_bindings_are_those_of_the_environment() {
    let folder = Folder::new("staging").with("wrangler.toml", GOOD);
    let run = folder.run(&["check", "--env", "staging"]);
    let line = |text: &str| GOOD.lines().position(|line| line.contains(text)).expect(text) + 1;
    let expected = [
        format!(
            "wrangler.toml:{}: error: origins[0].url\n    no service binding `API`\n",
            line("origins = [{")
        ),
        format!("wrangler.toml:{}: error: routes[1].colour\n    unknown field\n", line("colour")),
    ];
    assert_eq!(run.code, Some(1));
    for error in expected {
        assert!(run.out.contains(&error), "{error}\n{}", run.out);
    }
}

const DOCUMENT: &str = r#"{
  "origins": [{ "name": "main", "url": "service:API" }],
  "issuers": [
    { "name": "s", "issuer": "https://s.example.com", "audiences": ["a\"}"], "algorithms": ["HS256"],
      "verify": { "secrets": ["SECRET"] } }
  ],
  "routes": [
    { "path": "/a", "access": "authenticated" },
    { "path": "/b", "access": "public" }
  ]
}"#;

#[test]
fn a_document_for_kv_is_checked_and_what_is_bound_elsewhere_is_assumed() {
    let run = Folder::new("document").with("config.json", DOCUMENT).run(&["check", "config.json"]);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    assert!(run.out.contains("secret SECRET is assumed to exist"), "{}", run.out);
    assert!(run.out.contains("service API is assumed to be bound"), "{}", run.out);
    let limit = r#""limit": { "binding": "L", "per": "address" }, "path": "/a""#;
    let limited = DOCUMENT.replace(r#""path": "/a""#, limit);
    let run = Folder::new("limited").with("config.json", &limited).run(&["check", "config.json"]);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
}

#[test]
fn every_error_of_a_document_for_kv_has_its_line() {
    let faulty = DOCUMENT
        .replace("\"/b\", ", "\"/b\", \"colour\": [1, \"]\", {}],\n")
        .replace("\"authenticated\"", "\"open\"");
    let run = Folder::new("faulty").with("config.json", &faulty).run(&["check", "config.json"]);
    assert_eq!(run.code, Some(1));
    for error in [
        "config.json:8: error: routes[0].access\n",
        "config.json:9: error: routes[1].colour\n    unknown field\n",
    ] {
        assert!(run.out.contains(error), "{error}\n{}", run.out);
    }
    for empty in ["{}", "{ }", "{\n}"] {
        let member = format!("{{\n\"assertion\":\n{empty},");
        let document = DOCUMENT.replacen('{', &member, 1);
        let run =
            Folder::new("empty").with("config.json", &document).run(&["check", "config.json"]);
        assert!(run.out.starts_with("config.json:3: error: assertion.key\n"), "{}", run.out);
    }
    let twice = DOCUMENT.replacen('{', "{ \"realm\": \"a\", \"realm\": \"b\",", 1);
    let run = Folder::new("twice").with("config.json", &twice).run(&["check", "config.json"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("without duplicate members"), "{}", run.err);
    assert_eq!(Folder::new("document").run(&["check", "--env", "x", "config.json"]).code, Some(1));
}

#[test]
fn a_table_with_nothing_but_the_switch_points_to_the_document() {
    let alone = "[[kv_namespaces]]\nbinding = \"EDGEWARD_KV\"\nid = \"x\"\n[vars.EDGEWARD]\nconfig_from = \"kv\"\n";
    let run = Folder::new("alone").with("wrangler.toml", alone).run(&["check"]);
    assert_eq!(run.code, Some(0), "{}", run.out);
    assert!(run.out.contains("the document `config` in EDGEWARD_KV"), "{}", run.out);
    let unbound = alone.replace("EDGEWARD_KV", "OTHER");
    let run = Folder::new("unbound").with("wrangler.toml", &unbound).run(&["check"]);
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("expected a KV binding `EDGEWARD_KV` for it"), "{}", run.out);
}

#[test]
fn an_environment_inherits_no_configuration() {
    let folder = Folder::new("bare").with("wrangler.toml", GOOD);
    let run = folder.run(&["check", "--env", "bare"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("no `env.bare.vars.EDGEWARD`: an environment inherits no vars"));
    let run = folder.run(&["check", "--env", "none"]);
    assert_eq!(
        (run.code, run.err.as_str()),
        (Some(1), "edgeward: wrangler.toml: no environment `none` under `env`\n")
    );
}

#[test]
fn a_machine_gets_the_same_as_json() {
    let folder = Folder::new("json").with("wrangler.toml", GOOD);
    let run = folder.run(&["check", "--env", "staging", "--json"]);
    let report: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!((run.code, &report["ok"]), (Some(1), &json!(false)));
    assert_eq!(report["errors"][0]["path"], "origins[0].url");
    assert!(report["errors"][0]["line"].as_u64().is_some_and(|line| line > 1));
    let report: Value = serde_json::from_str(&folder.run(&["check", "--json"]).out).expect("JSON");
    assert_eq!((&report["ok"], &report["assumed_secrets"]), (&json!(true), &json!(["SECRET"])));
}

/// The same as a part of [`GOOD`], with comments and trailing commas.
const GOOD_JSONC: &str = r#"{
  // What wrangler reads.
  "name": "gateway",
  "kv_namespaces": [{ "binding": "EDGEWARD_KV", "id": "x" }], /* a store */
  "services": [{ "binding": "API", "service": "api" },],
  "vars": { "EDGEWARD": {
    "origins": [{ "name": "main", "url": "service:API" }],
    "routes": [
      { "path": "/a", "access": "public", }, // open
    ],
  } },
  "env": { "staging": { "vars": { "EDGEWARD": {
    "origins": [{ "name": "main", "url": "service:API" }],
    "routes": [],
  } } } },
}"#;

#[test]
fn a_wrangler_file_in_json_is_read_as_one() {
    for file in ["wrangler.jsonc", "wrangler.json", "gateway.jsonc", "gateway.json"] {
        let folder = Folder::new("jsonc").with(file, GOOD_JSONC);
        let run = folder.run(&["check", file]);
        assert_eq!(run.code, Some(0), "{file}: {}{}", run.out, run.err);
        assert!(!run.out.contains("service API"), "bound in it: {}", run.out);
        let run = folder.run(&["check", file, "--env", "staging"]);
        assert_eq!(run.code, Some(1), "{file}");
        for error in [
            format!("{file}:13: error: origins[0].url\n    no service binding `API`\n"),
            format!("{file}:14: error: routes\n    expected at least one route\n"),
        ] {
            assert!(run.out.contains(&error), "{error}\n{}", run.out);
        }
        let run = folder.run(&["check", file, "--env", "none"]);
        assert!(run.err.contains("no environment `none` under `env`"), "{}", run.err);
    }
    let broken = GOOD_JSONC.replace("\"routes\": []", "\"routes\" []");
    let run = Folder::new("broken-jsonc").with("wrangler.jsonc", &broken);
    let run = run.run(&["check", "wrangler.jsonc"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.starts_with("edgeward: wrangler.jsonc:14: "), "{}", run.err);
    let empty = Folder::new("empty-json").with("wrangler.json", "{ \"name\": \"x\" }");
    let run = empty.run(&["check", "wrangler.json"]);
    assert!(run.err.contains("no `vars.EDGEWARD`"), "{}", run.err);
}

#[test]
fn one_wrong_origin_is_one_error() {
    for url in ["ftp://a.example", "service:NONE", "a b"] {
        let wrong = GOOD
            .replace("service:API", url)
            .replace("path = \"/api/**\"", "path = \"/api/**\"\norigin = \"main\"");
        let run = Folder::new("origin").with("wrangler.toml", &wrong).run(&["check"]);
        assert_eq!(run.code, Some(1));
        assert!(run.out.contains("1 error, no warnings"), "{url}: {}", run.out);
    }
}

#[test]
fn warnings_are_errors_only_when_asked_for() {
    let open = GOOD.replace(
        "access = \"authenticated\"\nrequire = { role = \"admin\" }",
        "access = \"public\"",
    );
    let folder = Folder::new("strict").with("wrangler.toml", &open);
    let run = folder.run(&["check"]);
    assert_eq!(run.code, Some(0));
    assert!(
        run.out.contains("warning: routes[1].access [public_beneath_protected]"),
        "{}",
        run.out
    );
    assert!(!run.out.contains("--strict"), "{}", run.out);
    let run = folder.run(&["check", "--strict"]);
    assert_eq!(run.code, Some(1));
    let verdict = "wrangler.toml: no errors, 2 warnings: --strict fails on warnings\n";
    assert!(run.out.contains(verdict), "{}", run.out);
}

#[test]
fn workers_cache_is_a_warning_and_an_error_beside_tokens_that_do_not_bypass_it() {
    let cached = |text: &str| format!("{text}\n[cache]\nenabled = true\n");
    let run =
        |name: &str, text: &str| Folder::new(name).with("wrangler.toml", text).run(&["check"]);
    let warned = run("cached", &cached(GOOD));
    assert_eq!(warned.code, Some(0));
    assert!(warned.out.contains("warning: cache.enabled [workers_cache]"), "{}", warned.out);
    let elsewhere = GOOD.replace(
        "access = \"authenticated\"\nrequire",
        "access = \"authenticated\"\ncredentials = [{ header = \"x-token\" }]\nrequire",
    );
    let refused = run("cached-elsewhere", &cached(&elsewhere));
    assert_eq!(refused.code, Some(1));
    assert!(refused.out.contains("error: cache.enabled"), "{}", refused.out);
    for (name, text) in [
        ("uncached", elsewhere.clone()),
        ("cache-off", cached(&elsewhere).replace("enabled = true", "enabled = false")),
    ] {
        let run = run(name, &text);
        assert!(!run.out.contains("cache.enabled"), "{}", run.out);
    }
    // What an entrypoint says goes before what the file says for all.
    let default = "[exports.default]\ntype = \"worker\"\ncache = { enabled = true }\n";
    for (name, of_all) in
        [("cached-export", ""), ("cached-export-alone", "[cache]\nenabled = false\n")]
    {
        let run = run(name, &format!("{elsewhere}\n{of_all}{default}"));
        assert_eq!(run.code, Some(1), "{}", run.out);
        assert!(run.out.contains("error: exports.default.cache.enabled"), "{}", run.out);
    }
    let off = default.replace("enabled = true", "enabled = false");
    let run = run("uncached-export", &format!("{}\n{off}", cached(&elsewhere)));
    assert!(!run.out.contains("cache.enabled"), "{}", run.out);
}

#[test]
fn the_template_says_what_is_still_to_be_filled_in() {
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/wrangler.toml");
    let run = Folder::new("template").run(&["check", template]);
    assert_eq!(run.code, Some(1));
    for (path, text) in [
        ("kv_namespaces.0.id", "<id of the KV namespace>"),
        ("origins[0].url", "<https://api.internal.example.com>"),
        ("issuers[0].issuer", "<https://auth.example.com>"),
        ("issuers[0].audiences", "<api>"),
    ] {
        let error =
            format!("error: {path}\n    expected a value instead of the template's {text}\n");
        assert!(run.out.contains(&error), "{error}{}", run.out);
    }
    assert!(run.out.contains("4 errors, no warnings"), "one for each: {}", run.out);
}

#[test]
fn text_that_is_no_toml_is_told_with_its_line() {
    let folder = Folder::new("broken").with("wrangler.toml", "a = 1\nb = = 2\n");
    let run = folder.run(&["check"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.starts_with("edgeward: wrangler.toml:2: "), "{}", run.err);
    let run = folder.run(&["check", "missing.toml"]);
    assert_eq!(run.code, Some(1));
}

#[test]
fn a_method_and_a_url_in_the_wrong_order_are_told_in_the_right_one() {
    let folder = Folder::new("swapped").with("wrangler.toml", GOOD);
    let run = folder.run(&["explain", "/api/a", "GET"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("explain GET /api/a"), "{}", run.err);
}

#[test]
fn what_is_not_understood_exits_with_2() {
    let folder = Folder::new("usage").with("wrangler.toml", GOOD);
    for arguments in [
        &["chekc"][..],
        &["check", "a", "b"],
        &["check", "--colour"],
        &["explain", "GET"],
        &["explain", "GET", "foo"],
        &["explain", "https://a.example/x", "GET"],
        &["explain", "--now", "-1", "GET", "/"],
        &["explain", "--revoked", "all", "GET", "/"],
        &["explain", "--secret", "A", "GET", "/"],
        &["explain", "--wrong", "x", "GET", "/"],
        &["explain", "-H", "x", "GET", "/"],
        &["schema", "x"],
    ] {
        let run = folder.run(arguments);
        assert_eq!(run.code, Some(2), "{arguments:?} {}", run.err);
        assert!(run.out.is_empty() && run.err.contains("--help"), "{arguments:?} {}", run.err);
    }
    assert!(folder.run(&["--help"]).out.contains("edgeward explain"));
}

fn explain(folder: &Folder, more: &[&str]) -> Run {
    let now = NOW_SECONDS.to_string();
    folder.run(&[&["explain", "--now", &now], more].concat())
}

#[test]
fn a_token_under_a_secret_verifies_when_the_secret_is_given() {
    let folder = Folder::new("secret").with("wrangler.toml", GOOD);
    let token = Key::named("SECRET").token(&claims("https://secret.example.com"));
    let given = ["--secret", "SECRET=HS_KEY", "--token", &token, "GET", "/api/a"];
    let run = explain(&folder, &given);
    assert_eq!(run.code, Some(0));
    assert!(run.out.contains("PASSES to `main` (service binding API)"), "{}", run.out);
    assert!(!run.out.contains(&token) && !run.out.contains("0123456789abcdef"), "{}", run.out);
    let run = explain(&folder, &["--token", &token, "GET", "/api/a"]);
    assert!(run.out.contains("REFUSED with 401 invalid_token; the log says signature_invalid"));
    assert!(run.out.contains("the text of the secret SECRET is not known here"), "{}", run.out);
    let unknown = "not known: the text of SECRET is not given (--secret NAME=VARIABLE)";
    assert!(run.out.contains(unknown) && !run.out.contains("does not verify"), "{}", run.out);
    let assertion = "[vars.EDGEWARD.assertion]\nkey = \"ASSERTION_KEY\"\n\n[env.staging]";
    let with_other =
        Folder::new("other").with("wrangler.toml", &GOOD.replace("[env.staging]", assertion));
    let run = explain(&with_other, &["--token", &token, "GET", "/api/a"]);
    assert!(run.out.contains(unknown) && !run.out.contains("ASSERTION_KEY"), "{}", run.out);
    let run = explain(&folder, &["--secret", "SECRET=NOT_SET", "--token", &token, "GET", "/api/a"]);
    assert_eq!(run.code, Some(1));
    let expected =
        "edgeward: --secret SECRET=NOT_SET: expected the environment variable NOT_SET to be set\n";
    assert_eq!(run.err, expected);
    for pasted in ["hunter2", "d3adb33fd3adb33f", "D3ADB33FD3ADB33FD3ADB33FD3ADB33F", "a b"] {
        let run = explain(&folder, &["--secret", &format!("SECRET={pasted}"), "GET", "/api/a"]);
        assert!(run.err.contains("--secret SECRET=…: expected"), "{}", run.err);
        assert!(!run.err.contains(pasted), "{}", run.err);
    }
}

#[test]
fn a_secret_in_place_of_its_name_is_not_repeated() {
    for pasted in
        ["d3adb33fd3adb33fd3adb33fd3adb33f", "hunter2", "D3ADB33FD3ADB33FD3ADB33FD3ADB33F", "a+b="]
    {
        let pasted_in = GOOD.replace("[\"SECRET\"]", &format!("[\"{pasted}\"]"));
        assert!(pasted_in.contains(pasted));
        let folder = Folder::new("pasted").with("wrangler.toml", &pasted_in);
        let token = Key::named("SECRET").token(&claims("https://secret.example.com"));
        for run in [
            folder.run(&["check"]),
            folder.run(&["check", "--json"]),
            explain(&folder, &["--token", &token, "GET", "/api/a"]),
        ] {
            assert!(
                !run.out.contains(pasted) && !run.err.contains(pasted),
                "{}{}",
                run.out,
                run.err
            );
        }
    }
}

#[test]
fn keys_and_revocations_are_those_that_are_given() {
    let key = Key::p256(1);
    let jwks = json!({ "keys": [key.jwk("k1")] }).to_string();
    let folder = Folder::new("keys").with("wrangler.toml", GOOD).with("jwks.json", &jwks);
    let token = key.token_by("k1", &claims("https://keys.example.com"));
    let outcome = |more: &[&str]| {
        let run =
            explain(&folder, &[more, &["--json", "--token", &token, "GET", "/api/a"]].concat());
        let told: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
        let outcome = &told["explanation"]["outcome"];
        outcome["code"]
            .as_str()
            .or_else(|| outcome["does"].as_str())
            .map(str::to_owned)
            .expect("an outcome")
    };
    assert_eq!(outcome(&["--jwks", "jwks.json"]), "forward");
    assert_eq!(outcome(&["--jwks", "keys=jwks.json"]), "forward");
    assert_eq!(outcome(&["--jwks", "secret=jwks.json"]), "keys_unavailable");
    assert_eq!(outcome(&[]), "keys_unavailable");
    let with = |more: &[&str]| outcome(&[&["--jwks", "jwks.json"], more].concat());
    assert_eq!(with(&["--revoked", "token"]), "token_revoked");
    assert_eq!(with(&["--revoked", "subject"]), "token_revoked");
    assert_eq!(with(&["--revoked", &format!("subject={}", NOW_SECONDS - 60)]), "forward");
    assert_eq!(with(&["--revoked", &format!("issuer={}", NOW_SECONDS - 59)]), "token_revoked");
    assert_eq!(with(&["--revoked", "session"]), "forward");
    assert_eq!(with(&["--store-down"]), "revocation_unavailable");
}

#[test]
fn the_answer_of_an_auth_server_is_the_one_that_is_given() {
    let good = GOOD.replacen(
        "[[vars.EDGEWARD.routes]]",
        r#"[[vars.EDGEWARD.issuers]]
name = "asked"
issuer = "https://asked.example.com"
opaque = true
verify = { me = "https://asked.example.com/me" }
claims = { subject = "id" }

[[vars.EDGEWARD.routes]]"#,
        1,
    );
    let folder = Folder::new("answer").with("wrangler.toml", &good);
    let folder = folder.with("yes.json", r#"{ "id": 7, "role": "rvt" }"#);
    let said = |more: &[&str]| {
        explain(&folder, &[more, &["--token", "9f8c-opaque", "GET", "/api/a"]].concat()).out
    };
    let yes = said(&["--answer", "yes.json"]);
    assert!(yes.contains("ok   auth server  https://asked.example.com/me says yes"), "{yes}");
    assert!(yes.contains("x-auth-subject: 7") && !yes.contains("9f8c-opaque"), "{yes}");
    let no = said(&["--answer", "no"]);
    assert!(no.contains("STOP auth server  refused_by_auth_server: "), "{no}");
    for silence in [&[][..], &["--answer", "none"]] {
        let out = said(silence);
        assert!(out.contains("STOP auth server  auth_server_unavailable: "), "{out}");
        assert!(out.contains("the auth server does not answer"), "{out}");
    }
    let missing = explain(&folder, &["--answer", "none.json", "--token", "9f8c", "GET", "/api/a"]);
    assert_eq!(missing.code, Some(1));
}

#[test]
fn an_explanation_reads_from_top_to_bottom() {
    let folder = Folder::new("reads").with("wrangler.toml", GOOD);
    let run = explain(&folder, &["-H", "Accept: */*", "GET", "/api/%61dmin/x"]);
    assert_eq!(
        run.out,
        r#"GET https://localhost/api/%61dmin/x, at 2026-01-01T00:00:00Z

ok   request      framing, URL and host have one reading
ok   path         /api/%61dmin/x is /api/admin/x
ok   route        routes[1] /api/admin/**: authenticated, a requirement, revocation bounded (by KV alone: 60 s or more), to `main`
                  -  routes[0] /api/**  a less specific path
STOP credential   credential_missing: no token in `Authorization: Bearer`, and there is no `Authorization`

REFUSED with 401 credential_missing
  header   content-type: application/problem+json
  header   cache-control: no-store
  header   cloudflare-cdn-cache-control: no-store
  header   www-authenticate: Bearer realm="edgeward"
  header   x-request-id: made-by-the-gateway
  body     {"code":"credential_missing","request_id":"made-by-the-gateway","status":401,"title":"a bearer token is required","type":"urn:edgeward:problem:credential_missing"}
"#
    );
}

#[test]
fn a_token_cannot_draw_on_the_terminal() {
    let folder = Folder::new("terminal").with("wrangler.toml", GOOD);
    let mut claims = claims("https://keys.example.com\nPASSES\u{1b}[2J");
    claims["\u{9b}a\u{202e}"] = json!("\u{85}");
    let token = Key::p256(1).token_by("k\nPASSES\u{1b}[31m", &claims);
    let run = explain(&folder, &["--token", &token, "-H", "x: \u{1b}c", "GET", "/api/a"]);
    assert!(run.out.contains("issuer_unknown"), "{}", run.out);
    assert!(!run.out.lines().any(|line| line.starts_with("PASSES")), "{}", run.out);
    let is_harmless = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
    assert!(run.out.chars().all(is_harmless), "{:?}", run.out);
}

#[test]
fn the_schema_is_printed_for_the_table_and_for_the_file() {
    let folder = Folder::new("schema");
    let table: Value = serde_json::from_str(&folder.run(&["schema"]).out).expect("JSON");
    assert_eq!(table, edgeward::config::schema());
    let file: Value =
        serde_json::from_str(&folder.run(&["schema", "--wrangler"]).out).expect("JSON");
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource("file.json", file).expect("a resource");
    let index = compiler.compile("file.json", &mut schemas).expect("a JSON Schema");
    let good: Value = toml::from_str(&GOOD.replace(", colour = \"blue\"", "")).expect("TOML");
    assert!(schemas.validate(&good, index).is_ok());
    let bad: Value = toml::from_str(GOOD).expect("TOML");
    assert!(schemas.validate(&bad, index).is_err());
}
