//! The tables of a family object.

use wasm_bindgen::JsValue;
use worker::SqlStorageValue;

use super::rows::{Row, Rows, broken, number, text};
use crate::jose::base64url_decode;
use crate::session::{EndReason, Family, Phase, RefreshMessage, Rotation};
use crate::time::NumericDate;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS family(
  id INTEGER PRIMARY KEY AUTOINCREMENT, generation INTEGER NOT NULL, attempt INTEGER NOT NULL, phase TEXT NOT NULL,
  request BLOB, rotated_at INTEGER, rotated_request BLOB, is_seen INTEGER NOT NULL, replays INTEGER NOT NULL, ended TEXT,
  is_logged INTEGER NOT NULL, issued_at INTEGER, expires_at INTEGER NOT NULL, session TEXT, issuer TEXT NOT NULL, tenant TEXT,
  answer BLOB, answer_until INTEGER);
CREATE TABLE IF NOT EXISTS token(
  hash TEXT PRIMARY KEY, name TEXT NOT NULL, family INTEGER NOT NULL, generation INTEGER NOT NULL, expires_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS access(
  hash TEXT PRIMARY KEY, name TEXT NOT NULL, family INTEGER NOT NULL, generation INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  is_ended INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS request_count(id INTEGER PRIMARY KEY CHECK (id = 1), since INTEGER NOT NULL, requests INTEGER NOT NULL, until INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS cutoff(id INTEGER PRIMARY KEY CHECK (id = 1), before INTEGER NOT NULL, until INTEGER NOT NULL);
";

/// A family as it is kept.
pub(super) struct Kept {
    /// 0 for one that is not stored.
    pub(super) id: i64,
    pub(super) family: Family,
    /// Whether the log knows that it has ended.
    pub(super) is_logged: bool,
    /// `iat` of the current token, in seconds.
    pub(super) issued_at: Option<i64>,
    pub(super) expires_at: NumericDate,
    /// The name of the session in revocations.
    pub(super) session: Option<String>,
    pub(super) issuer: String,
    pub(super) tenant: Option<String>,
    pub(super) answer: Option<Vec<u8>>,
    pub(super) answer_until: Option<NumericDate>,
}

/// A row's number, which counts up from 1.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "no object has 2^53 rows")]
pub(super) fn exact(id: i64) -> f64 {
    id as f64
}

pub(super) fn open(rows: &Rows) -> Result<(), JsValue> {
    rows.run(TABLES, vec![])
}

/// A family that begins with the token of a message.
pub(super) fn new(message: &RefreshMessage, now: NumericDate) -> Kept {
    Kept {
        id: 0,
        family: Family::default(),
        is_logged: true,
        issued_at: message.issued_at,
        expires_at: message.kept_until(now),
        session: message.session.clone(),
        issuer: message.issuer.clone(),
        tenant: message.tenant.clone(),
        answer: None,
        answer_until: None,
    }
}

/// The 32 bytes of a hash in base64url.
pub(super) fn hash_of(text: &str) -> Option<[u8; 32]> {
    base64url_decode(text)?.try_into().ok()
}

const FAMILY: &str = "id, generation, attempt, phase, request, rotated_at, rotated_request, is_seen, replays, ended, is_logged, \
                      issued_at, expires_at, session, issuer, tenant, answer, answer_until";

pub(super) fn families(rows: &Rows) -> Result<Vec<Kept>, JsValue> {
    let found = rows.select(&format!("SELECT {FAMILY} FROM family"), vec![])?;
    found.iter().map(|row| kept(row).ok_or_else(|| broken("family"))).collect()
}

pub(super) fn family(rows: &Rows, id: i64) -> Result<Option<Kept>, JsValue> {
    let query = format!("SELECT {FAMILY} FROM family WHERE id = ?");
    let found = rows.select(&query, vec![SqlStorageValue::Integer(id)])?;
    found.first().map(|row| kept(row).ok_or_else(|| broken("family"))).transpose()
}

fn kept(row: &Row) -> Option<Kept> {
    let at = |index: usize| row.get(index);
    let whole = |index: usize| u64::try_from(number(at(index)?)?).ok();
    let date = |index: usize| at(index).and_then(number).map(NumericDate::from_millis);
    let word = |index: usize| at(index).and_then(text);
    let hash = |index: usize| <[u8; 32]>::try_from(blob(at(index)?)?).ok();
    let phase = match word(3)?.as_str() {
        "idle" => Phase::Idle,
        "reserved" => Phase::Reserved(hash(4)?),
        "in_doubt" => Phase::InDoubt,
        _ => return None,
    };
    let rotation = match date(5) {
        Some(at) => Some(Rotation { at, request: hash(6)? }),
        None => None,
    };
    let ended = match word(9) {
        Some(word) => Some(EndReason::parse(&word)?),
        None => None,
    };
    Some(Kept {
        id: number(at(0)?)?,
        family: Family {
            generation: whole(1)?,
            attempt: whole(2)?,
            phase,
            rotation,
            is_seen: whole(7)? != 0,
            replays: u32::try_from(whole(8)?).unwrap_or(u32::MAX),
            ended,
        },
        is_logged: whole(10)? != 0,
        issued_at: at(11).and_then(number),
        expires_at: date(12)?,
        session: word(13),
        issuer: word(14)?,
        tenant: word(15),
        answer: at(16).and_then(blob),
        answer_until: date(17),
    })
}

fn blob(value: &SqlStorageValue) -> Option<Vec<u8>> {
    match value {
        SqlStorageValue::Blob(bytes) => Some(bytes.clone()),
        _ => None,
    }
}

/// Stores a family: a new row for one that has no number yet.
pub(super) fn store(rows: &Rows, kept: &Kept) -> Result<(), JsValue> {
    let count = |number: u64| SqlStorageValue::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let date = |date: Option<NumericDate>| SqlStorageValue::from(date.map(NumericDate::millis));
    let bytes = |bytes: Option<&[u8]>| match bytes {
        Some(bytes) => SqlStorageValue::Blob(bytes.to_vec()),
        None => SqlStorageValue::Null,
    };
    let family = &kept.family;
    let (phase, request) = match &family.phase {
        Phase::Idle => ("idle", None),
        Phase::Reserved(request) => ("reserved", Some(request.as_slice())),
        Phase::InDoubt => ("in_doubt", None),
    };
    let rotation = family.rotation.as_ref();
    let id = if kept.id == 0 { SqlStorageValue::Null } else { SqlStorageValue::Integer(kept.id) };
    let values = vec![
        id,
        count(family.generation),
        count(family.attempt),
        phase.into(),
        bytes(request),
        date(rotation.map(|rotation| rotation.at)),
        bytes(rotation.map(|rotation| rotation.request.as_slice())),
        count(family.is_seen.into()),
        count(family.replays.into()),
        family.ended.map(|reason| reason.as_str().to_owned()).into(),
        count(kept.is_logged.into()),
        kept.issued_at.into(),
        date(Some(kept.expires_at)),
        kept.session.clone().into(),
        kept.issuer.as_str().into(),
        kept.tenant.clone().into(),
        bytes(kept.answer.as_deref()),
        date(kept.answer_until),
    ];
    let statement = format!(
        "INSERT OR REPLACE INTO family({FAMILY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    rows.run(&statement, values)
}

pub(super) fn last_id(rows: &Rows) -> Result<i64, JsValue> {
    let found = rows.select("SELECT max(id) FROM family", vec![])?;
    found.first().and_then(|row| number(row.first()?)).ok_or_else(|| broken("family"))
}

/// Counts a request within a window of some `seconds`; how long the client has to wait, 0 if it need not.
pub(super) fn count(
    rows: &Rows,
    requests: u32,
    seconds: u32,
    now: NumericDate,
) -> Result<u32, JsValue> {
    let found = rows.select("SELECT since, requests FROM request_count", vec![])?;
    let known = found.first().and_then(|row| Some((number(row.first()?)?, number(row.get(1)?)?)));
    let window = i64::from(seconds).saturating_mul(1000);
    let now = now.millis();
    let is_open = |since: i64| since <= now && now.saturating_sub(since) < window;
    let (since, before) = known.filter(|(since, _)| is_open(*since)).unwrap_or((now, 0));
    if before >= i64::from(requests) {
        let rest = since.saturating_add(window).saturating_sub(now);
        return Ok(u32::try_from(rest.saturating_add(999) / 1000).unwrap_or(seconds).max(1));
    }
    rows.run(
        "INSERT OR REPLACE INTO request_count(id, since, requests, until) VALUES (1, ?, ?, ?)",
        vec![
            SqlStorageValue::Integer(since),
            SqlStorageValue::Integer(before.saturating_add(1)),
            SqlStorageValue::Integer(since.saturating_add(window)),
        ],
    )?;
    Ok(0)
}

/// When the next row is over (ms); −1 for never. A query of an object has at most five parts.
pub(super) fn next(rows: &Rows) -> Result<f64, JsValue> {
    let found = rows.select(
        "SELECT min(at) FROM (SELECT min(answer_until) AS at FROM family UNION ALL SELECT min(expires_at) FROM token UNION ALL \
         SELECT min(expires_at) FROM access UNION ALL SELECT min(expires_at) FROM family WHERE is_logged = 1 UNION ALL \
         SELECT min(until) FROM (SELECT until FROM request_count UNION ALL SELECT until FROM cutoff))",
        vec![],
    )?;
    let next = found.first().and_then(|row| number(row.first()?));
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "milliseconds, below 2⁵³"
    )]
    Ok(next.map_or(-1.0, |next| next as f64))
}
