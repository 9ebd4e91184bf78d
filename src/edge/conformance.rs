//! Answers test vectors with WebCrypto; never part of a release build.

use js_sys::{JsString, Promise};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use web_sys::Request;

use super::respond;
use crate::conformance::{Step, Verdict, begin};
use crate::platform::{bindings::member, body, future};
use crate::webcrypto;

const LIMIT: usize = 64 * 1024 * 1024;

/// Answers `POST /.edgeward/conformance` with `{"cases": […]}`; `None` for any other path but
/// `/.edgeward/conformance/trap`, which panics.
pub(super) fn answer(request: &Request) -> Option<Promise> {
    let url = request.url();
    if url.ends_with("/.edgeward/conformance/trap") {
        trap();
    }
    let is_ours = url.ends_with("/.edgeward/conformance");
    let stream = request.body();
    is_ours.then(|| {
        future::promise(async move {
            let text = body::read(stream, LIMIT).await?.unwrap_or_default();
            let order: Value =
                serde_json::from_slice(&text).map_err(|_| JsString::from("not JSON"))?;
            let mut verdicts = Vec::new();
            for case in order.get("cases").and_then(Value::as_array).into_iter().flatten() {
                verdicts.push(judge(case).await);
            }
            Ok(respond::json(200, &json!({ "verdicts": verdicts }))?.into())
        })
    })
}

/// Panics where the variable `TRAP_AT_START` is set.
pub(super) fn trap_at_start(env: &JsValue) {
    if member(env, "TRAP_AT_START").is_string() {
        trap();
    }
}

/// Panics, which no request causes in a release, so that tests can observe the consequences.
#[expect(clippy::panic, reason = "only in the conformance build, whose tests ask for it")]
fn trap() -> ! {
    panic!("asked for")
}

async fn judge(case: &Value) -> Value {
    let mut step = begin(case);
    loop {
        match step {
            Step::Done(verdict) => return describe(case, &verdict),
            Step::Pending(check) => {
                let verifying = webcrypto::verify_raw(
                    check.algorithm(),
                    check.key(),
                    check.message(),
                    check.signature(),
                );
                let holds = verifying.await.unwrap_or(false);
                step = check.resume(holds);
            }
        }
    }
}

fn describe(case: &Value, verdict: &Verdict) -> Value {
    let id = case.get("id");
    match verdict {
        Verdict::Accept => json!({ "id": id, "verdict": "accept" }),
        Verdict::Reject(code) => json!({ "id": id, "verdict": "reject", "code": code }),
        Verdict::Usable(0) => json!({ "id": id, "verdict": "no usable key", "usable": 0 }),
        Verdict::Usable(count) => json!({ "id": id, "verdict": "usable", "usable": count }),
    }
}
