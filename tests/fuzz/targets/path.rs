//! A path is refused or has one canonical form, in which nothing hides.

use edgeward::route::{CanonicalPath, Pattern};

pub(crate) fn check(data: &[u8]) {
    let Ok(raw) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(path) = CanonicalPath::parse(raw) else {
        return;
    };
    // The limit is on what came; encoding makes it longer.
    if path.as_str().len() <= 8192 {
        assert_eq!(CanonicalPath::parse(path.as_str()).as_ref(), Ok(&path));
    }
    let sound = |byte: u8| byte.is_ascii_graphic() && !b"\"#<>?[\\]^`{|}".contains(&byte);
    assert!(path.as_str().starts_with('/') && path.as_str().bytes().all(sound), "{path:?}");
    for segment in path.as_str().split('/').skip(1) {
        let once = decode(segment.as_bytes());
        hides_nothing(&once, &path);
        hides_nothing(&decode(&once), &path);
    }
    matches_itself(&path);
}

/// A pattern of the same text matches the path, and everything does that is open.
fn matches_itself(path: &CanonicalPath<'_>) {
    if let Ok(pattern) = Pattern::parse(path.as_str()) {
        assert!(pattern.matches(path.segments()), "{pattern} does not match itself");
    }
    let everything = Pattern::parse("/**").expect("a pattern");
    assert!(everything.matches(path.segments()));
}

fn hides_nothing(reading: &[u8], path: &CanonicalPath<'_>) {
    assert!(!reading.iter().any(|byte| b"/\\\0\r\n".contains(byte)), "{path:?}");
    let name = reading.split(|byte| *byte == b';').next().unwrap_or_default();
    assert!(name != b"." && name != b"..", "{path:?}");
}

/// Undoes one layer of encoding and leaves alone what is none, as most servers do.
fn decode(text: &[u8]) -> Vec<u8> {
    let digit = |at: Option<&u8>| char::from(*at?).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let (mut decoded, mut rest) = (Vec::new(), text);
    while let Some((first, after)) = rest.split_first() {
        let digits = (digit(after.first()), digit(after.get(1)));
        if let (b'%', (Some(high), Some(low))) = (first, digits) {
            decoded.push(high << 4 | low);
            rest = &after[2..];
        } else {
            decoded.push(*first);
            rest = after;
        }
    }
    decoded
}
