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

/// A token is active until its expiry, and one that was not expired by hand for the longest leeway more: so long
/// it may pass.
const ACTIVE: &str = "(expires_at > ? OR (expires_at = true_expires_at AND expires_at > ? - 300))";

/// Selects the tokens that are expired with one, as far as they are active at `now`: `hash`, `name`, `kind`,
/// `object`, `session`, `family`, `issuer`, `tenant` and `true_expires_at`.
#[must_use]
pub fn members(extent: Extent, hash: &str, now: i64) -> Statement {
    let rows =
        "hash, name, kind, object, session, family, issuer, tenant, true_expires_at FROM tokens";
    let sql = format!("SELECT {rows} WHERE {} AND {ACTIVE}", tokens_of(extent));
    Statement::new(sql, vec![json!(hash), json!(now), json!(now)])
}

/// Sets the expiry of the same tokens to `now`, or to just before their own where that is over.
#[must_use]
pub fn expire(extent: Extent, hash: &str, now: i64) -> Statement {
    let own = tokens_of(extent);
    let sql =
        format!("UPDATE tokens SET expires_at = min(?, expires_at - 1) WHERE {own} AND {ACTIVE}");
    Statement::new(sql, vec![json!(now), json!(hash), json!(now), json!(now)])
}

/// The condition for the tokens of an extent; its parameter is the hash.
const fn tokens_of(extent: Extent) -> &'static str {
    match extent {
        Extent::Token => "hash = ?",
        Extent::Descendants => {
            "hash IN (WITH RECURSIVE tree(own) AS (SELECT ? UNION SELECT tokens.hash FROM tokens \
             JOIN tree ON tokens.parent = own) SELECT own FROM tree)"
        }
        Extent::Family => "family = (SELECT family FROM tokens WHERE hash = ?)",
    }
}

/// Selects the `family` of the first of some tokens that is registered.
#[must_use]
pub fn family_of(hashes: &[String]) -> Statement {
    let hashes = json!(hashes).to_string();
    Statement::new(
        "SELECT family FROM tokens WHERE hash IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT 1",
        vec![json!(hashes)],
    )
}
