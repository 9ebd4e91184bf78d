//! An explanation, put together once the machine has decided.

use std::rc::Rc;

use super::evidence::Evidence;
use super::recorder::Recorder;
use super::utc::utc;
use super::{Explanation, ShownToken, Stage, outcome, validity_change};
use crate::gateway::{Caller, Decision, Gateway};
use crate::jose::UnverifiedJws;
use crate::json;
use crate::token::UnverifiedToken;

impl Explanation {
    pub(super) fn new(gateway: &Gateway, journal: &Recorder, decision: &Decision) -> Self {
        let found = Evidence::new(gateway, journal, decision);
        let findings = found.all();
        let is_signed =
            findings.iter().any(|finding| finding.stage == Stage::Signature && finding.holds);
        let is_vouched = |caller: &Rc<Caller>| caller.token().asked_at().is_some();
        let was_asked = journal.caller.as_ref().is_some_and(is_vouched);
        Self {
            method: journal.request.method.clone(),
            url: journal.url(),
            at_seconds: journal.now.seconds(),
            at: utc(journal.now),
            token: shown(gateway, journal, is_signed || was_asked),
            findings,
            turns: validity_change::of(&found),
            renewal: decision.renewal.as_ref().map(|session| session.refresh_path.clone()),
            outcome: outcome::of(gateway, journal, decision),
        }
    }
}

fn shown(gateway: &Gateway, journal: &Recorder, is_verified: bool) -> Option<ShownToken> {
    let text = journal.token()?;
    let max_bytes = gateway.config().token_bytes;
    UnverifiedToken::parse_at_most(text.clone(), max_bytes).ok()?;
    let jws = UnverifiedJws::parse(text, max_bytes).ok()?;
    let header = jws.header();
    Some(ShownToken {
        is_verified,
        algorithm: header.algorithm.name(),
        kid: header.kid.as_deref().map(str::to_owned),
        typ: header.typ.clone(),
        claims: json::parse_value(jws.unverified_payload()).ok()?,
    })
}
