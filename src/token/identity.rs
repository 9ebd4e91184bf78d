use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::list_claim::{ListClaim, ListForm};
use super::{ClaimError, Claims};
use crate::json::{self, Member};

/// The mapping of an issuer's claims to an identity, as dotted paths into its tokens.
#[derive(Clone, Debug)]
pub struct ClaimPaths {
    /// The subject, which identifies the caller. Default `sub`.
    pub subject: String,
    /// The caller's roles: those of all these claims together. Default `roles`.
    pub roles: Vec<ListClaim>,
    /// The caller's e-mail address. Default `email`.
    pub email: String,
    /// The tenant that the caller belongs to. Default `tenant`.
    pub tenant: String,
    /// The scope that the token was granted (RFC 6749 §3.3). Default `scope`.
    pub scope: ListClaim,
    /// The session that the token belongs to. Default `sid`.
    pub session: String,
}

impl Default for ClaimPaths {
    fn default() -> Self {
        Self {
            subject: "sub".to_owned(),
            roles: vec![ListClaim::whole("roles")],
            email: "email".to_owned(),
            tenant: "tenant".to_owned(),
            scope: ListClaim { path: "scope".to_owned(), form: ListForm::Words },
            session: "sid".to_owned(),
        }
    }
}

/// The caller's identity, read from a token by its issuer's [`ClaimPaths`]. Its `Debug` shows no
/// field.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The subject, which identifies the caller.
    pub subject: Option<String>,
    /// The caller's roles. A role that several claims name is listed once.
    pub roles: Vec<String>,
    /// Whether every claim that roles are read from was present. Otherwise it is unknown which
    /// roles the caller lacks.
    pub roles_known: bool,
    /// The caller's e-mail address.
    pub email: Option<String>,
    /// The tenant that the caller belongs to.
    pub tenant: Option<String>,
    /// The scope that the token was granted, a word each.
    pub scope: Vec<String>,
    /// Whether the claim of the scope was present.
    pub scope_known: bool,
    /// The session that the token belongs to.
    pub session: Option<String>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Identity").finish_non_exhaustive()
    }
}

impl Identity {
    /// Reads the identity from `claims`. JSON `null` counts as absent, because issuers send it for
    /// empty columns and it never grants anything.
    ///
    /// # Errors
    ///
    /// [`ClaimError::Malformed`] for a claim of the wrong type, and for a path that leads through
    /// something that is no object: neither counts as missing.
    pub fn read(claims: &Claims, paths: &ClaimPaths) -> Result<Self, ClaimError> {
        let at = |path: &str, name| match json::member(&claims.all, path) {
            Member::Value(value) => Ok(Some(value)),
            Member::Absent => Ok(None),
            Member::Blocked => Err(ClaimError::Malformed(name)),
        };
        if paths.subject == "sub" {
            claims.check_subject()?;
        }
        let mut identity = Self {
            roles_known: !paths.roles.is_empty(),
            subject: text(at(&paths.subject, "subject")?, "subject")?,
            email: text(at(&paths.email, "email")?, "email")?,
            tenant: text(at(&paths.tenant, "tenant")?, "tenant")?,
            session: text(at(&paths.session, "session")?, "session")?,
            ..Self::default()
        };
        for claim in &paths.roles {
            let roles = claim.read(claims, "roles")?;
            identity.roles_known &= roles.is_some();
            identity.add_roles(roles.unwrap_or_default());
        }
        let scope = paths.scope.read(claims, "scope")?;
        identity.scope_known = scope.is_some();
        identity.scope = scope.unwrap_or_default();
        Ok(identity)
    }

    fn add_roles(&mut self, roles: Vec<String>) {
        if self.roles.is_empty() {
            self.roles = roles;
            return;
        }
        // Not compared each with each: both lists may be as long as an auth server's answer.
        let mut known = BTreeMap::new();
        for role in &self.roles {
            known.insert(role.clone(), 0_usize);
        }
        self.roles.extend(roles.into_iter().filter(|role| known.insert(role.clone(), 0).is_none()));
    }
}

