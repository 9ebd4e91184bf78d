use std::fmt;
use std::time::Duration;

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

impl fmt::Debug for RemoteReply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RemoteReply")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
