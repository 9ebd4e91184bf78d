use super::RequestHead;

/// Whether another site may have made the browser send this request, which changes something: a
/// cookie goes along whoever asks ([RFC 9700 §4.7], OWASP on cross-site request forgery).
///
/// `GET`, `HEAD` and `OPTIONS` change nothing, but for the upgrade to a WebSocket, which no CORS
/// check holds back. For the rest a browser says where the request comes from: an `Origin` among
/// `origins` will do; else `Sec-Fetch-Site` decides, which no page can write; else `Origin` must be
/// the one that was asked. Who says nothing is no browser of today, and gets no benefit of doubt.
///
/// [RFC 9700 §4.7]: https://www.rfc-editor.org/rfc/rfc9700#section-4.7
#[must_use]
pub fn may_be_cross_site(head: &RequestHead<'_>, origins: &[String]) -> bool {
    let upgrade = head.header("upgrade").unwrap_or_default();
    let is_websocket = upgrade.to_ascii_lowercase().contains("websocket");
    if ["GET", "HEAD", "OPTIONS"].contains(&head.method) && !is_websocket {
        return false;
    }
    is_foreign(head.url, head.header("origin"), head.header("sec-fetch-site"), origins)
}

/// Whether a request that changes something may come from a page of another site, by its `Origin` and
/// `Sec-Fetch-Site`, as for [`may_be_cross_site`].
#[must_use]
pub fn is_foreign(url: &str, origin: Option<&str>, site: Option<&str>, origins: &[String]) -> bool {
    if origin.is_some_and(|origin| origins.iter().any(|listed| listed == origin)) {
        return false;
    }
    match site {
        // `none`: the user's own doing, not a page's.
        Some(site) => !["same-origin", "none"].contains(&site),
        None => origin.is_none() || origin != own_origin(url),
    }
}

/// Scheme and authority.
fn own_origin(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    url.get(..scheme.len().saturating_add("://".len()).saturating_add(authority.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{FieldNames, RequestId};

    fn refused(method: &str, fields: &[(&str, &str)]) -> bool {
        let (url, id) = ("https://api.example/a?b", RequestId::unknown());
        let names = &FieldNames::whole(fields.iter().map(|(name, _)| *name)).into();
        let head = RequestHead { method, url, names, fields, id };
        may_be_cross_site(&head, &["https://app.example".to_owned()])
    }

    #[test]
    fn reading_needs_no_origin_and_writing_does() {
        for method in ["GET", "HEAD", "OPTIONS"] {
            assert!(!refused(method, &[("sec-fetch-site", "cross-site")]), "{method}");
        }
        for method in ["POST", "PUT", "PATCH", "DELETE", "PROPFIND", "get"] {
            assert!(refused(method, &[]), "{method}");
            assert!(!refused(method, &[("origin", "https://api.example")]), "{method}");
        }
        for upgrade in ["websocket", "WebSocket", "h2c, websocket"] {
            assert!(refused("GET", &[("upgrade", upgrade)]), "{upgrade}");
        }
        assert!(!refused("GET", &[("upgrade", "h2c")]));
    }

    #[test]
    fn what_the_browser_says_of_the_site_decides_before_its_origin() {
        for (site, is_refused) in [
            ("same-origin", false),
            ("none", false),
            ("same-site", true),
            ("cross-site", true),
            ("same-origin, same-origin", true),
            ("", true),
        ] {
            let fields = [("sec-fetch-site", site), ("origin", "https://api.example")];
            assert_eq!(refused("POST", &fields), is_refused, "{site}");
        }
    }

    #[test]
    fn only_the_very_origin_or_a_listed_one_will_do() {
        for (origin, is_refused) in [
            ("https://api.example", false),
            ("https://app.example", false),
            ("http://api.example", true),
            ("https://api.example:8443", true),
            ("https://api.example.evil.example", true),
            ("https://evil.example", true),
            ("null", true),
            ("", true),
        ] {
            assert_eq!(refused("POST", &[("origin", origin)]), is_refused, "{origin}");
        }
        let listed = [("sec-fetch-site", "cross-site"), ("origin", "https://app.example")];
        assert!(!refused("POST", &listed));
    }
}
