//! `POST /.edgeward/admin/revocations`: adds an entry to the blacklist.

use serde_json::{Value, json};

use super::exchange::Exchange;
use super::{body, clock, store};
use crate::gateway::Rejection;
use crate::limits;
use crate::revocation::RevocationName;

/// Reads the order, stores its entry, and forgets every verdict of this isolate.
pub(super) async fn revoke(exchange: &Exchange) -> Result<(RevocationName, Value), Rejection> {
    let order = body::read(exchange.request().body(), limits::ADMIN_BODY_BYTES).await;
    let order = order.map_err(|_| Rejection::BadRequest("expected a readable body"))?;
    let order = order.ok_or(Rejection::BadRequest("expected a body of at most 16 KiB"))?;
    let now = clock::now();
    let (entry, ttl) = exchange.gateway.revocation_order(&order, now)?;
    let unavailable = |_| Rejection::StoreUnavailable;
    let standing = match entry.cutoff {
        Some(_) => store::get(&exchange.env(), entry.name.as_str()).await.map_err(unavailable)?,
        None => None,
    };
    let entry = entry.over(standing.as_deref());
    store::revoke(&exchange.env(), &entry, ttl).await.map_err(unavailable)?;
    // Other isolates learn it when their verdicts run out; this one need not wait.
    exchange.gateway.forget_verdicts();
    let body = json!({
        "entry": entry.name.as_str(),
        "expires_at": ttl.map(|ttl| now.plus(ttl).seconds()),
    });
    Ok((entry.name, body))
}
