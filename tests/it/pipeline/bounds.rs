//! How much work a head can make: bounded where two of its parts would be multiplied, and linear in its
//! size otherwise.

use std::time::{Duration, Instant};

use edgeward::gateway::{Gateway, Outcome, Step};
use edgeward::http::{RequestHead, RequestId};
use serde_json::{Value, json};

use super::{Bench, NOW, configuration};
use crate::support::request::{Request, get};

const TOO_LARGE: &str = "431 header_fields_too_large";

/// So many headers of two letters each, and more if they run out.
fn names(count: usize) -> Vec<String> {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).expect("a letter"));
    let name = |n: usize| {
        let long = n / 676;
        format!(
            "{}{}{}",
            letter(n / 26),
            letter(n),
            if long > 0 { long.to_string() } else { String::new() }
        )
    };
    (0..count).map(name).collect()
}

fn with_names(request: Request, count: usize) -> Request {
    names(count).iter().fold(request, |request, name| request.header(name, "1"))
}

#[test]
fn five_hundred_and_twelve_fields_pass_and_one_more_is_431_on_every_path() {
    let mut bench = Bench::new();
    for path in ["/public/a", "/nowhere", "/.edgeward/health", "/a%2fb"] {
        let usual = bench.now(&get(path));
        assert_eq!(bench.now(&with_names(get(path), 512)), usual, "{path}");
        assert_eq!(bench.now(&with_names(get(path), 513)), TOO_LARGE, "{path}");
    }
}

#[test]
fn sixty_four_elements_of_connection_pass_and_one_more_is_431() {
    let mut bench = Bench::new();
    let passed = bench.now(&get("/public/a"));
    for (elements, expected) in [(64, passed.as_str()), (65, TOO_LARGE), (16_000, TOO_LARGE)] {
        for element in ["", " ", "x-a", "close"] {
            let connection = vec![element; elements].join(",");
            let request = get("/public/a").header("connection", &connection);
            assert_eq!(bench.now(&request), expected, "{elements} of {element:?}");
        }
    }
    let health = get("/.edgeward/health").header("connection", &",".repeat(64));
    assert_eq!(bench.now(&health), TOO_LARGE);
}

/// Reads tokens from everywhere, strips them, and lists what it does not want.
fn everything() -> Value {
    let mut raw = configuration();
    raw["routes"] = json!([
        { "path": "/**", "access": "optional", "authorization": "strip", "credentials": [
            { "authorization": "Bearer" }, { "cookie": "t" }, { "header": "x-token" },
            { "subprotocol": "bearer" }, { "query": "t" },
        ] },
        { "path": "/Admin/**", "access": "authenticated", "require": { "role": "admin" } },
        { "path": "/a/*/b/**", "access": "public" },
    ]);
    raw
}

/// A path, and fields.
type Head = (String, Vec<(String, String)>);

/// Heads of about so many bytes, each of which makes another part work.
fn heads(bytes: usize) -> Vec<(&'static str, Head)> {
    let of = |name: &str, value: String| vec![(name.to_owned(), value)];
    let repeated = |text: &str| text.repeat(bytes / text.len());
    let named = |prefix: &str| -> Vec<_> {
        names(bytes / (prefix.len() + 4))
            .iter()
            .map(|n| (format!("{prefix}{n}"), "1".to_owned()))
            .collect()
    };
    let root = || "/x".to_owned();
    let mut nominated = named("");
    nominated.push(("connection".to_owned(), repeated(",a")));
    let mut spoofed = named("x_auth_");
    spoofed.push(("connection".to_owned(), "close".to_owned()));
    let spellings = "!#$%&'*+-.^_`|~".chars().map(|c| (format!("x{c}token"), "1".to_owned()));
    vec![
        ("names", (root(), named(""))),
        ("names that Connection nominates", (root(), nominated)),
        ("names of ours", (root(), spoofed)),
        ("spellings", (root(), spellings.chain(named("x-")).collect())),
        ("Connection", (root(), of("connection", repeated(",")))),
        ("Cookie", (root(), of("cookie", repeated("a=b;")))),
        ("Cookie of ours", (root(), of("cookie", repeated("t=b;")))),
        ("Authorization", (root(), of("authorization", repeated("Basic a, ")))),
        ("subprotocols", (root(), of("sec-websocket-protocol", repeated("bearer, a, ")))),
        ("a header with a token", (root(), of("x-token", repeated("a,")))),
        ("Origin", (root(), of("origin", repeated("a")))),
        ("query", (format!("/x?{}", repeated("%74=a&")), Vec::new())),
        ("path", (repeated("/a"), Vec::new())),
        ("empty segments", (repeated("/"), Vec::new())),
        ("parameters", (repeated("/;a"), Vec::new())),
        ("encodings", (repeated("/%41"), Vec::new())),
        ("layers of encoding", (format!("/%{}41", repeated("25")), Vec::new())),
        ("letters that are read as others", (repeated("/%ef%bd%81."), Vec::new())),
    ]
}

/// The shortest of a few times.
#[expect(clippy::disallowed_methods, reason = "how the time grows is what is tested")]
fn time(gateway: &Gateway, (path, fields): &Head) -> Duration {
    let url = format!("https://api.example.com{path}");
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let decide = || {
        let begun = Instant::now();
        let names = gateway.field_names(fields.iter().map(|(name, _)| *name)).into();
        let id = RequestId::accept("r-1").expect("harmless");
        let head = RequestHead { method: "GET", url: &url, names: &names, fields: &fields, id };
        let step = gateway.begin(&head, NOW);
        if let Step::Done(decision) = &step
            && let Outcome::Forward(plan) = &decision.outcome
        {
            assert!(plan.removed().count() <= fields.len());
        }
        begun.elapsed()
    };
    (0..7).map(|_| decide()).min().expect("some")
}

/// Eight times the bytes may take eight times the time; were two parts multiplied, sixty-four times.
#[test]
fn the_time_for_a_head_is_linear_in_its_size_up_to_128_kb() {
    const SMALL: usize = 16 * 1024;
    let bench = Bench::of(&everything());
    for ((what, small), (_, large)) in heads(SMALL).into_iter().zip(heads(8 * SMALL)) {
        let is_linear = || {
            let (one, eight) = (time(&bench.gateway, &small), time(&bench.gateway, &large));
            // Below this the clock says nothing.
            eight < one.max(Duration::from_micros(40)) * 24
        };
        // Other work on the machine may disturb one comparison, and hardly twenty of them.
        assert!(
            (0..20).any(|_| is_linear()),
            "{what}: more than three times as long for each byte"
        );
    }
}
