use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Statement;
use crate::jose::base64url;

/// A subject as the table of subjects keeps it. Its `Debug` shows no subject.
#[derive(Clone, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "this is the whole message")]
pub struct Subject {
    /// A random reference, if it has none yet.
    pub reference: String,
    /// The issuer's name in the configuration.
    pub issuer: String,
    /// `iss`, as names of revocations have it.
    pub iss: String,
    /// The claim of the tenant; empty for none.
    pub tenant: String,
    /// The subject.
    pub subject: String,
    /// `iat` of the token that names it, in seconds.
    #[serde(default)]
    pub issued_at: Option<i64>,
}

impl Subject {
    /// The values by which a row is found whatever its tenant: one subject of two authorities that share an issuer
    /// of the configuration, as those of a template do, is two people.
    pub(super) fn name(&self) -> [Value; 3] {
        [json!(self.issuer), json!(self.iss), json!(self.subject)]
    }

    /// The values of [`REFERENCE`].
    pub(super) fn key(&self) -> [Value; 4] {
        let [issuer, iss, subject] = self.name();
        [issuer, iss, subject, json!(self.tenant)]
    }

    /// A hash that names a subject after its rows have been deleted.
    pub(super) fn hash(&self) -> String {
        hash(&["subject", &self.issuer, &self.iss, &self.tenant, &self.subject])
    }
}

/// Whether nobody has deleted the subject since the event.
pub(super) const NOT_DELETED: &str =
    "NOT EXISTS (SELECT 1 FROM deleted_subjects WHERE hash = ? AND deleted_at >= ?)";

/// The reference of a subject.
pub(super) const REFERENCE: &str =
    "(SELECT reference FROM subjects WHERE issuer = ? AND iss = ? AND subject = ? AND tenant = ?)";

/// The id of a device of a subject: the values of [`REFERENCE`], and the hash of the device.
pub(super) const DEVICE: &str = "(SELECT reference || '.' || ? FROM subjects WHERE issuer = ? AND iss = ? AND subject = ? AND tenant = ?)";

/// Adds a subject under its reference, unless it has one, or was deleted after `at`.
pub(super) fn add_subject(owner: &Subject, at: i64) -> Statement {
    let (condition, values) = (NOT_DELETED, addition(owner, at));
    Statement::new(format!("{ADD} WHERE {condition} ON CONFLICT DO NOTHING"), values)
}

/// The same for a subject that is audited: one without a tenant is added only where there is none of this name.
pub(super) fn add_audited(owner: &Subject, at: i64) -> Statement {
    if !owner.tenant.is_empty() {
        return add_subject(owner, at);
    }
    let mut values = addition(owner, at);
    values.extend(owner.name());
    Statement::new(
        format!(
            "{ADD} WHERE {NOT_DELETED} AND NOT EXISTS (SELECT 1 FROM subjects WHERE issuer = ? AND iss = ? AND subject = ?) \
             ON CONFLICT DO NOTHING"
        ),
        values,
    )
}

const ADD: &str = "INSERT INTO subjects(reference, issuer, iss, tenant, subject, created_at) SELECT ?, ?, ?, ?, ?, ?";

/// The values of an addition, and of [`NOT_DELETED`].
fn addition(owner: &Subject, at: i64) -> Vec<Value> {
    let hash = owner.hash();
    vec![
        json!(owner.reference),
        json!(owner.issuer),
        json!(owner.iss),
        json!(owner.tenant),
        json!(owner.subject),
        json!(at),
        json!(hash),
        // A token of before a deletion brings nobody back.
        json!(owner.issued_at.map_or(at, |issued_at| issued_at.min(at))),
    ]
}

/// A hash over all parts, each with its length, so that none can be taken for another.
pub(super) fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    base64url(&hash.finalize())
}

impl fmt::Debug for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Subject").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
