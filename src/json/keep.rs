use super::Object;
use serde_json::Value;

/// A copy of `object` with only the members that [`member`](super::member()) visits along the
/// dotted `paths`, and those called `names`.
///
/// A value that blocks a path is kept: without it a claim of which nothing is known would count as
/// missing.
#[must_use]
pub(crate) fn keep(object: &Object, paths: &[impl AsRef<str>], names: &[&str]) -> Object {
    let mut kept = Object::new();
    for (name, value) in object {
        let is_wanted = |path: &str| path == name;
        if names.iter().copied().chain(paths.iter().map(AsRef::as_ref)).any(is_wanted) {
            kept.insert(name.clone(), value.clone());
            continue;
        }
        let rest = |path| str::strip_prefix(path, name.as_str())?.strip_prefix('.');
        let rests: Vec<_> = paths.iter().map(AsRef::as_ref).filter_map(rest).collect();
        if !rests.is_empty() {
            let below = match value {
                Value::Object(inner) => keep(inner, &rests, &[]).into(),
                other => other.clone(),
            };
            kept.insert(name.clone(), below);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::nested::nested;
    use crate::json::{member, parse_object};

    #[test]
    fn what_is_kept_is_found_under_the_same_paths_and_the_rest_is_gone() {
        let text = br#"{"a":1,"b":{"c":2,"d":{"e":3,"f":4}},"x.y":5,"x":{"y":6},"g":7,"h":{"i":8},
            "https://x.example/org":{"id":9,"name":"n"}}"#;
        let object = parse_object(text).expect("valid");
        let paths = ["b.d.e", "x.y", "b.missing", "h.i.j", "https://x.example/org.id"];
        let kept = keep(&object, &paths, &["a"]);
        for path in paths.into_iter().chain(["a"]) {
            assert_eq!(member(&kept, path), member(&object, path), "{path}");
        }
        let expected = parse_object(
            br#"{"a":1,"b":{"d":{"e":3}},"h":{"i":8},"https://x.example/org":{"id":9},
                "x":{"y":6},"x.y":5}"#,
        );
        assert_eq!(kept, expected.expect("valid"));
    }

    proptest! {
        #[test]
        fn what_was_absent_blocked_or_there_still_is(
            value in nested(),
            paths in prop::collection::vec("[ab](\\.[ab]){0,4}", 0..4)
        ) {
            if let Value::Object(object) = value {
                let kept = keep(&object, &paths, &[]);
                for path in &paths {
                    prop_assert_eq!(member(&kept, path), member(&object, path));
                }
            }
        }
    }
}
