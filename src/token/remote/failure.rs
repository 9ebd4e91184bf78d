/// Why an endpoint has not said anything about a token. None of these is a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "each has its own line in the log")]
pub enum RemoteFailure {
    /// It asked for a pause (429).
    #[error("expected an answer, got a request to wait")]
    Busy,
    /// It rejects the gateway's own credentials (RFC 7662 §2.3).
    #[error("expected the client's credentials to be accepted")]
    ClientRefused,
    /// Its answer is not what it should be.
    #[error("expected a JSON object of the form that was asked for")]
    Malformed,
    /// A redirect; none is followed.
    #[error("expected no redirect")]
    Redirects,
    /// It rejects the request (another 4xx): perhaps it does not like the token's form.
    #[error("expected the request to be accepted")]
    RequestRefused,
    /// Another status.
    #[error("expected status 200, or 401 or 403 of an endpoint that shows the caller")]
    Status,
    /// No complete answer in time.
    #[error("expected an answer in time")]
    Timeout,
    /// An object that is not read because its readings differ, such as one with a member twice.
    #[error("expected a JSON object that has one reading")]
    Unreadable,
    /// A body of more than [`crate::limits::REMOTE_BODY_BYTES`].
    #[error("expected at most {} bytes", crate::limits::REMOTE_BODY_BYTES)]
    TooLarge,
    /// No connection, or it broke.
    #[error("expected a connection")]
    Unreachable,
    /// A signed answer (RFC 9701) that cannot be verified, or one that should be signed and is not.
    #[error("expected an answer that can be verified")]
    Unverified,
}

impl RemoteFailure {
    /// Whether the endpoint is in trouble. One that refuses a request, or the client, is there and
    /// answers: were that counted, anybody could send tokens that have it left alone.
    #[must_use]
    pub const fn is_outage(self) -> bool {
        !matches!(self, Self::ClientRefused | Self::RequestRefused)
    }

    /// Whether the caller may have caused it, by what it has the auth server say of it.
    #[must_use]
    pub const fn may_be_callers(self) -> bool {
        matches!(self, Self::TooLarge | Self::Unreadable)
    }

    /// A stable name for logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Busy => "auth_server_busy",
            Self::ClientRefused => "auth_server_refuses_client",
            Self::Malformed | Self::Unreadable => "auth_server_answer_malformed",
            Self::Redirects => "auth_server_redirects",
            Self::RequestRefused => "auth_server_refuses_request",
            Self::Status => "auth_server_status",
            Self::Timeout => "auth_server_timeout",
            Self::TooLarge => "auth_server_answer_too_large",
            Self::Unreachable => "auth_server_unreachable",
            Self::Unverified => "auth_server_answer_unverified",
        }
    }
}
