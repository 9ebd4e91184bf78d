//! The few functions of WebCrypto that are used.

use js_sys::{Array, Object, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A key that WebCrypto has imported.
    #[derive(Clone, Debug)]
    pub type CryptoKey;

    pub(super) type Crypto;
    #[wasm_bindgen(thread_local_v2, js_name = crypto)]
    static CRYPTO: Crypto;
    #[wasm_bindgen(method, getter)]
    fn subtle(this: &Crypto) -> SubtleCrypto;

    #[derive(Clone)]
    pub(super) type SubtleCrypto;
    #[wasm_bindgen(method, catch)]
    pub(super) fn verify(
        this: &SubtleCrypto,
        algorithm: &JsValue,
        key: &CryptoKey,
        signature: &[u8],
        data: &[u8],
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = importKey)]
    pub(super) fn import_key(
        this: &SubtleCrypto,
        format: &str,
        key: &Object,
        algorithm: &Object,
        extractable: bool,
        usages: &Array,
    ) -> Result<Promise, JsValue>;
}

thread_local! {
    static SUBTLE: SubtleCrypto = CRYPTO.with(Crypto::subtle);
}

pub(super) fn crypto() -> SubtleCrypto {
    SUBTLE.with(Clone::clone)
}
