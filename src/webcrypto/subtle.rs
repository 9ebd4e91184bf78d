//! The few functions of WebCrypto that are used.

use js_sys::{Array, Function, Object, Promise, Uint8Array};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    pub(super) type CryptoKey;

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
        algorithm: &Object,
        key: &CryptoKey,
        signature: &Uint8Array,
        data: &Uint8Array,
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

    type Thenable;
    #[wasm_bindgen(method, js_name = then)]
    fn then_call(this: &Thenable, resolved: &Function) -> Promise;
}

thread_local! {
    static SUBTLE: SubtleCrypto = CRYPTO.with(Crypto::subtle);
}

pub(super) fn crypto() -> SubtleCrypto {
    SUBTLE.with(Clone::clone)
}

pub(super) fn then(promise: &Promise, resolved: &Function) -> Promise {
    promise.unchecked_ref::<Thenable>().then_call(resolved)
}
