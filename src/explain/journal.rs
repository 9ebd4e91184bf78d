use std::rc::Rc;

use super::Request;
use crate::gateway::{Caller, Gateway, Step};
use crate::http;
use crate::jose::{Algorithm, SignatureCheck};
use crate::revocation::{RevocationAnswer, RevocationName};
use crate::time::NumericDate;
use crate::token::RemoteFailure;

/// What was learnt while the machine was driven, besides its decision.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) request: Request,
    pub(super) now: NumericDate,
    pub(super) trials: Vec<Trial>,
    /// Why the auth server could not say, where one was asked.
    pub(super) failure: Option<RemoteFailure>,
    /// The caller of the token, once it was vouched for.
    pub(super) caller: Option<Rc<Caller>>,
    pub(super) asked: Option<(Vec<RevocationName>, RevocationAnswer)>,
}

/// One key that was tried.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) kid: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) holds: bool,
    pub(super) has_sound_length: bool,
}

impl Trial {
    pub(super) fn of(check: &SignatureCheck, holds: bool) -> Self {
        Self {
            kid: check.key().kid().map(str::to_owned),
            algorithm: check.algorithm(),
            holds,
            has_sound_length: check.has_sound_length(),
        }
    }
}

impl Journal {
    pub(super) fn new(request: Request, now: NumericDate) -> Self {
        Self { request, now, trials: Vec::new(), failure: None, caller: None, asked: None }
    }

    pub(super) fn begin(&self, gateway: &Gateway) -> Step {
        self.request.with_head(|head| gateway.begin(head, self.now))
    }

    /// The bearer token, where there is one clear one.
    pub(super) fn token(&self) -> Option<String> {
        let authorization = self.request.header("authorization")?;
        http::bearer(&authorization).ok().flatten().map(str::to_owned)
    }

    /// Notes the caller as soon as the machine knows one; a revoked one is forgotten there.
    pub(super) fn look(&mut self, gateway: &Gateway) {
        let known = self.token().and_then(|token| gateway.remembered(&token));
        self.caller = known.or_else(|| self.caller.take());
    }
}
