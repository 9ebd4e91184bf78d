use serde_json::Value;

use super::Object;

/// The result of looking up a dotted path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Member<'a> {
    /// The value at the path; never null.
    Value(&'a Value),
    /// There is nothing, or null, which issuers send for empty columns.
    Absent,
    /// The path leads through a value that is no object: the member is unknown, and does not count
    /// as missing.
    Blocked,
}

/// Looks up a dotted path such as `org.plan`, null included.
///
/// A member whose own name holds dots comes first, because issuers use URLs as claim names. Every
/// split of the path is tried, the longest name first, so that `https://x.example/org.id` is also
/// `id` within `https://x.example/org`. No member of `object` is looked into twice, because each is
/// reached by one split only; so the work is at most its members times the dots of the path.
#[must_use]
pub(crate) fn lookup<'a>(object: &'a Object, path: &str) -> Option<&'a Value> {
    search(object, path).ok()
}

/// Looks up a dotted path like [`lookup`], and tells absent members from those that cannot be
/// reached. Null counts as absent.
#[must_use]
pub(crate) fn member<'a>(object: &'a Object, path: &str) -> Member<'a> {
    match search(object, path) {
        Ok(Value::Null) | Err(Missing { blocked: false }) => Member::Absent,
        Ok(value) => Member::Value(value),
        Err(Missing { blocked: true }) => Member::Blocked,
    }
}

struct Missing {
    blocked: bool,
}

fn search<'a>(object: &'a Object, path: &str) -> Result<&'a Value, Missing> {
    if let Some(value) = object.get(path) {
        return Ok(value);
    }
    let mut blocked = false;
    for (dot, _) in path.rmatch_indices('.') {
        let (name, rest) = (path.get(..dot), path.get(dot.saturating_add(1)..));
        match (name.and_then(|name| object.get(name)), rest) {
            (Some(Value::Object(inner)), Some(rest)) => match search(inner, rest) {
                Ok(value) => return Ok(value),
                Err(missing) => blocked |= missing.blocked,
            },
            (None | Some(Value::Null), _) => {}
            (Some(_), _) => blocked = true,
        }
    }
    Err(Missing { blocked })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::nested::nested;
    use crate::json::parse_object;

    #[track_caller]
    fn found(text: &str, path: &str) -> String {
        let object = parse_object(text.as_bytes()).expect("object");
        match member(&object, path) {
            Member::Value(value) => value.to_string(),
            Member::Absent => "absent".to_owned(),
            Member::Blocked => "blocked".to_owned(),
        }
    }

    #[test]
    fn a_path_finds_nested_members_and_names_with_dots() {
        let text = r#"{"org":{"plan":"pro"},"https://x.example/roles":["a"]}"#;
        assert_eq!(found(text, "org.plan"), r#""pro""#);
        assert_eq!(found(text, "https://x.example/roles"), r#"["a"]"#);
        assert_eq!(found(text, "org"), r#"{"plan":"pro"}"#);
        for path in ["plan", "org.", ".org", "", ".", "https://x.example/rol"] {
            assert_eq!(found(text, path), "absent", "{path}");
        }
    }

    #[test]
    fn a_name_with_dots_may_hold_members() {
        assert_eq!(found(r#"{"https://x.example/org":{"id":7}}"#, "https://x.example/org.id"), "7");
        assert_eq!(found(r#"{"a":{"b.c":{"d":1}}}"#, "a.b.c.d"), "1");
        assert_eq!(found(r#"{"a.b":{"c.d":1}}"#, "a.b.c.d"), "1");
    }

    #[test]
    fn the_longest_name_comes_first_and_a_dead_end_is_left_again() {
        assert_eq!(found(r#"{"a.b.c":1,"a.b":{"c":2},"a":{"b.c":3}}"#, "a.b.c"), "1");
        assert_eq!(found(r#"{"a.b":{"c":2},"a":{"b.c":3}}"#, "a.b.c"), "2");
        assert_eq!(found(r#"{"a.b":{"x":2},"a":{"b.c":3}}"#, "a.b.c"), "3");
        assert_eq!(found(r#"{"a.b":"text","a":{"b.c":3}}"#, "a.b.c"), "3");
    }

    #[test]
    fn what_is_no_object_blocks_the_path_and_null_is_absent() {
        for org in [r#""pro""#, "7", "true", "[]", r#"[{"plan":"pro"}]"#] {
            let text = format!("{{\"org\":{org}}}");
            assert_eq!(found(&text, "org.plan"), "blocked", "{org}");
            assert_eq!(found(&format!("{{\"a\":{text}}}"), "a.org.plan"), "blocked", "{org}");
        }
        for org in ["null", "{}", r#"{"plan":null}"#] {
            assert_eq!(found(&format!("{{\"org\":{org}}}"), "org.plan"), "absent", "{org}");
        }
        let object = parse_object(br#"{"a":null}"#).expect("object");
        assert_eq!(lookup(&object, "a"), Some(&Value::Null));
    }

    /// Every way of cutting `path` into names, the longest first name first.
    fn splits(path: &str) -> Vec<Vec<&str>> {
        let mut all = vec![vec![path]];
        for (dot, _) in path.rmatch_indices('.') {
            let (name, rest) = path.split_at(dot);
            all.extend(splits(rest.get(1..).expect("a dot")).into_iter().map(|mut names| {
                names.insert(0, name);
                names
            }));
        }
        all
    }

    fn walk<'a>(object: &'a Object, names: &[&str]) -> Option<&'a Value> {
        let (first, rest) = names.split_first()?;
        let value = object.get(*first)?;
        if rest.is_empty() { Some(value) } else { walk(value.as_object()?, rest) }
    }

    proptest! {
        #[test]
        fn the_first_split_that_leads_anywhere_is_taken(
            value in nested(), path in "[ab](\\.[ab]){0,5}"
        ) {
            if let Value::Object(object) = value {
                let first = splits(&path).iter().find_map(|names| walk(&object, names));
                prop_assert_eq!(lookup(&object, &path), first);
            }
        }
    }
}
