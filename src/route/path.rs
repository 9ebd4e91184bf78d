//! The one reading of a path that is matched and forwarded.

mod compat;
mod compat_table;
mod encoding;
mod error;
mod readings;

use std::borrow::Cow;

use crate::{limits, percent};
use encoding::{encode_into, is_path_character};

pub(super) use compat::{fold_case, is_case_folded};
pub use error::PathError;
pub(super) use readings::is_script;

/// A path in canonical form: matched, and forwarded exactly as [`CanonicalPath::as_str`] has it.
///
/// Percent-encoded unreserved characters are decoded, other encodings get upper-case digits, and
/// characters that may not stand in a path are encoded ([RFC 3986 §6.2.2]). What two servers could
/// read in two ways is refused, not repaired.
///
/// [RFC 3986 §6.2.2]: https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalPath<'a> {
    text: Cow<'a, str>,
    segments: Vec<Cow<'a, str>>,
    is_plain: bool,
    has_encoded_slash: bool,
}

impl<'a> CanonicalPath<'a> {
    /// Canonicalises the path of a URL, without its query.
    ///
    /// # Errors
    ///
    /// [`PathError`].
    pub fn parse(raw: &'a str) -> Result<Self, PathError> {
        Self::parse_with_encoded_slashes(raw)
            .and_then(|path| if path.has_encoded_slash { Err(PathError::Hidden) } else { Ok(path) })
    }

    /// The same for a path that may go to a route that keeps `%2F`: it stays encoded, and separates
    /// no segments. Whoever asks for it must ask for [`Self::has_encoded_slash`], too.
    ///
    /// # Errors
    ///
    /// [`PathError`]; dot segments between encoded slashes are [`PathError::DotSegment`].
    pub fn parse_with_encoded_slashes(raw: &'a str) -> Result<Self, PathError> {
        let rest = raw.strip_prefix('/').ok_or(PathError::Form)?;
        if raw.len() > limits::PATH_BYTES {
            return Err(PathError::Form);
        }
        let (text, mut segments, is_plain) = if is_plain(rest) {
            (Cow::Borrowed(raw), rest.split('/').map(Cow::Borrowed).collect(), true)
        } else {
            let segments = rest.split('/').map(segment).collect::<Result<Vec<_>, _>>()?;
            let text = canonical(raw, rest);
            let is_plain = text.strip_prefix('/').is_some_and(is_plain);
            (text, segments, is_plain)
        };
        // One trailing slash says nothing to a rule, but is forwarded as it came.
        if segments.last().is_some_and(|last| last.is_empty()) {
            segments.pop();
        }
        let has_encoded_slash = !is_plain && segments.iter().any(|segment| segment.contains('/'));
        Ok(Self { text, segments, is_plain, has_encoded_slash })
    }

    /// Whether a segment has an encoded slash in it, which most origins take for a separator.
    #[must_use]
    pub fn has_encoded_slash(&self) -> bool {
        self.has_encoded_slash
    }

    /// The canonical text, to be forwarded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is exactly the raw path.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        matches!(self.text, Cow::Borrowed(_))
    }

    /// The decoded segments, to be matched.
    #[must_use]
    pub fn segments(&self) -> &[Cow<'a, str>] {
        &self.segments
    }

    /// The segments as other servers may read them: decoded twice, without `;parameters`, cut at `;` or
    /// at an encoded `?` or `#`, without a host behind `//` or the name of a script, without dots and
    /// spaces at their ends, with letters read as the ASCII that they look like, without empty segments,
    /// or with several of these. Case is kept.
    ///
    /// Nothing where the path gives no cause; `None` where there are too many readings to tell.
    #[must_use]
    pub fn readings(&self) -> Option<Vec<Vec<String>>> {
        if self.is_plain && readings::script(&self.segments).is_none() {
            return Some(Vec::new());
        }
        readings::readings(&self.segments)
    }
}

/// Whether a path, from behind its first `/`, is canonical and has one reading for every server:
/// no `%`, no `;`, no empty segment but a last one, no segment that begins or ends with a dot. Most
/// are so.
fn is_plain(rest: &str) -> bool {
    let mut before = b'/';
    let is_plain = rest.bytes().all(|byte| {
        let last = std::mem::replace(&mut before, byte);
        match byte {
            b'/' => last != b'/' && last != b'.',
            b'.' => last != b'/',
            b';' => false,
            _ => is_path_character(byte),
        }
    });
    is_plain && before != b'.'
}

fn segment(raw: &str) -> Result<Cow<'_, str>, PathError> {
    let decoded = percent::decode(raw).ok_or(PathError::Encoding)?;
    refuse_ambiguous(&decoded)?;
    Ok(decoded)
}

