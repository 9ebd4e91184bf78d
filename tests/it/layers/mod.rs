//! The shape of the crate: who may use whom, how long things are, and what they may be called.

mod circles;
mod edges;
mod names;
mod source;

use circles::{circle, needs};
use edges::{Edge, edges};
use source::{SourceFile, sources};

/// Each module and all that it may use: downward only.
const LAYERS: [(&str, &[&str]); 25] = [
    ("limits", &[]),
    ("adapter_cache", &[]),
    ("percent", &[]),
    ("time", &[]),
    ("json", &["limits"]),
    ("jose", &["json", "limits", "time"]),
    ("token", &["jose", "json", "limits", "time"]),
    ("http", &["limits", "adapter_cache", "percent"]),
    ("revocation", &["jose", "json", "limits", "time", "token"]),
    ("identity", &["http", "jose", "json", "limits", "percent", "time", "token"]),
    ("route", &["http", "json", "limits", "percent", "revocation", "time", "token"]),
    ("session", &["time"]),
    ("oauth", &["http", "jose", "json"]),
    ("registry", &["jose", "session"]),
    ("metrics", &["revocation"]),
    ("config", &CONFIG),
    ("gateway", &GATEWAY),
    ("explain", &EXPLAIN),
    ("cli", &["config", "explain", "gateway", "jose", "registry", "time"]),
    ("platform", &["gateway", "http", "limits", "time"]),
    ("webcrypto", &["jose"]),
    ("conformance", &["jose", "json", "time", "token"]),
    ("js", &ADAPTER),
    ("authority", &AUTHORITY),
    ("edge", &ADAPTER),
];
const CONFIG: [&str; 10] =
    ["http", "identity", "jose", "json", "limits", "oauth", "revocation", "route", "time", "token"];
const AUTHORITY: [&str; 11] = [
    "http",
    "jose",
    "json",
    "limits",
    "metrics",
    "oauth",
    "platform",
    "registry",
    "revocation",
    "session",
    "time",
];
const GATEWAY: [&str; 11] = [
    "config",
    "http",
    "identity",
    "jose",
    "json",
    "limits",
    "adapter_cache",
    "revocation",
    "route",
    "time",
    "token",
];
const EXPLAIN: [&str; 12] = [
    "config",
    "gateway",
    "http",
    "identity",
    "jose",
    "json",
    "limits",
    "adapter_cache",
    "revocation",
    "route",
    "time",
    "token",
];
const ADAPTER: [&str; 18] = [
    "cli",
    "config",
    "conformance",
    "explain",
    "gateway",
    "http",
    "identity",
    "jose",
    "json",
    "limits",
    "metrics",
    "adapter_cache",
    "platform",
    "revocation",
    "route",
    "time",
    "token",
    "webcrypto",
];

/// Modules that belong to one platform, wasm32 or a command line, and may name what is there alone.
const PLATFORM: [&str; 6] = ["authority", "bin", "edge", "js", "platform", "webcrypto"];

fn may_use(edge: &Edge) -> bool {
    let allowed = LAYERS.iter().find(|(name, _)| *name == edge.from).map(|(_, below)| below);
    // A command line is a user of the crate like any other.
    edge.from == "bin" || allowed.is_some_and(|below| below.contains(&edge.to.as_str()))
}

#[test]
fn imports_go_downward_only() {
    let found: Vec<_> = sources().iter().flat_map(edges).collect();
    assert!(found.len() > 50, "only {} edges were seen", found.len());
    let wrong: Vec<_> = found.iter().filter(|edge| !may_use(edge)).collect();
    assert!(wrong.is_empty(), "upward: {wrong:#?}");
}

#[test]
fn every_module_has_a_layer() {
    for file in sources() {
        let known = file
            .top()
            .is_none_or(|top| top == "bin" || LAYERS.iter().any(|(name, _)| *name == top));
        assert!(known, "src/{} belongs to no layer", file.path);
    }
}

#[test]
fn the_layers_themselves_hold_no_circle() {
    for (index, (name, below)) in LAYERS.iter().enumerate() {
        for used in *below {
            let at = LAYERS.iter().position(|(other, _)| other == used).expect(used);
            assert!(at < index, "{name} stands below {used}");
        }
    }
}

