//! The other readings that an origin may have of a path: each is matched, too, and must lead to the
//! same route.

use super::compat::to_ascii_forms;
use crate::{limits, percent};

/// The limits on the readings of one path, and on the segments and bytes in all of them; a path with more
/// is ambiguous whatever they match. Each reading is looked up in the table of routes.
const MOST: usize = 32;
const MOST_SEGMENTS: usize = 2048;
const MOST_BYTES: usize = 2 * limits::PATH_BYTES;

type Segments = Vec<String>;
type Change = fn(&[String]) -> Option<Segments>;

/// The changes that a server may make to the segments of a path before it uses them. Each returns
/// `None` where it changes no segment.
const CHANGES: [Change; 12] = [
    decoded_again,
    without_ignorable,
    in_ascii_forms,
    cut_at_query_or_fragment,
    cut_at_parameters,
    without_parameters,
    without_trailing_spaces,
    without_trailing_dots,
    split_at_hidden_separators,
    without_authority,
    without_script,
    without_gaps_and_dot_segments,
];

/// All readings that result from any of the changes in any order, except `segments` themselves;
/// `None` where there are more than [`MOST`], or with more than [`MOST_SEGMENTS`] or [`MOST_BYTES`], or where one has
/// a dot segment.
pub(super) fn readings(segments: &[impl AsRef<str>]) -> Option<Vec<Segments>> {
    let mut found: Vec<Segments> =
        vec![segments.iter().map(|segment| segment.as_ref().to_owned()).collect()];
    let (mut at, mut count, mut bytes) = (0, 0_usize, 0_usize);
    while at < found.len() {
        for change in CHANGES {
            let Some(new) = found.get(at).and_then(|reading| change(reading)) else { continue };
            if found.contains(&new) {
                continue;
            }
            // It would lead out of what stands before the path at the origin.
            if new.iter().any(|segment| segment == "." || segment == "..") {
                return None;
            }
            count = count.saturating_add(new.len());
            bytes = new.iter().map(String::len).fold(bytes, usize::saturating_add);
            if found.len() >= MOST || count > MOST_SEGMENTS || bytes > MOST_BYTES {
                return None;
            }
            found.push(new);
        }
        at = at.saturating_add(1);
    }
    found.remove(0);
    Some(found)
}

/// Changes each segment that `change` changes.
fn changed(segments: &[String], change: impl Fn(&str) -> Option<String>) -> Option<Segments> {
    let new: Vec<_> = segments.iter().map(|segment| change(segment)).collect();
    if new.iter().all(Option::is_none) {
        return None;
    }
    let of = |(new, old): (Option<String>, &String)| new.unwrap_or_else(|| old.clone());
    Some(new.into_iter().zip(segments).map(of).collect())
}

fn decoded_again(segments: &[String]) -> Option<Segments> {
    changed(segments, |segment| {
        let again = segment.contains('%').then(|| percent::decode_leniently(segment))?;
        let again = String::from_utf8_lossy(&again).into_owned();
        (again != segment).then_some(again)
    })
}

fn in_ascii_forms(segments: &[String]) -> Option<Segments> {
    changed(segments, to_ascii_forms)
}

/// Removes invisible characters, which some file systems and NFKC case folding leave out.
fn without_ignorable(segments: &[String]) -> Option<Segments> {
    changed(segments, |segment| {
        let has_some = !segment.is_ascii() && segment.chars().any(is_ignorable);
        has_some.then(|| segment.chars().filter(|c| !is_ignorable(*c)).collect())
    })
}

/// Whether a character has Unicode's `Default_Ignorable_Code_Point`, assigned or reserved for it.
const fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Cuts a path at `%3f` or `%23`, as a server does that decodes a URL before it parses it.
fn cut_at_query_or_fragment(segments: &[String]) -> Option<Segments> {
    let at = segments.iter().position(|segment| segment.contains(['?', '#']))?;
    let mut rest = segments.get(..=at)?.to_vec();
    let last = rest.last_mut()?;
    last.truncate(last.find(['?', '#'])?);
    Some(rest)
}

