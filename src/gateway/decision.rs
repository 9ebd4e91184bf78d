use std::fmt;

use super::url::split_url;
use super::{Admission, ForwardPlan, Record, Rejection};
use crate::route::OwnResource;

/// What is done with a request, and what is said about it.
#[derive(Debug)]
pub struct Decision {
    /// What is done.
    pub outcome: Outcome,
    /// What a log may say.
    pub record: Record,
    /// The issuer whose keys should be fetched again once the answer is on its way.
    pub revalidate: Option<usize>,
}

/// What is done with a request.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must carry out every outcome")]
pub enum Outcome {
    /// It goes to an origin.
    Forward(ForwardPlan),
    /// The gateway answers it from its own resources.
    Serve(OwnRequest),
    /// It is refused.
    Refuse(Rejection),
}

/// A request for one of the gateway's own resources, admitted by the same checks as any other. Its
/// `Debug` shows no query.
pub struct OwnRequest {
    /// Which resource.
    pub resource: OwnResource,
    /// With which method.
    pub method: String,
    /// The client's authority, the canonical path, the query as it came.
    pub url: String,
    /// Who asks, and why that is allowed.
    pub admission: Admission,
}

impl fmt::Debug for OwnRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OwnRequest")
            .field("resource", &self.resource)
            .field("admission", &self.admission)
            .finish_non_exhaustive()
    }
}

impl OwnRequest {
    /// Why there is no answer but a refusal: no such resource, or not with this method.
    #[must_use]
    pub fn refusal(&self) -> Option<Rejection> {
        let allowed = match self.resource {
            OwnResource::Unknown => return Some(Rejection::RouteNotFound),
            OwnResource::Revocations => "POST, DELETE",
            OwnResource::Health
            | OwnResource::Ready
            | OwnResource::Me
            | OwnResource::KeySet
            | OwnResource::Page => "GET, HEAD",
        };
        let is_allowed = allowed.split(", ").any(|method| method == self.method);
        (!is_allowed).then_some(Rejection::MethodNotAllowed(allowed.into()))
    }

    /// The canonical path.
    #[must_use]
    pub fn path(&self) -> &str {
        split_url(&self.url).map_or("", |(_, path, _)| path)
    }
}
