//! The gateway's core for browsers and Node: it checks configurations, explains decisions and verifies
//! tokens, by the code that decides at the edge and with the platform's `WebCrypto`.
//!
//! Plain data is passed as JSON text in both directions; a failure is thrown as JSON with a code,
//! from which `pkg/api.js` makes an `EdgewardError`.

mod check;
#[cfg(feature = "cli")]
mod command;
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

#[cfg(feature = "cli")]
pub use command::{Process, command, wrangler_file};
#[cfg(feature = "conformance")]
pub use conformance::judge;
pub use verifier::Verifier;

use fault::Fault;

/// Checks a configuration, and returns its faults and the settings in it that are rarely intended:
/// `{ errors, warnings }`.
///
/// # Errors
///
/// Throws when `config` is not JSON, or nested more than 32 levels deep.
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

/// Explains step by step how the gateway handles a request: `{ explanation, assumed }`.
///
/// # Errors
///
/// Throws `configuration_invalid` and `options_invalid`.
#[wasm_bindgen]
pub async fn explain(order: String) -> Result<String, JsValue> {
    let order = read(&order)?;
    Ok(explain::told(&order).await?.to_string())
}

/// Parses JSON that JavaScript itself has written, so any other text is a fault of `pkg/api.js`;
/// the limit on nesting remains.
fn read(text: &str) -> Result<Value, Fault> {
    let expected = "expected plain data, nested at most 32 levels";
    crate::json::parse_value(text.as_bytes()).map_err(|_| Fault::options("", expected))
}
