//! The tables of the revocation log, and how entries are read from them and written.

use js_sys::Error;
use serde_json::Value;
use wasm_bindgen::JsValue;
use worker::{SqlStorage, SqlStorageValue, State, worker_sys::DurableObjectState};

use crate::json::parse_object;
use crate::revocation::{
    Epoch, Fingerprint, LogEntry, LogStart, Reason, RevocationName, RevocationState,
};
use crate::time::NumericDate;

/// The storage of one object.
pub(super) struct Rows(SqlStorage);

/// One row of a result.
pub(super) type Row = Vec<SqlStorageValue>;

/// The one row of the table `log`.
pub(super) struct LogState {
    pub(super) epoch: Epoch,
    /// The number of the last change.
    pub(super) head: u64,
    /// How far the import from KV has come, as JSON; `None` before it began.
    pub(super) import: Option<String>,
}

impl LogState {
    /// Whether the entries of KV are all in the log, by an import that is complete. One that is made again
    /// changes nothing: some isolates would read KV again, and others not.
    pub(super) fn is_imported(&self) -> bool {
        let state = self.import.as_ref().and_then(|state| parse_object(state.as_bytes()).ok());
        state.is_some_and(|state| {
            let is = |name: &str, value: Value| state.get(name) == Some(&value);
            is("status", "complete".into()) || is("was_complete", true.into())
        })
    }
}

/// How many starts of the object are remembered.
const STARTS: i64 = 100;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS log(id INTEGER PRIMARY KEY CHECK (id = 1), epoch BLOB NOT NULL, head INTEGER NOT NULL, import TEXT);
CREATE TABLE IF NOT EXISTS entry(
  seq INTEGER PRIMARY KEY, name BLOB NOT NULL, reason TEXT NOT NULL, fingerprint INTEGER NOT NULL,
  lifted INTEGER NOT NULL, before INTEGER, expires_at INTEGER, issuer TEXT NOT NULL, tenant TEXT, actor TEXT,
  created_at INTEGER NOT NULL, UNIQUE(name, reason));
