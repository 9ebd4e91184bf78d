//! The list of headers that the gateway adds, which `tests/worker/request/spoofing_added.test.mjs` has a client send, is whole.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use edgeward::http::is_forwarded;
use edgeward::identity::HeaderRules;

/// Never set on a request: `Connection` may not name the first, the second goes with the gateway's
/// own pages.
const NOT_ADDED: [&str; 2] = ["x-real-ip", "x-content-type-options"];

/// What stands here is taken out of what clients send.
const REMOVED: &str = "http/forwarded.rs";

fn listed() -> BTreeSet<String> {
    serde_json::from_str(include_str!("../harness/added_headers.json")).expect("a list of names")
}

/// What the rules say, and every name that stands in the code.
fn added() -> BTreeSet<String> {
    let rules = HeaderRules::default();
    let facets = rules.facets().iter().map(|(_, name)| name.clone());
    let mut names: BTreeSet<String> =
        facets.chain([rules.shadow(), rules.assertion().to_owned()]).collect();
    visit(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut names);
    names
}

fn visit(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.ends_with(REMOVED) {
            continue;
        }
        let is_source = path.extension().is_some_and(|kind| kind == "rs" || kind == "js");
        if path.is_dir() && path.file_name().is_none_or(|name| name != "tests") {
            visit(&path, names);
        } else if is_source && path.file_name().is_none_or(|name| name != "tests.rs") {
            let text = fs::read_to_string(&path).expect("a text");
            names.extend(literals(text.split("#[cfg(test)]").next().unwrap_or_default()));
        }
    }
}

/// The texts in quotes that are names of headers of the `x-` kind, and no mere beginnings of some.
fn literals(text: &str) -> impl Iterator<Item = String> {
    let is_name = |text: &&str| {
        let fits = |byte: u8| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit();
        text.starts_with("x-") && !text.ends_with('-') && text.bytes().all(fits)
    };
    text.split(['"', '\'', '`'])
        .filter(is_name)
        .filter(|name| !NOT_ADDED.contains(name))
        .map(str::to_owned)
}

#[test]
fn every_header_that_the_gateway_adds_is_listed_and_nothing_else() {
    assert_eq!(listed(), added());
}

#[test]
fn a_name_in_quotes_is_seen_in_either_language() {
    let text = "set(\"x-new\"); headers.set('x-other', `x-third`); \"x-auth-\"; \"x-real-ip\"; \"X-Upper\"";
    assert_eq!(literals(text).collect::<Vec<_>>(), ["x-new", "x-other", "x-third"]);
}

/// The assertion and the mark are not among the facts, and `x-request-id` is the client's to choose.
#[test]
fn all_of_them_but_the_requests_name_are_taken_from_clients() {
    let rules = HeaderRules::default();
    for name in listed() {
        let is_taken = rules.reserves(&name) || is_forwarded(&name);
        assert_eq!(is_taken, name != "x-request-id", "{name}");
    }
}
