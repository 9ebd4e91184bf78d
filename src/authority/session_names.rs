//! The names by which sessions are revoked, and the message that revokes them.

use wasm_bindgen::prelude::*;

use super::rows::not_understood;
use super::session::read;
use crate::revocation::{LogCommand, LogEntry, LogOrder, Reason, RevocationKind, RevocationName};
use crate::time::NumericDate;

/// The names of the revocations that end an owner's tokens: that of the issuer and, as far as they are known, those
/// of the tenant, the subject and the session.
#[must_use]
#[wasm_bindgen]
pub fn session_owner_names(
    iss: &str,
    tenant: Option<String>,
    subject: Option<String>,
    session: Option<String>,
) -> Vec<String> {
    let name = |kind, value: &str| RevocationName::new(kind, iss, value).to_string();
    let tenant = tenant.map(|tenant| name(RevocationKind::Tenant, &tenant));
    let subject = subject.map(|subject| name(RevocationKind::Subject, &subject));
    let session = session.map(|session| name(RevocationKind::Session, &session));
    let issuer = Some(name(RevocationKind::Issuer, ""));
    [issuer, tenant, subject, session].into_iter().flatten().collect()
}

/// The message that appends entries to the log for a logout: names with their expiry, and the time before
/// which tokens are refused for cut-offs, in seconds: JSON `[[name, expires_at, before], …]`. An empty `tenant` is none;
/// `reason` is the word of a [`Reason`].
///
/// # Errors
///
/// Entries that are not understood.
#[wasm_bindgen]
pub fn session_append(
    entries: &str,
    issuer: &str,
    tenant: &str,
    reason: &str,
) -> Result<Vec<u8>, JsValue> {
    let reason = Reason::parse(reason).ok_or_else(not_understood)?;
    let entries: Vec<(String, Option<i64>, Option<i64>)> = read(entries)?;
    let entry = |(name, until, before): &(String, Option<i64>, Option<i64>)| {
        Some(LogEntry {
            name: RevocationName::parse(name)?,
            reason,
            is_lifted: false,
            before: *before,
            expires_at: until.map(NumericDate::from_seconds),
            issuer: issuer.to_owned(),
            tenant: (!tenant.is_empty()).then(|| tenant.to_owned()),
            actor: None,
        })
    };
    let entries = entries.iter().map(entry).collect::<Option<_>>().ok_or_else(not_understood)?;
    Ok(LogOrder { command: LogCommand::Append, entries }.to_bytes())
}
