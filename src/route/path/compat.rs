//! Letters that some servers read as ASCII: full-width `ａ`, the Kelvin sign, `ß` as `ss`.

use super::compat_table::{CASES, RANGES};

/// A text with every character read as [Unicode's compatibility form] (NFKC) has it, or its case
/// folding, where that contains ASCII; `None` where there is no such character.
///
/// [Unicode's compatibility form]: https://www.unicode.org/reports/tr15/
pub(super) fn to_ascii_forms(text: &str) -> Option<String> {
    if text.is_ascii() || !text.chars().any(|c| form(c).is_some()) {
        return None;
    }
    let mut read = String::with_capacity(text.len());
    for c in text.chars() {
        match form(c) {
            Some(form) => read.push_str(form),
            None => read.push(c),
        }
    }
    Some(read)
}

/// A text as a server that ignores case compares it.
pub(in crate::route) fn fold_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let read = to_ascii_forms(text);
    read.as_deref().unwrap_or(text).chars().map(lower_case).collect()
}

/// Whether [`fold_case`] changes nothing, as far as that can be seen without a table.
pub(in crate::route) fn is_case_folded(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
}

/// The lower-case letter of a letter that has one. (The standard library's table is ten times as
/// large.)
fn lower_case(c: char) -> char {
    let code = u32::from(c);
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let after = CASES.partition_point(|(first, ..)| *first <= code);
    let found = after.checked_sub(1).and_then(|at| CASES.get(at));
    let lower = found.and_then(|(first, last, step, distance)| {
        let is_one = code <= *last && code.checked_sub(*first)?.is_multiple_of(*step);
        is_one.then(|| char::from_u32(code.checked_add_signed(*distance)?)).flatten()
    });
    lower.unwrap_or(c)
}

fn form(c: char) -> Option<&'static str> {
    let code = u32::from(c);
    let after = RANGES.partition_point(|(first, _)| *first <= code);
    let (first, forms) = RANGES.get(after.checked_sub(1)?)?;
    forms.split('\n').nth(usize::try_from(code.checked_sub(*first)?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_look_like_ascii_are_read_as_it() {
        for (text, read) in [
            ("\u{ff41}dmin", "admin"),
            ("\u{212a}ey", "Key"),
            ("u\u{17f}er", "user"),
            ("stra\u{df}e", "strasse"),
            ("c\u{2105}", "cc/o"),
            ("\u{2025}", ".."),
            ("x\u{ff0f}y", "x/y"),
            ("\u{1d41a}", "a"),
        ] {
            assert_eq!(to_ascii_forms(text).as_deref(), Some(read), "{text}");
        }
        for text in ["admin", "", "\u{e9}t\u{e9}", "\u{30c6}", "\u{10ffff}"] {
            assert_eq!(to_ascii_forms(text), None, "{text}");
        }
    }

    #[test]
    fn case_is_folded_beyond_ascii_too() {
        for (text, folded) in [
            ("Admin-1", "admin-1"),
            ("\u{c9}T\u{c9}", "\u{e9}t\u{e9}"),
            ("\u{ff21}DMIN", "admin"),
            ("STRA\u{1e9e}E", "strasse"),
        ] {
            assert_eq!(fold_case(text), folded);
        }
    }
}
