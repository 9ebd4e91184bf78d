use serde_json::Value;

use super::{ClaimError, Claims};
use crate::json;

/// The template of `iss` where one identity provider has an issuer for each of its tenants, such as
/// `https://login.microsoftonline.com/{tid}/v2.0`: the value of a claim of the token replaces its
/// name in braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerTemplate {
    prefix: String,
    claim: String,
    suffix: String,
    /// The values of the claim that are accepted; `None` accepts any.
    allowed: Option<Vec<String>>,
}

impl IssuerTemplate {
    /// Parses a template with the dotted path of one claim in braces; `None` for any other text,
    /// and where the value could choose the host.
    #[must_use]
    pub fn parse(text: &str, allowed: Option<Vec<String>>) -> Option<Self> {
        let (prefix, claim, suffix) = cut(text)?;
        // In the host's name it may be a whole label in front of others and nothing else.
        let is_host_fixed = match prefix.split_once("://") {
            Some((_, host)) => host.contains('/') || (host.is_empty() && is_label_before(suffix)),
            None => !prefix.is_empty(),
        };
        if !is_host_fixed {
            return None;
        }
        let [prefix, claim, suffix] = [prefix, claim, suffix].map(str::to_owned);
        Some(Self { prefix, claim, suffix, allowed })
    }

    /// Whether `iss` has this form, with a value that is accepted.
    #[must_use]
    pub fn takes(&self, iss: &str) -> bool {
        let allows = |value: &str| {
            let is_listed = |allowed: &Vec<String>| allowed.iter().any(|one| one == value);
            self.allowed.as_ref().is_none_or(is_listed)
        };
        self.value(iss).is_some_and(allows)
    }

    /// Whether `iss` has this form, with any value.
    #[must_use]
    pub fn fits(&self, iss: &str) -> bool {
        self.value(iss).is_some()
    }

    /// The path of the claim.
    #[must_use]
    pub fn claim(&self) -> &str {
        &self.claim
    }

    /// Whether more than one value is accepted.
    #[must_use]
    pub fn takes_many(&self) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.len() > 1)
    }

    /// Whether every value is accepted.
    #[must_use]
    pub fn takes_any(&self) -> bool {
        self.allowed.is_none()
    }

    /// Checks that the claim is equal to the value in `iss`, byte for byte.
    ///
    /// # Errors
    ///
    /// [`ClaimError::IssuerMismatch`].
    pub(super) fn check(&self, claims: &Claims) -> Result<(), ClaimError> {
        let iss = claims.issuer.as_deref().filter(|iss| self.takes(iss));
        let value = iss.and_then(|iss| self.value(iss));
        match json::lookup(&claims.all, &self.claim) {
            Some(Value::String(claim)) if value == Some(claim) => Ok(()),
            _ => Err(ClaimError::IssuerMismatch),
        }
    }

    /// Whether a key that names `issuer`, a text or a template, may sign tokens of `iss`.
    #[must_use]
    pub fn takes_key_of(&self, issuer: &str, iss: &str) -> bool {
        match cut(issuer) {
            Some((prefix, _, suffix)) => {
                let value = self.value(iss).unwrap_or_default();
                iss == [prefix, value, suffix].concat()
            }
            None => issuer == iss,
        }
    }

    /// Whether `text` is this template with any name in braces, as an identity provider's metadata
    /// writes it.
    #[must_use]
    pub fn is_written(&self, text: &str) -> bool {
        cut(text).is_some_and(|(prefix, _, suffix)| prefix == self.prefix && suffix == self.suffix)
    }

    /// Whether an `iss` could match both templates.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let prefixes = (self.prefix.as_str(), other.prefix.as_str());
        let suffixes = (self.suffix.as_str(), other.suffix.as_str());
        (prefixes.0.starts_with(prefixes.1) || prefixes.1.starts_with(prefixes.0))
            && (suffixes.0.ends_with(suffixes.1) || suffixes.1.ends_with(suffixes.0))
    }

    /// The value of the claim according to `iss`: the text in its place, which is one segment or a
    /// part of one.
    #[must_use]
    pub fn value<'i>(&self, iss: &'i str) -> Option<&'i str> {
        let value = iss.strip_prefix(&self.prefix)?.strip_suffix(&self.suffix)?;
        is_value(value).then_some(value)
    }
}

/// Whether a text can be the value of the claim in `iss`.
#[must_use]
pub(crate) fn is_value(text: &str) -> bool {
    let is_sound = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_sound)
}

/// Whether a dot and at least two labels follow, so that nobody can register the name.
fn is_label_before(suffix: &str) -> bool {
    let host = suffix.split('/').next().unwrap_or_default();
    host.starts_with('.') && host.matches('.').count() > 1
}

