//! The gateway's core for browsers and Node: it checks configurations, explains decisions and verifies
//! tokens, by the code that decides at the edge and with the platform's `WebCrypto`.
//!
//! Plain data crosses as JSON text, both ways; what goes wrong is thrown as JSON with a code,
//! of which `pkg/api.js` makes an `EdgewardError`.

mod check;
#[cfg(feature = "conformance")]
mod conformance;
mod explain;
mod explain_options;
mod fault;
mod key_set;
mod options;
mod verifier;

use serde_json::Value;
use wasm_bindgen::prelude::*;

#[cfg(feature = "conformance")]
pub use conformance::judge;
pub use verifier::Verifier;

use fault::Fault;

/// What is wrong with a configuration, and what in it is seldom meant: `{ errors, warnings }`.
///
/// # Errors
///
/// Throws when `config` is no JSON.
#[wasm_bindgen]
pub fn check(config: &str) -> Result<String, JsValue> {
    let config = read(config)?;
    Ok(check::report(&config).to_string())
}

/// The JSON Schema of a configuration.
#[must_use]
#[wasm_bindgen]
pub fn schema() -> String {
    crate::config::schema().to_string()
}

/// What the gateway does with a request, step by step: `{ explanation, assumed }`.
///
/// # Errors
///
/// Throws `configuration_invalid` and `options_invalid`.
#[wasm_bindgen]
pub async fn explain(order: String) -> Result<String, JsValue> {
    let order = read(&order)?;
    Ok(explain::told(&order).await?.to_string())
}

/// JSON by JavaScript's own hand, so anything but JSON is a fault of `pkg/api.js`; the limit on
/// nesting remains.
fn read(text: &str) -> Result<Value, Fault> {
    let expected = "expected plain data, nested at most 32 levels";
    crate::json::parse_value(text.as_bytes()).map_err(|_| Fault::options("", expected))
}