#[test]
fn no_two_files_need_each_other() {
    let files = sources();
    let edges: usize = needs(&files).values().map(std::collections::BTreeSet::len).sum();
    assert!(edges > 500, "only {edges} edges were seen");
    assert_eq!(circle(&files), None);
}

#[test]
fn a_circle_is_seen_in_every_spelling() {
    const SECOND: &str = "pub struct B; fn f() -> super::first::A {}";
    let circle_of = |first: &str| {
        let files = [
            ("lib.rs", "mod top;"),
            ("top/mod.rs", "mod first; mod second; mod third; pub use second::B as Second;"),
            ("top/first.rs", first),
            ("top/second.rs", SECOND),
            ("top/third.rs", "pub use super::second::B;"),
        ];
        circle(&files.map(|(path, text)| SourceFile::new(path, text)))
    };
    for first in [
        "use super::second::B;",
        "use super::{third, second::{self, B}};",
        "use crate::top::Second;",
        "use super::Second as Other;",
        "use super::third::B;",
        "fn g() { let b = super::second::B; }",
        "impl From<crate::top::Second> for A {}",
        "pub use super::second::B; struct A(B);",
    ] {
        let found = circle_of(first).unwrap_or_else(|| panic!("{first}"));
        assert_eq!(found, ["top/first", "top/second", "top/first"], "{first}");
    }
    for first in [
        "use super::third;",
        "pub use super::second::B;",
        "#[cfg(test)] mod tests { use super::super::second::B; }",
        "pub(in crate::top::second) struct A;",
        "use other::second::B;",
    ] {
        assert_eq!(circle_of(first), None, "{first}");
    }
}

#[test]
fn a_variable_named_as_a_module_is_no_use_of_it() {
    let circle_of = |body: &str| {
        let parent = format!("mod b; struct A; fn f(b: u8) {{ {body} }}");
        circle(&[SourceFile::new("a/mod.rs", &parent), SourceFile::new("a/b.rs", "use super::A;")])
    };
    assert_eq!(circle_of("b.count_ones()"), None);
    assert_eq!(circle_of("b::g()").map(|way| way.len()), Some(3));
}

#[test]
fn an_upward_import_is_seen_in_every_spelling() {
    for text in [
        "use crate::gateway::Gateway;",
        "use crate::{json, gateway::{Step, Gateway}};",
        "fn f() -> crate::gateway::Step {}",
        "use super::super::gateway;",
        "mod tests { use super::super::super::gateway::Step; }",
        "use edgeward::gateway::Gateway;",
        "/* * */ const C: char = '\"'; use crate::gateway::Gateway; // \"",
        "fn f<'a>(x: &'a str) -> &'a crate::gateway::Gateway {}",
    ] {
        let wrong: Vec<_> = edges(&SourceFile::new("jose/jwk.rs", text))
            .into_iter()
            .filter(|e| !may_use(e))
            .collect();
        assert_eq!(wrong.len(), 1, "{text}");
        assert_eq!(wrong[0].to, "gateway", "{text}");
    }
    for text in [
        "use super::gateway;",
        "mod tests { use super::super::gateway::Step; }",
        "// use crate::gateway::Gateway;",
        "const C: &str = \"crate::gateway\";",
        "const C: &str = r#\"\"crate::gateway\"#;",
        "pub(crate) fn gateway() {}",
    ] {
        assert_eq!(edges(&SourceFile::new("jose/jwk.rs", text)), [], "{text}");
    }
}

#[test]
fn the_core_names_no_platform_and_no_clock() {
    for file in sources() {
        if file.top().is_some_and(|top| !PLATFORM.contains(&top)) {
            let named = names::platform(&file.tokens);
            assert!(named.is_empty(), "src/{} names {named:?}", file.path);
        }
    }
    for text in [
        "worker::Env",
        "use js_sys::Date;",
        "use wasm_bindgen::prelude::*;",
        "web_sys::Request",
        "use std::time::{Duration, Instant};",
        "std::time::SystemTime::now()",
        "use std::{fmt, time::Instant};",
    ] {
        let file = SourceFile::new("jose/jwk.rs", text);
        assert_eq!(names::platform(&file.tokens).len(), 1, "{text}");
    }
    let duration = SourceFile::new("time.rs", "use std::time::Duration; let worker = 1;");
    assert_eq!(names::platform(&duration.tokens), Vec::<String>::new());
}