fn refuse_ambiguous(decoded: &str) -> Result<(), PathError> {
    if decoded.chars().any(is_hidden) {
        return Err(PathError::Hidden);
    }
    if decoded.split('/').any(is_dots) {
        return Err(PathError::DotSegment);
    }
    // A server behind another decoder decodes once more: `%252e%252e` must not become `..` there.
    if decoded.contains('%') {
        let again = percent::decode_leniently(decoded);
        let again = String::from_utf8_lossy(&again);
        let has_more_slashes = again.matches('/').count() > decoded.matches('/').count();
        if has_more_slashes || again.chars().any(is_hidden) || again.split('/').any(is_dots) {
            return Err(PathError::Hidden);
        }
    }
    Ok(())
}

/// A slash that was encoded once is judged by the route.
fn is_hidden(c: char) -> bool {
    c == '\\' || c.is_control()
}

/// Also with parameters: some servers cut `..;x` down to `..` before they walk the path.
fn is_dots(segment: &str) -> bool {
    let name = segment.split_once(';').map_or(segment, |(name, _)| name);
    name == "." || name == ".."
}

/// The canonical text of a path whose encodings are sound; most paths are it already.
fn canonical<'a>(raw: &'a str, rest: &str) -> Cow<'a, str> {
    if rest.bytes().all(|byte| byte == b'/' || is_path_character(byte)) {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    for segment in rest.split('/') {
        text.push('/');
        encode_into(&mut text, segment);
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_path_is_read_as_the_slow_way_reads_it() {
        for path in ["/", "/a", "/a/", "/a.b/c-d_e~f", "/a=b,c:d@e!$&'()*+/x"] {
            let parsed = CanonicalPath::parse(path).expect(path);
            let rest = path.strip_prefix('/').expect(path);
            let mut slow: Vec<_> = rest.split('/').map(|raw| segment(raw).expect(path)).collect();
            slow.truncate(parsed.segments.len());
            assert!(is_plain(rest), "{path}");
            assert_eq!((parsed.segments, parsed.text), (slow, canonical(path, rest)), "{path}");
        }
        for path in [
            "//", "/a//b", "/a;b", "/%41", "/a/.b", "/.a", "/a b", "/\u{e4}", "/a\"b", "/a.",
            "/a./b",
        ] {
            assert!(!path.strip_prefix('/').is_some_and(is_plain), "{path}");
        }
    }

    #[test]
    fn a_path_that_is_canonical_already_goes_on_as_it_came() {
        for (path, is_unchanged) in [
            ("/a/b", true),
            ("/a.b/c=d/", true),
            ("/a//b", true),
            ("/%61", false),
            ("/a b", false),
            ("/a%20b", false),
        ] {
            let parsed = CanonicalPath::parse(path).expect(path);
            assert_eq!(parsed.is_unchanged(), is_unchanged, "{path}");
        }
    }

    #[test]
    fn a_literal_that_is_encoded_twice_is_read_twice() {
        let readings =
            |path: &str| CanonicalPath::parse(path).expect(path).readings().expect("few");
        let admin = ["public", "admin"].map(str::to_owned).to_vec();
        assert!(readings("/public/%2561dmin").contains(&admin));
        assert!(readings("/public/admin%253bx").contains(&admin));
        assert!(readings("/public/admin").is_empty());
    }

    #[test]
    fn an_encoded_slash_stays_in_its_segment_for_who_asks_for_it() {
        let parse = CanonicalPath::parse_with_encoded_slashes;
        let path = parse("/p/group%2fproject/x").expect("one segment");
        assert_eq!(path.segments(), ["p", "group/project", "x"]);
        assert_eq!((path.as_str(), path.has_encoded_slash()), ("/p/group%2Fproject/x", true));
        for (path, error) in [
            ("/p/a%2f..%2fb", PathError::DotSegment),
            ("/p/..%2fb", PathError::DotSegment),
            ("/p/a%2f.", PathError::DotSegment),
            ("/p/a%2f..;x%2fb", PathError::DotSegment),
            ("/p/a%252fb", PathError::Hidden),
            ("/p/a%2f%252e%252e", PathError::Hidden),
            ("/p/a%2fb%252fc", PathError::Hidden),
            ("/p/a%5cb", PathError::Hidden),
        ] {
            assert_eq!(parse(path), Err(error), "{path}");
        }
        assert_eq!(CanonicalPath::parse("/p/a%2fb"), Err(PathError::Hidden));
        assert!(!parse("/p/a%20b").expect("plain").has_encoded_slash());
    }
}
