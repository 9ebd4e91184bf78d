//! Fetches the key set of a verifier's issuer: once for all who wait, and not too often.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, JsString, Promise};
use sha2::{Digest, Sha256};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::config::KeySource;
use crate::gateway::{Gateway, KeyUpdate, Lease};
use crate::jose::JwkSet;
use crate::limits;
use crate::time::NumericDate;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, millis: f64) -> JsValue;
}

/// Fetches, and knows why that failed last.
#[derive(Clone, Debug)]
pub(super) struct KeySet {
    fetch: Function,
    failure: Rc<RefCell<Option<String>>>,
}

/// The only issuer.
const INDEX: usize = 0;
/// As many looks as a lease is long: after that nobody is waited for any more.
const LOOKS: usize = 700;

impl KeySet {
    pub(super) fn new(fetch: Function) -> Self {
        Self { fetch, failure: Rc::default() }
    }

    /// Why there are no keys.
    pub(super) fn failure(&self) -> Option<String> {
        self.failure.borrow().clone()
    }

    /// Sees to it that an attempt to get keys ends after `attempts` had ended.
    ///
    /// Who waits looks from a timer of its own: on Workers no request may await what another started.
    pub(super) async fn obtain(&self, gateway: &Gateway, attempts: u64, now: NumericDate) {
        for _ in 0..LOOKS {
            match gateway.keys().lease(INDEX, attempts, now) {
                Lease::Settled => return,
                Lease::Taken => return self.attempt(gateway, now).await,
                Lease::Held => {
                    let waiting = Promise::new(&mut |resolve, _| {
                        set_timeout(&resolve, limits::JWKS_POLL.as_secs_f64() * 1000.0);
                    });
                    // A wait that fails has waited, too.
                    let _ = JsFuture::from(waiting).await;
                }
            }
        }
    }

    /// Fetches stale keys again, beside the answer that they still served.
    pub(super) fn refresh(&self, gateway: &Rc<Gateway>, now: NumericDate) {
        let keys = gateway.keys();
        if keys.lease(INDEX, keys.attempts(INDEX), now) == Lease::Taken {
            let (own, gateway) = (self.clone(), Rc::clone(gateway));
            spawn_local(async move { own.attempt(&gateway, now).await });
        }
    }

    async fn attempt(&self, gateway: &Gateway, now: NumericDate) {
        let fetched = self.get(gateway, now).await;
        let failure = match fetched {
            Ok(update) => {
                gateway.keys().install(INDEX, update);
                None
            }
            Err(reason) => {
                gateway.keys().fail(INDEX, now);
                Some(reason)
            }
        };
        *self.failure.borrow_mut() = failure;
    }

    async fn get(&self, gateway: &Gateway, now: NumericDate) -> Result<KeyUpdate, String> {
        let url = match gateway.config().issuers.get(INDEX).map(|issuer| &issuer.keys) {
            Some(KeySource::Jwks { url, .. }) => JsString::from(url.as_str()),
            _ => return Err("keys_not_fetched".to_owned()),
        };
        let word =
            |error: JsValue| error.as_string().unwrap_or_else(|| "issuer_unreachable".to_owned());
        let fetching = self.fetch.call1(&JsValue::UNDEFINED, &url).map_err(word)?;
        let text = JsFuture::from(Promise::resolve(&fetching)).await.map_err(word)?;
        let text = text.as_string().ok_or("jwks_malformed")?;
        let set = JwkSet::published(&text).map_err(|error| error.code)?;
        let text_hash = Sha256::digest(&text).into();
        Ok(KeyUpdate { set, text_hash, fetched_at: now, fresh_for: limits::JWKS_FRESH })
    }
}
