//! Answers test vectors with the platform's `WebCrypto`; never part of a release build.

use serde_json::json;
use wasm_bindgen::prelude::*;

use super::read;
use crate::conformance::{Step, Verdict, begin};
use crate::webcrypto;

/// The verdict on a case, as `/.edgeward/conformance` of the Worker gives it.
///
/// # Errors
///
/// Throws when `case` is no JSON.
#[wasm_bindgen]
pub async fn judge(case: String) -> Result<String, JsValue> {
    let mut step = begin(&read(&case)?);
    loop {
        step = match step {
            Step::Pending(check) => {
                let (algorithm, key) = (check.algorithm(), check.key());
                let verifying =
                    webcrypto::verify_raw(algorithm, key, check.message(), check.signature());
                let holds = verifying.await.unwrap_or(false);
                check.resume(holds)
            }
            Step::Done(verdict) => {
                let (word, code, usable) = match verdict {
                    Verdict::Accept => ("accept", None, None),
                    Verdict::Reject(code) => ("reject", Some(code), None),
                    Verdict::Usable(0) => ("no usable key", None, Some(0)),
                    Verdict::Usable(count) => ("usable", None, Some(count)),
                };
                return Ok(json!({ "verdict": word, "code": code, "usable": usable }).to_string());
            }
        };
    }
}
