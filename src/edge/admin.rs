//! `/.edgeward/admin/revocations`: revokes something (`POST`), lifts a revocation (`DELETE`), and
//! lists what is revoked (`GET`); in the log where one is bound, or else in KV.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::in_flight::{InFlight, VerifyPresented};
use super::{revocation_log, store};
use crate::gateway::{Caller, Record, Rejection};
use crate::json::object;
use crate::limits;
use crate::platform::{body, clock, kv};
use crate::revocation::{
    LogCommand, LogEntry, LogOrder, Reason, RevocationKind, RevocationName, to_message,
};

/// The outcome of an order, for the log and for the answer.
pub(super) struct Outcome {
    pub(super) name: RevocationName,
    pub(super) reason: Reason,
    /// The issuer and the tenant that it concerns, as far as they are known.
    pub(super) issuer: Option<String>,
    pub(super) tenant: Option<String>,
    pub(super) is_changed: bool,
    pub(super) body: Value,
}

/// Reads the order, stores its entry, and forgets every verdict of this isolate.
pub(super) async fn revoke(
    exchange: &Rc<InFlight>,
    caller: Option<&Caller>,
    (verify, record): (VerifyPresented, &Record),
) -> Result<Outcome, Rejection> {
    let gateway = &exchange.gateway;
    let body = read(exchange).await?;
    let now = clock::now();
    let mut order = gateway.revocation_order(&body, now)?;
    let scope = gateway.admin_scope(caller, now);
    if scope.needs_tenant(order.issuer, order.tenant.as_deref())
        && let Some(token) = order.token.clone()
    {
        order.tenant = tenant_of(exchange, token, (verify, record)).await?;
    }
    scope.check(order.issuer, order.tenant.as_deref())?;
    if gateway.config().revocation.has_log {
        let entry = gateway.log_entry(&order, actor(exchange, caller), now);
        return append(exchange, entry).await;
    }
    let entry = order.entry;
    // Before it is stored: what stands there already may refuse more, or for longer.
    let unstored = |_| not_stored(&entry.name, Reason::Admin);
    let standing = kv::get(&exchange.env(), &entry.name.to_string()).await.map_err(unstored)?;
    let entry = entry.clone().over(standing.as_deref());
    let ttl = entry.ttl(now, order.leeway);
    store::revoke(&exchange.env(), &entry, ttl).await.map_err(unstored)?;
    // Other isolates learn it when their verdicts run out; this one need not wait.
    gateway.forget_verdicts();
    let body = object([
        ("entry", json!(entry.name.to_string())),
        ("expires_at", json!(ttl.map(|ttl| now.plus(ttl).seconds()))),
    ]);
    let issuer = gateway.config().issuers.get(order.issuer).map(|issuer| issuer.name.clone());
    Ok(Outcome {
        name: entry.name,
        reason: Reason::Admin,
        issuer,
        tenant: order.tenant,
        is_changed: true,
        body,
    })
}

/// Appends one entry to the log.
pub(super) async fn append(exchange: &InFlight, entry: LogEntry) -> Result<Outcome, Rejection> {
    let (name, reason, tenant) = (entry.name.clone(), entry.reason, entry.tenant.clone());
    let issuer = Some(entry.issuer.clone()).filter(|issuer| !issuer.is_empty());
    let outcome = order(exchange, LogCommand::Append, entry).await?;
    let is_changed = is_true(&outcome, "is_changed");
    let body = object([
        ("entry", json!(name.to_string())),
        ("reason", json!(reason.as_str())),
        ("before", json!(outcome.get("before"))),
        ("expires_at", json!(outcome.get("expires_at"))),
    ]);
    Ok(Outcome { name, reason, issuer, tenant, is_changed, body })
}

