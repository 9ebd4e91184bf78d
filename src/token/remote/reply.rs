use std::fmt;
use std::time::Duration;

/// What came back over HTTP, unread. Its `Debug` shows no byte of the body.
pub struct RemoteReply {
    /// The status.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
    /// Whether the body is a signed answer ([RFC 9701]), by its media type.
    ///
    /// [RFC 9701]: https://www.rfc-editor.org/rfc/rfc9701
    pub is_signed: bool,
    /// What `Retry-After` asks for.
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
