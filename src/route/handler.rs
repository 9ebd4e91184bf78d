/// The handler of a route: its requests are about the tokens of an issuer, and are served by the
/// authority, which asks the auth server.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the configuration fills every field")]
pub struct Handler {
    /// Its name in the configuration.
    pub kind: &'static str,
    /// The index of the issuer.
    pub issuer: usize,
    /// Whether requests go on to the auth server.
    pub is_forwarded: bool,
    /// The settings for the authority, in JSON.
    pub settings: String,
}
