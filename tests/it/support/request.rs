//! A request as the platform hands it over: joined values, lower-case names, the URL as it came.

use edgeward::gateway::{Gateway, Step};
use edgeward::http::{RequestHead, RequestId};
use edgeward::time::NumericDate;

pub(crate) const HOST: &str = "https://api.example.com";

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
}

/// `GET` of a path at the usual host.
pub(crate) fn get(path: &str) -> Request {
    request("GET", path)
}

pub(crate) fn request(method: &str, path: &str) -> Request {
    Request { method: method.to_owned(), url: format!("{HOST}{path}"), headers: Vec::new() }
}

impl Request {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn begin(&self, gateway: &Gateway, now: NumericDate) -> Step {
        let mut names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let id = RequestId::accept("r-1").expect("harmless");
        let values: Vec<_> = names.iter().map(|name| self.value(name)).collect();
        let fields = names.iter().copied().zip(values.iter().map(String::as_str));
        let names = gateway.field_names(names.iter().copied()).into();
        // As at the edge: what is not read is not even fetched.
        let fields: Vec<_> = fields.filter(|(name, _)| gateway.config().reads(name)).collect();
        let (method, url) = (self.method.as_str(), self.url.as_str());
        gateway.begin(&RequestHead { method, url, names: &names, fields: &fields, id }, now)
    }

    fn value(&self, name: &str) -> String {
        let values = self.headers.iter().filter(|(own, _)| own == name);
        values.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(", ")
    }
}