/// Cuts a path at its first `;`, as servers do for which a query may begin there.
fn cut_at_parameters(segments: &[String]) -> Option<Segments> {
    let at = segments.iter().position(|segment| segment.contains(';'))?;
    let mut rest = segments.get(..=at)?.to_vec();
    let last = rest.last_mut()?;
    last.truncate(last.find(';')?);
    Some(rest)
}

fn without_parameters(segments: &[String]) -> Option<Segments> {
    changed(segments, |segment| Some(segment.split_once(';')?.0.to_owned()))
}

/// Removes trailing spaces. Some servers trim them, and Windows drops them from file names, as it
/// does dots.
fn without_trailing_spaces(segments: &[String]) -> Option<Segments> {
    changed(segments, |segment| {
        let name = segment.trim_end();
        (name != segment).then(|| name.to_owned())
    })
}

fn without_trailing_dots(segments: &[String]) -> Option<Segments> {
    changed(segments, |segment| {
        let name = segment.trim_end_matches('.');
        let is_dots = segment == "." || segment == "..";
        (name != segment && !is_dots).then(|| name.to_owned())
    })
}

/// Splits segments at separators that were encoded, or that another change has revealed.
fn split_at_hidden_separators(segments: &[String]) -> Option<Segments> {
    let is_hidden = |c: char| c == '/' || c == '\\';
    segments.iter().any(|segment| segment.contains(is_hidden)).then(|| {
        let names = segments.iter().flat_map(|segment| segment.split(is_hidden));
        names.map(str::to_owned).collect()
    })
}

/// Reads what follows `//` as a host, as a parser of URLs does that is given the path alone.
fn without_authority(segments: &[String]) -> Option<Segments> {
    segments.first().filter(|first| first.is_empty())?;
    let authority = segments.iter().position(|segment| !segment.is_empty())?;
    Some(segments.iter().skip(authority).skip(1).cloned().collect())
}

/// Leaves out the first script: what follows its name is the path that it serves (RFC 3875 §4.1.5), and one
/// that serves all paths is not named in any of them.
fn without_script(segments: &[String]) -> Option<Segments> {
    let at = script(segments)?;
    let (before, from) = segments.split_at_checked(at)?;
    Some(before.iter().chain(from.iter().skip(1)).cloned().collect())
}

/// The place of the first segment that names a script, and is not the last. Windows knows a file by
/// `name::$DATA`, too.
pub(super) fn script(segments: &[impl AsRef<str>]) -> Option<usize> {
    let (_, before) = segments.split_last()?;
    before.iter().position(|segment| is_script(segment.as_ref()))
}

/// Whether a segment is the name of a script.
pub(in crate::route) fn is_script(segment: &str) -> bool {
    let name = segment.split(':').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    SCRIPTS.iter().any(|own| extension.is_some_and(|it| own.eq_ignore_ascii_case(it)))
}

/// The names that scripts end in where a web server runs them, but those that domains end in, too (`.pl`,
/// `.py`): an id may be one.
const SCRIPTS: [&str; 14] = [
    "php", "phtml", "phar", "php3", "php4", "php5", "php7", "php8", "cgi", "fcgi", "asp", "aspx",
    "cfm", "exe",
];

