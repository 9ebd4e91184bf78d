/// Whether two names are one. Most differ at once: a large configuration makes millions of these,
/// and each call costs in a wasm that V8 has not yet compiled well.
#[inline]
#[must_use]
pub(crate) fn is_same_name(one: &str, other: &str) -> bool {
    let (first, second) = (one.as_bytes(), other.as_bytes());
    first.len() == second.len() && first.first() == second.first() && first == second
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_only_to_the_letter() {
        assert!(is_same_name("path", "path") && is_same_name("", ""));
        for (one, other) in [("path", "mode"), ("path", "patH"), ("path", "paths"), ("", "p")] {
            assert!(!is_same_name(one, other) && !is_same_name(other, one), "{one} {other}");
        }
    }
}
