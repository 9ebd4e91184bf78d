//! The requests by which an administrator revokes something, or lifts a revocation.

use std::time::Duration;

use serde_json::Value;

use super::revocation_fields::{
    CUTOFF_FIELDS, ENTRY_FIELDS, Refused, field, only, reason, seconds, subject_of, text,
};
use super::{Gateway, Rejection};
use crate::config::Issuer;
use crate::json::{self, Object};
use crate::limits;
use crate::revocation::{
    Cutoff, LogEntry, Reason, RevocationEntry, RevocationKind, RevocationName,
};
use crate::time::NumericDate;
use crate::token::PresentedToken;

/// An administrator's order to revoke something.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "an adapter carries it out")]
pub struct RevocationOrder {
    /// The entry as KV stores it.
    pub entry: RevocationEntry,
    /// Why.
    pub reason: Reason,
    /// The index of the issuer.
    pub issuer: usize,
    /// The tenant, if the order names one.
    pub tenant: Option<String>,
    /// The leeway of the issuer: for so long an expired token passes.
    pub leeway: Duration,
    /// The token that is to be revoked, if the order has it; it is not verified.
    pub token: Option<String>,
    /// `iat` of that token, which is not verified either.
    pub issued_at: Option<NumericDate>,
}

/// An administrator's order to lift a revocation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "an adapter carries it out")]
pub struct LiftOrder {
    /// The name of the entry.
    pub name: RevocationName,
    /// The reason for which it was revoked.
    pub reason: Reason,
    /// The index of the issuer and the tenant, if the order says what is to be lifted and not only its
    /// name.
    pub of: Option<(usize, Option<String>)>,
    /// The token that is named by the order, if it has one; it is not verified.
    pub token: Option<String>,
}

/// The first time that is taken for milliseconds: read as seconds, it is in the year 5138.
const FIRST_IN_MILLIS: NumericDate = NumericDate::from_seconds(100_000_000_000);

impl Gateway {
    /// Reads a request to lift a revocation.
    ///
    /// # Errors
    ///
    /// [`Rejection::BadRequest`], which says what is expected.
    pub fn lift_order(&self, body: &[u8]) -> Result<LiftOrder, Rejection> {
        self.read_lift(body).map_err(Rejection::BadRequest)
    }

    fn read_lift(&self, body: &[u8]) -> Result<LiftOrder, Refused> {
        let mut order = json::parse_object(body).map_err(|_| "expected one JSON object")?;
        if self.config.revocation.has_log && !order.contains_key("entry") && !order.is_empty() {
            let order = self.read_order(body, None)?;
            let of = Some((order.issuer, order.tenant));
            let token = order.token;
            return Ok(LiftOrder { name: order.entry.name, reason: order.reason, of, token });
        }
        let reason = reason(&mut order, self.config.revocation.has_log)?;
        let name =
            text(&order, "entry")?.ok_or("expected `entry`, the name of what was revoked")?;
        only(&order, &["entry"], "expected only `reason` beside `entry`")?;
        let name = RevocationName::parse(&name);
        let name = name.ok_or("expected `entry` as it was answered: revoked:<kind>:<hash>")?;
        Ok(LiftOrder { name, reason, of: None, token: None })
    }

    /// Reads a request to revoke.
    ///
    /// # Errors
    ///
    /// [`Rejection::BadRequest`], which says what is expected.
    pub fn revocation_order(
        &self,
        body: &[u8],
        now: NumericDate,
    ) -> Result<RevocationOrder, Rejection> {
        self.read_order(body, Some(now)).map_err(Rejection::BadRequest)
    }

    /// The entry that carries out an order in the log. It stays longer than the tokens that it
    /// concerns, whatever the leeway becomes and however the clocks differ.
    #[must_use]
    pub fn log_entry(
        &self,
        order: &RevocationOrder,
        actor: Option<String>,
        now: NumericDate,
    ) -> LogEntry {
        let RevocationEntry { name, cutoff, expires_at } = order.entry.clone();
        let before = cutoff.map(|cutoff| cutoff.before);
        // A token of a clock that is ahead passes already, and one that is post-dated will; a forged `iat` makes
        // an entry longer alone.
        let latest = now
            .plus(limits::GREATEST_LEEWAY)
            .max(order.issued_at.unwrap_or(now))
            .min(FIRST_IN_MILLIS);
        let issued_until = before.map_or(latest, NumericDate::from_seconds);
        let issuer = self.config.issuers.get(order.issuer);
        // A session goes on with tokens that are issued later.
        let longest = issuer
            .and_then(Issuer::longest_life)
            .filter(|_| name.kind() != RevocationKind::Session);
        let expires_at = expires_at.or_else(|| Some(issued_until.plus(longest?)));
        LogEntry {
            name,
            reason: order.reason,
            is_lifted: false,
            before,
            expires_at: expires_at.map(|at| at.plus(limits::LOG_RETENTION)),
            issuer: issuer.map(|issuer| issuer.name.clone()).unwrap_or_default(),
            tenant: order.tenant.clone(),
            actor,
        }
    }

