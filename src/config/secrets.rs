//! Secrets stand in the configuration by name.
//!
//! What stands where a name should may be the secret itself, pasted there by mistake. So no error
//! repeats it: the path says where it is.

use super::table::Table;
use super::{ANY, Environment, Form};

/// A name that JavaScript, and so the platform, can give a variable.
pub(super) static NAME: Form = Form {
    class: "A-Za-z0-9_",
    most: 64,
    expected: "expected the name of a Worker secret, and not the secret: letters, digits and `_`, \
               64 at most",
    ..ANY
};

/// The text of the secret called `name`, which stands at `place` of the table.
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
        table.error(place, MISSING);
    }
    secret
}

pub(super) const MISSING: &str = "expected the name of a Worker secret, got one that is not set";
