//! Path syntax of frameworks, which would be read as literal text here and match nothing.

/// Whether a segment of a pattern, as it was written, looks like a parameter or a regular expression
/// of another framework: `:id`, `:id?`, `{id}`, `<int:pk>`, `[id]`, `[...slug]`, `*name`, `(\d+)`,
/// `^users$`.
///
/// Who means such a character writes it percent-encoded, as it stands in a URL.
pub(super) fn is_foreign(segment: &str) -> bool {
    // None of these stands in a path as it is (RFC 3986 §3.3), and each is syntax somewhere.
    let is_syntax =
        |c: char| matches!(c, '{' | '}' | '<' | '>' | '[' | ']' | '^' | '|' | '?' | '#');
    let is_wildcard = segment == "*" || segment == "**";
    segment.contains(is_syntax)
        || (segment.contains('*') && !is_wildcard)
        || segment.starts_with([':', '('])
        // `/v1/books:cancel` and OData's `Products(1)` are paths; `/files/(.*)`, `users$` and Rails'
        // `users(.:format)` are not.
        || segment.contains("(.")
        || segment.contains(".+")
        || segment.contains('\\')
        || (segment.ends_with('$') && segment.len() > 1)
        || segment.starts_with("v:")
        || has_parameter(segment)
}

/// Whether a parameter stands behind a literal, as in `@:name`, `LAX-:to` and `file.:ext`: a colon behind a mark and before
/// a letter. `books:cancel` and `10:30` are literals.
fn has_parameter(segment: &str) -> bool {
    let colons = segment.match_indices(':').filter_map(|(at, _)| segment.split_at_checked(at));
    colons.map(|(before, from)| (before.chars().next_back(), from.chars().nth(1))).any(
        |(before, after)| {
            before.is_some_and(|mark| mark.is_ascii() && !mark.is_ascii_alphanumeric())
                && after.is_some_and(char::is_alphabetic)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntax_of_frameworks_is_foreign() {
        for segment in [
            ":id",
            ":id?",
            ":id(\\d+)",
            ":id.json",
            "{id}",
            "{id?}",
            "{id:\\d+}",
            "{**slug}",
            "{id...}",
            "<pk>",
            "<int:pk>",
            "<uuid:id>",
            "[id]",
            "[...slug]",
            "[[...slug]]",
            "*name",
            "*path",
            "a*",
            "***",
            "(.*)",
            "(\\d+)",
            "(group)",
            "^users",
            "users$",
            "users(.:format)",
            "a|b",
            "\\d+",
            "[0-9]+",
            ".+",
            "user-{id}",
            "id?",
            "(?P<id>x)",
            // A parameter beside a literal: Express, Fastify, Rails.
            "LAX-:to",
            "page-:n",
            "@:name",
            "~:user",
            "report.:ext",
            "id=:id",
            "_:id",
            "Products(:id)",
            "v:version",
        ] {
            assert!(is_foreign(segment), "{segment}");
        }
    }

    #[test]
    fn what_a_url_may_hold_and_our_own_wildcards_are_not_foreign() {
        for segment in [
            "*",
            "**",
            "users",
            "books:cancel",
            "v1:predict",
            "urn:isbn:1",
            "10:30",
            "a-b:c",
            "-:-",
            "Products(1)",
            "$metadata",
            "$",
            "a.b",
            "a+b",
            "@me",
            "~user",
            "%7Bid%7D",
            "a=b",
            "",
            "v1.0",
            "a,b",
            "!",
            "it's",
            "-",
            "_id",
            "$count",
        ] {
            assert!(!is_foreign(segment), "{segment}");
        }
    }
}