/// Reads one text. A whole number is accepted too, because databases number their tenants. An empty
/// text counts as absent.
fn text(value: Option<&Value>, name: &'static str) -> Result<Option<String>, ClaimError> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(Value::Number(number)) if number.is_u64() => Ok(Some(number.to_string())),
        Some(_) => Err(ClaimError::Malformed(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, paths: &ClaimPaths) -> Result<Identity, ClaimError> {
        let all = json::parse_object(text.as_bytes()).expect("object");
        Identity::read(&Claims::from_object(all)?, paths)
    }

    fn identity(text: &str) -> Result<Identity, ClaimError> {
        let paths = ClaimPaths {
            subject: "user.id".to_owned(),
            tenant: "org.id".to_owned(),
            ..ClaimPaths::default()
        };
        read(text, &paths)
    }

    #[track_caller]
    fn roles(text: &str, paths: &[&str]) -> (Vec<String>, bool) {
        let roles = paths.iter().map(|path| ListClaim::whole(path)).collect();
        let identity = read(text, &ClaimPaths { roles, ..ClaimPaths::default() }).expect(text);
        (identity.roles, identity.roles_known)
    }

    #[test]
    fn a_text_of_roles_is_one_role_and_a_text_of_scope_is_words() {
        let spaced = identity(r#"{"roles":"Not an admin","scope":"a  b"}"#).expect("valid");
        assert_eq!(
            (spaced.roles, spaced.scope),
            (vec!["Not an admin".to_owned()], words_of("a b"))
        );
        let listed = identity(r#"{"roles":["user,admin","Domain Users"],"scope":["a b"]}"#);
        let listed = listed.expect("valid");
        assert_eq!(listed.roles, ["user,admin", "Domain Users"]);
        assert_eq!(listed.scope, ["a b"]);
        assert_eq!(identity(r#"{"roles":" admin "}"#).expect("valid").roles, [" admin "]);
    }

    fn words_of(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn an_empty_text_says_nothing_of_the_caller() {
        let text =
            r#"{"user":{"id":""},"email":"","org":{"id":""},"sid":"","roles":"","scope":""}"#;
        let empty = identity(text).expect("valid");
        let expected = Identity { roles_known: true, scope_known: true, ..Identity::default() };
        assert_eq!(empty, expected);
    }

    #[test]
    fn one_text_is_one_role_wherever_it_stands() {
        for (text, path) in [
            (r#"{"role":"rvt"}"#, "role"),
            (r#"{"realm_access":{"roles":["rvt"]}}"#, "realm_access.roles"),
            (r#"{"https://x.example/app":{"roles":"rvt"}}"#, "https://x.example/app.roles"),
        ] {
            assert_eq!(roles(text, &[path]), (vec!["rvt".to_owned()], true), "{text}");
        }
    }

    #[test]
    fn roles_of_several_claims_are_taken_together_each_once() {
        let paths = ["realm_access.roles", "groups"];
        let both = r#"{"realm_access":{"roles":["a","b"]},"groups":["b","c"]}"#;
        let (found, known) = roles(both, &paths);
        assert_eq!((found.join(" "), known), ("a b c".to_owned(), true));
        let malformed =
            ClaimPaths { roles: paths.map(ListClaim::whole).to_vec(), ..ClaimPaths::default() };
        for text in [r#"{"groups":1}"#, r#"{"groups":"a","realm_access":"b"}"#] {
            assert_eq!(read(text, &malformed), Err(ClaimError::Malformed("roles")), "{text}");
        }
    }

    #[test]
    fn roles_are_known_when_every_claim_of_them_is_there() {
        let paths = ["realm_access.roles", "groups"];
        assert_eq!(roles(r#"{"groups":["a"]}"#, &paths), (vec!["a".to_owned()], false));
        for (text, known) in [
            (r#"{"roles":[]}"#, true),
            (r#"{"roles":""}"#, true),
            (r#"{"roles":null}"#, false),
            ("{}", false),
        ] {
            assert_eq!(roles(text, &["roles"]), (vec![], known), "{text}");
            let scope = text.replace("roles", "scope");
            assert_eq!(identity(&scope).expect(text).scope_known, known, "{text}");
        }
        assert_eq!(roles(r#"{"roles":["a"]}"#, &[]), (vec![], false));
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
            (r#"{"org":"acme"}"#, "tenant"),
            (r#"{"org":["acme"]}"#, "tenant"),
        ] {
            assert_eq!(identity(text), Err(ClaimError::Malformed(name)), "{text}");
        }
    }
}
