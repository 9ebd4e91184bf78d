use super::CanonicalPath;

/// The decoded segments of a request's path that a requirement compares with claims, by index.
#[derive(Debug, Default)]
pub struct ComparedSegments(Vec<(usize, String)>);

impl ComparedSegments {
    /// No segment.
    pub const NONE: &'static Self = &Self(Vec::new());

    /// Those of `path` at `indexes`, counted from 0.
    ///
    /// A segment that another server could read differently is left out: it would be compared in
    /// one form and used in another.
    #[must_use]
    pub fn of(path: &CanonicalPath<'_>, indexes: &[usize]) -> Self {
        if indexes.is_empty() {
            return Self::default();
        }
        let readings = path.readings();
        let is_certain = |index: usize, own: &str| {
            readings.as_ref().is_some_and(|readings| {
                readings.iter().all(|other| other.get(index).is_some_and(|other| other == own))
            })
        };
        let segment = |index: &usize| Some((*index, path.segments().get(*index)?.as_ref()));
        let certain = indexes.iter().filter_map(segment).filter(|(at, own)| is_certain(*at, own));
        Self(certain.map(|(index, own)| (index, own.to_owned())).collect())
    }

    /// The segment at an index; `None` where the path is shorter, and where it is left out.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&str> {
        self.0.iter().find(|(own, _)| *own == index).map(|(_, segment)| segment.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn segment(path: &str, index: usize) -> Option<String> {
        let path = CanonicalPath::parse_with_encoded_slashes(path).expect("a path");
        ComparedSegments::of(&path, &[0, 1, 2]).get(index).map(str::to_owned)
    }

    #[test]
    fn a_segment_is_found_by_its_index_and_decoded() {
        for (path, index, expected) in [
            ("/api/users/42", 2, "42"),
            ("/api/users/42/", 2, "42"),
            ("/api/users/42/change-password/", 2, "42"),
            ("/api/users/%34%32", 2, "42"),
            ("/api/users/a@b.example", 2, "a@b.example"),
            ("/api/users/42", 0, "api"),
        ] {
            assert_eq!(segment(path, index).as_deref(), Some(expected), "{path}");
        }
        assert_eq!(segment("/api/users", 2), None);
        assert_eq!(segment("/api/users/", 2), None);
        assert_eq!(segment("/a/b/c/d", 3), None, "nobody asked for it");
    }

    #[test]
    fn a_segment_that_could_be_read_differently_is_left_out() {
        for path in [
            "/api/users/42;x",
            "/api/users/42%3Fx",
            "/api/users/42%23",
            "/api/users/42%20",
            "/api/users/42.",
            "/api/users/%2534%2532",
            "/api/users/4%2F2",
            "/api//users/42",
            "/api/users//42",
            "/api/users/%EF%BC%94%EF%BC%92",
        ] {
            assert_eq!(segment(path, 2), None, "{path}");
        }
    }
}
