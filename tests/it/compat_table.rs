//! `src/route/path/compat_table.rs` says what Unicode says.
//!
//! `UPDATE=1 cargo test --test compat_table` writes it anew, after an update of Rust or of
//! `unicode-normalization`.

use std::fmt::Write as _;
use std::{env, fs};

use unicode_normalization::UnicodeNormalization as _;

const PATH: &str = "src/route/path/compat_table.rs";
const MOST_BYTES: usize = 10_000;

/// The compatibility form of a character, or that of its case folding, where it contains ASCII.
fn form(c: char) -> Option<String> {
    let has_ascii = |text: &String| text.bytes().any(|byte| byte.is_ascii());
    let plain: String = [c].into_iter().nfkc().collect();
    // Upper case and back, for those that are one letter and become two.
    let lower = c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    let folded = || lower.nfkc().collect();
    (!c.is_ascii()).then_some(())?;
    // Servers that compare letter by letter read it as the small letter that it has in Turkish.
    if c == '\u{130}' {
        return Some("i".to_owned());
    }
    Some(plain).filter(has_ascii).or_else(|| Some(folded()).filter(has_ascii))
}

/// The first of each range of neighbours, and their forms.
fn ranges() -> Vec<(u32, Vec<String>)> {
    let mut ranges: Vec<(u32, Vec<String>)> = Vec::new();
    for c in '\u{80}'..=char::MAX {
        let Some(form) = form(c) else { continue };
        match ranges.last_mut() {
            Some((first, forms)) if (*first..).nth(forms.len()) == Some(u32::from(c)) => {
                forms.push(form);
            }
            _ => ranges.push((u32::from(c), vec![form])),
        }
    }
    ranges
}

/// Letters that have one lower-case letter beyond ASCII: the first and the last of those that follow
/// each other in equal steps, the step, and how far the lower-case letter is away.
fn cases() -> Vec<(u32, u32, u32, i64)> {
    let mut cases: Vec<(u32, u32, u32, i64)> = Vec::new();
    for c in '\u{80}'..=char::MAX {
        let lower: Vec<char> = c.to_lowercase().collect();
        let ([lower], None) = (lower.as_slice(), form(c)) else { continue };
        let (code, distance) =
            (u32::from(c), i64::from(u32::from(*lower)) - i64::from(u32::from(c)));
        if distance == 0 || lower.is_ascii() {
            continue;
        }
        match cases.last_mut() {
            Some((first, last, step, own))
                if *own == distance
                    && code - *last <= 2
                    && (first == last || code - *last == *step) =>
            {
                (*step, *last) = (code - *last, code);
            }
            _ => cases.push((code, code, 1, distance)),
        }
    }
    cases
}

fn table() -> String {
    let mut text = "// Made by tests/it/compat_table.rs from Unicode's tables; not to be edited.\n\
         \n\
         /// Characters beyond ASCII whose compatibility form (NFKC), or the one of their case folding,\n\
         /// contains ASCII: the first of neighbours, and the forms of all of them, a line each.\n\
         #[rustfmt::skip]\n\
         pub(super) const RANGES: &[(u32, &str)] = &[\n"
        .to_owned();
    for (first, forms) in ranges() {
        writeln!(text, "    (0x{first:x}, {:?}),", forms.join("\n")).expect("a text takes it");
    }
    text += "];\n\n\
         /// Letters beyond ASCII that have a lower-case letter: the first and the last of those that follow\n\
         /// each other in equal steps, the step, and how far the lower-case letter is away.\n\
         #[rustfmt::skip]\n\
         pub(super) const CASES: &[(u32, u32, u32, i32)] = &[\n";
    for line in cases().chunks(4) {
        let entry = |(first, last, step, distance): &(u32, u32, u32, i64)| {
            format!("(0x{first:x}, 0x{last:x}, {step}, {distance}),")
        };
        let entries: Vec<_> = line.iter().map(entry).collect();
        writeln!(text, "    {}", entries.join(" ")).expect("a text takes it");
    }
    text + "];\n"
}

#[test]
fn the_table_is_the_one_that_unicode_gives() {
    let table = table();
    if env::var_os("UPDATE").is_some() {
        fs::write(PATH, &table).expect("writable");
    }
    assert_eq!(fs::read_to_string(PATH).expect("readable"), table);
}

#[test]
fn no_letter_is_left_out_of_the_cases() {
    let cases = cases();
    for c in '\u{80}'..=char::MAX {
        let code = u32::from(c);
        let within = |(first, last, step, _): &&(u32, u32, u32, i64)| {
            (*first..=*last).contains(&code) && (code - first).is_multiple_of(*step)
        };
        let found = cases.iter().find(within).map_or(0, |(.., distance)| *distance);
        let lower: Vec<char> = c.to_lowercase().collect();
        let [lower] = lower.as_slice() else { continue };
        let expected = i64::from(u32::from(*lower)) - i64::from(code);
        assert!(found == expected || form(c).is_some(), "{c:?}: {found}, expected {expected}");
    }
}

#[test]
fn the_table_stays_small() {
    // On wasm32 an entry is a number and a reference to its text.
    let forms = ranges().iter().map(|(_, forms)| 12 + forms.join("\n").len()).sum::<usize>();
    let bytes = forms + 16 * cases().len();
    assert!(bytes <= MOST_BYTES, "{bytes}");
}
