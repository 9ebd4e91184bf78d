//! Refresh tokens on the wire: where one stands in a request, what an auth server's
//! answer means, and how the gateway itself refuses one (RFC 6749 §5, §6; `SimpleJWT`).

mod endpoint;
mod error;
mod members;
mod refusal;
mod reply;
mod request;

pub use endpoint::{Body, TokenEndpoint};
pub use error::RequestError;
pub use refusal::{Refusal, RefusalStyle, Wire};
pub use reply::{Reply, ReplyKind};
pub use request::{Presented, TokenRequest};
