use std::fmt;

use super::CanonicalPath;
use super::foreign::is_foreign;
use super::path::fold_case;

/// A path pattern: literal segments, `*` for one segment, a final `**` for all that follows.
///
/// `/api/**` also matches `/api` itself: who protects a prefix means its root too. One trailing
/// slash is of no account, in patterns and in paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    segments: Vec<Segment>,
    open: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    Literal(String),
    Any,
}

/// The text is not a path pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "each is one message of the configuration")]
pub enum PatternError {
    /// It is no path that could ever be asked for, or has a wildcard in a wrong place.
    #[error("expected a path from `/`, with `*` only as a whole segment and `**` only at the end")]
    Form,
    /// It has a parameter or an expression as a framework writes it.
    #[error(
        "expected literal segments, `*` or a final `**`, got another framework's syntax: use `*` for \
         one segment, and `/**` at the end for all that follow (a character that is meant is \
         percent-encoded)"
    )]
    Foreign,
}

impl Pattern {
    /// Parses a pattern; its literals are canonicalised as paths are.
    ///
    /// # Errors
    ///
    /// [`PatternError`].
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.split('/').any(is_foreign) {
            return Err(PatternError::Foreign);
        }
        let (fixed, open) = match text.strip_suffix("/**") {
            Some("") => ("/", true),
            Some(fixed) => (fixed, true),
            None => (text, false),
        };
        let path = CanonicalPath::parse(fixed).map_err(|_| PatternError::Form)?;
        let segments =
            path.segments().iter().map(|text| segment(text)).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), segments, open })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its segments, and whether it is open at the end.
    pub(super) fn parts(&self) -> (&[Segment], bool) {
        (&self.segments, self.open)
    }

    /// How many segments it has, a final `**` left out, and whether it has that.
    #[must_use]
    pub fn size(&self) -> (usize, bool) {
        (self.segments.len(), self.open)
    }

    /// Whether a path that it matches may be compared with it without regard to case.
    pub(super) fn is_case_folded(&self) -> bool {
        self.segments.iter().all(|segment| match segment {
            Segment::Literal(text) => fold_case(text) == *text,
            Segment::Any => true,
        })
    }

    /// Whether the paths that it matches differ in the segment with this index.
    #[must_use]
    pub fn varies_at(&self, index: usize) -> bool {
        self.segments.get(index).map_or(self.open, |segment| *segment == Segment::Any)
    }

    /// Whether its first segments are these literals.
    #[must_use]
    pub fn begins_with<S: AsRef<str>>(&self, prefix: &[S]) -> bool {
        let is_literal = |(own, given): (&Segment, &S)| match own {
            Segment::Literal(text) => text == given.as_ref(),
            Segment::Any => false,
        };
        self.segments.len() >= prefix.len() && self.segments.iter().zip(prefix).all(is_literal)
    }

    /// The decoded literal segments.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(text) => Some(text.as_str()),
            Segment::Any => None,
        })
    }

    /// The decoded first segment, when it is a literal.
    #[must_use]
    pub fn first_literal(&self) -> Option<&str> {
        match self.segments.first() {
            Some(Segment::Literal(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether it matches every path that `other` matches.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let fits = |(own, given): (&Segment, &Segment)| *own == Segment::Any || own == given;
        let (own, others) = (self.segments.len(), other.segments.len());
        let reaches = if self.open { others >= own } else { others == own && !other.open };
        reaches && self.segments.iter().zip(&other.segments).all(fits)
    }

    /// Whether it matches some path that begins with these segments.
    #[must_use]
    pub fn reaches(&self, prefix: &[String]) -> bool {
        let fits = |(own, given): (&Segment, &String)| match own {
            Segment::Literal(text) => text == given,
            Segment::Any => true,
        };
        (self.open || self.segments.len() >= prefix.len())
            && self.segments.iter().zip(prefix).all(fits)
    }

    /// The index of the first segment at which a path that it does not match differs, or of the one
    /// behind the shorter of the two; `None` where it matches.
    #[must_use]
    pub fn differs_at<S: AsRef<str>>(&self, segments: &[S]) -> Option<usize> {
        if self.matches(segments) {
            return None;
        }
        let fits = |(own, given): &(&Segment, &S)| own.fits(given.as_ref());
        Some(self.segments.iter().zip(segments).take_while(fits).count())
    }

    /// Whether it matches, segment by segment; the table's search must agree with this.
    #[must_use]
    pub fn matches<S: AsRef<str>>(&self, segments: &[S]) -> bool {
        let fits = |(own, given): (&Segment, &S)| own.fits(given.as_ref());
        let length = segments.len();
        (length == self.segments.len() || (self.open && length > self.segments.len()))
            && self.segments.iter().zip(segments).all(fits)
    }
}

impl Segment {
    fn fits(&self, given: &str) -> bool {
        match self {
            Self::Literal(text) => text == given,
            Self::Any => !given.is_empty(),
        }
    }
}

fn segment(text: &str) -> Result<Segment, PatternError> {
    match text {
        "*" => Ok(Segment::Any),
        // An empty segment would match only paths that are refused; `;` is judged by the table.
        "" => Err(PatternError::Form),
        _ if text.contains(['*', ';']) => Err(PatternError::Form),
        _ => Ok(Segment::Literal(text.to_owned())),
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        let path = CanonicalPath::parse(path).expect(path);
        Pattern::parse(pattern).expect(pattern).matches(path.segments())
    }

    #[test]
    fn patterns_match_whole_segments() {
        assert!(matches("/api/me", "/api/me") && matches("/api/me", "/api/me/"));
        assert!(matches("/api/me/", "/api/me") && matches("/api/%6De", "/api/me"));
        assert!(!matches("/api/me", "/api/me/x") && !matches("/api/me", "/api/mex"));
        assert!(matches("/users/*/posts", "/users/7/posts"));
        assert!(!matches("/users/*/posts", "/users//posts") && !matches("/users/*", "/users"));
    }

    #[test]
    fn a_pattern_reaches_what_begins_with_a_prefix_that_fits() {
        let reaches = |pattern: &str, prefix: &[&str]| {
            let prefix: Vec<_> = prefix.iter().map(|one| (*one).to_owned()).collect();
            Pattern::parse(pattern).expect(pattern).reaches(&prefix)
        };
        for (pattern, prefix, expected) in [
            ("/a/b", &["a"][..], true),
            ("/a/b", &["a", "b"], true),
            ("/a/b", &["a", "b", "c"], false),
            ("/a", &["b"], false),
            ("/*/b", &["x", "b"], true),
            ("/a/**", &["a", "b", "c"], true),
            ("/a/**", &["b"], false),
            ("/**", &["a"], true),
        ] {
            assert_eq!(reaches(pattern, prefix), expected, "{pattern} {prefix:?}");
        }
    }

    #[test]
    fn a_path_differs_where_it_first_does_not_fit() {
        let differs = |pattern: &str, path: &str| {
            let path = CanonicalPath::parse(path).expect(path);
            Pattern::parse(pattern).expect(pattern).differs_at(path.segments())
        };
        for (pattern, path, at) in [
            ("/api/me", "/api/me", None),
            ("/api/**", "/api/a/b", None),
            ("/api/me", "/a/me", Some(0)),
            ("/api/*/b", "/api/x/c", Some(2)),
            ("/api/me", "/api", Some(1)),
            ("/api/*", "/api/a/b", Some(2)),
            ("/api/a/**", "/api", Some(1)),
        ] {
            assert_eq!(differs(pattern, path), at, "{pattern} {path}");
        }
    }

    #[test]
    fn an_open_pattern_matches_its_root_and_all_below() {
        assert!(
            matches("/api/**", "/api")
                && matches("/api/**", "/api/")
                && matches("/api/**", "/api/a/b")
        );
        assert!(!matches("/api/**", "/apiary") && !matches("/api/**", "/"));
        assert!(matches("/**", "/") && matches("/**", "/a/b"));
    }

    #[test]
    fn a_pattern_covers_what_lies_beneath_it() {
        let covers = |one: &str, other: &str| {
            Pattern::parse(one).expect(one).covers(&Pattern::parse(other).expect(other))
        };
        for (one, other) in [
            ("/**", "/"),
            ("/**", "/a/**"),
            ("/a/**", "/a"),
            ("/a/**", "/a/*/b"),
            ("/a/*", "/a/b"),
            ("/a/*", "/a/*"),
            ("/*/b/**", "/a/b/c"),
        ] {
            assert!(covers(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("/", "/**"),
            ("/a", "/a/**"),
            ("/a/b", "/a/*"),
            ("/a/*", "/a/*/**"),
            ("/a/**", "/b"),
            ("/a/**", "/*"),
            ("/a/*", "/a"),
        ] {
            assert!(!covers(one, other), "{one} {other}");
        }
    }

    #[test]
    fn malformed_patterns_are_refused() {
        for text in ["", "api", "/a/**/b", "/a//b", "/a;b", "/../a", "/%2F"] {
            assert_eq!(Pattern::parse(text), Err(PatternError::Form), "{text:?}");
        }
        for text in ["/a*", "/a/b*/c", "/a**", "/users/:id", "/users/{id}", "/a/[...b]/**"] {
            assert_eq!(Pattern::parse(text), Err(PatternError::Foreign), "{text:?}");
        }
        assert!(Pattern::parse("/users/%7Bid%7D").is_ok());
    }
}
