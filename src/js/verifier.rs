use std::rc::Rc;

use js_sys::Function;
use serde_json::{Number, Value, json};
use wasm_bindgen::prelude::*;

use super::fault::Fault;
use super::key_set::KeySet;
use super::options::Options;
use super::read;
use crate::gateway::{Caller, Decision, Gateway, Outcome, Rejection, Step};
use crate::http::{self, CredentialError, FieldNames, RequestHead, RequestId};
use crate::time::NumericDate;
use crate::webcrypto;

/// Verifies tokens of one issuer: the gateway, asked who the caller is.
///
/// It has no store: whether a token was revoked is not looked at.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Verifier {
    gateway: Rc<Gateway>,
    keys: KeySet,
    now: Option<NumericDate>,
}

/// The gateway's own resource that tells a caller who they are.
const URL: &str = "https://verifier.invalid/.edgeward/me";

#[wasm_bindgen]
impl Verifier {
    /// A verifier for `options`. `fetch` is called with the URL of a key set, and returns a promise of
    /// its text, or rejects with a word for why there is none.
    ///
    /// # Errors
    ///
    /// Throws `options_invalid`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str, fetch: Function) -> Result<Self, JsValue> {
        let Options { config, now } = Options::read(&read(options)?)?;
        let gateway = Rc::new(Gateway::new(config));
        Ok(Self { gateway, keys: KeySet::new(fetch), now })
    }

    /// Header, claims and identity of a good token, at `now` in seconds since 1970 unless the options
    /// say when.
    ///
    /// # Errors
    ///
    /// Throws the code of the check that failed.
    pub async fn verify(&self, token: String, now: f64) -> Result<String, JsValue> {
        let now = self.now.or_else(|| NumericDate::from_json(&Number::from_f64(now)?));
        let now = now.ok_or_else(|| Fault::refused(&Rejection::Internal))?;
        Ok(self.judge(&token, now).await?.to_string())
    }
}

impl Verifier {
    async fn judge(&self, token: &str, now: NumericDate) -> Result<Value, Fault> {
        let gateway = &self.gateway;
        let mut step = begin(gateway, token, now)?;
        loop {
            step = match step {
                Step::Done(decision) => return self.conclude(*decision, now),
                Step::NeedSignature(need) => {
                    let holds = webcrypto::holds(need.signature()).await;
                    need.resume(gateway, holds, now)
                }
                Step::NeedKeys(need) => {
                    self.keys.obtain(gateway, need.attempts(), now).await;
                    need.resume(gateway, now)
                }
                // It has no auth server, no store, no origin, no key of its own and no limit.
                Step::NeedRemoteClaims(_)
                | Step::NeedExchange(_)
                | Step::NeedRevocation(_)
                | Step::NeedAssertion(_)
                | Step::NeedLimit(_) => return Err(Fault::refused(&Rejection::Internal)),
            };
        }
    }

    fn conclude(&self, decision: Decision, now: NumericDate) -> Result<Value, Fault> {
        if decision.revalidate.is_some() {
            self.keys.refresh(&self.gateway, now);
        }
        match decision.outcome {
            Outcome::Serve(own) => match own.admission.caller() {
                Some(caller) => Ok(describe(caller)),
                None => Err(Fault::refused(&Rejection::Internal)),
            },
            Outcome::Refuse(rejection) => {
                let fault = Fault::refused(&rejection);
                let is_without_keys = rejection == Rejection::KeysUnavailable;
                Err(match self.keys.failure().filter(|_| is_without_keys) {
                    Some(reason) => fault.because(&reason),
                    None => fault,
                })
            }
            Outcome::Forward(_) => Err(Fault::refused(&Rejection::Internal)),
        }
    }
}

fn begin(gateway: &Gateway, token: &str, now: NumericDate) -> Result<Step, Fault> {
    let authorization = format!("Bearer {token}");
    // What is handed over is the token, to the letter: no space around it, no second one behind it.
    if http::bearer(&authorization, gateway.config().token_grammar) != Ok(Some(token)) {
        return Err(Fault::refused(&Rejection::Credential(CredentialError::Malformed)));
    }
    let fields = [("authorization", authorization.as_str())];
    let names = &FieldNames::whole(fields.iter().map(|(name, _)| *name)).into();
    let id = RequestId::unknown();
    Ok(gateway
        .begin_whole(&RequestHead { method: "GET", url: URL, names, fields: &fields, id }, now))
}

fn describe(caller: &Caller) -> Value {
    let token = caller.token();
    let header = token.header().map(|header| {
        let members = [
            ("alg", Some(header.algorithm.name())),
            ("kid", header.kid.as_deref()),
            ("typ", header.typ.as_deref()),
        ];
        members.into_iter().filter(|(_, value)| value.is_some()).collect::<Value>()
    });
    let identity = caller.identity();
    json!({
        "header": header,
        "claims": token.claims().all,
        "identity": {
            "subject": identity.subject,
            "email": identity.email,
            "roles": identity.roles,
            "scope": identity.scope,
            "tenant": identity.tenant,
            "session": identity.session,
        },
    })
}
