//! Every input of the fuzzers' corpora, through the very functions that the fuzzers call.

#[path = "../fuzz/targets/mod.rs"]
mod targets;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

type Check = fn(&[u8]);

const TARGETS: [(&str, Check); 6] = [
    ("authorization", targets::authorization::check),
    ("claims", targets::claims::check),
    ("compact", targets::compact::check),
    ("config", targets::config::check),
    ("jwks", targets::jwks::check),
    ("path", targets::path::check),
];

fn entries(below: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz").join(below);
    let entries = std::fs::read_dir(&folder).expect("a folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn stems(below: &str) -> BTreeSet<String> {
    let stem = |path: PathBuf| path.file_stem().expect("a name").to_string_lossy().into_owned();
    entries(below).into_iter().map(stem).collect()
}

#[test]
fn every_input_of_the_corpora_keeps_the_promises() {
    let mut broken = Vec::new();
    for (name, check) in TARGETS {
        let inputs = entries(&format!("corpus/{name}"));
        assert!(inputs.len() >= 10, "{name} has {} inputs only", inputs.len());
        for path in inputs {
            let input = std::fs::read(&path).expect("a readable file");
            if std::panic::catch_unwind(|| check(&input)).is_err() {
                broken.push(format!("{name}/{}", path.file_name().expect("a name").display()));
            }
        }
    }
    assert!(broken.is_empty(), "promises broken (said above) by {broken:?}");
}

#[test]
fn every_fuzz_target_is_replayed() {
    let names: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(stems("fuzz_targets"), names);
    assert_eq!(stems("corpus"), names);
}
