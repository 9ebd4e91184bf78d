use crate::http;

/// Takes a URL apart into scheme with authority, path, and query with its `?`.
///
/// The path must come as the client sent it: a parser in between has already made one reading of
/// it, perhaps not the origin's. `None` for a fragment, which no request has (RFC 9112 §3.2).
pub(crate) fn split_url(url: &str) -> Option<(&str, &str, &str)> {
    let scheme_bytes = url.find(':')?;
    let authority_at = scheme_bytes.checked_add("://".len())?;
    if url.get(scheme_bytes..authority_at)? != "://" {
        return None;
    }
    let rest = url.get(authority_at..)?;
    let path_at = authority_at.checked_add(rest.find(['/', '?', '#']).unwrap_or(rest.len()))?;
    let (base, rest) = url.split_at_checked(path_at)?;
    if rest.contains('#') || !http::is_authority(base.get(authority_at..)?) {
        return None;
    }
    let query_at = rest.find('?').unwrap_or(rest.len());
    let (path, query) = rest.split_at_checked(query_at)?;
    Some((base, if path.is_empty() { "/" } else { path }, query))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart_without_being_parsed_again() {
        let split = split_url("https://a.example:8/p/%2e%2e/x?q=/../#f".trim_end_matches("#f"));
        assert_eq!(split, Some(("https://a.example:8", "/p/%2e%2e/x", "?q=/../")));
        assert_eq!(split_url("https://a.example"), Some(("https://a.example", "/", "")));
        assert_eq!(split_url("https://a.example?q"), Some(("https://a.example", "/", "?q")));
        assert_eq!(split_url("https://a.example/p#f"), None);
        assert_eq!(split_url("https://a\\admin/p"), None);
        assert_eq!(split_url("*"), None);
    }
}
