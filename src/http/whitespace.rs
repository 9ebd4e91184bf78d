/// The whitespace that may stand around a header's value, and is no part of it (RFC 9110 §5.6.3).
pub const OWS: [char; 2] = [' ', '\t'];
