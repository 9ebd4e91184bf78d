//! Bodies read with a limit, chunk by chunk.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStream, ReadableStreamDefaultReader};

use super::bindings::member;

/// Reads a body of at most `limit` bytes; `None` for a longer one, whose rest is not read.
pub(crate) async fn read(
    stream: Option<ReadableStream>,
    limit: usize,
) -> Result<Option<Vec<u8>>, JsValue> {
    let mut bytes = Vec::new();
    let Some(stream) = stream else {
        return Ok(Some(bytes));
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let chunk = JsFuture::from(reader.read()).await?;
        if member(&chunk, "done").is_truthy() {
            return Ok(Some(bytes));
        }
        let chunk: Uint8Array = member(&chunk, "value").unchecked_into();
        let length = usize::try_from(chunk.length()).unwrap_or(usize::MAX);
        if bytes.len().saturating_add(length) > limit {
            // Cancelling may fail; the answer is the same.
            let _ = reader.cancel();
            return Ok(None);
        }
        bytes.extend(chunk.to_vec());
    }
}
