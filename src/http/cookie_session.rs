//! The cookies of a session: an access token for the gate, and a sealed refresh token.

use std::borrow::Cow;
use std::time::Duration;

use super::cookie::{self, is_part_of};
use super::{CredentialError, RequestHead, cross_site};

/// A session whose tokens are in cookies, so that no script of a page can read them ([RFC 10017]).
///
/// A value that is too long for one cookie is split: the cookie itself holds the number of parts, `~`
/// and the first part; `name.1`, `name.2` and so on hold the others.
///
/// [RFC 10017]: https://www.rfc-editor.org/rfc/rfc10017
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the configuration fills every field")]
pub struct CookieSession {
    /// The cookie with the access token.
    pub access: String,
    /// The cookie with the sealed refresh token.
    pub refresh: String,
    /// The origins whose pages may use it, besides the API's own.
    pub origins: Vec<String>,
    /// The lower-case name of a header that stands for `Origin` in clients that send neither it nor
    /// `Sec-Fetch-Site`.
    pub csrf_header: Option<String>,
    /// The path of the route that refreshes its tokens.
    pub refresh_path: String,
    /// How long before its end an access token is renewed.
    pub leeway: Duration,
}

impl CookieSession {
    /// The access token of a `Cookie` header. A set of cookies that is not whole holds none.
    ///
    /// # Errors
    ///
    /// [`CredentialError::Several`] for two cookies of one name.
    pub fn access_token<'a>(
        &self,
        header: &'a str,
    ) -> Result<Option<Cow<'a, str>>, CredentialError> {
        let Some(first) = cookie::value(header, &self.access)? else { return Ok(None) };
        let Some((parts, first)) = first.split_once('~') else { return Ok(None) };
        match parts {
            "1" => Ok(Some(Cow::Borrowed(first))),
            "2" | "3" | "4" => self.joined(header, first, parts),
            _ => Ok(None),
        }
    }

    fn joined<'a>(
        &self,
        header: &'a str,
        first: &str,
        parts: &str,
    ) -> Result<Option<Cow<'a, str>>, CredentialError> {
        let mut whole = first.to_owned();
        for number in ["1", "2", "3"].into_iter().take_while(|number| *number < parts) {
            let name = [&self.access, ".", number].concat();
            let Some(part) = cookie::value(header, &name)? else { return Ok(None) };
            whole.push_str(part);
        }
        Ok(Some(Cow::Owned(whole)))
    }

    /// Whether a `Cookie` header has a refresh token.
    #[must_use]
    pub fn has_refresh(&self, header: &str) -> bool {
        matches!(cookie::value(header, &self.refresh), Ok(Some(value)) if !value.is_empty())
    }

    /// Whether a cookie with this name belongs to the session.
    #[must_use]
    pub fn owns(&self, name: &str) -> bool {
        [&self.access, &self.refresh].into_iter().any(|own| is_part_of(name, own))
    }

    /// Whether some server could read what stands between two semicolons as a cookie of the session: in another
    /// case, behind a comma, a quote or a space that only it trims.
    #[must_use]
    pub fn may_be_in(&self, part: &str) -> bool {
        let rest = part.to_ascii_lowercase();
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        [&self.access, &self.refresh].into_iter().any(|name| {
            let name = name.to_ascii_lowercase();
            rest.match_indices(&name).any(|(at, found)| {
                let (before, after) = rest.as_bytes().split_at(at);
                let behind = after.get(found.len());
                !before.last().is_some_and(is_letter) && !behind.is_some_and(is_letter)
            })
        })
    }

    /// Whether another site may have made the browser send this request, which changes something. A
    /// page of another site cannot add a header of its own without being asked for its origin first.
    #[must_use]
    pub fn may_be_cross_site(&self, head: &RequestHead<'_>) -> bool {
        cross_site::may_be_cross_site(head, &self.origins) && !self.is_vouched_for(head)
    }

    fn is_vouched_for(&self, head: &RequestHead<'_>) -> bool {
        let says_nothing =
            head.header("origin").is_none() && head.header("sec-fetch-site").is_none();
        let header = self.csrf_header.as_deref().and_then(|name| head.header(name));
        says_nothing && header.is_some_and(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{FieldNames, RequestId};

    fn session() -> CookieSession {
        CookieSession {
            access: "__Host-a".to_owned(),
            refresh: "__Host-r".to_owned(),
            origins: vec!["https://app.example".to_owned()],
            csrf_header: Some("x-csrf".to_owned()),
            refresh_path: "/refresh".to_owned(),
            leeway: Duration::from_secs(30),
        }
    }

    fn token(header: &str) -> Option<String> {
        session().access_token(header).unwrap().map(Cow::into_owned)
    }

    #[test]
    fn a_token_is_joined_by_the_count_that_its_first_cookie_states() {
        assert_eq!(token("__Host-a=1~x.y.z"), Some("x.y.z".to_owned()));
        assert_eq!(token("__Host-a.1=b; o=1; __Host-a=2~a"), Some("ab".to_owned()));
        assert_eq!(
            token("__Host-a=4~a; __Host-a.1=b; __Host-a.2=c; __Host-a.3=d"),
            Some("abcd".to_owned())
        );
        // What an earlier, longer set has left behind is not read.
        assert_eq!(token("__Host-a=1~a; __Host-a.1=b"), Some("a".to_owned()));
    }

    #[test]
    fn a_set_that_is_not_whole_is_no_token() {
        for header in [
            "",
            "__Host-b=1~a",
            "__Host-a=a",
            "__Host-a=",
            "__Host-a=0~a",
            "__Host-a=5~a; __Host-a.1=b; __Host-a.2=c; __Host-a.3=d; __Host-a.4=e",
            "__Host-a=12~a",
            "__Host-a=2~a",
            "__Host-a=2~a; __Host-a.2=b",
            "__Host-a=3~a; __Host-a.1=b",
            "__Host-a.1=1~b",
        ] {
            assert_eq!(token(header), None, "{header}");
        }
    }

    #[test]
    fn two_cookies_of_one_name_are_refused() {
        for header in ["__Host-a=1~a; __Host-a=1~b", "__Host-a=2~a; __Host-a.1=b; __Host-a.1=c"] {
            assert_eq!(session().access_token(header), Err(CredentialError::Several), "{header}");
        }
    }

    #[test]
    fn all_cookies_that_can_be_part_of_a_set_are_its_own() {
        for name in ["__Host-a", "__Host-r", "__Host-a.1", "__Host-r.9", "__Host-a.12"] {
            assert!(session().owns(name), "{name}");
        }
        for name in ["__Host-ab", "__Host-a1", "a", "__host-a", "__Host-a.x", "__Host-a.", ""] {
            assert!(!session().owns(name), "{name}");
        }
    }

    #[test]
    fn a_rest_that_another_server_could_read_as_a_cookie_of_the_session_is_found() {
        for rest in [
            "a=1, __Host-r=x",
            "\"__Host-r\"=x",
            "=__Host-r=x",
            "__host-R=x",
            "\u{a0}__Host-r=x",
            "a=1;\u{b}__Host-a=x",
            "__Host-a.x=1",
            "__Host-r",
        ] {
            assert!(session().may_be_in(rest), "{rest:?}");
        }
        for rest in ["", "a=1", "__Host-ab=1", "x__Host-a=1", "__Host-a-b=1", "__Host-=1"] {
            assert!(!session().may_be_in(rest), "{rest:?}");
        }
    }

    fn foreign(fields: &[(&str, &str)]) -> bool {
        let (url, id) = ("https://api.example/a", RequestId::unknown());
        let names = &FieldNames::whole(fields.iter().map(|(name, _)| *name)).into();
        let head = RequestHead { method: "POST", url, names, fields, id };
        session().may_be_cross_site(&head)
    }

    #[test]
    fn the_header_stands_for_the_origin_where_nothing_else_is_said() {
        assert!(!foreign(&[("x-csrf", "1")]));
        assert!(foreign(&[]));
        assert!(foreign(&[("x-csrf", "")]));
        assert!(foreign(&[("x-csrf", "1"), ("origin", "https://evil.example")]));
        assert!(foreign(&[("x-csrf", "1"), ("sec-fetch-site", "cross-site")]));
        assert!(!foreign(&[("origin", "https://app.example"), ("sec-fetch-site", "cross-site")]));
        assert!(!foreign(&[("sec-fetch-site", "same-origin")]));
    }
}
