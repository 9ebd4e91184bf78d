use std::borrow::Cow;

use super::CanonicalPath;

/// The rewriting of a matched path into the path at the origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewrite {
    /// The number of leading segments that are removed; the route's pattern begins with them.
    strip: usize,
    /// The prefix put before the rest: a canonical path without a trailing slash, or empty.
    add: String,
}

impl Rewrite {
    /// A rewrite that removes the first `strip` segments, and puts `add` before the rest.
    #[must_use]
    pub fn new(strip: usize, add: &str) -> Self {
        Self { strip, add: add.strip_suffix('/').unwrap_or(add).to_owned() }
    }

    /// Whether nothing is changed.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.strip == 0 && self.add.is_empty()
    }

    /// The pattern of the paths for the origin.
    #[must_use]
    pub fn apply_to_pattern(&self, pattern: &str) -> Option<String> {
        let slashes = pattern.match_indices('/').map(|(at, _)| at);
        let rest = pattern.get(slashes.chain([pattern.len()]).nth(self.strip)?..)?;
        Some(if rest.is_empty() && self.add.is_empty() {
            "/".to_owned()
        } else {
            [self.add.as_str(), rest].concat()
        })
    }

    /// The path for the origin: the matched path without the stripped segments, behind the added
    /// prefix. A borrowed one is the end of the canonical path, or `/`.
    ///
    /// `None` where the rest would begin with an empty segment: some servers read `//a/b` as a host
    /// and a path.
    #[must_use]
    pub fn apply<'p>(&self, path: &'p CanonicalPath<'_>) -> Option<Cow<'p, str>> {
        let text = path.as_str();
        let slashes = text.match_indices('/').map(|(at, _)| at);
        let rest_at = slashes.chain([text.len()]).nth(self.strip)?;
        let rest = text.get(rest_at..)?;
        if rest.starts_with("//") {
            return None;
        }
        Some(match (self.add.as_str(), rest) {
            ("", "") => Cow::Borrowed("/"),
            ("", rest) => Cow::Borrowed(rest),
            (add, rest) => Cow::Owned([add, rest].concat()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(strip: usize, add: &str, path: &str) -> Option<String> {
        let path = CanonicalPath::parse_with_encoded_slashes(path).expect(path);
        Rewrite::new(strip, add).apply(&path).map(Cow::into_owned)
    }

    #[test]
    fn what_was_matched_goes_on_less_its_prefix() {
        for (strip, add, path, expected) in [
            (0, "", "/a/b", "/a/b"),
            (1, "", "/a/b", "/b"),
            (1, "", "/a/b/", "/b/"),
            (2, "", "/a/b/c%2Fd/e", "/c%2Fd/e"),
            (1, "", "/a", "/"),
            (1, "", "/a/", "/"),
            (1, "/v2", "/a/b", "/v2/b"),
            (1, "/v2/", "/a/b", "/v2/b"),
            (1, "/v2", "/a", "/v2"),
            (1, "/v2", "/a/", "/v2/"),
            (0, "/v2", "/a", "/v2/a"),
            (0, "/v2", "/", "/v2/"),
        ] {
            assert_eq!(rewritten(strip, add, path).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn no_rest_begins_with_an_empty_segment() {
        for path in ["/a//b", "/a//", "/a//b/c"] {
            assert_eq!(rewritten(1, "", path), None, "{path}");
            assert_eq!(rewritten(1, "/v2", path), None, "{path}");
        }
        assert_eq!(rewritten(1, "", "/a/b//c").as_deref(), Some("/b//c"));
    }
}
