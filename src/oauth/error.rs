/// A request in which the auth server might read another token than the gateway. It is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each is answered")]
pub enum RequestError {
    /// The body is of another type or encoding than those that are read.
    MediaType,
    /// The body cannot be read, or could be read in two ways.
    Malformed,
    /// The token has characters that no token has, or parts that decoders read differently.
    Token,
}
