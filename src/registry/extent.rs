use serde::Deserialize;
use serde_json::json;

use super::Statement;

/// How much is expired with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "each is a word of the admin API")]
pub enum Extent {
    /// The token alone.
    Token,
    /// The token, and all that came from it.
    Descendants,
    /// All tokens that came from the same login.
    Family,
}

/// Selects the tokens that are expired with one, as far as they are active at `now`: `hash`, `name`, `kind`,
/// `object`, `session`, `family`, `issuer`, `tenant` and `true_expires_at`.
#[must_use]
pub fn members(extent: Extent, hash: &str, now: i64) -> Statement {
    let rows =
        "hash, name, kind, object, session, family, issuer, tenant, true_expires_at FROM tokens";
    let sql = match extent {
        Extent::Token => format!("SELECT {rows} WHERE hash = ? AND expires_at > ?"),
        Extent::Descendants => format!(
            "WITH RECURSIVE tree(own) AS (SELECT ? UNION SELECT tokens.hash FROM tokens JOIN tree ON tokens.parent = own) \
             SELECT {rows} WHERE hash IN (SELECT own FROM tree) AND expires_at > ?"
        ),
        Extent::Family => format!(
            "SELECT {rows} WHERE family = (SELECT family FROM tokens WHERE hash = ?) AND expires_at > ?"
        ),
    };
    Statement::new(sql, vec![json!(hash), json!(now)])
}

/// Selects the `family` of the first of some tokens that is registered.
#[must_use]
pub fn family_of(hashes: &[String]) -> Statement {
    let marks = vec!["?"; hashes.len()].join(", ");
    let sql = format!("SELECT family FROM tokens WHERE hash IN ({marks}) ORDER BY id LIMIT 1");
    Statement::new(sql, hashes.iter().map(|hash| json!(hash)).collect())
}

/// Sets the expiry of the same tokens to `now`.
#[must_use]
pub fn expire(extent: Extent, hash: &str, now: i64) -> Statement {
    let sql = match extent {
        Extent::Token => "UPDATE tokens SET expires_at = ? WHERE hash = ? AND expires_at > ?",
        Extent::Descendants => {
            "UPDATE tokens SET expires_at = ? WHERE hash IN (WITH RECURSIVE tree(own) AS (SELECT ? UNION \
             SELECT tokens.hash FROM tokens JOIN tree ON tokens.parent = own) SELECT own FROM tree) AND expires_at > ?"
        }
        Extent::Family => {
            "UPDATE tokens SET expires_at = ? WHERE family = (SELECT family FROM tokens WHERE hash = ?) AND expires_at > ?"
        }
    };
    Statement::new(sql, vec![json!(now), json!(hash), json!(now)])
}
