//! A token among the subprotocols of a WebSocket: browsers let a page set no other header there.
//!
//! `new WebSocket(url, ['chat.v1', 'bearer', token])` sends `Sec-WebSocket-Protocol: chat.v1, bearer,
//! <token>`: the token is what follows the marker.

use super::{CredentialError, OWS};

/// The token behind the marker.
///
/// # Errors
///
/// [`CredentialError`]: two markers, or nothing behind one.
pub(super) fn value<'a>(header: &'a str, marker: &str) -> Result<Option<&'a str>, CredentialError> {
    let mut offered = items(header).skip_while(|item| *item != marker);
    if offered.next().is_none() {
        return Ok(None);
    }
    let token = offered.next().ok_or(CredentialError::Malformed)?;
    if token == marker || offered.any(|item| item == marker) {
        return Err(CredentialError::Several);
    }
    Ok(Some(token))
}

/// The list without markers and what follows each, as it is where it has none; `None` when nothing is
/// left to choose from.
pub(super) fn without(header: &str, is_marker: impl Fn(&str) -> bool) -> Option<String> {
    if !items(header).any(&is_marker) {
        return Some(header.to_owned());
    }
    let mut follows = false;
    let others = items(header).filter(|item| {
        let is_token = std::mem::replace(&mut follows, is_marker(item));
        !is_token && !is_marker(item)
    });
    let others: Vec<_> = others.collect();
    (!others.is_empty()).then(|| others.join(", "))
}

fn items(header: &str) -> impl Iterator<Item = &str> {
    header.split(',').map(|item| item.trim_matches(OWS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_what_follows_the_marker() {
        for header in ["bearer, a.b", "chat, bearer,a.b", "bearer,a.b,chat"] {
            assert_eq!(value(header, "bearer"), Ok(Some("a.b")), "{header}");
        }
        for header in ["", "chat", "Bearer, a.b", "a.b", "bearers, a.b"] {
            assert_eq!(value(header, "bearer"), Ok(None), "{header}");
        }
    }

    #[test]
    fn a_list_without_a_marker_stays_as_it_is() {
        for header in ["chat.v2,chat.v1", "chat ,  other", "", " ,", "bearers,a.b"] {
            let rest = without(header, |item| item == "bearer");
            assert_eq!(rest.as_deref(), Some(header));
        }
    }

    #[test]
    fn a_marker_without_one_token_is_refused() {
        for (header, error) in [
            ("bearer", CredentialError::Malformed),
            ("chat, bearer", CredentialError::Malformed),
            ("bearer, bearer", CredentialError::Several),
            ("bearer, a, bearer, b", CredentialError::Several),
        ] {
            assert_eq!(value(header, "bearer"), Err(error), "{header}");
        }
    }

    #[test]
    fn the_origin_chooses_among_the_others() {
        for (header, rest) in [
            ("chat.v2, bearer, a.b, chat.v1", Some("chat.v2, chat.v1")),
            ("bearer, a.b", None),
            ("bearer, a, bearer, b, chat", Some("chat")),
            ("chat, bearer", Some("chat")),
        ] {
            assert_eq!(without(header, |item| item == "bearer").as_deref(), rest, "{header}");
        }
    }
}
