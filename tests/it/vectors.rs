//! Every test vector, natively: the project's own and those in the folders of `EDGEWARD_VECTORS`.
//!
//! Firm mismatches fail. A soft divergence must stand in `tests/vectors/exceptions.json` with a
//! reason, and one that no longer diverges fails too.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use edgeward::conformance::{self, Step, Verdict};
use serde_json::Value;

#[derive(Default)]
struct Tally {
    counts: BTreeMap<String, (usize, usize)>,
    failures: Vec<String>,
    exceptions_used: Vec<String>,
}

#[test]
fn every_vector_gets_its_verdict() {
    let exceptions = read(&own().join("exceptions.json"));
    let mut tally = Tally::default();
    let mut seen = Vec::new();
    for path in files() {
        let text = std::fs::read(&path).expect("a readable file");
        if !seen.contains(&text) {
            run_file(&path, &exceptions, &mut tally);
            seen.push(text);
        }
    }
    for (file, (right, all)) in &tally.counts {
        println!("{file}: {right} of {all}");
    }
    for exception in exceptions.as_array().expect("an array") {
        let id = text(exception, "id");
        let ran = seen.iter().any(|file| contains(file, id));
        if text(exception, "runtime") != "workerd"
            && ran
            && !tally.exceptions_used.iter().any(|used| used == id)
        {
            tally.failures.push(format!("{id}: exception no longer needed"));
        }
    }
    assert!(
        tally.counts.values().map(|(_, all)| all).sum::<usize>() > 600,
        "too few vectors found"
    );
    assert!(tally.failures.is_empty(), "{}", tally.failures.join("\n"));
}

fn run_file(path: &Path, exceptions: &Value, tally: &mut Tally) {
    let parsed = read(path);
    let cases = parsed.get("tests").unwrap_or(&parsed).as_array().cloned().unwrap_or_default();
    let name = path.file_name().expect("a file").to_string_lossy().into_owned();
    for case in cases {
        let id = text(&case, "id");
        let (expected, actual) = (expected(&case), verdict(&case));
        let excepted =
            exceptions.as_array().expect("an array").iter().any(|exception| {
                text(exception, "id") == id && text(exception, "actual") == actual
            });
        let firm = case.get("firm").and_then(Value::as_bool).unwrap_or(true);
        let count = tally.counts.entry(name.clone()).or_default();
        count.1 += 1;
        if expected == actual || expected == "either" {
            count.0 += 1;
        } else if excepted && !firm {
            tally.exceptions_used.push(id.to_owned());
        } else {
            let why = text(&case, "why");
            tally.failures.push(format!("{name} {id}: expected {expected}, got {actual} ({why})"));
        }
    }
}

fn expected(case: &Value) -> &str {
    case.get("profile").or_else(|| case.get("expect")).and_then(Value::as_str).unwrap_or("either")
}

fn verdict(case: &Value) -> &'static str {
    let mut step = conformance::begin(case);
    loop {
        match step {
            Step::Done(Verdict::Accept) => return "accept",
            Step::Done(Verdict::Reject(_)) => return "reject",
            Step::Done(Verdict::Usable(0)) => return "no usable key",
            Step::Done(Verdict::Usable(_)) => return "usable",
            Step::Pending(check) => {
                let holds = edgeward::jose::verify(
                    check.algorithm(),
                    check.key(),
                    check.message(),
                    check.signature(),
                );
                step = check.resume(holds);
            }
        }
    }
}

fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn files() -> Vec<PathBuf> {
    let more = std::env::var_os("EDGEWARD_VECTORS").unwrap_or_default();
    let mut files = Vec::new();
    for folder in std::iter::once(own()).chain(std::env::split_paths(&more)) {
        collect(&folder, &mut files);
    }
    files.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        path.extension().is_some_and(|extension| extension == "json")
            && !name.starts_with("http_attacks")
            && !name.starts_with("interop")
            && name != "exceptions.json"
    });
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn read(path: &Path) -> Value {
    let text = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn contains(file: &[u8], id: &str) -> bool {
    let needle = format!("\"{id}\"");
    file.windows(needle.len()).any(|window| window == needle.as_bytes())
}
