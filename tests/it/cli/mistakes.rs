//! Mistakes of a first configuration and a first call: each is told as what it is, at its own line.

use serde_json::json;

use super::{Folder, GOOD, GOOD_JSONC, Run, claims, explain};
use crate::support::sign::Key;

fn check(folder: &str, text: &str) -> Run {
    Folder::new(folder).with("wrangler.toml", text).run(&["check"])
}

fn changed(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replacen(from, to, 1)
}

#[test]
fn a_known_field_is_not_called_unknown_because_one_beside_it_is_wrong() {
    let issuer = "issuer = \"https://keys.example.com\"";
    let verify = "verify = { secrets = [\"SECRET\"] }";
    let access = "access = \"authenticated\"\nrequire = { role = \"admin\" }";
    for (from, to, wrong) in [
        (issuer, "issuer = \"<https://a.example/{tid}>\"\nallowed = [\"a\"]", "issuers[0].issuer"),
        (issuer, "isuer = \"https://a.example/{tid}\"\nallowed = [\"a\"]", "issuers[0].isuer"),
        (verify, "verify = { mee = \"https://a.example\", cache_seconds = 5 }", "verify.mee"),
        (
            access,
            "access = \"authenticated\"\ncredentials = [{ cookie = \"\", origins = [\"https://a.example\"] }]",
            "credentials[0].cookie",
        ),
        (
            access,
            "access = \"authenticated\"\nrequire = { clam = \"a\", equals = \"b\" }",
            "require.clam",
        ),
    ] {
        let run = check("known-field", &changed(from, to));
        assert!(run.out.contains(wrong), "{}", run.out);
        for known in ["allowed", "cache_seconds", "origins", "equals"] {
            let unknown = format!("{known}\n    unknown field");
            assert!(!run.out.contains(&unknown), "{to}: {}", run.out);
        }
    }
}

#[test]
fn a_name_without_its_unit_or_in_another_style_has_a_suggestion() {
    for (wrong, meant) in [
        ("timeout = 5", "timeout_ms"),
        ("timeoutMs = 5", "timeout_ms"),
        ("caseSensitivePaths = true", "case_sensitive_paths"),
        ("case-sensitive-paths = true", "case_sensitive_paths"),
    ] {
        let text = changed("url = \"service:API\"", &format!("url = \"service:API\"\n{wrong}"));
        let run = check("suggested", &text);
        assert!(run.out.contains(&format!("did you mean `{meant}`?")), "{wrong}: {}", run.out);
    }
}

#[test]
fn a_table_whose_name_is_nearly_right_is_told_though_another_is_right() {
    for name in [
        "vars.edgeward.revocation",
        "vars.EDGEWRD.revocation",
        "EDGEWARD.revocation",
        "vars.revocation",
    ] {
        let run = check("misplaced", &format!("{GOOD}\n[{name}]\nlongest_token_seconds = 60\n"));
        assert!(
            run.out.contains("warning: ") && run.out.contains("[misplaced]"),
            "{name}: {}",
            run.out
        );
    }
}

#[test]
fn a_secret_that_stands_in_the_file_is_told() {
    let run = check(
        "plain-secret",
        &format!("{GOOD}\n[vars]\nSECRET = \"0123456789abcdef0123456789abcdef\"\n"),
    );
    assert!(run.out.contains("warning: vars.SECRET"), "{}", run.out);
    assert!(!run.out.contains("0123456789abcdef"), "{}", run.out);
}

#[test]
fn a_member_that_stands_twice_in_json_is_an_error_at_its_line() {
    let routes =
        "\"routes\": [\n      { \"path\": \"/a\", \"access\": \"public\", }, // open\n    ],";
    assert!(GOOD_JSONC.contains(routes));
    let text = GOOD_JSONC.replacen(routes, &format!("{routes}\n    {routes}"), 1);
    let run = Folder::new("twice").with("wrangler.jsonc", &text).run(&["check"]);
    assert_eq!(run.code, Some(1), "wrangler uses the last alone: {}", run.out);
    let told = format!("{}{}", run.out, run.err);
    assert!(told.contains("wrangler.jsonc:11"), "{told}");
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_file() {
    let folder = Folder::new("mark").with("wrangler.jsonc", &format!("\u{feff}{GOOD_JSONC}"));
    let run = folder.run(&["check"]);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    let key = Key::p256(1);
    let jwks = format!("\u{feff}{}", json!({ "keys": [key.jwk("k1")] }));
    let folder = Folder::new("mark-keys").with("wrangler.toml", GOOD).with("jwks.json", &jwks);
    let token = key.token_by("k1", &claims("https://keys.example.com"));
    let run = explain(&folder, &["--jwks", "jwks.json", "--token", &token, "GET", "/api/a"]);
    assert!(run.out.contains("PASSES"), "{}{}", run.out, run.err);
}

#[test]
fn a_scheme_before_the_token_is_told() {
    let folder = Folder::new("scheme").with("wrangler.toml", GOOD);
    let token = Key::named("SECRET").token(&claims("https://secret.example.com"));
    for given in [format!("Bearer {token}"), format!("\"{token}\"")] {
        let run = explain(&folder, &["--token", &given, "GET", "/api/a"]);
        assert_eq!(run.code, Some(2), "{}", run.out);
        assert!(run.err.contains("--token") && !run.err.contains(&token), "{}", run.err);
    }
}

#[test]
fn a_key_set_of_which_no_key_can_be_used_is_no_verdict_on_the_token() {
    let folder = Folder::new("no-key").with("wrangler.toml", GOOD);
    let folder = folder.with("jwks.json", r#"{"keys":[{"kty":"RSA","e":"AQAB"}]}"#);
    let token = Key::p256(1).token_by("k1", &claims("https://keys.example.com"));
    let run = explain(&folder, &["--jwks", "jwks.json", "--token", &token, "GET", "/api/a"]);
    let told = format!("{}{}", run.out, run.err);
    // The gateway keeps the keys that it has, or answers 503 (`jwks_without_usable_key`).
    assert!(!told.contains("key_unknown") && told.contains("expected member `n`"), "{told}");
}

#[test]
fn an_answer_is_read_as_the_gateway_reads_it() {
    let issuer = "verify = { me = \"https://a.example/me\" }\nopaque = true";
    let text = changed(
        "audiences = [\"api\"]\nalgorithms = [\"HS256\"]\nverify = { secrets = [\"SECRET\"] }",
        issuer,
    );
    for (answer, said) in [
        ("null", "refused_by_auth_server"),
        (" null\n", "refused_by_auth_server"),
        ("\u{feff}{\"sub\":\"ada\"}", "PASSES"),
        ("[]", "expected a JSON object"),
    ] {
        let folder = Folder::new("read").with("wrangler.toml", &text).with("answer.json", answer);
        let run =
            explain(&folder, &["--answer", "answer.json", "--token", "9f8c", "GET", "/api/a"]);
        assert!(run.out.contains(said), "{answer:?}: {}{}", run.out, run.err);
    }
}
