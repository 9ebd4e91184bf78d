//! The registry's statements, carried out by a real `SQLite` with the migrations that D1 gets.

mod audit;
mod lists;
mod trees;
mod writes;

use edgeward::registry::{self, Device, RegistryEvent, Statement, Subject, TokenPair};
use edgeward::session::NewToken;
use rusqlite::types::Value as Stored;
use rusqlite::{Connection, params_from_iter};
use serde_json::{Map, Value};

/// When the events of these tests happen, in seconds.
const NOW: i64 = 1_767_225_600;
const DAY: i64 = 86_400;

const MIGRATIONS: [&str; 5] = [
    include_str!("../../../migrations/0001_registry.sql"),
    include_str!("../../../migrations/0002_audit.sql"),
    include_str!("../../../migrations/0003_tokens_tenant.sql"),
    include_str!("../../../migrations/0004_subjects_iss.sql"),
    include_str!("../../../migrations/0005_removed_rows.sql"),
];

struct Registry(Connection);

impl Registry {
    fn new() -> Self {
        let connection = Connection::open_in_memory().expect("SQLite");
        for migration in MIGRATIONS {
            connection.execute_batch(migration).expect("the migration");
        }
        Self(connection)
    }

    /// Carries events out, each in one transaction.
    fn tell(&self, events: &[RegistryEvent]) {
        for event in events {
            self.run(&registry::statements(event));
        }
    }

    /// Carries statements out in one transaction; how many rows each has changed.
    fn run(&self, statements: &[Statement]) -> Vec<usize> {
        let transaction = self.0.unchecked_transaction().expect("a transaction");
        let changed = statements
            .iter()
            .map(|one| self.0.execute(&one.sql, params_from_iter(values(one))).expect(&one.sql))
            .collect();
        transaction.commit().expect("a commit");
        changed
    }

    fn rows(&self, statement: &Statement) -> Vec<Map<String, Value>> {
        let mut prepared = self.0.prepare(&statement.sql).expect(&statement.sql);
        let names: Vec<_> = prepared.column_names().map(str::to_owned).collect();
        let rows = prepared.query_map(params_from_iter(values(statement)), |row| {
            let value = |at| {
                Ok::<_, rusqlite::Error>(match row.get::<_, Stored>(at)? {
                    Stored::Integer(number) => number.into(),
                    Stored::Text(text) => text.into(),
                    _ => Value::Null,
                })
            };
            names.iter().enumerate().map(|(at, name)| Ok((name.clone(), value(at)?))).collect()
        });
        rows.expect("rows").collect::<Result<_, _>>().expect("rows")
    }

    /// All rows of all tables, to compare.
    fn content(&self) -> Vec<Vec<Map<String, Value>>> {
        let select = |table: &str| format!("SELECT * FROM {table} ORDER BY 2, 1");
        ["subjects", "devices", "connections", "tokens", "ended_families"]
            .map(|table| {
                let mut rows = self.rows(&statement(&select(table)));
                // The order of arrival, and the reference, which is drawn by lot.
                for row in &mut rows {
                    row.remove("id").filter(|_| table == "tokens");
                }
                rows.sort_by_key(|row| format!("{row:?}"));
                rows
            })
            .to_vec()
    }
}

fn statement(sql: &str) -> Statement {
    Statement { sql: sql.to_owned(), values: Vec::new() }
}

fn values(statement: &Statement) -> Vec<Stored> {
    let value = |value: &Value| match value {
        Value::Null => Stored::Null,
        Value::Number(number) => Stored::Integer(number.as_i64().expect("a whole number")),
        other => Stored::Text(other.as_str().expect("a text").to_owned()),
    };
    statement.values.iter().map(value).collect()
}

fn token(hash: &str, expires_at: i64) -> NewToken {
    NewToken {
        hash: hash.to_owned(),
        name: format!("revoked:input:{hash}"),
        issued_at: Some(NOW),
        expires_at: Some(expires_at),
    }
}

/// The subject of the tokens of [`pair`].
fn owner(subject: &str) -> Subject {
    Subject {
        reference: format!("ref-{subject}"),
        issuer: "main".to_owned(),
        iss: "https://auth.example".to_owned(),
        tenant: "acme".to_owned(),
        subject: subject.to_owned(),
        issued_at: None,
    }
}

/// The tokens `<name>-a` and `<name>-r` of one subject, which came from the refresh token `parent`.
fn pair(
    subject: &str,
    family: &str,
    (name, parent): (&str, Option<&str>),
    at: i64,
) -> RegistryEvent {
    RegistryEvent::Pair(Box::new(TokenPair {
        reference: format!("ref-{subject}"),
        issuer: "main".to_owned(),
        iss: "https://auth.example".to_owned(),
        tenant: "acme".to_owned(),
        subject: Some(subject.to_owned()),
        session: None,
        object: "object".to_owned(),
        family: family.to_owned(),
        parent: parent.map(str::to_owned),
        access: Some(token(&format!("{name}-a"), at.saturating_add(300))),
        refresh: Some(token(&format!("{name}-r"), at.saturating_add(DAY))),
        device: Some(Device {
            browser: Some("Firefox 140".to_owned()),
            system: Some("Linux".to_owned()),
            platform: Some("desktop".to_owned()),
            country: "DE".to_owned(),
            asn: 3320,
            address: String::new(),
        }),
        at,
    }))
}
