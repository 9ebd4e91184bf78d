/// The methods that a route serves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Methods {
    /// Every method but those that no gateway should forward (see [`Methods::is_refused`]).
    Any,
    /// Exactly these, in upper case. `GET` stands for `HEAD` too (RFC 9110 §9.3.2).
    Only(Vec<String>),
}

impl Methods {
    /// The methods that are always refused: `TRACE` and `TRACK` echo the request, credentials
    /// included, and `CONNECT` is for proxies.
    pub const REFUSED: [&'static str; 3] = ["TRACE", "TRACK", "CONNECT"];

    /// Whether `method` is one of [`Methods::REFUSED`], in any case.
    #[must_use]
    pub fn is_refused(method: &str) -> bool {
        Self::REFUSED.iter().any(|refused| method.eq_ignore_ascii_case(refused))
    }

    /// The value of `Allow` for a path whose routes list these ([RFC 9110 §10.2.1]): each method
    /// once, in the order of the configuration.
    ///
    /// [RFC 9110 §10.2.1]: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.1
    pub(super) fn allow<'a>(all: impl Iterator<Item = &'a Self>) -> String {
        let mut allowed: Vec<&str> = Vec::new();
        for methods in all {
            let Self::Only(methods) = methods else { continue };
            for method in methods {
                let head = (method == "GET").then_some("HEAD");
                for name in std::iter::once(method.as_str()).chain(head) {
                    if !allowed.contains(&name) {
                        allowed.push(name);
                    }
                }
            }
        }
        allowed.join(", ")
    }

    /// Whether `method` is served.
    #[must_use]
    pub fn serves(&self, method: &str) -> bool {
        self.rank(method).is_some()
    }

    /// How specifically `method` is listed: 0 when it is listed itself, 1 when it is `HEAD` and
    /// `GET` is listed, 2 for any method; `None` when it is not served. Methods are case-sensitive
    /// (RFC 9110 §9.1).
    pub(super) fn rank(&self, method: &str) -> Option<u8> {
        let lists = |methods: &[String], name: &str| methods.iter().any(|own| own == name);
        match self {
            Self::Any => Some(2),
            Self::Only(methods) if lists(methods, method) => Some(0),
            Self::Only(methods) if method == "HEAD" && lists(methods, "GET") => Some(1),
            Self::Only(_) => None,
        }
    }

    /// Whether both lists name the same method, so that neither route is the better match.
    pub(super) fn tie(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, Self::Any) => true,
            (Self::Only(own), Self::Only(others)) => {
                own.iter().any(|method| others.contains(method))
            }
            // A list is more specific than "any", so the two do not tie.
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn get_stands_for_head_and_case_matters() {
        let get = Methods::Only(vec!["GET".to_owned()]);
        assert_eq!((get.rank("GET"), get.rank("HEAD")), (Some(0), Some(1)));
        assert_eq!((get.rank("get"), get.rank("POST")), (None, None));
        assert_eq!(Methods::Any.rank("PURGE"), Some(2));
    }

    #[test]
    fn trace_is_refused_in_every_spelling() {
        assert!(Methods::is_refused("TRACE") && Methods::is_refused("trace"));
        assert!(!Methods::is_refused("GET"));
    }
}
