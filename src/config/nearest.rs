//! Suggestions for misspelt names in a configuration.

/// Whether two names differ by a typing error at most: an edit distance of two bytes, in names of
/// up to 40.
#[must_use]
pub fn is_near(one: &str, other: &str) -> bool {
    one.len().max(other.len()) <= LONGEST && distance(one, other) <= 2
}

/// The suffix of an error about an unknown name: `: did you mean …?`, or an empty text where no
/// known name is near. A requirement that stands beside `require` belongs into it.
pub fn did_you_mean<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> String {
    suggestion(name, &known.collect::<Vec<_>>())
}

fn suggestion(name: &str, known: &[&str]) -> String {
    if REQUIREMENTS.contains(&name) && known.contains(&"require") {
        return ": it belongs into `require`".to_owned();
    }
    nearest(name, known).map_or_else(String::new, |meant| format!(": did you mean `{meant}`?"))
}

/// The known name that is nearest to `name`, at a distance of at most two, or of one for names of
/// up to three bytes; of several the first.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    // Longer ones are no slip of the finger, and are not worth their comparison.
    if name.len() > LONGEST {
        return None;
    }
    let most = if name.len() <= 3 { 1 } else { 2 };
    let plain = folded(name);
    let near = |known: &'k str| {
        let own = folded(known);
        // In another style, or without its unit.
        let is_same = own.strip_prefix(&*plain).is_some_and(|unit| UNITS.contains(&unit));
        let distance = if is_same && name != known { 1 } else { distance(name, known) };
        Some((distance, known)).filter(|(distance, _)| *distance <= most)
    };
    let (distance, known) =
        known.iter().filter_map(|known| near(known)).min_by_key(|(distance, _)| *distance)?;
    // The name itself is known, and stands in the wrong place: another would not help.
    (distance > 0).then_some(known)
}

const REQUIREMENTS: [&str; 6] = ["role", "scope", "claim", "all", "any", "not"];
const LONGEST: usize = 40;
const UNITS: [&str; 4] = ["", "seconds", "ms", "bytes"];

/// A name without regard to its style: `timeoutMs` and `timeout-ms` are `timeout_ms`.
fn folded(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, '_' | '-'));
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

/// The Levenshtein distance of two texts, in bytes inserted, deleted or replaced.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, byte) in (1..).zip(one.bytes()) {
        let mut corner = std::mem::replace(row.first_mut().unwrap_or(&mut 0), above);
        let mut before = above;
        for (cell, own) in row.iter_mut().skip(1).zip(other.bytes()) {
            let replaced = corner.saturating_add(usize::from(byte != own));
            corner = *cell;
            before = replaced.min(before.min(corner).saturating_add(1));
            *cell = before;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_what_is_put_in_left_out_and_replaced() {
        for (one, other, expected) in
            [("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("abc", "abc", 0)]
        {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn a_requirement_beside_require_belongs_into_it() {
        let of = |name: &str, known: &[&'static str]| did_you_mean(name, known.iter().copied());
        assert_eq!(of("role", &["roles", "require"]), ": it belongs into `require`");
        assert_eq!(of("role", &["roles", "path"]), ": did you mean `roles`?");
        assert_eq!(of("requires", &["roles", "require"]), ": did you mean `require`?");
    }

    #[test]
    fn a_slip_has_a_nearest_name_and_another_word_has_none() {
        let of = |name: &str| nearest(name, &["access", "path", "require", "roles"]);
        for (name, expected) in [
            ("acces", Some("access")),
            ("acess", Some("access")),
            ("requires", Some("require")),
            ("role", Some("roles")),
            ("paths", Some("path")),
            ("roles", None),
            ("colour", None),
            ("pth", Some("path")),
            ("Path", Some("path")),
            ("pa-th", Some("path")),
            ("ro", None),
            ("", None),
        ] {
            assert_eq!(of(name), expected, "{name}");
        }
        assert_eq!(nearest(&"a".repeat(41), &["a"]), None);
    }
}
