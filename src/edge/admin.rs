//! `/.edgeward/admin/revocations`: adds an entry to the blacklist (`POST`), or takes one back
//! (`DELETE`).

use serde_json::{Value, json};

use super::in_flight::InFlight;
use super::store;
use crate::gateway::Rejection;
use crate::limits;
use crate::platform::{body, clock, kv};
use crate::revocation::RevocationName;

/// Reads the order, stores its entry, and forgets every verdict of this isolate.
pub(super) async fn revoke(exchange: &InFlight) -> Result<(RevocationName, Value), Rejection> {
    let order = read(exchange).await?;
    let now = clock::now();
    let (entry, leeway) = exchange.gateway.revocation_order(&order, now)?;
    // Before it is stored: what stands there already may refuse more, or for longer.
    let standing = kv::get(&exchange.env(), &entry.name.to_string()).await.map_err(unavailable)?;
    let entry = entry.over(standing.as_deref());
    let ttl = entry.ttl(now, leeway);
    store::revoke(&exchange.env(), &entry, ttl).await.map_err(unavailable)?;
    // Other isolates learn it when their verdicts run out; this one need not wait.
    exchange.gateway.forget_verdicts();
    let body = json!({
        "entry": entry.name.to_string(),
        "expires_at": ttl.map(|ttl| now.plus(ttl).seconds()),
    });
    Ok((entry.name, body))
}

/// Reads the order, and removes the entry that it names; whether there was one, as far as the store
/// could tell.
pub(super) async fn lift(exchange: &InFlight) -> Result<(RevocationName, Value), Rejection> {
    let order = read(exchange).await?;
    let name = exchange.gateway.lift_order(&order)?;
    let standing = kv::get(&exchange.env(), &name.to_string()).await.map_err(unavailable)?;
    kv::delete(&exchange.env(), &name.to_string()).await.map_err(unavailable)?;
    let body = json!({ "entry": name.to_string(), "was_revoked": standing.is_some() });
    Ok((name, body))
}

async fn read(exchange: &InFlight) -> Result<Vec<u8>, Rejection> {
    let order = body::read(exchange.request().body(), limits::ADMIN_BODY_BYTES).await;
    let order = order.map_err(|_| Rejection::BadRequest("expected a readable body"))?;
    order.ok_or(Rejection::BadRequest("expected a body of at most 20 KiB"))
}

fn unavailable<E>(_: E) -> Rejection {
    Rejection::StoreUnavailable
}
