//! What holds for every path: the canonical form is a fixed point, and hides nothing.

use edgeward::route::CanonicalPath;
use proptest::prelude::*;

/// Pieces that paths are made of, the troublesome ones above all.
const PIECES: [&str; 36] = [
    "/",
    "/",
    "//",
    "a",
    "Z9",
    "admin",
    "-._~",
    ".",
    "..",
    ";",
    ";x=1",
    "!$&'()*+,:=@",
    "%61",
    "%2e",
    "%2E",
    "%2f",
    "%5c",
    "%25",
    "%252e",
    "%252f",
    "%3b",
    "%3f",
    "%23",
    "%20",
    "%7e",
    "%00",
    "%c3%a9",
    "%C3%A9",
    "%ff",
    "%e2%80%ae",
    "\u{e9}",
    " ",
    "\"",
    "|",
    "%",
    "\\",
];

fn paths() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => proptest::sample::select(PIECES.as_slice()).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => any::<u8>().prop_map(|byte| format!("%{byte:02x}")),
    ];
    proptest::collection::vec(piece, 0..16).prop_map(|pieces| format!("/{}", pieces.concat()))
}

/// Undoes one layer of encoding and leaves alone what is none, as most servers do.
fn decode_leniently(text: &[u8]) -> Vec<u8> {
    let (mut decoded, mut rest) = (Vec::new(), text);
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let value = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        // `from_str_radix` also takes a sign.
        let value = value.filter(|_| *first == b'%' && after[0] != b'+');
        decoded.push(value.unwrap_or(*first));
        rest = if value.is_some() { &after[2..] } else { after };
    }
    decoded
}

fn is_graphic_in_a_path(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"#<>?[\\]^`{|}".contains(&byte)
}

fn is_dots(segment: &[u8]) -> bool {
    let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
    name == b"." || name == b".."
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 8 * ProptestConfig::default().cases, ..ProptestConfig::default() })]

    #[test]
    fn the_canonical_form_of_a_canonical_path_is_itself(raw in paths()) {
        if let Ok(path) = CanonicalPath::parse(&raw) {
            prop_assert_eq!(CanonicalPath::parse(path.as_str()), Ok(path.clone()));
        }
    }

    #[test]
    fn the_canonical_form_is_plain_ascii_in_one_spelling(raw in paths()) {
        if let Ok(path) = CanonicalPath::parse(&raw) {
            let text = path.as_str();
            prop_assert!(text.starts_with('/'));
            let sound = text.bytes().all(is_graphic_in_a_path);
            prop_assert!(sound, "{}", text);
            for (at, _) in text.match_indices('%') {
                let digits = &text[at + 1..at + 3];
                prop_assert_eq!(digits, digits.to_ascii_uppercase());
                let byte = u8::from_str_radix(digits, 16).expect("two digits");
                prop_assert!(!byte.is_ascii_alphanumeric() && !b"-._~".contains(&byte));
            }
        }
    }

    #[test]
    fn the_segments_are_the_decoded_parts_of_what_is_forwarded(raw in paths()) {
        if let Ok(path) = CanonicalPath::parse(&raw) {
            let mut parts: Vec<_> = path.as_str()[1..]
                .split('/')
                .map(|part| String::from_utf8(decode_leniently(part.as_bytes())).expect("UTF-8"))
                .collect();
            if parts.last().is_some_and(String::is_empty) {
                parts.pop();
            }
            prop_assert_eq!(path.segments(), parts.as_slice());
        }
    }

    #[test]
    fn no_separator_or_dot_segment_appears_when_it_is_decoded_twice(raw in paths()) {
        if let Ok(path) = CanonicalPath::parse(&raw) {
            for segment in path.as_str()[1..].split('/') {
                let once = decode_leniently(segment.as_bytes());
                for reading in [decode_leniently(&once), once] {
                    prop_assert!(!reading.iter().any(|b| b"/\\\0".contains(b)), "{:?}", path);
                    prop_assert!(!is_dots(&reading), "{:?}", path);
                }
            }
        }
    }
}
