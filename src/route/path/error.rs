/// A path that two servers could read in two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "one refusal on the wire, told apart only in tests")]
pub enum PathError {
    /// Does not begin with `/`, or is longer than [`crate::limits::PATH_BYTES`].
    #[error("expected a path from `/`, of bounded length")]
    Form,
    /// `%` without two hexadecimal digits, or bytes that are no UTF-8 when decoded.
    #[error("expected valid percent-encoded UTF-8")]
    Encoding,
    /// `/`, `\`, NUL or another control character, hidden by one or two layers of encoding.
    #[error(
        "expected no hidden separator or control character (for `%2F`: `encoded_slashes = \"keep\"`)"
    )]
    Hidden,
    /// `.` or `..` as a segment, in any encoding.
    #[error("expected no dot segment")]
    DotSegment,
}
