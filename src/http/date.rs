/// Whether a text has the form of a date in HTTP, such as `Sun, 06 Nov 1994 08:49:37 GMT`
/// ([RFC 9110 §5.6.7], IMF-fixdate). Whether there is such a day is not checked.
///
/// [RFC 9110 §5.6.7]: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
#[must_use]
pub fn is_imf_fixdate(text: &str) -> bool {
    const FORM: &[u8] = b"aaa, 00 aaa 0000 00:00:00 GMT";
    let fits = |(form, byte): (&u8, u8)| match form {
        b'a' => byte.is_ascii_alphabetic(),
        b'0' => byte.is_ascii_digit(),
        _ => *form == byte,
    };
    text.len() == FORM.len() && FORM.iter().zip(text.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_form_is_a_date() {
        assert!(is_imf_fixdate("Sun, 06 Nov 1994 08:49:37 GMT"));
        for text in [
            "",
            "120",
            "12.5",
            "-1",
            "abc 5",
            "120, 5",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 +0000",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "1994-11-06T08:49:37Z",
            "+275760-09-13T00:00:00Z",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
        ] {
            assert!(!is_imf_fixdate(text), "{text}");
        }
    }
}