/// Reads the order, and lifts the entry that it names; whether there was one, as far as the store
/// could tell.
pub(super) async fn lift(
    exchange: &Rc<InFlight>,
    caller: Option<&Caller>,
    with: (VerifyPresented, &Record),
) -> Result<Outcome, Rejection> {
    let now = clock::now();
    let mut order = exchange.gateway.lift_order(&read(exchange).await?)?;
    let scope = exchange.gateway.admin_scope(caller, now);
    if let (Some((issuer, tenant)), Some(token)) = (&mut order.of, order.token.take())
        && scope.needs_tenant(*issuer, tenant.as_deref())
    {
        *tenant = tenant_of(exchange, token, with).await?;
    }
    scope.check_lift(&order)?;
    let (issuer, tenant) = order.of.take().unzip();
    let issuer = issuer.and_then(|index| exchange.gateway.config().issuers.get(index));
    let (issuer, tenant) = (issuer.map(|issuer| issuer.name.clone()), tenant.flatten());
    let name = order.name;
    let revocation = &exchange.gateway.config().revocation;
    if !revocation.has_log {
        let was_revoked = forget(exchange, &name).await?;
        let body =
            object([("entry", json!(name.to_string())), ("was_revoked", json!(was_revoked))]);
        let reason = Reason::Admin;
        return Ok(Outcome { name, reason, issuer, tenant, is_changed: was_revoked, body });
    }
    // From KV first: what is not imported yet would be read there after the lift, and another import would
    // bring it back. All of KV is an administrator's.
    let was_in_kv = if order.reason == Reason::Admin && revocation.has_kv {
        let forgotten = forget(exchange, &name).await;
        // After the import it is only tidied up: at worst another import revokes again.
        if exchange.gateway.log_copy().is_imported() { false } else { forgotten? }
    } else {
        false
    };
    let entry = LogEntry {
        name: name.clone(),
        reason: order.reason,
        is_lifted: false,
        before: None,
        // That there was nothing to lift is remembered for as long as an import may run.
        expires_at: Some(now.plus(limits::LIFT_RETENTION)),
        issuer: String::new(),
        tenant: None,
        actor: actor(exchange, caller),
    };
    let is_in_kv = order.reason != Reason::Admin && stands_in_kv(exchange, &name).await?;
    let mut outcome = self::order(exchange, LogCommand::Lift, entry).await?;
    if is_in_kv {
        add_reason(&mut outcome, Reason::Admin);
    }
    let was_revoked = is_true(&outcome, "was_revoked") || was_in_kv;
    let body = object([
        ("entry", json!(name.to_string())),
        ("reason", json!(order.reason.as_str())),
        ("was_revoked", json!(was_revoked)),
        ("still_revoked_for", json!(outcome.get("other_reasons"))),
    ]);
    Ok(Outcome { name, reason: order.reason, issuer, tenant, is_changed: was_revoked, body })
}

/// The tenant of a token, which is verified for that.
async fn tenant_of(
    exchange: &Rc<InFlight>,
    token: String,
    (verify, record): (VerifyPresented, &Record),
) -> Result<Option<String>, Rejection> {
    let own = Record::new(record.id.clone(), clock::now());
    let verified = verify(Rc::clone(exchange), token, own).await?;
    // A token that no route accepts shows nothing.
    let tenant = verified.identity().tenant.clone();
    Ok(tenant.filter(|_| verified.is_accepted(clock::now())))
}

/// Adds a reason to those for which a name is still revoked.
fn add_reason(outcome: &mut Map<String, Value>, reason: Reason) {
    let reason = json!(reason.as_str());
    if let Some(Value::Array(others)) = outcome.get_mut("other_reasons")
        && !others.contains(&reason)
    {
        others.push(reason);
    }
}

/// Whether KV has an entry that still refuses, because the log has not taken it over yet.
async fn stands_in_kv(exchange: &InFlight, name: &RevocationName) -> Result<bool, Rejection> {
    let gateway = &exchange.gateway;
    if !gateway.config().revocation.has_kv || gateway.log_copy().is_imported() {
        return Ok(false);
    }
    let standing = kv::get(&exchange.env(), &name.to_string()).await;
    standing.map(|entry| entry.is_some()).map_err(|_| not_stored(name, Reason::Admin))
}

