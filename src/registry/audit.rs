use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Statement;
use super::device::{Device, device_hash};
use super::subject_row::{REFERENCE, Subject, add_audited};

/// An event for the audit trail, which comes at least once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "this is the whole message")]
pub struct AuditEvent {
    /// Random: the same event twice is one row.
    pub key: String,
    /// When, in seconds.
    pub at: i64,
    /// A stable word.
    pub event: String,
    /// A stable code.
    pub outcome: Option<String>,
    /// The request.
    pub request_id: Option<String>,
    /// The issuer's name in the configuration.
    pub issuer: Option<String>,
    /// The claim of the tenant.
    pub tenant: Option<String>,
    /// Who did it.
    pub actor: Option<Subject>,
    /// Whom it concerns.
    pub subject: Option<Subject>,
    /// The reference of whom it concerns, where only that is known.
    pub subject_reference: Option<String>,
    /// The device of `subject`, or else of `actor`, where devices are registered.
    pub device: Option<Device>,
    /// The pattern of the route.
    pub route: Option<String>,
    /// How long it took.
    pub duration_ms: Option<i64>,
    /// How many events the row stands for.
    pub count: i64,
    /// A word or a number more, which no client has chosen.
    pub detail: Option<String>,
}

/// The columns of a row, in the order in which seals hash them.
pub(super) const COLUMNS: [&str; 15] = [
    "id",
    "key",
    "at",
    "event",
    "outcome",
    "request_id",
    "issuer",
    "tenant",
    "actor",
    "subject",
    "device",
    "route",
    "duration_ms",
    "count",
    "detail",
];

/// The reference of the subject without a tenant, or of the only one of this name.
const ONLY_REFERENCE: &str = "(SELECT CASE WHEN min(tenant) = '' OR count(*) = 1 THEN reference END FROM subjects \
     WHERE issuer = ? AND iss = ? AND subject = ? ORDER BY tenant)";

/// A configuration that is in force already is no change: every isolate reads it.
const IS_CHANGE: &str = "coalesce((SELECT detail FROM audit WHERE event = 'configuration_read' ORDER BY id DESC LIMIT 1), '') <> ?";

/// The statements that append an event, in one transaction.
pub(super) fn append(event: &AuditEvent) -> Vec<Statement> {
    let people = [&event.actor, &event.subject];
    let mut all: Vec<_> =
        people.into_iter().flatten().map(|person| add_audited(person, event.at)).collect();
    let mut values = vec![
        json!(event.key),
        json!(event.at),
        json!(event.event),
        json!(event.outcome),
        json!(event.request_id),
        json!(event.issuer),
        json!(event.tenant),
    ];
    let actor = reference(event.actor.as_ref(), &mut values);
    let subject = match &event.subject_reference {
        Some(known) if event.subject.is_none() => {
            values.push(json!(known));
            "?"
        }
        _ => reference(event.subject.as_ref(), &mut values),
    };
    let device = device(event, &mut values);
    values.extend([
        json!(event.route),
        json!(event.duration_ms),
        json!(event.count),
        json!(event.detail),
    ]);
    let mut condition = "1";
    if event.event == "configuration_read" {
        values.push(json!(event.detail.as_deref().unwrap_or_default()));
        condition = IS_CHANGE;
    }
    let sql = format!(
        "INSERT INTO audit(key, at, event, outcome, request_id, issuer, tenant, actor, subject, device, route, \
         duration_ms, count, detail) SELECT ?, ?, ?, ?, ?, ?, ?, {actor}, {subject}, {device}, ?, ?, ?, ? WHERE {condition} \
         ON CONFLICT(key) DO NOTHING"
    );
    all.push(Statement::new(sql, values));
    all
}

/// The id of the device: of the subject, or else of the actor.
fn device(event: &AuditEvent, values: &mut Vec<Value>) -> String {
    let owner = event.subject.as_ref().or(event.actor.as_ref());
    let Some((owner, device)) = owner.zip(event.device.as_ref()) else { return "NULL".to_owned() };
    let reference = reference(Some(owner), values);
    values.push(json!(device_hash(device)));
    format!("{reference} || '.' || ?")
}

/// The reference of a subject. A refresh token may name no tenant where the access tokens do: then it is the one
/// subject of this name.
fn reference(person: Option<&Subject>, values: &mut Vec<Value>) -> &'static str {
    let Some(person) = person else { return "NULL" };
    if person.tenant.is_empty() {
        values.extend(person.name());
        return ONLY_REFERENCE;
    }
    values.extend(person.key());
    REFERENCE
}