CREATE TABLE IF NOT EXISTS start(n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, head INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS entry_fingerprint ON entry(fingerprint);
CREATE INDEX IF NOT EXISTS entry_expires_at ON entry(expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS entry_tenant ON entry(tenant, seq) WHERE tenant IS NOT NULL;
";

/// The columns that make a [`LogEntry`].
pub(super) const ENTRY: &str = "name, reason, lifted, before, expires_at, issuer, tenant, actor";

impl Rows {
    pub(super) fn of(object: DurableObjectState) -> Self {
        Self(State::from(object).storage().sql())
    }

    /// Creates the tables where there are none, with `epoch`, and notes the start `id` of the object.
    ///
    /// Returns whether there were none.
    pub(super) fn open(&self, epoch: Epoch, id: u64) -> Result<bool, JsValue> {
        self.run(TABLES, vec![])?;
        let epoch = SqlStorageValue::Blob(epoch.bytes().to_vec());
        let made = self.select(
            "INSERT OR IGNORE INTO log(id, epoch, head) VALUES (1, ?, 0) RETURNING 1",
            vec![epoch],
        )?;
        let id = SqlStorageValue::Blob(id.to_be_bytes().to_vec());
        self.run("INSERT INTO start(id, head) SELECT ?, head FROM log", vec![id])?;
        // A copy of an older start is loaded anew.
        let kept = SqlStorageValue::Integer(STARTS);
        self.run("DELETE FROM start WHERE n <= (SELECT max(n) FROM start) - ?", vec![kept])?;
        Ok(!made.is_empty())
    }

    /// The id of the present start of the object.
    pub(super) fn start(&self) -> Result<u64, JsValue> {
        let rows = self.select("SELECT id FROM start ORDER BY n DESC LIMIT 1", vec![])?;
        let id = rows.first().and_then(|row| match row.as_slice() {
            [SqlStorageValue::Blob(id)] => Some(u64::from_be_bytes(id.as_slice().try_into().ok()?)),
            _ => None,
        });
        id.ok_or_else(|| broken("start"))
    }

    /// The start with this id and the one after it, as far as there are such.
    pub(super) fn starts(&self, id: u64) -> Result<Vec<LogStart>, JsValue> {
        let rows = self.select(
            "SELECT id, head FROM start WHERE n >= (SELECT n FROM start WHERE id = ?) ORDER BY n LIMIT 2",
            vec![SqlStorageValue::Blob(id.to_be_bytes().to_vec())],
        )?;
        let start = |row: &Row| {
            let [SqlStorageValue::Blob(id), head] = row.as_slice() else { return None };
            let id = u64::from_be_bytes(id.as_slice().try_into().ok()?);
            Some(LogStart { id, head: u64::try_from(number(head)?).ok()? })
        };
        rows.iter().map(|row| start(row).ok_or_else(|| broken("start"))).collect()
    }

    pub(super) fn select(&self, query: &str, values: Row) -> Result<Vec<Row>, JsValue> {
        let cursor = self.0.exec(query, values).map_err(JsValue::from)?;
        cursor.raw().map(|row| row.map_err(JsValue::from)).collect()
    }

    pub(super) fn run(&self, statement: &str, values: Row) -> Result<(), JsValue> {
        self.0.exec(statement, values).map(|_| ()).map_err(JsValue::from)
    }

    /// The state of the log.
    pub(super) fn state(&self) -> Result<LogState, JsValue> {
        let rows = self.select("SELECT epoch, head, import FROM log", vec![])?;
        let state = rows.first().and_then(|row| {
            let [epoch, head, import] = row.as_slice() else { return None };
            let SqlStorageValue::Blob(epoch) = epoch else { return None };
            Some(LogState {
                epoch: Epoch::new(epoch.as_slice().try_into().ok()?),
                head: number(head).and_then(|head| u64::try_from(head).ok())?,
                import: text(import),
            })
        });
        state.ok_or_else(|| broken("log"))
    }

    /// Puts an entry in the place of the one with its name and reason, as the change `seq`.
    pub(super) fn replace(
        &self,
        (seq, epoch): (u64, &Epoch),
        entry: &LogEntry,
        now: NumericDate,
    ) -> Result<(), JsValue> {
        let values = vec![
            SqlStorageValue::Integer(signed(seq)),
            SqlStorageValue::Blob(entry.name.to_bytes().to_vec()),
            entry.reason.as_str().into(),
            SqlStorageValue::Integer(signed(epoch.fingerprint(&entry.name).number())),
            SqlStorageValue::Integer(entry.is_lifted.into()),
            entry.before.into(),
            entry.expires_at.map(NumericDate::seconds).into(),
            entry.issuer.as_str().into(),
            entry.tenant.clone().into(),
            entry.actor.clone().into(),
            SqlStorageValue::Integer(now.millis()),
        ];
        self.run(
            "INSERT OR REPLACE INTO entry(seq, name, reason, fingerprint, lifted, before, expires_at, issuer, \
             tenant, actor, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
    }
}

/// Reads the columns [`ENTRY`] of a row.
pub(super) fn entry(row: &[SqlStorageValue]) -> Result<LogEntry, JsValue> {
    read(row).ok_or_else(|| broken("entry"))
}

fn read(row: &[SqlStorageValue]) -> Option<LogEntry> {
    let [name, reason, lifted, before, expires_at, issuer, tenant, actor, ..] = row else {
        return None;
    };
    let SqlStorageValue::Blob(name) = name else { return None };
    Some(LogEntry {
        name: RevocationName::from_bytes(name.as_slice().try_into().ok()?)?,
        reason: Reason::parse(&text(reason)?)?,
        is_lifted: number(lifted)? != 0,
        before: number(before),
        expires_at: number(expires_at).map(NumericDate::from_seconds),
        issuer: text(issuer)?,
        tenant: text(tenant),
        actor: text(actor),
    })
}

/// The state at `now` by the columns `lifted`, `before` and `expires_at`, with which a row begins.
pub(super) fn state(row: &[SqlStorageValue], now: NumericDate) -> Result<RevocationState, JsValue> {
    let [lifted, before, expires_at, ..] = row else { return Err(broken("entry")) };
    let is_lifted = number(lifted).ok_or_else(|| broken("entry"))? != 0;
    let expires_at = number(expires_at).map(NumericDate::from_seconds);
    Ok(RevocationState::of(is_lifted, number(before), expires_at, now))
}

/// Reads a fingerprint.
pub(super) fn fingerprint(value: &SqlStorageValue) -> Result<Fingerprint, JsValue> {
    let number = number(value).and_then(|number| u64::try_from(number).ok());
    number.and_then(Fingerprint::new).ok_or_else(|| broken("fingerprint"))
}

pub(super) fn number(value: &SqlStorageValue) -> Option<i64> {
    match value {
        SqlStorageValue::Integer(number) => Some(*number),
        _ => None,
    }
}

pub(super) fn text(value: &SqlStorageValue) -> Option<String> {
    match value {
        SqlStorageValue::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// A number of a change or a fingerprint, which JavaScript holds exactly: less than 2⁵³.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A row that this release cannot read: then nothing is known, and the call fails.
pub(super) fn broken(table: &str) -> JsValue {
    Error::new(&format!("unreadable row in `{table}`")).into()
}

/// A message that this release cannot read.
pub(super) fn not_understood() -> JsValue {
    Error::new("expected a message of a known version").into()
}
