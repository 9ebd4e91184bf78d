//! The members of a body, as whichever server reads them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::RequestError;
use crate::http;
use crate::json::{self, Object};

/// The members of a JSON body.
pub(super) fn json_members(text: &str) -> Result<BTreeMap<String, Value>, RequestError> {
    let object: Result<Object, _> = json::parse_object(text.as_bytes());
    match object {
        Ok(object) => Ok(object.into_iter().collect()),
        // A list or a text has no members, and no server finds one in it.
        Err(_) if json::parse_value(text.as_bytes()).is_ok_and(|value| !value.is_object()) => {
            Ok(BTreeMap::new())
        }
        Err(_) => Err(RequestError::Malformed),
    }
}

/// The parameters of a form; several of one name as a list, where it may have them.
pub(super) fn form_members(text: &str) -> Result<BTreeMap<String, Value>, RequestError> {
    let mut members = BTreeMap::new();
    for (name, value) in http::parameters(text).ok_or(RequestError::Malformed)? {
        match members.remove(&name) {
            None => members.insert(name, Value::from(value)),
            Some(Value::Array(mut all)) if SEVERAL.contains(&name.as_str()) => {
                all.push(Value::from(value));
                members.insert(name, Value::Array(all))
            }
            Some(first) if SEVERAL.contains(&name.as_str()) => {
                members.insert(name, Value::Array(vec![first, Value::from(value)]))
            }
            // Two servers could read two parameters of one name differently.
            Some(_) => return Err(RequestError::Malformed),
        };
    }
    Ok(members)
}

/// The parameters that a form may have several times (RFC 8693 §2.1, RFC 8707 §2).
const SEVERAL: [&str; 2] = ["audience", "resource"];

/// Takes the text at a path out of the members. Some servers ignore the case of names, or read
/// brackets: another spelling is refused.
pub(super) fn take(
    members: &mut BTreeMap<String, Value>,
    path: &str,
) -> Result<Option<String>, RequestError> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    if members.keys().any(|other| other != name && is_like(name, other)) {
        return Err(RequestError::Malformed);
    }
    let Some(found) = members.get_mut(name) else { return Ok(None) };
    match (rest, found) {
        (None, Value::String(_)) => match members.remove(name) {
            Some(Value::String(text)) => Ok(Some(text)),
            _ => Ok(None),
        },
        (Some(rest), Value::Object(inner)) => {
            let mut members: BTreeMap<_, _> = std::mem::take(inner).into_iter().collect();
            let taken = take(&mut members, rest);
            *inner = members.into_iter().collect();
            taken
        }
        // Another type is an error that the auth server tells.
        _ => Ok(None),
    }
}

/// Whether the most lenient server may read `other` as `name`: it compares letters and digits alone, without case. Letters
/// that are no ASCII may be left out, or fold to some that are.
fn is_like(name: &str, other: &str) -> bool {
    let lower = |c: char| c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase());
    let name: Vec<_> = name.chars().filter_map(lower).collect();
    let other = other.chars().filter(|c| c.is_ascii_alphanumeric() || !c.is_ascii());
    // The lengths of the beginnings of `name` that the letters so far may be.
    let mut lengths = vec![true];
    lengths.resize(name.len().saturating_add(1), false);
    for letter in other {
        lengths = if let Some(letter) = lower(letter) {
            let after = name.iter().zip(&lengths).map(|(own, is)| *is && *own == letter);
            std::iter::once(false).chain(after).collect()
        } else {
            let least = lengths.iter().position(|is| *is).unwrap_or(lengths.len());
            (0..lengths.len()).map(|length| length >= least).collect()
        };
    }
    lengths.last().is_some_and(|is_whole| *is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_like_another_that_some_server_takes_for_it() {
        for other in [
            "refresh",
            "REFRESH",
            "re-fresh",
            "refresh[]",
            "re\u{e9}fresh",
            "ref\u{17f}h",
            "\u{ff52}efresh",
            "\u{212a}",
        ] {
            assert!(is_like("refresh", other), "{other}");
        }
        for other in
            ["", "refres", "refreshh", "gr\u{f6}\u{df}e", "refresh\u{e9}x", "x\u{e9}refresh"]
        {
            assert!(!is_like("refresh", other), "{other}");
        }
    }
}
