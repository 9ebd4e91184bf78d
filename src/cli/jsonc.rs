//! JSON with comments and trailing commas, as wrangler reads it.

/// The same text as JSON: comments and trailing commas become spaces, so that everything stays where
/// it was.
pub(super) fn to_json(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut comma = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        let rest = bytes.get(at..).unwrap_or_default();
        let (length, is_comment) = match byte {
            b'"' => (string(rest), false),
            b'/' if rest.starts_with(b"//") => (until(rest, b"\n"), true),
            b'/' if rest.starts_with(b"/*") => (block(rest), true),
            _ => (1, false),
        };
        let end = at.saturating_add(length);
        if is_comment {
            blank(&mut bytes, at, end);
        } else if matches!(byte, b'}' | b']') {
            if let Some(comma) = comma.take() {
                blank(&mut bytes, comma, usize::saturating_add(comma, 1));
            }
        } else if byte == b',' {
            comma = Some(at);
        } else if !byte.is_ascii_whitespace() {
            comma = None;
        }
        at = end;
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn blank(bytes: &mut [u8], from: usize, to: usize) {
    for byte in bytes.get_mut(from..to).unwrap_or_default() {
        if !matches!(*byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

/// Bytes of the text in quotes that begins here.
fn string(rest: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = rest.iter().skip(1).position(|byte| {
        let is_end = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(rest.len(), |end| end.saturating_add(2))
}

fn block(rest: &[u8]) -> usize {
    let inner = rest.get(2..).unwrap_or_default();
    until(inner, b"*/").saturating_add(4).min(rest.len())
}

/// Bytes before `end`, or all.
fn until(rest: &[u8], end: &[u8]) -> usize {
    rest.windows(end.len()).position(|window| window == end).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_trailing_commas_become_spaces_and_nothing_moves() {
        for (text, json) in [
            ("{\"a\":1}", "{\"a\":1}"),
            ("{ // a\n\"a\": 1, /* b\n */ }", "{     \n\"a\": 1      \n    }"),
            ("[1,2,\n]", "[1,2 \n]"),
            ("[[1,],]", "[[1 ] ]"),
            ("{\"a\":\"// no, /* comment */,\",}", "{\"a\":\"// no, /* comment */,\" }"),
            ("[\"a\\\"//\",]", "[\"a\\\"//\" ]"),
            ("[\"ä\",/*ö*/]", "[\"ä\"       ]"),
            ("[1, // a,\n // b,\n]", "[1       \n      \n]"),
        ] {
            let found = to_json(text);
            assert_eq!(found, json, "{text}");
            assert_eq!(found.len(), text.len(), "{text}");
            assert!(serde_json::from_str::<serde_json::Value>(&found).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for text in ["{,}x", "[1,,]", "{\"a\" /* open", "\"open", "/", "//", "", "[1 2,]"] {
            let found = to_json(text);
            assert!(serde_json::from_str::<serde_json::Value>(&found).is_err(), "{text}: {found}");
        }
    }
}
