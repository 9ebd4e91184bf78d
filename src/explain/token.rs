use super::evidence::{Evidence, Found};
use super::{Check, Stage};
use crate::gateway::{Rejection, candidates};
use crate::jose::JoseError;
use crate::token::{IssuerTemplate, PresentedToken, TokenError, UnverifiedToken};

/// The findings on the token itself, from its text to its signature.
impl Evidence<'_> {
    pub(super) fn token(&self) -> Found {
        let max_bytes = self.gateway.config().token_bytes;
        let parse = |text| PresentedToken::parse_at_most(text, max_bytes);
        match self.journal.token().map(parse) {
            Some(Ok(PresentedToken::Jwt(token))) => {
                let header = token.header();
                let kid = header.kid.as_deref().unwrap_or("none");
                let typ = header.typ.as_deref().unwrap_or("none");
                (format!("a JWT: alg {}, kid {kid}, typ {typ}", header.algorithm), Vec::new())
            }
            Some(Ok(PresentedToken::Opaque(_))) if self.issuer().is_some() => {
                ("opaque: only its issuer can read it".to_owned(), Vec::new())
            }
            Some(Ok(PresentedToken::Opaque(_))) => {
                ("no JWT, and no issuer accepts opaque tokens".to_owned(), Vec::new())
            }
            Some(Err(error)) => (error.to_string(), Vec::new()),
            None => (String::new(), Vec::new()),
        }
    }

    pub(super) fn issuer_found(&self) -> Found {
        if let Some(issuer) = self.issuer() {
            let (name, iss) = (&issuer.name, &issuer.policy.issuer);
            let summary = if self.is_unnamed(issuer) {
                format!("no `iss`: taken for `{name}`, {iss}")
            } else {
                format!("`{name}`, {iss}")
            };
            return (summary, Vec::new());
        }
        let token = self.unverified();
        let iss = token.as_ref().and_then(UnverifiedToken::unverified_issuer);
        let known = self.gateway.config().issuers.iter().map(|issuer| {
            Check::new(format!("`{}`", issuer.name), false).expected(&issuer.policy.issuer)
        });
        let Some(iss) = iss else {
            return (without_iss(token.as_ref()).to_owned(), known.collect());
        };
        let is_listed = |template: &IssuerTemplate| {
            token
                .as_ref()
                .and_then(UnverifiedToken::unverified_issuer)
                .is_some_and(|iss| template.fits(iss))
        };
        let mut templates =
            self.gateway.config().issuers.iter().filter_map(|one| one.policy.template.as_ref());
        let why = if templates.any(is_listed) {
            "not among the `allowed` ones of its issuer"
        } else {
            "no issuer is configured with exactly this"
        };
        (format!("iss {iss}: {why}"), known.collect())
    }

    pub(super) fn algorithm(&self) -> Option<Found> {
        let issuer = self.issuer().filter(|issuer| issuer.verifies_tokens())?;
        let token = self.unverified()?;
        let listed: Vec<_> = issuer.algorithms.iter().map(|one| one.name()).collect();
        let (own, listed) = (token.header().algorithm, listed.join(", "));
        let word = if issuer.algorithms.contains(&own) { "is" } else { "is not" };
        Some((format!("{own} {word} on the issuer's list: {listed}"), Vec::new()))
    }

    /// The finding on the auth server's answer, with the claims that are kept of it.
    pub(super) fn auth_server(&self) -> Option<Found> {
        let remote = self.issuer()?.remote.as_ref()?;
        if let Some(failure) = self.journal.failure {
            let summary = format!("{} gave no answer: {failure}", remote.url);
            return Some((summary, Vec::new()));
        }
        let is_no =
            matches!(self.refusal(), Some(Rejection::Token(TokenError::RefusedByAuthServer)));
        let word = if is_no { "no" } else { "yes" };
        let caller = self.journal.caller.as_ref();
        let claims = caller.into_iter().flat_map(|caller| &caller.token().claims().all);
        let checks = claims.map(|(name, value)| Check::note(name, value.to_string()));
        Some((format!("{} says {word}", remote.url), checks.collect()))
    }

    /// Whether the issuer's keys are used. If an auth server is asked, they are used only when that
    /// gives no answer.
    pub(super) fn is_by_keys(&self) -> bool {
        self.issuer().is_some_and(|issuer| issuer.remote.is_none())
            || self.journal.failure.is_some()
    }

    pub(super) fn key(&self) -> Option<Found> {
        if !self.is_by_keys() {
            return None;
        }
        let index = self.decision.record.issuer?;
        let Some(state) = self.gateway.keys().state(index, self.journal.now) else {
            let summary = "not known: the issuer's keys are not given (--jwks FILE)";
            return Some((summary.to_owned(), Vec::new()));
        };
        let (token, usable) = (self.unverified()?, state.set.usable());
        let unusable = state.set.unusable().iter();
        let checks =
            unusable.map(|reason| Check::note("unusable key", reason.to_string())).collect();
        let kid = token.header().kid.as_deref();
        let issuer = self.issuer()?;
        let summary = match candidates(issuer, &state.set, &token) {
            Ok(keys) => {
                let found = keys.others.len().saturating_add(1);
                let named = kid.map_or_else(|| "no kid".to_owned(), |kid| format!("kid {kid}"));
                format!("{named}: {found} of {usable} usable keys to try")
            }
            Err(error) => match kid {
                Some(kid) if error == JoseError::KeyAmbiguous => {
                    format!("{error}: several different keys have the kid {kid} and fit")
                }
                Some(kid) if state.set.select(token.header()).is_ok() => {
                    format!("{error}: the key {kid} names another issuer than the token")
                }
                Some(kid) if state.set.names(kid) => {
                    format!("{error}: a key has this kid, but not for {}", token.header().algorithm)
                }
                Some(kid) => format!("{error}: none of {usable} usable keys has the kid {kid}"),
                None => format!("{error}: none of {usable} usable keys fits"),
            },
        };
        Some((summary, checks))
    }

    pub(super) fn signature(&self) -> Option<Found> {
        let algorithm = self.unverified().filter(|_| self.is_by_keys())?.header().algorithm;
        let holds =
            self.refusal().and_then(|rejection| self.stage_of(rejection)) != Some(Stage::Signature);
        let (word, key) = match (holds, algorithm.is_symmetric()) {
            (true, true) => ("verifies", "the shared secret"),
            (true, false) => ("verifies", "a public key"),
            (false, true) => ("does not verify", "the shared secret"),
            (false, false) => ("does not verify", "any key that was tried"),
        };
        let trials = self.journal.trials.iter().map(|trial| {
            let kid = trial.kid.as_deref().unwrap_or("without kid");
            let check = Check::new(format!("key {kid}"), trial.holds);
            if trial.has_sound_length {
                check
            } else {
                let wanted = format!("the length that {} signatures have", trial.algorithm);
                check.expected(wanted)
            }
        });
        let trials = trials.filter(|_| !holds || self.journal.trials.len() > 1);
        Some((format!("{algorithm} {word} under {key}"), trials.collect()))
    }
}

fn without_iss(token: Option<&UnverifiedToken>) -> &'static str {
    match token {
        Some(token) if token.names_no_issuer() => {
            "no `iss`, and no issuer has `without_iss = true`, which accepts tokens without one"
        }
        Some(_) => "`iss` is not a text",
        None => "no JWT, and no issuer accepts opaque tokens",
    }
}
