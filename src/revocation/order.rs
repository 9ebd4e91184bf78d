//! The messages by which entries of the log are made, lifted and listed: a version, and JSON.

use serde_json::{Map, Value, json};

use super::{LogCommand, LogEntry, Reason, RevocationName};
use crate::json;
use crate::json::object;
use crate::time::NumericDate;

/// The version of the messages.
const VERSION: u8 = 1;

/// An order to the log: one command for some entries, carried out as a whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "this is the whole message")]
pub struct LogOrder {
    /// The command.
    pub command: LogCommand,
    /// With these.
    pub entries: Vec<LogEntry>,
}

/// A message with this JSON.
#[must_use]
pub fn to_message(json: &Value) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(json.to_string().as_bytes());
    bytes
}

/// The JSON object of a message; `None` for another version, and for anything that is none.
#[must_use]
pub fn from_message(bytes: &[u8]) -> Option<Map<String, Value>> {
    let (version, json) = bytes.split_first()?;
    (*version == VERSION).then(|| json::parse_object(json).ok())?
}

impl LogOrder {
    /// The message.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let entries: Vec<_> = self.entries.iter().map(to_json).collect();
        to_message(&object([("command", json!(word(self.command))), ("entries", json!(entries))]))
    }

    /// The message of an order that is not to be carried out later, when nobody waits for it.
    #[must_use]
    pub fn to_bytes_until(&self, not_after: NumericDate) -> Vec<u8> {
        let mut order = from_message(&self.to_bytes()).unwrap_or_default();
        order.insert("not_after".to_owned(), json!(not_after.millis()));
        to_message(&order.into())
    }

    /// Whether a message says that it is not to be carried out any more.
    #[must_use]
    pub fn is_late(bytes: &[u8], now: NumericDate) -> bool {
        let until = from_message(bytes).and_then(|order| order.get("not_after")?.as_i64());
        until.is_some_and(|until| now.millis() > until)
    }

    /// Reads a message; `None` for anything that is not one.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let order = from_message(bytes)?;
        let command = order.get("command")?.as_str()?;
        let command = COMMANDS.into_iter().find(|known| word(*known) == command)?;
        let entries = order.get("entries")?.as_array()?.iter().map(entry);
        Some(Self { command, entries: entries.collect::<Option<_>>()? })
    }
}

const COMMANDS: [LogCommand; 3] = [LogCommand::Append, LogCommand::Import, LogCommand::Lift];

const fn word(command: LogCommand) -> &'static str {
    match command {
        LogCommand::Append => "append",
        LogCommand::Import => "import",
        LogCommand::Lift => "lift",
    }
}

fn to_json(entry: &LogEntry) -> Value {
    object([
        ("name", json!(entry.name.to_string())),
        ("reason", json!(entry.reason.as_str())),
        ("before", json!(entry.before)),
        ("expires_at", json!(entry.expires_at.map(NumericDate::seconds))),
        ("issuer", json!(entry.issuer)),
        ("tenant", json!(entry.tenant)),
        ("actor", json!(entry.actor)),
    ])
}

fn entry(value: &Value) -> Option<LogEntry> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(LogEntry {
        name: RevocationName::parse(value.get("name")?.as_str()?)?,
        reason: Reason::parse(value.get("reason")?.as_str()?)?,
        is_lifted: false,
        before: whole(value.get("before")).ok()?,
        expires_at: whole(value.get("expires_at")).ok()?.map(NumericDate::from_seconds),
        issuer: text("issuer")?,
        tenant: text("tenant"),
        actor: text("actor"),
    })
}

/// A whole number or null. Anything else is no message: an entry without its time would be another.
fn whole(value: Option<&Value>) -> Result<Option<i64>, ()> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_i64().map(Some).ok_or(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::RevocationKind;
    use super::*;

    fn order(command: LogCommand) -> LogOrder {
        let entry = LogEntry {
            name: RevocationName::new(RevocationKind::Tenant, "https://a", "acme"),
            reason: Reason::Logout,
            is_lifted: false,
            before: Some(7),
            expires_at: Some(NumericDate::from_seconds(9)),
            issuer: "main".to_owned(),
            tenant: Some("acme".to_owned()),
            actor: None,
        };
        let bare = LogEntry { before: None, expires_at: None, tenant: None, ..entry.clone() };
        LogOrder { command, entries: vec![entry, bare] }
    }

    #[test]
    fn an_order_is_read_as_it_is_written() {
        for command in COMMANDS {
            assert_eq!(LogOrder::parse(&order(command).to_bytes()), Some(order(command)));
        }
    }

    #[test]
    fn an_order_that_is_not_understood_is_none() {
        let bytes = order(LogCommand::Append).to_bytes();
        let text = String::from_utf8(bytes[1..].to_vec()).expect("JSON");
        let mut other = bytes.clone();
        other[0] = VERSION + 1;
        assert_eq!(LogOrder::parse(&other), None);
        assert_eq!(LogOrder::parse(&[]), None);
        for (from, to) in [
            ("\"append\"", "\"forget\""),
            ("\"logout\"", "\"bored\""),
            (":7", ":7.5"),
            (":9", ":\"9\""),
            ("revoked:tenant", "revoked:nobody"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            let message = [&[VERSION], changed.as_bytes()].concat();
            assert_eq!(LogOrder::parse(&message), None, "{from}");
        }
    }
}
