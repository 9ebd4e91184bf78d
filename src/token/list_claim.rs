use serde_json::Value;

use super::{ClaimError, Claims};
use crate::json::{self, Member, Object};

/// A claim that holds several names: where it stands, and how the names are written in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListClaim {
    /// Dotted path into the token.
    pub path: String,
    /// How the names are written.
    pub form: ListForm,
}

/// How several names are written in one claim. In each form but [`Self::Keys`] an array of texts is
/// taken as well, each text as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the configuration must be able to name each")]
pub enum ListForm {
    /// A text is one name: a group may be called `Not an admin`.
    Whole,
    /// A text is words between spaces (RFC 6749 §3.3).
    Words,
    /// A text is names between separators; white space around a name is no part of it.
    Separated(String),
    /// An object's members are the names. One whose value is null or false names nothing.
    Keys,
}

impl ListClaim {
    /// The claim at `path`, in which a text is one name.
    #[must_use]
    pub fn whole(path: &str) -> Self {
        Self { path: path.to_owned(), form: ListForm::Whole }
    }

    /// Reads the names; `None` where the claim is absent or null. `fact` is what errors call it.
    pub(super) fn read(
        &self,
        claims: &Claims,
        fact: &'static str,
    ) -> Result<Option<Vec<String>>, ClaimError> {
        match json::member(&claims.all, &self.path) {
            Member::Absent | Member::Value(Value::Null) => Ok(None),
            Member::Blocked => Err(ClaimError::Malformed(fact)),
            Member::Value(value) => {
                self.form.names(value).ok_or(ClaimError::Malformed(fact)).map(Some)
            }
        }
    }
}

impl ListForm {
    /// `None` for a value of another type. An empty text names nothing.
    fn names(&self, value: &Value) -> Option<Vec<String>> {
        match (self, value) {
            (Self::Keys, Value::Object(members)) => Some(keys(members)),
            (Self::Keys, _) => None,
            (_, Value::Array(items)) => {
                items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
            }
            (Self::Whole, Value::String(text)) => Some(present([text.as_str()])),
            (Self::Words, Value::String(text)) => Some(present(text.split(' '))),
            (Self::Separated(separator), Value::String(text)) => {
                Some(present(text.split(separator.as_str()).map(str::trim_ascii)))
            }
            _ => None,
        }
    }
}

fn keys(members: &Object) -> Vec<String> {
    let is_held = |value: &Value| !matches!(value, Value::Null | Value::Bool(false));
    let held = members.iter().filter(|(_, value)| is_held(value));
    present(held.map(|(name, _)| name.as_str()))
}

fn present<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names.into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: ListForm, text: &str) -> Result<Option<Vec<String>>, ClaimError> {
        let all = json::parse_object(text.as_bytes()).expect("object");
        let claim = ListClaim { path: "a.names".to_owned(), form };
        claim.read(&Claims::from_object(all)?, "roles")
    }

    #[track_caller]
    fn names(form: &ListForm, value: &str) -> Vec<String> {
        let text = format!(r#"{{"a":{{"names":{value}}}}}"#);
        read(form.clone(), &text).expect(value).expect("names")
    }

    fn comma() -> ListForm {
        ListForm::Separated(",".to_owned())
    }

    #[test]
    fn a_text_is_read_by_its_form() {
        assert_eq!(names(&ListForm::Whole, r#"" a, b ""#), [" a, b "]);
        assert_eq!(names(&ListForm::Words, r#"" a,  b ""#), ["a,", "b"]);
        assert_eq!(names(&comma(), r#"" a b ,c,, d ""#), ["a b", "c", "d"]);
        let pipes = ListForm::Separated("||".to_owned());
        assert_eq!(names(&pipes, r#""a|b||c""#), ["a|b", "c"]);
    }

    #[test]
    fn an_empty_text_names_nothing() {
        for form in [ListForm::Whole, ListForm::Words, comma()] {
            assert!(names(&form, r#""""#).is_empty(), "{form:?}");
        }
        assert!(names(&comma(), r#"" , ,""#).is_empty());
        assert!(names(&ListForm::Keys, r#"{"":{}}"#).is_empty());
    }

    #[test]
    fn a_list_is_taken_as_it_is() {
        for form in [ListForm::Whole, ListForm::Words, comma()] {
            assert_eq!(names(&form, r#"["a, b","c d"]"#), ["a, b", "c d"], "{form:?}");
        }
    }

    #[test]
    fn the_members_of_an_object_are_names_unless_null_or_false() {
        let value = r#"{"admin":{"1":"x"},"user":{},"on":true,"off":false,"none":null}"#;
        assert_eq!(names(&ListForm::Keys, value), ["admin", "on", "user"]);
        assert!(names(&ListForm::Keys, "{}").is_empty());
    }

    #[test]
    fn another_type_is_malformed_and_null_is_absent() {
        let keys = [r#""a""#, r#"["a"]"#, "1", "true"];
        let texts = [r#"{"a":{}}"#, "1", "true", "[1]", r#"["a",null]"#];
        for (form, wrong) in
            [(ListForm::Keys, &keys[..]), (ListForm::Whole, &texts), (comma(), &texts)]
        {
            for value in wrong {
                let found = read(form.clone(), &format!(r#"{{"a":{{"names":{value}}}}}"#));
                assert_eq!(found, Err(ClaimError::Malformed("roles")), "{form:?} {value}");
            }
            for text in [r#"{"a":{"names":null}}"#, r#"{"a":{}}"#, "{}"] {
                assert_eq!(read(form.clone(), text), Ok(None), "{form:?} {text}");
            }
            let blocked = read(form, r#"{"a":[]}"#);
            assert_eq!(blocked, Err(ClaimError::Malformed("roles")));
        }
    }
}