/// A thing is named before something is said about it.
#[test]
fn no_line_of_documentation_begins_with_what() {
    let begins = |line: &str| {
        let text = ["///", "//!"].iter().find_map(|mark| line.trim_start().strip_prefix(mark));
        text.is_some_and(|text| text.trim_start().starts_with("What "))
    };
    for file in sources() {
        let found: Vec<_> = file.text.lines().filter(|line| begins(line)).collect();
        assert!(found.is_empty(), "src/{}: {found:#?}", file.path);
    }
    assert!(begins("    /// What came of it."));
    assert!(!begins("// What came of it.") && !begins("/// Whatever comes."));
}

#[test]
fn no_file_is_longer_than_300_lines() {
    for file in sources() {
        let lines = file.text.lines().count();
        assert!(lines <= 300, "src/{} has {lines} lines", file.path);
    }
}

#[test]
fn no_function_is_longer_than_60_lines() {
    let mut seen = 0;
    for file in sources() {
        for (name, lines) in names::functions(&file.tokens) {
            seen += 1;
            assert!(lines <= 60, "src/{}: {name} has {lines} lines", file.path);
        }
    }
    assert!(seen > 300, "only {seen} functions were seen");
    let sample =
        "trait T { fn a(&self) -> [u8; 4]; fn b() {\nif c {\n}\n} }\nfn d() -> [u8; 2] {\n}";
    let lengths = names::functions(&SourceFile::new("x.rs", sample).tokens);
    assert_eq!(lengths, [("b".to_owned(), 4), ("d".to_owned(), 2)]);
}

#[test]
fn nothing_is_called_manager_helper_util_service_or_data() {
    // What the platform calls its own binding is not ours to name.
    let platforms_own =
        |file: &SourceFile, name: &str| file.top() == Some("platform") && name == "Service";
    for file in sources() {
        for name in names::declared(&file) {
            let vague = names::is_vague(&name) && !platforms_own(&file, &name);
            assert!(!vague, "src/{} declares `{name}`", file.path);
        }
    }
    for name in ["KeyManager", "key_manager", "JwtHelpers", "util", "TokenService", "UserData"] {
        assert!(names::is_vague(name), "{name}");
    }
    for name in ["Database", "Metadata", "Utility", "serviceable", "date"] {
        assert!(!names::is_vague(name), "{name}");
    }
}

/// Names that a reader needs a glossary for. Each has given way to the field's own.
const HOME_MADE: [&str; 41] = [
    "passage",
    "lasting",
    "keyring",
    "remotering",
    "remotequestion",
    "remoteplace",
    "remoteway",
    "sayyes",
    "sayno",
    "endwell",
    "disbelieve",
    "forgetyes",
    "restsuntil",
    "crossing",
    "keystore",
    "unanswered",
    "waiter",
    "surrounded",
    "journal",
    "surroundings",
    "rehearsal",
    "standin",
    "given",
    "inquiry",
    "turn",
    "outline",
    "origination",
    "keeping",
    "facet",
    "withheld",
    "paint",
    "jsonplace",
    "dress",
    "recognize",
    "standing",
    "watch",
    "refusesurely",
    "ways",
    "elsewhere",
    "evidently",
    "whoever",
];

#[test]
fn nothing_has_a_home_made_name() {
    let is_home_made = |name: &str| {
        let name = name.replace('_', "").to_ascii_lowercase();
        HOME_MADE.contains(&name.as_str())
    };
    for file in sources() {
        let functions = names::functions(&file.tokens).into_iter().map(|(name, _)| name);
        for name in names::declared(&file).into_iter().chain(functions) {
            assert!(!is_home_made(&name), "src/{} declares `{name}`", file.path);
        }
    }
    for name in ["Journal", "KeyRing", "say_yes", "Turn"] {
        assert!(is_home_made(name), "{name}");
    }
    assert!(!is_home_made("Recorder") && !is_home_made("turned"));
}