/// Reads `//` as `/`, and resolves `.` and `..`, which a path has here only after another change.
fn without_gaps_and_dot_segments(segments: &[String]) -> Option<Segments> {
    let is_special = |segment: &String| matches!(segment.as_str(), "" | "." | "..");
    if !segments.iter().any(is_special) {
        return None;
    }
    let mut walked: Segments = Vec::with_capacity(segments.len());
    for segment in segments {
        match segment.as_str() {
            "" | "." => {}
            ".." => drop(walked.pop()),
            _ => walked.push(segment.clone()),
        }
    }
    Some(walked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Vec<String> {
        let segments: Vec<_> = path.split('/').collect();
        let readings = readings(&segments).expect("few");
        let mut joined: Vec<_> = readings.iter().map(|reading| reading.join("/")).collect();
        joined.sort();
        joined
    }

    #[test]
    fn a_path_without_doubt_has_no_other_reading() {
        for path in ["", "a", "a/b.c/d e", "a/\u{e9}", "a/100%", "a/~b"] {
            let expected: &[&str] = if path.is_empty() { &[""] } else { &[] };
            assert_eq!(read(path), expected, "{path}");
        }
    }

    #[test]
    fn each_change_is_read_alone() {
        for (path, expected) in [
            ("a/b%61c", "a/bac"),
            ("a/\u{ff42}", "a/b"),
            ("a/b?c/d", "a/b"),
            ("a/b#c", "a/b"),
            ("a/b;c=d", "a/b"),
            ("a/b ", "a/b"),
            ("a/b\u{a0}", "a/b"),
            ("a/b.", "a/b"),
            ("a/\u{ad}b\u{200b}", "a/b"),
            ("a/b\u{feff}\u{fe0f}", "a/b"),
            ("a/b/c", ""),
            ("a/", "a"),
            ("a//b", "a/b"),
        ] {
            let readings = read(path);
            assert!(readings.contains(&expected.to_owned()) || expected.is_empty(), "{readings:?}");
        }
        assert_eq!(read("g/x\u{2f}y"), Vec::<String>::new(), "taken apart by the test itself");
        let hidden = readings(&["g", "x/y"]).expect("few");
        assert_eq!(hidden, [["g", "x", "y"].map(str::to_owned).to_vec()]);
    }

    #[test]
    fn changes_are_read_together_in_whichever_order() {
        for (segments, expected) in [
            (vec!["a", "", "b;c"], "a/b"),
            (vec!["a", "%62;x ", ""], "a/b"),
            (vec!["a", "b.;x"], "a/b"),
            (vec!["a", "b;x."], "a/b"),
            (vec!["a", "b. . "], "a/b"),
        ] {
            let readings = readings(&segments).expect("few");
            let joined: Vec<_> = readings.iter().map(|reading| reading.join("/")).collect();
            assert!(joined.contains(&expected.to_owned()), "{segments:?}: {joined:?}");
        }
    }

    #[test]
    fn a_path_with_a_hidden_dot_segment_has_none() {
        for segments in [
            vec!["public", "\u{2025}", "admin"],
            vec!["public", "\u{ff05}2e%2e", "admin"],
            vec!["x\u{ff0f}\u{2025}\u{ff0f}admin"],
            vec!["public", ".. ", "admin"],
            vec!["\u{ff0e}"],
        ] {
            assert_eq!(readings(&segments), None, "{segments:?}");
        }
    }

    #[test]
    fn a_path_of_too_many_readings_has_none() {
        let encoded = |layers: usize| format!("%{}41", "25".repeat(layers));
        assert!(readings(&[encoded(5)]).is_some());
        assert!(readings(&[encoded(40)]).is_none());
        assert!(readings(&["\u{ff41};b%2541.", "", "c?d"]).is_some_or_too_many());
        assert_eq!(readings(&vec!["a"; 4096]), Some(Vec::new()));
        assert!(readings(&[vec!["a"; MOST_SEGMENTS - 1], vec!["b;x"]].concat()).is_some());
        assert!(readings(&[vec!["a"; MOST_SEGMENTS], vec!["b;x"]].concat()).is_none());
    }

    trait Bounded {
        fn is_some_or_too_many(&self) -> bool;
    }

    impl Bounded for Option<Vec<Segments>> {
        fn is_some_or_too_many(&self) -> bool {
            self.as_ref().is_none_or(|readings| readings.len() <= MOST)
        }
    }
}
