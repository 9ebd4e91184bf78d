//! Host and scheme as the client used them, for origins that put them into links and redirects.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::adapter_cache::AdapterCache;
use crate::config::{ForwardedRule, Origin};
use crate::http::split_port;
use crate::limits;

/// The values of `x-forwarded-host` and `x-forwarded-proto`.
#[derive(Debug)]
pub struct Forwarded {
    host: String,
    proto: String,
    /// The two fields in the adapter's own form.
    pub(super) prepared: AdapterCache,
}

/// The fields of the hosts that were requested recently: a gateway has only a few hosts.
#[derive(Debug, Default)]
pub(super) struct ForwardedHosts(RefCell<Known>);

#[derive(Debug, Default)]
struct Known {
    by_base: BTreeMap<String, usize>,
    forwarded: Vec<Rc<Forwarded>>,
}

impl Forwarded {
    /// Reads `base`, a scheme with an authority: the host in lower case, without the dot that may
    /// end it and without the port that is the scheme's own. A tenant is chosen by the same form.
    #[must_use]
    pub fn of(base: &str) -> Self {
        let (proto, authority) = base.split_once("://").unwrap_or(("https", base));
        let (host, port) = split_port(authority);
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let proto = proto.to_ascii_lowercase();
        let is_usual =
            |port: &&str| matches!((proto.as_str(), *port), ("https", "443") | ("http", "80"));
        let host = match port.filter(|port| !is_usual(port)) {
            Some(port) => [&host, ":", port].concat(),
            None => host,
        };
        Self { host, proto, prepared: AdapterCache::default() }
    }

    /// The names and values of the two fields.
    #[must_use]
    pub fn fields(&self) -> [(&'static str, &str); 2] {
        [("x-forwarded-host", &self.host), ("x-forwarded-proto", &self.proto)]
    }
}

impl ForwardedHosts {
    /// The fields that `origin` receives with a request for `base`; `None` if it receives none.
    pub(super) fn told(&self, origin: &Origin, base: &str) -> Option<Rc<Forwarded>> {
        if origin.forwarded != ForwardedRule::Set {
            return None;
        }
        let mut known = self.0.borrow_mut();
        if let Some(index) = known.by_base.get(base) {
            return known.forwarded.get(*index).cloned();
        }
        if known.forwarded.len() >= limits::FORWARDED_HOSTS {
            *known = Known::default();
        }
        let (index, forwarded) = (known.forwarded.len(), Rc::new(Forwarded::of(base)));
        known.by_base.insert(base.to_owned(), index);
        known.forwarded.push(Rc::clone(&forwarded));
        Some(forwarded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_told_in_the_form_that_chooses_a_tenant() {
        for (base, host, proto) in [
            ("https://api.example", "api.example", "https"),
            ("HTTPS://API.Example.", "api.example", "https"),
            ("https://api.example.:8443", "api.example:8443", "https"),
            ("https://api.example:443", "api.example", "https"),
            ("http://api.example:80", "api.example", "http"),
            ("http://api.example:443", "api.example:443", "http"),
            ("http://[::1]:8787", "[::1]:8787", "http"),
            ("http://[2001:DB8::1]", "[2001:db8::1]", "http"),
        ] {
            let forwarded = Forwarded::of(base);
            let expected = [("x-forwarded-host", host), ("x-forwarded-proto", proto)];
            assert_eq!(forwarded.fields(), expected, "{base}");
        }
    }
}
