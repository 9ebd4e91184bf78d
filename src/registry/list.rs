use serde::Deserialize;
use serde_json::{Value, json};

use super::Statement;

/// The part of the registry that an administrator may see: one entry for each group of administrators that the
/// caller belongs to. `None` stands for all.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "this is all that limits an administrator")]
pub struct Scope {
    /// The names of issuers.
    pub issuers: Option<Vec<String>>,
    /// The values of the tenant claim.
    pub tenants: Option<Vec<String>>,
}

/// A parameter of a list that is not understood, with what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListError(pub &'static str);

/// The filters of a list of tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenQuery {
    filters: Vec<(&'static str, Value)>,
    cursor: Option<i64>,
    limit: u32,
}

/// The parameters that are compared as they are, with their columns.
const EQUAL: [(&str, &str); 8] = [
    ("hash", "tokens.hash = ?"),
    ("family", "tokens.family = ?"),
    ("parent", "tokens.parent = ?"),
    ("session", "tokens.session = ?"),
    ("device", "tokens.device = ?"),
    ("reference", "tokens.subject = ?"),
    ("issuer", "tokens.issuer = ?"),
    ("tenant", "tokens.tenant = ?"),
];

const UNKNOWN: &str = "expected hash, family, parent, session, device, reference, subject, issuer, tenant, kind, \
                       state, cursor or limit";

impl TokenQuery {
    /// Reads the parameters of a query at `now`.
    ///
    /// # Errors
    ///
    /// [`ListError`] for an unknown or repeated parameter, and for a value out of range.
    pub fn read(parameters: &[(String, String)], now: i64) -> Result<Self, ListError> {
        let mut query = Self { limit: 100, ..Self::default() };
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in parameters {
            if seen.contains(&name.as_str()) {
                return Err(ListError("expected each parameter once"));
            }
            seen.push(name);
            query.add(name, value, now)?;
        }
        Ok(query)
    }

    fn add(&mut self, name: &str, value: &str, now: i64) -> Result<(), ListError> {
        if let Some((_, condition)) = EQUAL.iter().find(|(own, _)| *own == name) {
            self.filters.push((condition, json!(value)));
            return Ok(());
        }
        let number = value.parse::<u32>().ok();
        match name {
            "subject" => {
                let of = "tokens.subject IN (SELECT reference FROM subjects WHERE subject = ?)";
                self.filters.push((of, json!(value)));
            }
            "kind" if ["access", "refresh"].contains(&value) => {
                self.filters.push(("tokens.kind = ?", json!(value)));
            }
            "state" if value == "active" => {
                self.filters.push(("tokens.expires_at > ?", json!(now)));
            }
            "state" if value == "expired" => {
                self.filters.push(("tokens.expires_at <= ?", json!(now)));
            }
            "limit" => match number.filter(|limit| (1..=1000).contains(limit)) {
                Some(limit) => self.limit = limit,
                None => return Err(ListError("expected `limit` to be a number of 1 to 1000")),
            },
            // The first page of a loop.
            "cursor" if value.is_empty() => {}
            "cursor" => match value.parse().ok().filter(|cursor: &i64| *cursor > 0) {
                Some(cursor) => self.cursor = Some(cursor),
                None => return Err(ListError("expected `cursor` as it was answered")),
            },
            "kind" => return Err(ListError("expected `kind` to be access or refresh")),
            "state" => return Err(ListError("expected `state` to be active or expired")),
            _ => return Err(ListError(UNKNOWN)),
        }
        Ok(())
    }

    /// The statement: one row more than the limit, newest first, so that a further page shows itself. `scope` limits
    /// it to what the administrator may see; `None` for an administrator of everything.
    #[must_use]
    pub fn statement(&self, scope: Option<&[Scope]>) -> Statement {
        let mut conditions: Vec<String> =
            self.filters.iter().map(|(condition, _)| (*condition).to_owned()).collect();
        let mut values: Vec<Value> = self.filters.iter().map(|(_, value)| value.clone()).collect();
        if let Some(cursor) = self.cursor {
            conditions.push("tokens.id < ?".to_owned());
            values.push(json!(cursor));
        }
        conditions.push(limited("tokens", scope, &mut values));
        let all: Vec<_> = conditions.iter().map(|condition| format!("({condition})")).collect();
        let only =
            if all.is_empty() { String::new() } else { format!("WHERE {}", all.join(" AND ")) };
        values.push(json!(self.limit.saturating_add(1)));
        let columns = "tokens.id, tokens.hash, tokens.kind, tokens.issuer, tokens.tenant, tokens.session, \
                       tokens.subject AS reference, subjects.subject, tokens.parent, tokens.family, tokens.device, \
                       devices.browser, devices.system, devices.platform, tokens.issued_at, tokens.expires_at, \
                       tokens.true_expires_at, tokens.last_seen";
        Statement::new(
            format!(
                "SELECT {columns} FROM tokens LEFT JOIN subjects ON subjects.reference = tokens.subject \
                 LEFT JOIN devices ON devices.id = tokens.device {only} ORDER BY tokens.id DESC LIMIT ?"
            ),
            values,
        )
    }

    /// The most rows of a page.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }
}

/// The condition by which a table shows an administrator no more than their scope. Nobody's scope shows nothing.
pub(super) fn limited(table: &str, scope: Option<&[Scope]>, values: &mut Vec<Value>) -> String {
    let Some(scope) = scope else { return "1".to_owned() };
    let groups: Vec<_> = scope.iter().map(|one| condition(table, one, values)).collect();
    if groups.is_empty() { "0".to_owned() } else { format!("({})", groups.join(" OR ")) }
}

/// The condition of one group, which is never empty.
fn condition(table: &str, scope: &Scope, values: &mut Vec<Value>) -> String {
    let mut list = |column: &str, names: &Option<Vec<String>>| {
        let Some(names) = names else { return "1".to_owned() };
        // One value, however many names: D1 binds at most 100.
        values.push(json!(json!(names).to_string()));
        format!("{table}.{column} IN (SELECT value FROM json_each(?))")
    };
    let issuers = list("issuer", &scope.issuers);
    let tenants = list("tenant", &scope.tenants);
    format!("({issuers} AND {tenants})")
}
