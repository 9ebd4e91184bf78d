use serde_json::{Value, json};

use super::audit::COLUMNS;
use super::list::limited;
use super::{ListError, Scope, Statement};

/// The filters of a list of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditQuery {
    filters: Vec<(&'static str, Value)>,
    limit: u32,
}

/// The parameters that are compared as they are, with their conditions.
const EQUAL: [(&str, &str); 7] = [
    ("event", "audit.event = ?"),
    ("outcome", "audit.outcome = ?"),
    ("request_id", "audit.request_id = ?"),
    ("issuer", "audit.issuer = ?"),
    ("tenant", "audit.tenant = ?"),
    ("actor", "audit.actor = ?"),
    ("subject", "audit.subject = ?"),
];

const UNKNOWN: &str = "expected event, outcome, request_id, issuer, tenant, actor, subject, since, until, cursor or limit";

impl AuditQuery {
    /// Reads the parameters of a query.
    ///
    /// # Errors
    ///
    /// [`ListError`] for an unknown or repeated parameter, and for a value out of range.
    pub fn read(parameters: &[(String, String)]) -> Result<Self, ListError> {
        let mut query = Self { filters: Vec::new(), limit: 100 };
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in parameters {
            if seen.contains(&name.as_str()) {
                return Err(ListError("expected each parameter once"));
            }
            seen.push(name);
            query.add(name, value)?;
        }
        Ok(query)
    }

    fn add(&mut self, name: &str, value: &str) -> Result<(), ListError> {
        if let Some((_, condition)) = EQUAL.iter().find(|(own, _)| *own == name) {
            self.filters.push((condition, json!(value)));
            return Ok(());
        }
        let number = value.parse::<i64>().ok().filter(|number| *number >= 0);
        match (name, number) {
            ("since", Some(time)) => self.filters.push(("audit.at >= ?", json!(time))),
            ("until", Some(time)) => self.filters.push(("audit.at < ?", json!(time))),
            ("since" | "until", None) => {
                return Err(ListError("expected `since` and `until` in seconds since 1970"));
            }
            ("cursor", None) if value.is_empty() => {}
            ("cursor", Some(cursor)) if cursor > 0 => {
                self.filters.push(("audit.id < ?", json!(cursor)));
            }
            ("cursor", _) => return Err(ListError("expected `cursor` as it was answered")),
            ("limit", number) => match number.and_then(|limit| u32::try_from(limit).ok()) {
                Some(limit) if (1..=1000).contains(&limit) => self.limit = limit,
                _ => return Err(ListError("expected `limit` to be a number of 1 to 1000")),
            },
            _ => return Err(ListError(UNKNOWN)),
        }
        Ok(())
    }

    /// The statement: one row more than the limit, newest first. `scope` limits it to what the administrator may
    /// see; `None` for an administrator of everything, who alone sees events that belong to no issuer.
    #[must_use]
    pub fn statement(&self, scope: Option<&[Scope]>) -> Statement {
        let mut values: Vec<_> = self.filters.iter().map(|(_, value)| value.clone()).collect();
        let own = limited("audit", scope, &mut values);
        let filters = self.filters.iter().map(|(condition, _)| format!("{condition} AND "));
        let filters: String = filters.collect();
        values.push(json!(self.limit.saturating_add(1)));
        let columns = COLUMNS.join(", ");
        let sql = format!(
            "SELECT {columns} FROM audit WHERE {filters}{own} ORDER BY audit.id DESC LIMIT ?"
        );
        Statement::new(sql, values)
    }

    /// The most rows of a page.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }
}
