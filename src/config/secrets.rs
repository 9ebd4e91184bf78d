//! Secrets stand in the configuration by name.
//!
//! A value in the place of a name may be the secret itself, pasted there by mistake. So an error
//! repeats a value only if it is plainly a name, as `JWT_SECRET` is; otherwise it gives the path
//! alone.

use super::Environment;
use super::shape::{ANY, Form};
use super::table::Table;

/// The form of a secret's name: one that JavaScript, and so the platform, can give a variable.
pub(super) static NAME: Form = Form {
    class: "A-Za-z0-9_",
    most: 64,
    expected: "expected the name of a Worker secret, and not the secret: letters, digits and `_`, \
               64 at most",
    ..ANY
};

/// The text of the secret called `name`, which is named at `place` of the table. A secret that is
/// not set is a fault.
pub(super) fn read(
    table: &Table<'_>,
    place: &str,
    name: &str,
    environment: &Environment<'_>,
) -> Option<String> {
    // Said already, and nobody is asked for what may be no name.
    if !NAME.fits(name) {
        return None;
    }
    let secret = (environment.secret)(name);
    if secret.is_none() {
        table.error(place, missing(name));
    }
    secret
}

/// Checks that the secret that `place` of the table names, if it names one, is long enough to seal with.
pub(super) fn check_key(table: &Table<'_>, place: &'static str, environment: &Environment<'_>) {
    // One that is missing is noted where it is read.
    let named = if table.has(place) { table.text(place) } else { None };
    let secret = named.and_then(|name| read(table, place, name, environment));
    if secret.is_some_and(|secret| secret.len() < KEY_BYTES) {
        table.error(place, format!("expected a secret of at least {KEY_BYTES} bytes"));
    }
}

/// As for a shared secret of HS256.
const KEY_BYTES: usize = 32;

/// The text of the secret that `client_secret` of the table names. An empty one is a forgotten one,
/// and a fault.
pub(super) fn read_of_client(table: &Table<'_>, environment: &Environment<'_>) -> Option<String> {
    let name = table.string("client_secret")?;
    let secret = read(table, "client_secret", &name, environment)?;
    if secret.is_empty() {
        table.error("client_secret", missing(&name));
        return None;
    }
    Some(secret)
}

/// The message about a secret that is not set.
pub(super) fn missing(name: &str) -> String {
    if is_plainly_a_name(name) {
        return format!(
            "{name} is not set: put it in .dev.vars and restart, or run `npx wrangler secret put {name}`"
        );
    }
    "expected the name of a Worker secret, got one that is not set".to_owned()
}

/// A problem of a secret, with its name before it where that is plainly a name.
pub(super) fn about(name: &str, problem: String) -> String {
    if is_plainly_a_name(name) { [name, ": ", &problem].concat() } else { problem }
}

/// Whether a text is words in capitals with `_` between them. No secret that a program or a person
/// makes looks like that.
fn is_plainly_a_name(text: &str) -> bool {
    let is_word = |word: &str| {
        (1..=20).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    text.contains('_') && text.split('_').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_plainly_a_name_is_repeated() {
        for name in ["JWT_SECRET", "A_B", "INTROSPECTION_SECRET_OLD"] {
            let said = missing(name);
            assert!(said.starts_with(&format!("{name} is not set: ")), "{said}");
            assert!(said.ends_with(&format!("`npx wrangler secret put {name}`")), "{said}");
        }
        for text in ["SECRET", "JBSWY3DPEHPK3PXP", "a_b", "JWT_SECRET_2", "_A", "A__B", "deadbeef"]
        {
            assert!(!missing(text).contains(text), "{text}");
        }
        let long = format!("{}_A", "A".repeat(21));
        assert!(!missing(&long).contains(&long));
    }
}
