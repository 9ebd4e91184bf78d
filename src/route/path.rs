//! The one reading of a path that is matched and forwarded.

mod encoding;

use std::borrow::Cow;

use crate::limits;
use encoding::{decode, decode_leniently, encode_into, is_path_character};

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
}

/// A path that two servers could read in two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "one refusal on the wire, told apart only in tests")]
pub enum PathError {
    /// Does not begin with `/`, or is longer than [`limits::PATH_BYTES`].
    #[error("expected a path from `/`, of bounded length")]
    Form,
    /// `%` without two hexadecimal digits, or bytes that are no UTF-8 when decoded.
    #[error("expected valid percent-encoded UTF-8")]
    Encoding,
    /// `/`, `\`, NUL or another control character, hidden by one or two layers of encoding, or a
    /// character that ends the path elsewhere (`?`, `#`, `\`).
    #[error("expected no hidden separator or control character")]
    Hidden,
    /// `.` or `..` as a segment, in any encoding.
    #[error("expected no dot segment")]
    DotSegment,
}

impl<'a> CanonicalPath<'a> {
    /// Canonicalises the path of a URL, without its query.
    ///
    /// # Errors
    ///
    /// [`PathError`].
    pub fn parse(raw: &'a str) -> Result<Self, PathError> {
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
        Ok(Self { text, segments, is_plain })
    }

    /// The canonical text, to be forwarded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is the raw path, to the letter.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        matches!(self.text, Cow::Borrowed(_))
    }

    /// The decoded segments, to be matched.
    #[must_use]
    pub fn segments(&self) -> &[Cow<'a, str>] {
        &self.segments
    }

    /// The segments as servers may read them that decode twice, or drop `;parameters`, or empty
    /// segments, or several of these; nothing where the path gives no cause.
    #[must_use]
    pub fn lenient_readings(&self) -> Vec<Vec<String>> {
        let mut readings = Vec::new();
        if self.is_plain {
            return readings;
        }
        push_readings(&mut readings, &self.segments);
        if self.segments.iter().any(|segment| segment.contains('%')) {
            let twice: Vec<String> =
                self.segments.iter().map(|segment| decode_leniently(segment)).collect();
            push_readings(&mut readings, &twice);
            readings.push(twice);
        }
        readings
    }
}

/// Whether a path, from behind its first `/`, is canonical and has one reading for every server:
/// no `%`, no `;`, no empty segment but a last one, no segment that begins with a dot. Most are so.
fn is_plain(rest: &str) -> bool {
    let mut before = b'/';
    rest.bytes().all(|byte| {
        let is_first = std::mem::replace(&mut before, byte) == b'/';
        match byte {
            b'/' | b'.' => !is_first,
            b';' => false,
            _ => is_path_character(byte),
        }
    })
}

fn push_readings<S: AsRef<str>>(readings: &mut Vec<Vec<String>>, segments: &[S]) {
    if segments.iter().any(|segment| segment.as_ref().is_empty()) {
        readings.push(without_gaps(segments));
    }
    if segments.iter().any(|segment| segment.as_ref().contains(';')) {
        let plain = without_parameters(segments);
        readings.push(without_gaps(&plain));
        readings.push(plain);
    }
}

fn without_parameters<S: AsRef<str>>(segments: &[S]) -> Vec<String> {
    let name = |segment: &S| segment.as_ref().split(';').next().unwrap_or_default().to_owned();
    segments.iter().map(name).collect()
}

fn without_gaps<S: AsRef<str>>(segments: &[S]) -> Vec<String> {
    let names = segments.iter().map(AsRef::as_ref);
    names.filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
}

fn segment(raw: &str) -> Result<Cow<'_, str>, PathError> {
    let decoded = decode(raw)?;
    refuse_ambiguous(&decoded)?;
    Ok(decoded)
}

fn refuse_ambiguous(decoded: &str) -> Result<(), PathError> {
    if decoded.chars().any(is_hidden) {
        return Err(PathError::Hidden);
    }
    if is_dots(decoded) {
        return Err(PathError::DotSegment);
    }
    // A server behind another decoder decodes once more: `%252e%252e` must not become `..` there.
    if decoded.contains('%') {
        let again = decode_leniently(decoded);
        if again.chars().any(is_hidden) || is_dots(&again) {
            return Err(PathError::Hidden);
        }
    }
    Ok(())
}

fn is_hidden(c: char) -> bool {
    matches!(c, '/' | '\\') || c.is_control()
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
        for path in ["//", "/a//b", "/a;b", "/%41", "/a/.b", "/.a", "/a b", "/\u{e4}", "/a\"b"] {
            assert!(!path.strip_prefix('/').is_some_and(is_plain), "{path}");
        }
    }

    #[test]
    fn a_literal_that_is_encoded_twice_is_read_twice() {
        let readings = |path: &str| CanonicalPath::parse(path).expect(path).lenient_readings();
        let admin = ["public", "admin"].map(str::to_owned).to_vec();
        assert!(readings("/public/%2561dmin").contains(&admin));
        assert!(readings("/public/admin%253bx").contains(&admin));
        assert!(readings("/public/admin").is_empty());
    }
}
