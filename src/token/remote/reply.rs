use std::fmt;
use std::time::Duration;

use crate::json;

/// The HTTP response of an auth server, not yet interpreted. Its `Debug` shows no byte of the body.
pub struct RemoteReply {
    /// The status code.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
    /// Whether the body is a signed answer ([RFC 9701]), by its media type.
    ///
    /// [RFC 9701]: https://www.rfc-editor.org/rfc/rfc9701
    pub is_signed: bool,
    /// The delay that `Retry-After` asks for.
    pub retry_after: Option<Duration>,
}

impl RemoteReply {
    /// The body, without the byte-order mark that some servers begin it with.
    pub(super) fn document(&self) -> &[u8] {
        json::without_byte_order_mark(&self.body)
    }
}

impl fmt::Debug for RemoteReply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RemoteReply")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