/// Removes an entry from KV; whether there was one.
async fn forget(exchange: &InFlight, name: &RevocationName) -> Result<bool, Rejection> {
    let env = exchange.env();
    let unstored = |_| not_stored(name, Reason::Admin);
    let key = name.to_string();
    let standing = kv::get(&env, &key).await.map_err(unstored)?;
    kv::delete(&env, &key).await.map_err(unstored)?;
    Ok(standing.is_some())
}

/// Lists what is revoked, newest first, by the parameters of the query.
pub(super) async fn list(
    exchange: &InFlight,
    caller: Option<&Caller>,
    query: &str,
) -> Result<Value, Rejection> {
    let gateway = &exchange.gateway;
    let scope = gateway.admin_scope(caller, clock::now());
    let wanted = gateway.revocation_list(query, scope.filter(gateway))?;
    let found = revocation_log::command(exchange, "list", &to_message(&wanted)).await;
    found.map(Value::Object).ok_or(Rejection::RevocationUnavailable)
}

/// Begins to import the blacklist of KV into the log, or says how far that has come.
pub(super) async fn import(
    exchange: &InFlight,
    caller: Option<&Caller>,
    method: &str,
) -> Result<Value, Rejection> {
    exchange.gateway.admin_scope(caller, clock::now()).check_everything()?;
    let method = if method == "POST" { "import" } else { "imported" };
    let order = if method == "import" { read(exchange).await? } else { Vec::new() };
    let order = exchange.gateway.import_order(&order)?;
    let state = revocation_log::command(exchange, method, &to_message(&order)).await;
    state.map(Value::Object).ok_or(Rejection::RevocationUnavailable)
}

async fn order(
    exchange: &InFlight,
    command: LogCommand,
    entry: LogEntry,
) -> Result<Map<String, Value>, Rejection> {
    let unstored = not_stored(&entry.name, entry.reason);
    let order = LogOrder { command, entries: vec![entry] };
    let message = match command {
        // Later it could take back a revocation that was acknowledged after this lift was given up.
        LogCommand::Lift => order.to_bytes_until(clock::now().plus(limits::STORE_TIMEOUT)),
        _ => order.to_bytes(),
    };
    let outcome = revocation_log::command(exchange, "order", &message).await;
    let entries = outcome.and_then(|mut outcome| outcome.remove("entries"));
    let outcome = entries.and_then(|all| all.get(0)?.as_object().cloned()).ok_or(unstored)?;
    // Other isolates learn it when their copies are due; this one need not wait. An order that changes
    // nothing may be the repetition of one that another isolate gave.
    revocation_log::refresh(exchange).await;
    Ok(outcome)
}

fn is_true(outcome: &Map<String, Value>, name: &str) -> bool {
    outcome.get(name).is_some_and(|value| *value == true)
}

/// The hash that names who acts: that of the subject, as the log names it.
fn actor(exchange: &InFlight, caller: Option<&Caller>) -> Option<String> {
    let caller = caller?;
    let issuer = exchange.gateway.config().issuers.get(caller.issuer())?;
    let iss = caller.token().claims().issuer.as_deref().unwrap_or(&issuer.policy.issuer);
    let subject = caller.identity().subject.as_deref()?;
    Some(RevocationName::new(RevocationKind::Subject, iss, subject).hash())
}

async fn read(exchange: &InFlight) -> Result<Vec<u8>, Rejection> {
    let order = body::read(exchange.request().body(), limits::ADMIN_BODY_BYTES).await;
    let order = order.map_err(|_| Rejection::BadRequest("expected a readable body"))?;
    order.ok_or(Rejection::BadRequest("expected a body of at most 20 KiB"))
}

fn not_stored(name: &RevocationName, reason: Reason) -> Rejection {
    Rejection::StoreUnavailable(Box::new((name.clone(), reason)))
}