/// The texts before, in, and behind the only pair of braces; `None` where there is not exactly one
/// pair, or nothing in it.
fn cut(text: &str) -> Option<(&str, &str, &str)> {
    let (prefix, rest) = text.split_once('{')?;
    let (name, suffix) = rest.split_once('}')?;
    let is_one = !name.is_empty() && ![prefix, name, suffix].concat().contains(['{', '}']);
    is_one.then_some((prefix, name, suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "https://login.example/{tid}/v2.0";
    const ONE: &str = "0f5e1c3a-1111-4222-8333-444455556666";

    fn template(allowed: Option<&[&str]>) -> IssuerTemplate {
        let allowed = allowed.map(|all| all.iter().map(|one| (*one).to_owned()).collect());
        IssuerTemplate::parse(FORM, allowed).expect("a template")
    }

    fn of(value: &str) -> String {
        FORM.replace("{tid}", value)
    }

    #[test]
    fn a_template_has_one_claim_in_braces() {
        for text in ["https://a/{tid}/v2.0", "https://{tenant}.a.example/", "urn:idp:{a.b}"] {
            assert!(IssuerTemplate::parse(text, None).is_some(), "{text}");
        }
        for text in [
            "https://a",
            "https://a/{}/",
            "{a}{b}",
            "{a",
            "a}",
            "{a{b}}",
            "}a{",
            "{tid}",
            "https://{tid}",
            "https://{tid}/v2.0",
            "https://{tid}.example",
            "https://a.{tid}.example/",
            "https://a{tid}/",
        ] {
            assert!(IssuerTemplate::parse(text, None).is_none(), "{text}");
        }
    }

    #[test]
    fn an_iss_of_the_form_is_taken_with_a_value_that_is_allowed() {
        let listed = template(Some(&[ONE, "consumers"]));
        for (iss, any, one_of) in [
            (of(ONE), true, true),
            (of("consumers"), true, true),
            (of("other"), true, false),
            (of(&ONE.to_uppercase()), true, false),
            (of(""), false, false),
            (of("a/b"), false, false),
            (of("a b"), false, false),
            (of("{tid}"), false, false),
            (of("%2e"), false, false),
            (format!("{}/", of(ONE)), false, false),
            (format!("x{}", of(ONE)), false, false),
            (String::new(), false, false),
        ] {
            assert_eq!((template(None).takes(&iss), listed.takes(&iss)), (any, one_of), "{iss}");
        }
    }

    #[test]
    fn the_claim_must_say_what_stands_in_iss() {
        let check = |iss: &str, tid: &str| {
            let text = format!(r#"{{"iss":"{iss}","tid":{tid}}}"#);
            let all = json::parse_object(text.as_bytes()).expect("an object");
            template(Some(&[ONE, "a"])).check(&Claims::from_object(all).expect("typed"))
        };
        assert_eq!(check(&of(ONE), &format!("\"{ONE}\"")), Ok(()));
        for (iss, tid) in [
            (of(ONE), "\"a\""),
            (of("a"), "\"A\""),
            (of("a"), "null"),
            (of("a"), "[\"a\"]"),
            (of("b"), "\"b\""),
            ("https://login.example/a/v1".to_owned(), "\"a\""),
        ] {
            assert_eq!(check(&iss, tid), Err(ClaimError::IssuerMismatch), "{iss} {tid}");
        }
    }

    #[test]
    fn a_key_that_names_an_issuer_signs_for_no_other() {
        let template = template(None);
        for (issuer, fits) in [
            (of("{tenantid}"), true),
            (of(ONE), true),
            (of("other"), false),
            ("https://other.example/{tenantid}/v2.0".to_owned(), false),
            ("https://login.example/{tenantid}/v1".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(template.takes_key_of(&issuer, &of(ONE)), fits, "{issuer}");
        }
    }

    #[test]
    fn two_templates_overlap_where_one_iss_could_have_both_forms() {
        let parse = |text: &str| IssuerTemplate::parse(text, None).expect(text);
        let own = parse(FORM);
        for (other, overlaps) in [
            (FORM, true),
            ("https://login.example/{tenant}/v2.0", true),
            ("https://login.example/{tid}", true),
            ("https://login.example/{tid}/v1", false),
            ("https://other.example/{tid}/v2.0", false),
        ] {
            assert_eq!(own.overlaps(&parse(other)), overlaps, "{other}");
            assert_eq!(parse(other).overlaps(&own), overlaps, "{other}");
        }
        assert!(own.is_written(&of("{tenantid}")) && !own.is_written(&of(ONE)));
    }
}
