use std::rc::Rc;

use super::Request;
use crate::gateway::{Caller, Gateway, Step, split_url};
use crate::http::{self, CredentialError, CredentialSources, TokenGrammar};
use crate::jose::{Algorithm, SignatureCheck};
use crate::revocation::{RevocationAnswer, RevocationName};
use crate::route::CanonicalPath;
use crate::time::NumericDate;
use crate::token::RemoteFailure;

/// The facts that were recorded while the machine was driven, in addition to its decision.
#[derive(Debug)]
pub(super) struct Recorder {
    pub(super) request: Request,
    pub(super) now: NumericDate,
    /// The places where the route looks for a token, if they are not `Authorization: Bearer` alone.
    pub(super) sources: Option<Rc<CredentialSources>>,
    pub(super) grammar: TokenGrammar,
    pub(super) trials: Vec<SignatureAttempt>,
    /// The reason why the auth server gave no answer, if one was asked.
    pub(super) failure: Option<RemoteFailure>,
    /// The caller of the token, once the token was verified.
    pub(super) caller: Option<Rc<Caller>>,
    pub(super) asked: Option<(Vec<RevocationName>, RevocationAnswer)>,
}

/// The attempt to verify a signature with one key.
#[derive(Debug)]
pub(super) struct SignatureAttempt {
    pub(super) kid: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) holds: bool,
    pub(super) has_sound_length: bool,
}

impl SignatureAttempt {
    pub(super) fn of(check: &SignatureCheck, holds: bool) -> Self {
        Self {
            kid: check.key().kid().map(str::to_owned),
            algorithm: check.algorithm(),
            holds,
            has_sound_length: check.has_sound_length(),
        }
    }
}

impl Recorder {
    pub(super) fn new(gateway: &Gateway, request: Request, now: NumericDate) -> Self {
        let sources = sources(gateway, &request);
        let (trials, failure, caller, asked) = (Vec::new(), None, None, None);
        let grammar = gateway.config().token_grammar;
        Self { request, now, sources, grammar, trials, failure, caller, asked }
    }

    pub(super) fn begin(&self, gateway: &Gateway) -> Step {
        self.request.with_head(|head| gateway.begin_whole(head, self.now))
    }

    /// The token, if there is exactly one that is unambiguous.
    pub(super) fn token(&self) -> Option<String> {
        self.credential().ok().flatten()
    }

    pub(super) fn credential(&self) -> Result<Option<String>, CredentialError> {
        self.request.with_head(|head| {
            if let Some(sources) = &self.sources {
                return Ok(sources
                    .read(head, self.grammar)?
                    .map(|presented| presented.token.into_owned()));
            }
            let token = head.header("authorization");
            let token = token.map_or(Ok(None), |value| http::bearer(value, self.grammar))?;
            Ok(token.map(str::to_owned))
        })
    }

    /// The URL, without a token in its query.
    pub(super) fn url(&self) -> String {
        let (url, sources) = (&self.request.url, self.sources.as_ref());
        let withheld = sources
            .map(|sources| self.request.with_head(|head| sources.withhold(head, false, None)));
        match (withheld.and_then(|withheld| withheld.query), url.split_once('?')) {
            (Some(rest), Some((path, _))) if rest.is_empty() => format!("{path}?…"),
            (Some(rest), Some((path, _))) => format!("{path}?{rest}&…"),
            _ => self.unsaid(url),
        }
    }

    /// The text with the token masked, in case it was sent there as well.
    pub(super) fn unsaid(&self, text: &str) -> String {
        match self.token() {
            Some(token) if !token.is_empty() => text.replace(&token, "…"),
            _ => text.to_owned(),
        }
    }

    /// Notes the caller as soon as the machine remembers one, because the machine forgets it again
    /// if its token is revoked.
    pub(super) fn look(&mut self, gateway: &Gateway) {
        let known = self.token().and_then(|token| gateway.remembered(&token));
        self.caller = known.or_else(|| self.caller.take());
    }
}

fn sources(gateway: &Gateway, request: &Request) -> Option<Rc<CredentialSources>> {
    let (_, path, _) = split_url(&request.url)?;
    let path = CanonicalPath::parse_with_encoded_slashes(path).ok()?;
    // Whether case matters is for the gateway to say; where it does, no token is looked at.
    let found = gateway.config().routes.find(&request.method, &path, |_| false);
    found.ok()?.route.credentials.clone()
}
