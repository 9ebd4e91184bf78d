use serde_json::{Value, json};

use super::device::{Device, device_hash};
use super::subject_row::{DEVICE, NOT_DELETED, REFERENCE, Subject, add_subject};
use super::{RegistryEvent, Statement, TokenPair, audit};
use crate::session::NewToken;

/// How long a token is assumed to live that states no expiry, in seconds: a year, as long as its family remembers it.
const UNSTATED_LIFE: i64 = 31_536_000;

/// The statements that carry an event out, in one transaction. Carried out again, or in another order, they
/// leave the same rows.
#[must_use]
pub fn statements(event: &RegistryEvent) -> Vec<Statement> {
    match event {
        RegistryEvent::Pair(pair) => pair_statements(pair),
        RegistryEvent::Audit(event) => audit::append(event),
        RegistryEvent::Ended { families, at } => ended(families, *at),
        RegistryEvent::Seen { hash, at } => vec![Statement::new(
            "UPDATE tokens SET last_seen = max(last_seen, ?) WHERE hash = ?",
            vec![json!(at), json!(hash)],
        )],
    }
}

fn pair_statements(pair: &TokenPair) -> Vec<Statement> {
    let mut all = Vec::new();
    let mut device = None;
    if let Some(owner) = owner(pair) {
        all.push(add_subject(&owner, pair.at));
        if let Some(own) = &pair.device {
            let hash = device_hash(own);
            all.extend(add_device(pair, (&owner, &hash), own));
            device = Some(hash);
        }
    }
    // The new access token hangs on the new refresh token, and that on the presented one.
    let refresh = pair.refresh.as_ref();
    let parent = refresh.map(|token| &token.hash).or(pair.parent.as_ref());
    if let Some(token) = refresh {
        all.push(add_token(pair, ("refresh", token), pair.parent.as_ref(), device.as_deref()));
    }
    if let Some(token) = &pair.access {
        all.push(add_token(pair, ("access", token), parent, device.as_deref()));
    }
    if let Some(presented) = &pair.parent {
        all.push(Statement::new(
            "UPDATE tokens SET last_seen = max(last_seen, ?) WHERE hash = ?",
            vec![json!(pair.at), json!(presented)],
        ));
    }
    all
}

/// The subject of the tokens, where it is registered.
fn owner(pair: &TokenPair) -> Option<Subject> {
    Some(Subject {
        reference: pair.reference.clone(),
        issuer: pair.issuer.clone(),
        iss: pair.iss.clone(),
        tenant: pair.tenant.clone(),
        subject: pair.subject.clone()?,
        issued_at: None,
    })
}

fn add_device(
    pair: &TokenPair,
    (owner, hash): (&Subject, &str),
    device: &Device,
) -> [Statement; 2] {
    let own = format!(
        "INSERT INTO devices(id, subject, browser, system, platform, first_seen, last_seen) \
         SELECT reference || '.' || ?, reference, ?, ?, ?, ?, ? FROM subjects WHERE issuer = ? AND iss = ? AND subject = ? AND tenant = ? \
         AND {NOT_DELETED} ON CONFLICT(id) DO UPDATE SET {SEEN}"
    );
    let (browser, system) = (json!(device.browser), json!(device.system));
    let platform = json!(device.platform);
    let mut values = vec![json!(hash), browser, system, platform, json!(pair.at), json!(pair.at)];
    values.extend(owner.key());
    // A late event brings no place back that was deleted.
    let not_deleted = [json!(owner.hash()), json!(pair.at)];
    values.extend(not_deleted.clone());
    let network = format!(
        "INSERT INTO connections(family, device, country, asn, address, first_seen, last_seen) \
         SELECT ?, id, ?, ?, ?, ?, ? FROM devices WHERE id = {DEVICE} \
         AND {NOT_DELETED} ON CONFLICT DO UPDATE SET {SEEN}"
    );
    let mut place = vec![
        json!(pair.family),
        json!(device.country),
        json!(device.asn),
        json!(device.address),
        json!(pair.at),
        json!(pair.at),
        json!(hash),
    ];
    place.extend(owner.key());
    place.extend(not_deleted);
    [Statement::new(own, values), Statement::new(network, place)]
}

const SEEN: &str = "first_seen = min(first_seen, excluded.first_seen), \
                    last_seen = max(last_seen, excluded.last_seen)";

fn add_token(
    pair: &TokenPair,
    (kind, token): (&str, &NewToken),
    parent: Option<&String>,
    device: Option<&str>,
) -> Statement {
    let owner = owner(pair);
    let expires = token.expires_at.unwrap_or_else(|| pair.at.saturating_add(UNSTATED_LIFE));
    let mut values = vec![
        json!(token.hash),
        json!(token.name),
        json!(kind),
        json!(pair.issuer),
        json!(pair.tenant),
        json!(pair.object),
        json!(pair.session),
    ];
    let subject = match &owner {
        Some(owner) => {
            values.extend(owner.key());
            REFERENCE
        }
        None => "NULL",
    };
    values.extend([json!(parent), json!(pair.family)]);
    let device = match owner.as_ref().zip(device) {
        Some((owner, hash)) => {
            values.push(json!(hash));
            values.extend(owner.key());
            DEVICE
        }
        None => "NULL",
    };
    values.extend([
        json!(token.issued_at.unwrap_or(pair.at)),
        json!(expires),
        json!(pair.family),
        json!(expires),
        json!(expires),
        json!(pair.at),
    ]);
    let mut guard = "1";
    if let Some(owner) = &owner {
        values.extend([json!(owner.hash()), json!(pair.at)]);
        guard = NOT_DELETED;
    }
    Statement::new(
        format!(
            "INSERT INTO tokens(hash, name, kind, issuer, tenant, object, session, subject, parent, family, device, \
             issued_at, expires_at, true_expires_at, last_seen) SELECT ?, ?, ?, ?, ?, ?, ?, {subject}, ?, ?, {device}, ?, \
             min(?, coalesce((SELECT ended_at FROM ended_families WHERE family = ?), ?)), ?, ? WHERE {guard} \
             ON CONFLICT(hash) DO NOTHING"
        ),
        values,
    )
}

fn ended(families: &[String], at: i64) -> Vec<Statement> {
    let of = |family: &String| {
        let values: Vec<Value> = vec![json!(family), json!(at)];
        let expired = vec![json!(at), json!(family), json!(at)];
        [
            Statement::new(
                "INSERT INTO ended_families(family, ended_at) VALUES (?, ?) ON CONFLICT DO UPDATE SET \
                 ended_at = min(ended_at, excluded.ended_at)",
                values,
            ),
            Statement::new(
                "UPDATE tokens SET expires_at = ? WHERE family = ? AND expires_at > ?",
                expired,
            ),
        ]
    };
    families.iter().flat_map(of).collect()
}
