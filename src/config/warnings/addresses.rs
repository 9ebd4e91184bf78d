//! Addresses that no deployed Worker reaches.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Warnings;
use crate::config::{Address, KeySource, address};
use crate::http::split_port;

/// Domains that no public name server knows, and the machine itself.
const PRIVATE: [&str; 5] = ["local", "internal", "lan", "home.arpa", "localdomain"];

impl Warnings<'_> {
    /// Warns of addresses of this machine and of private networks. A binding is reached all the same.
    pub(super) fn addresses(&mut self) {
        let config = self.config;
        for (index, origin) in config.origins.iter().enumerate() {
            if let Address::Url(url) = &origin.address {
                self.address(url, None, self.address_place(index));
            }
            if let Some(own) = &origin.exchange {
                let place = format!("origins[{index}].exchange");
                self.address(&own.url, own.service.as_deref(), place);
            }
        }
        for (index, issuer) in config.issuers.iter().enumerate() {
            let place = format!("issuers[{index}].verify");
            if let KeySource::Jwks { url, service } | KeySource::Discovery { url, service } =
                &issuer.keys
            {
                self.address(url, service.as_deref(), place.clone());
            }
            if let Some(remote) = &issuer.remote {
                self.address(&remote.url, remote.service.as_deref(), place);
            }
        }
    }

    fn address(&mut self, url: &str, service: Option<&str>, place: String) {
        let host = host_of(url);
        if service.is_some() {
            // The binding leads there, whatever the host says.
        } else if is_loopback(host) {
            let message = "a deployed Worker reaches no loopback host: for `wrangler dev` alone";
            self.add("loopback_url", place, message);
        } else if is_private(host) {
            let message = "a deployed Worker reaches no private address: use a service binding, a VPC \
                           service or a tunnel";
            self.add("private_url", place, message);
        }
    }
}

/// The host of a URL, without its port.
fn host_of(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    split_port(rest.split(['/', '?']).next().unwrap_or_default()).0
}

/// Other spellings, too, under which plain `http` is not accepted.
fn is_loopback(host: &str) -> bool {
    address::is_loopback(host)
        || host.ends_with(".localhost")
        || ipv6(host).is_some_and(|ip| ip.is_loopback())
}

fn is_private(host: &str) -> bool {
    if let Ok(ip) = host.parse::<Ipv4Addr>() {
        let [first, second, ..] = ip.octets();
        let is_shared = first == 100 && (64..128).contains(&second);
        return ip.is_private() || ip.is_link_local() || ip.is_unspecified() || is_shared;
    }
    if let Some(ip) = ipv6(host) {
        return ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_unspecified();
    }
    let is_below =
        |domain: &&str| host.strip_suffix(*domain).is_some_and(|rest| rest.ends_with('.'));
    !host.contains('.') || PRIVATE.iter().any(is_below)
}

fn ipv6(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}
