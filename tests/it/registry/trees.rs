use super::{NOW, Registry, pair, statement};
use edgeward::registry::{self, Extent};

/// A login and three refreshes; the first refresh token was used twice, so that the tree has a fork.
fn registry() -> Registry {
    let registry = Registry::new();
    registry.tell(&[
        pair("ada", "f1", ("one", None), NOW),
        pair("ada", "f1", ("two", Some("one-r")), NOW),
        pair("ada", "f1", ("three", Some("two-r")), NOW),
        pair("ada", "f1", ("fork", Some("one-r")), NOW),
        pair("ada", "f2", ("other", None), NOW),
    ]);
    registry
}

fn hashes(registry: &Registry, extent: Extent, hash: &str) -> Vec<String> {
    let mut hashes: Vec<_> = registry
        .rows(&registry::members(extent, hash, NOW))
        .iter()
        .map(|row| row["hash"].as_str().expect("a hash").to_owned())
        .collect();
    hashes.sort();
    hashes
}

#[test]
fn a_token_its_descendants_and_its_family_are_different_sets() {
    let registry = registry();
    assert_eq!(hashes(&registry, Extent::Token, "two-r"), ["two-r"]);
    let descendants = ["three-a", "three-r", "two-a", "two-r"];
    assert_eq!(hashes(&registry, Extent::Descendants, "two-r"), descendants);
    assert_eq!(hashes(&registry, Extent::Descendants, "two-a"), ["two-a"]);
    assert_eq!(hashes(&registry, Extent::Family, "three-a").len(), 8);
    assert_eq!(hashes(&registry, Extent::Descendants, "one-r").len(), 8);
    assert!(hashes(&registry, Extent::Family, "none").is_empty());
}

#[test]
fn what_is_expired_is_what_was_selected() {
    for extent in [Extent::Token, Extent::Descendants, Extent::Family] {
        let registry = registry();
        let selected = hashes(&registry, extent, "two-r");
        assert_eq!(registry.run(&[registry::expire(extent, "two-r", NOW)]), [selected.len()]);
        let expired = registry.rows(&statement(&format!(
            "SELECT hash FROM tokens WHERE expires_at <= {NOW} ORDER BY hash"
        )));
        let expired: Vec<_> =
            expired.iter().map(|row| row["hash"].as_str().expect("a hash")).collect();
        assert_eq!(expired, selected, "{extent:?}");
        assert!(hashes(&registry, extent, "two-r").is_empty());
    }
}

#[test]
fn a_cycle_of_parents_ends() {
    let registry = Registry::new();
    registry.tell(&[
        pair("ada", "f1", ("one", Some("two-r")), NOW),
        pair("ada", "f1", ("two", Some("one-r")), NOW),
    ]);
    assert_eq!(hashes(&registry, Extent::Descendants, "one-r").len(), 4);
}

#[test]
fn a_chain_of_ten_thousand_tokens_is_one_tree() {
    let registry = Registry::new();
    let mut events = vec![pair("ada", "f1", ("t0", None), NOW)];
    for n in 1..5000 {
        let parent = format!("t{}-r", n - 1);
        events.push(pair("ada", "f1", (&format!("t{n}"), Some(&parent)), NOW));
    }
    registry.tell(&events);
    assert_eq!(hashes(&registry, Extent::Descendants, "t0-r").len(), 10_000);
    assert_eq!(registry.run(&[registry::expire(Extent::Family, "t9-a", NOW)]), [10_000]);
}