    /// Reads what to revoke; without a time what to lift, which may lie in the past by then.
    fn read_order(
        &self,
        body: &[u8],
        now: Option<NumericDate>,
    ) -> Result<RevocationOrder, Refused> {
        let mut order = json::parse_object(body).map_err(|_| "expected one JSON object")?;
        let reason = reason(&mut order, self.config.revocation.has_log)?;
        let tenant = text(&order, "tenant")?;
        if let Some(Value::String(token)) = order.get_mut("token") {
            *token = token.trim().to_owned();
        }
        let (entry, issued_at, index) = if let Some(token) = order.get("token") {
            self.by_token(token, &order)?
        } else {
            let (entry, index) = self.by_name(&order, now)?;
            (entry, None, index)
        };
        let issuer = self.config.issuers.get(index);
        let leeway = issuer.map(|issuer| issuer.policy.leeway).unwrap_or_default();
        let token = text(&order, "token")?;
        Ok(RevocationOrder { entry, reason, issuer: index, tenant, leeway, token, issued_at })
    }

    /// The entry that revokes the token itself, permanently. The token's signature is not verified:
    /// an administrator says that it is to be refused, and refusing a token that would be refused
    /// anyway does no harm.
    ///
    /// The lifetime of the entry is not taken from `exp`, which nothing has verified. A forged
    /// token with the `jti` of a good one and an early `exp` would let the good one back in a
    /// minute later.
    fn by_token(
        &self,
        token: &Value,
        order: &Object,
    ) -> Result<(RevocationEntry, Option<NumericDate>, usize), Refused> {
        only(order, &["token"], "expected only `reason` beside `token`")?;
        let text = token.as_str().ok_or("expected `token` to be a text")?;
        if !self.config.token_grammar.permits(text) {
            return Err("expected a well-formed token");
        }
        let token = PresentedToken::parse_at_most(text.to_owned(), self.config.token_bytes);
        let token = token.map_err(|_| "expected a well-formed token")?;
        let index =
            self.issuer_of(&token).map_err(|_| "expected a token of a configured issuer")?;
        let issuer = self.config.issuers.get(index);
        let issuer = issuer.ok_or("expected a token of a configured issuer")?;
        let own_id =
            token.unverified_id().map_err(|_| "expected a token with a well-formed `jti`")?;
        let input = token.input_hash();
        let iss = match &token {
            PresentedToken::Jwt(token) => token.unverified_issuer(),
            PresentedToken::Opaque(_) => None,
        };
        let iss = iss.unwrap_or(&issuer.policy.issuer);
        let name = RevocationName::of_token(iss, own_id.as_deref(), &input);
        let entry = RevocationEntry { name, cutoff: None, expires_at: None };
        Ok((entry, token.unverified_issued_at(), index))
    }

    fn by_name(
        &self,
        order: &Object,
        now: Option<NumericDate>,
    ) -> Result<(RevocationEntry, usize), Refused> {
        let name =
            text(order, "issuer")?.ok_or("expected `token`, or `issuer` with what to revoke")?;
        let (index, issuer, iss) = self.issuer_named(&name)?;
        let (kind, value) = subject_of(order)?;
        let (time, expected) = if kind.is_cutoff() { CUTOFF_FIELDS } else { ENTRY_FIELDS };
        only(order, &["issuer", field(kind), time], expected)?;
        let cutoff = if kind.is_cutoff() {
            // Rounded up, so that what was issued in this very second falls under it.
            let before = seconds(order, "before")?;
            // Milliseconds in the place of seconds would lock everybody concerned out for good.
            let latest =
                |now: NumericDate| now.plus(issuer.policy.leeway).seconds().saturating_add(1);
            if before.zip(now).is_some_and(|(before, now)| before > latest(now)) {
                return Err("expected `before` in seconds since 1970, and not in the future");
            }
            if kind == RevocationKind::Issuer && before.is_none() {
                // A forgotten `subject` must not end every session there is.
                return Err("expected `before` with nothing but an issuer");
            }
            let next = now.map_or(0, |now| now.seconds().saturating_add(1));
            Some(Cutoff { before: before.unwrap_or(next) })
        } else {
            None
        };
        let expires_at = seconds(order, "expires_at")?.map(NumericDate::from_seconds);
        // It would lapse at once, and nothing be revoked.
        if expires_at.zip(now).is_some_and(|(expires_at, now)| expires_at <= now) {
            return Err("expected `expires_at` in seconds since 1970, and in the future");
        }
        // Nothing that is revoked lives so long: these are milliseconds, and would mean for good.
        if expires_at.is_some_and(|expires_at| expires_at >= FIRST_IN_MILLIS) {
            return Err("expected `expires_at` in seconds since 1970, got milliseconds");
        }
        let name = RevocationName::new(kind, &iss, &value);
        Ok((RevocationEntry { name, cutoff, expires_at }, index))
    }

    /// Finds an issuer by its name in the configuration or by its `iss`, and returns it with its
    /// `iss`. An issuer with a template has many, so that its name is refused.
    fn issuer_named(&self, name: &str) -> Result<(usize, &Issuer, String), Refused> {
        let issuers = &self.config.issuers;
        let mut named = issuers.iter().enumerate();
        if let Some((index, issuer)) = named.find(|(_, issuer)| issuer.name == name) {
            return match issuer.policy.template {
                Some(_) => Err("expected `issuer` to be the `iss` of the tokens: it is a template"),
                None => Ok((index, issuer, issuer.policy.issuer.clone())),
            };
        }
        let found = self.issuer_by(name).and_then(|index| Some((index, issuers.get(index)?)));
        let (index, issuer) =
            found.ok_or("expected the name of a configured issuer, or its `iss`")?;
        Ok((index, issuer, name.to_owned()))
    }
}
