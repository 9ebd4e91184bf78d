//! The command line for Node: the commands of [`cli`], with files, variables and the clock by JavaScript.

use std::future::Future;

use serde_json::{Number, Value, json};
use wasm_bindgen::prelude::*;

use super::read;
use crate::cli::{self, Environment};
use crate::jose::SignatureCheck;
use crate::time::NumericDate;
use crate::webcrypto;

#[wasm_bindgen]
extern "C" {
    /// The process: `read(file)` and `standardInput()` throw a text for people.
    pub type Process;

    #[wasm_bindgen(method, catch)]
    fn read(this: &Process, file: &str) -> Result<String, JsValue>;

    #[wasm_bindgen(method)]
    fn exists(this: &Process, file: &str) -> bool;

    #[wasm_bindgen(method)]
    fn variable(this: &Process, name: &str) -> Option<String>;

    #[wasm_bindgen(method, catch, js_name = standardInput)]
    fn standard_input(this: &Process) -> Result<String, JsValue>;

    /// Seconds since 1970.
    #[wasm_bindgen(method)]
    fn now(this: &Process) -> f64;
}

impl std::fmt::Debug for Process {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Process")
    }
}

/// Runs the command that `words`, a JSON list of texts, say: `{ stdout, stderr, code }`.
///
/// # Errors
///
/// Throws when `words` is not such a list.
#[wasm_bindgen]
pub async fn command(words: String, process: Process) -> Result<String, JsValue> {
    let words = read(&words)?;
    let words = words.as_array().into_iter().flatten().filter_map(Value::as_str);
    let output = cli::run(words.map(Into::into), &process).await;
    let (stdout, stderr, code) = (output.stdout, output.stderr, output.code);
    Ok(json!({ "stdout": stdout, "stderr": stderr, "code": code }).to_string())
}

/// Reads a wrangler file, the usual one if `file` is empty: `{ file, whole }`.
///
/// # Errors
///
/// Throws the text that `check` would print.
#[wasm_bindgen(js_name = wranglerFile)]
pub fn wrangler_file(file: &str, process: &Process) -> Result<String, String> {
    let output = cli::wrangler_file((!file.is_empty()).then_some(file), process);
    if output.code == 0 { Ok(output.stdout) } else { Err(output.stderr) }
}

fn text(thrown: &JsValue) -> String {
    thrown.as_string().unwrap_or_else(|| "it cannot be read".to_owned())
}

impl Environment for Process {
    fn read(&self, file: &str) -> Result<String, String> {
        self.read(file).map_err(|thrown| text(&thrown))
    }

    fn exists(&self, file: &str) -> bool {
        self.exists(file)
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variable(name)
    }

    fn standard_input(&self) -> Result<String, String> {
        self.standard_input().map_err(|thrown| text(&thrown))
    }

    fn now(&self) -> NumericDate {
        let now = Number::from_f64(self.now()).and_then(|now| NumericDate::from_json(&now));
        now.unwrap_or_else(|| NumericDate::from_seconds(0))
    }

    fn verify(&self, check: &SignatureCheck) -> impl Future<Output = bool> {
        webcrypto::holds(check)
    }
}
