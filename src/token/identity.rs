use serde_json::Value;

use super::{ClaimError, Claims};
use crate::json;

/// Which claim of an issuer means what: dotted paths into its tokens.
#[derive(Clone, Debug)]
pub struct ClaimPaths {
    /// Who the caller is. Default `sub`.
    pub subject: String,
    /// The caller's roles. Default `roles`.
    pub roles: String,
    /// The caller's e-mail address. Default `email`.
    pub email: String,
    /// The tenant that the caller belongs to. Default `tenant`.
    pub tenant: String,
    /// What the token was granted (RFC 6749 §3.3). Default `scope`.
    pub scope: String,
    /// The session that the token belongs to. Default `sid`.
    pub session: String,
}

impl Default for ClaimPaths {
    fn default() -> Self {
        Self {
            subject: "sub".to_owned(),
            roles: "roles".to_owned(),
            email: "email".to_owned(),
            tenant: "tenant".to_owned(),
            scope: "scope".to_owned(),
            session: "sid".to_owned(),
        }
    }
}

/// Who the caller is, read from a token by its issuer's [`ClaimPaths`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of `ClaimPaths`")]
pub struct Identity {
    pub subject: Option<String>,
    pub roles: Vec<String>,
    pub email: Option<String>,
    pub tenant: Option<String>,
    pub scope: Vec<String>,
    pub session: Option<String>,
}

impl Identity {
    /// Reads the identity from `claims`. JSON `null` counts as absent, because issuers send it for
    /// empty columns and it never grants anything.
    ///
    /// # Errors
    ///
    /// [`ClaimError::Malformed`] for a claim of the wrong type.
    pub fn read(claims: &Claims, paths: &ClaimPaths) -> Result<Self, ClaimError> {
        let at = |path: &str| json::lookup(&claims.all, path).filter(|value| !value.is_null());
        Ok(Self {
            subject: text(at(&paths.subject), "subject")?,
            roles: words(at(&paths.roles), "roles")?,
            email: text(at(&paths.email), "email")?,
            tenant: text(at(&paths.tenant), "tenant")?,
            scope: words(at(&paths.scope), "scope")?,
            session: text(at(&paths.session), "session")?,
        })
    }
}

/// One text; a whole number is taken too, because databases number their tenants.
fn text(value: Option<&Value>, name: &'static str) -> Result<Option<String>, ClaimError> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) if number.is_u64() => Ok(Some(number.to_string())),
        Some(_) => Err(ClaimError::Malformed(name)),
    }
}

/// A string of words separated by spaces (RFC 6749 §3.3), or an array of strings taken as they are.
fn words(value: Option<&Value>, name: &'static str) -> Result<Vec<String>, ClaimError> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::String(words)) => {
            Ok(words.split_ascii_whitespace().map(str::to_owned).collect())
        }
        Some(Value::Array(words)) => words
            .iter()
            .map(|word| word.as_str().map(str::to_owned).ok_or(ClaimError::Malformed(name)))
            .collect(),
        Some(_) => Err(ClaimError::Malformed(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(text: &str) -> Result<Identity, ClaimError> {
        let all = json::parse_object(text.as_bytes()).expect("object");
        let paths = ClaimPaths {
            subject: "user.id".to_owned(),
            tenant: "org.id".to_owned(),
            ..ClaimPaths::default()
        };
        Identity::read(&Claims::from_object(all)?, &paths)
    }

    #[test]
    fn roles_and_scope_are_read_from_strings_and_arrays() {
        let spaced = identity(r#"{"roles":"admin user","scope":"a b"}"#).expect("valid");
        assert_eq!((spaced.roles.len(), spaced.scope.len()), (2, 2));
        let listed = identity(r#"{"roles":["user,admin"]}"#).expect("valid");
        assert_eq!(listed.roles, ["user,admin"]);
    }

    #[test]
    fn nested_paths_and_numbers_are_read_and_null_is_absent() {
        let text = r#"{"sub":"s","user":{"id":8},"org":{"id":7},"email":null,"roles":null}"#;
        let identity = identity(text).expect("valid");
        assert_eq!(identity.subject.as_deref(), Some("8"));
        assert_eq!(identity.tenant.as_deref(), Some("7"));
        assert_eq!((identity.email, identity.roles), (None, vec![]));
    }

    #[test]
    fn a_claim_of_the_wrong_type_is_refused() {
        for (text, name) in [
            (r#"{"user":{"id":{}}}"#, "subject"),
            (r#"{"roles":1}"#, "roles"),
            (r#"{"roles":["a",1]}"#, "roles"),
            (r#"{"scope":{}}"#, "scope"),
            (r#"{"email":["a"]}"#, "email"),
            (r#"{"org":{"id":-1}}"#, "tenant"),
            (r#"{"sid":true}"#, "session"),
        ] {
            assert_eq!(identity(text), Err(ClaimError::Malformed(name)), "{text}");
        }
    }
}
