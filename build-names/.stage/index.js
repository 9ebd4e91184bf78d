import { askLog, audit, callLog, endSession, freshId, importSigner, keepHeadBuffer, lines, lookUp, observeAudit, refusal, refuse, renewSession, reportMetrics, respond, seeSession, serveRegistry, sign, signature, utf8, verify } from './bridge.js';
import { forward, origin, serveSession } from './forward.js';
import { page } from './pages.js';
import { follow } from './sync.js';
import * as import1 from "./bridge.js"
import * as import2 from "./bridge.js"
import * as import3 from "./bridge.js"
import * as import4 from "./bridge.js"
import wasmModule from "./index_bg.wasm";


/**
 * The questions about tokens that the registry may ask the gate during one request.
 */
export class RegistryGate {
    static __wrap(ptr) {
        const obj = Object.create(RegistryGate.prototype);
        obj.__wbg_ptr = ptr;
        Object.defineProperty(obj, '__wbg_inst', { value: __wbg_instance_id, writable: true });

        RegistryGateFinalization.register(obj, { ptr, instance: __wbg_instance_id }, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        RegistryGateFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        __wbg_call_guard();
        wasm.__wbg_registrygate_free(ptr, 0);

    }
    /**
     * Asks the revocation log, so that this isolate refuses at once what was ended before.
     * @returns {Promise<any>}
     */
    refresh_log() {
        if (this.__wbg_inst !== undefined && this.__wbg_inst !== __wbg_instance_id) {
            throw new Error('Invalid stale object from previous Wasm instance');
        }
        let ret;
        __wbg_call_guard();
        ret = wasm.registrygate_refresh_log(this.__wbg_ptr);
        return ret;
    }
    /**
     * Verifies a token's signature and issuer, and describes it as
     * [`SessionGate::verify`](super::SessionGate::verify) does.
     * @param {string} text
     * @returns {Promise<any>}
     */
    verify(text) {
        if (this.__wbg_inst !== undefined && this.__wbg_inst !== __wbg_instance_id) {
            throw new Error('Invalid stale object from previous Wasm instance');
        }
        const ptr0 = passStringToWasm0(text, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        let ret;
        __wbg_call_guard();
        ret = wasm.registrygate_verify(this.__wbg_ptr, ptr0, len0);
        return ret;
    }
}
if (Symbol.dispose) RegistryGate.prototype[Symbol.dispose] = RegistryGate.prototype.free;

/**
 * A request that waits for the renewal of its session.
 */
export class Renewal {
    static __wrap(ptr) {
        const obj = Object.create(Renewal.prototype);
        obj.__wbg_ptr = ptr;
        Object.defineProperty(obj, '__wbg_inst', { value: __wbg_instance_id, writable: true });

        RenewalFinalization.register(obj, { ptr, instance: __wbg_instance_id }, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        RenewalFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        __wbg_call_guard();
        wasm.__wbg_renewal_free(ptr, 0);

    }
    /**
     * Whether the request passes without a renewal, as somebody's; in shadow mode, as anybody's.
     * @returns {boolean}
     */
    has_caller() {
        if (this.__wbg_inst !== undefined && this.__wbg_inst !== __wbg_instance_id) {
            throw new Error('Invalid stale object from previous Wasm instance');
        }
        let ret;
        __wbg_call_guard();
        ret = wasm.renewal_has_caller(this.__wbg_ptr);
        return ret !== 0;
    }
    /**
     * The refusal where nobody knows whether the session still holds.
     * @returns {Promise<any>}
     */
    unavailable() {
        if (this.__wbg_inst !== undefined && this.__wbg_inst !== __wbg_instance_id) {
            throw new Error('Invalid stale object from previous Wasm instance');
        }
        let ret;
        __wbg_call_guard();
        ret = wasm.renewal_unavailable(this.__wbg_ptr);
        return ret;
    }
}
if (Symbol.dispose) Renewal.prototype[Symbol.dispose] = Renewal.prototype.free;

/**
 * The questions about tokens that the authority may ask the gate during one request.
 */
export class SessionGate {
    static __wrap(ptr) {
        const obj = Object.create(SessionGate.prototype);
        obj.__wbg_ptr = ptr;
        Object.defineProperty(obj, '__wbg_inst', { value: __wbg_instance_id, writable: true });

        SessionGateFinalization.register(obj, { ptr, instance: __wbg_instance_id }, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        SessionGateFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        __wbg_call_guard();
        wasm.__wbg_sessiongate_free(ptr, 0);

    }
    /**
     * Describes the token of the request's caller, whom the route has let pass; `None` for nobody.
     * @returns {string | undefined}
     */
    caller() {
        if (this.__wbg_inst !== undefined && this.__wbg_inst !== __wbg_instance_id) {
            throw new Error('Invalid stale object from previous Wasm instance');
        }
        let ret;
        __wbg_call_guard();
        ret = wasm.sessiongate_caller(this.__wbg_ptr);
        let v1;
        if (ret[0] !== 0) {
            v1 = getStringFromWasm0(ret[0], ret[1]);
            wasm.__wbindgen_free(ret[0], ret[1] * 1, 1);
        }
        return v1;
    }
    /**
     * Whether a page of another site may have made the browser send the request.
     * @returns {boolean}
     */
    may_be_cross_site() {
        if (this.__wbg_inst !== undefined && this.__wbg_inst !== __wbg_instance_id) {
            throw new Error('Invalid stale object from previous Wasm instance');
        }
        let ret;
        __wbg_call_guard();
        ret = wasm.sessiongate_may_be_cross_site(this.__wbg_ptr);
        return ret !== 0;
    }
    /**
     * The `Origin` whose pages may read a refusal.
     * @returns {string | undefined}
     */
    reader() {
        if (this.__wbg_inst !== undefined && this.__wbg_inst !== __wbg_instance_id) {
            throw new Error('Invalid stale object from previous Wasm instance');
        }
        let ret;
        __wbg_call_guard();
        ret = wasm.sessiongate_reader(this.__wbg_ptr);
        let v1;
        if (ret[0] !== 0) {
            v1 = getStringFromWasm0(ret[0], ret[1]);
            wasm.__wbindgen_free(ret[0], ret[1] * 1, 1);
        }
        return v1;
    }
    /**
     * The realm of challenges.
     * @returns {string}
     */
    realm() {
        let deferred1_0;
        let deferred1_1;
        try {
            if (this.__wbg_inst !== undefined && this.__wbg_inst !== __wbg_instance_id) {
                throw new Error('Invalid stale object from previous Wasm instance');
            }
            let ret;
            __wbg_call_guard();
            ret = wasm.sessiongate_realm(this.__wbg_ptr);
            deferred1_0 = ret[0];
            deferred1_1 = ret[1];
            return getStringFromWasm0(ret[0], ret[1]);
        } finally {
            __wbg_call_guard();
            wasm.__wbindgen_free(deferred1_0, deferred1_1, 1);
        }
    }
    /**
     * Asks the revocation log, so that this isolate refuses at once what was revoked before.
     * @returns {Promise<any>}
     */
    refresh_log() {
        if (this.__wbg_inst !== undefined && this.__wbg_inst !== __wbg_instance_id) {
            throw new Error('Invalid stale object from previous Wasm instance');
        }
        let ret;
        __wbg_call_guard();
        ret = wasm.sessiongate_refresh_log(this.__wbg_ptr);
        return ret;
    }
    /**
     * The name of the revocation of all tokens of a subject.
     * @param {string} subject
     * @returns {string | undefined}
     */
    subject_name(subject) {
        if (this.__wbg_inst !== undefined && this.__wbg_inst !== __wbg_instance_id) {
            throw new Error('Invalid stale object from previous Wasm instance');
        }
        const ptr0 = passStringToWasm0(subject, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        let ret;
        __wbg_call_guard();
        ret = wasm.sessiongate_subject_name(this.__wbg_ptr, ptr0, len0);
        let v2;
        if (ret[0] !== 0) {
            v2 = getStringFromWasm0(ret[0], ret[1]);
            wasm.__wbindgen_free(ret[0], ret[1] * 1, 1);
        }
        return v2;
    }
    /**
     * The same for an access token, about which the auth server is asked where that is how the issuer's
     * tokens are verified.
     * @param {string} text
     * @returns {Promise<any>}
     */
    verify_access(text) {
        if (this.__wbg_inst !== undefined && this.__wbg_inst !== __wbg_instance_id) {
            throw new Error('Invalid stale object from previous Wasm instance');
        }
        const ptr0 = passStringToWasm0(text, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        let ret;
        __wbg_call_guard();
        ret = wasm.sessiongate_verify_access(this.__wbg_ptr, ptr0, len0);
        return ret;
    }
    /**
     * Verifies a token's signature and issuer, and describes it in JSON: its `status` is `verified`,
     * `unknown` if the gate cannot verify it, or `unavailable`. Neither revocation nor
     * time is checked; `is_over` tells whether it has expired.
     * @param {string} text
     * @param {boolean} is_opaque
     * @returns {Promise<any>}
     */
    verify(text, is_opaque) {
        if (this.__wbg_inst !== undefined && this.__wbg_inst !== __wbg_instance_id) {
            throw new Error('Invalid stale object from previous Wasm instance');
        }
        const ptr0 = passStringToWasm0(text, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        const len0 = WASM_VECTOR_LEN;
        let ret;
        __wbg_call_guard();
        ret = wasm.sessiongate_verify(this.__wbg_ptr, ptr0, len0, is_opaque);
        return ret;
    }
}
if (Symbol.dispose) SessionGate.prototype[Symbol.dispose] = SessionGate.prototype.free;

export function __wbg_reset_state () {
    __wbg_instance_id++;
    cachedDataViewMemory0 = null;
    cachedUint32ArrayMemory0 = null;
    cachedUint8ArrayMemory0 = null;
    if (typeof numBytesDecoded !== 'undefined') numBytesDecoded = 0;
    if (typeof WASM_VECTOR_LEN !== 'undefined') WASM_VECTOR_LEN = 0;
    __wbg_reinit_scheduled = false;
    wasmInstance = new WebAssembly.Instance(wasmModule, __wbg_get_imports());
    wasm = wasmInstance.exports;
    wasm.__wbindgen_start();
}

/**
 * For lines that are written in JavaScript: whether one more is to be, and how many before it were
 * not; −1 for no.
 * @returns {number}
 */
export function admit_line() {
    let ret;
    __wbg_call_guard();
    ret = wasm.admit_line();
    return ret;
}

/**
 * Decides on the request that came at `now` (ms) with the list of header names that has this
 * `number`, and so many texts: the response or a promise of it, whatever happens.
 *
 * A plain function and no `async fn`: for a token that was seen before it hands the origin's own
 * promise on, and no Rust future is ever polled.
 * @param {number} number
 * @param {number} texts
 * @param {number} now
 * @returns {any}
 */
export function decide(number, texts, now) {
    let ret;
    __wbg_call_guard();
    ret = wasm.decide(number, texts, now);
    return ret;
}

/**
 * The same with the names themselves, and all values: the first request, and what is not learned.
 * @param {string} names
 * @param {string} text
 * @param {number} now
 * @returns {any}
 */
export function decide_unlisted(names, text, now) {
    const ptr0 = passStringToWasm0(names, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
    const len0 = WASM_VECTOR_LEN;
    const ptr1 = passStringToWasm0(text, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
    const len1 = WASM_VECTOR_LEN;
    let ret;
    __wbg_call_guard();
    ret = wasm.decide_unlisted(ptr0, len0, ptr1, len1, now);
    return ret;
}

/**
 * The random prefix of the ids of this isolate's requests, which distinguishes them from those of
 * other isolates. A counter follows it; the ids are not secret.
 * @returns {string}
 */
export function ids_begin_with() {
    let deferred1_0;
    let deferred1_1;
    try {
        let ret;
        __wbg_call_guard();
        ret = wasm.ids_begin_with();
        deferred1_0 = ret[0];
        deferred1_1 = ret[1];
        return getStringFromWasm0(ret[0], ret[1]);
    } finally {
        __wbg_call_guard();
        wasm.__wbindgen_free(deferred1_0, deferred1_1, 1);
    }
}

/**
 * Learns a list of names, a line each: its number, then the places of the names whose values are
 * read. Nothing where there is no gateway yet, or the list is too long to be kept.
 * @param {string} names
 * @returns {Uint32Array}
 */
export function learn(names) {
    const ptr0 = passStringToWasm0(names, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
    const len0 = WASM_VECTOR_LEN;
    let ret;
    __wbg_call_guard();
    ret = wasm.learn(ptr0, len0);
    var v2 = getArrayU32FromWasm0(ret[0], ret[1]).slice();
    wasm.__wbindgen_free(ret[0], ret[1] * 4, 4);
    return v2;
}

/**
 * The counts since the isolate started and the states of now, as `{ "counts": { … }, "gauges": { … } }`.
 * @returns {string}
 */
export function metrics_report() {
    let deferred1_0;
    let deferred1_1;
    try {
        let ret;
        __wbg_call_guard();
        ret = wasm.metrics_report();
        deferred1_0 = ret[0];
        deferred1_1 = ret[1];
        return getStringFromWasm0(ret[0], ret[1]);
    } finally {
        __wbg_call_guard();
        wasm.__wbindgen_free(deferred1_0, deferred1_1, 1);
    }
}

/**
 * The response for an origin that gave none. `reason` is one of those of `forward.js`: the origin
 * could not be reached (0), it timed out (1), or it was not asked because the platform cannot send
 * the body (2).
 *
 * Only failures need the data of the record, so it passes through JavaScript as numbers: a closure
 * for each request would cost every request.
 * @param {string} id
 * @param {number} reason
 * @param {number} route
 * @param {number} tenant
 * @param {number} issuer
 * @param {number} started_at
 * @returns {any}
 */
export function origin_failure(id, reason, route, tenant, issuer, started_at) {
    const ptr0 = passStringToWasm0(id, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
    const len0 = WASM_VECTOR_LEN;
    let ret;
    __wbg_call_guard();
    ret = wasm.origin_failure(ptr0, len0, reason, route, tenant, issuer, started_at);
    return ret;
}

/**
 * Reads the configuration of `env` when the isolate starts, before its first request: that request
 * then need not, and Workers start isolates while a client still shakes hands.
 * @param {any} env
 */
export function prepare(env) {
    __wbg_call_guard();
    wasm.prepare(env);
}

/**
 * Goes on with the signature of an assertion, some bytes; without one the request is refused.
 * @param {number} ticket
 * @param {any} signature
 * @returns {Promise<any>}
 */
export function resume_assertion(ticket, signature) {
    let ret;
    __wbg_call_guard();
    ret = wasm.resume_assertion(ticket, signature);
    return ret;
}

/**
 * Goes on with KV's values under the names, a list of texts and nulls; or with the log's answer,
 * some bytes; or with `undefined`.
 * @param {number} ticket
 * @param {any} found
 * @returns {Promise<any>}
 */
export function resume_revocation(ticket, found) {
    let ret;
    __wbg_call_guard();
    ret = wasm.resume_revocation(ticket, found);
    return ret;
}

/**
 * Goes on with a verified signature; anything but `true` means that it does not hold.
 * @param {number} ticket
 * @param {boolean} holds
 * @returns {Promise<any>}
 */
export function resume_signature(ticket, holds) {
    let ret;
    __wbg_call_guard();
    ret = wasm.resume_signature(ticket, holds);
    return ret;
}

/**
 * Shows `bridge.js` the buffer for a head. It writes there before it calls [`decide`], when nothing
 * here runs, and so nothing borrows it.
 *
 * [`decide`]: super::decide
 */
export function show_head_buffer() {
    __wbg_call_guard();
    wasm.show_head_buffer();
}

/**
 * The current target of a notification, one value a line: URL, binding or nothing, timeout in ms,
 * and alternately the names and values of headers to set. A single line says why nobody can be
 * told.
 *
 * By now another configuration may be in force, or, behind a queue, none may have been read yet.
 * @param {string} tenant
 * @param {string} path
 * @param {string} authority
 * @param {string} facts
 * @returns {Promise<any>}
 */
export function sync_target(tenant, path, authority, facts) {
    const ptr0 = passStringToWasm0(tenant, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
    const len0 = WASM_VECTOR_LEN;
    const ptr1 = passStringToWasm0(path, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
    const len1 = WASM_VECTOR_LEN;
    const ptr2 = passStringToWasm0(authority, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
    const len2 = WASM_VECTOR_LEN;
    const ptr3 = passStringToWasm0(facts, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
    const len3 = WASM_VECTOR_LEN;
    let ret;
    __wbg_call_guard();
    ret = wasm.sync_target(ptr0, len0, ptr1, len1, ptr2, len2, ptr3, len3);
    return ret;
}
function __wbg_get_imports() {
    const import0 = {
        __proto__: null,
        __wbg___wbindgen_boolean_get_5b446f51afd21013: function(arg0) {
            const v = arg0;
            const ret = typeof(v) === 'boolean' ? v : undefined;
            return isLikeNone(ret) ? 0xFFFFFF : ret ? 1 : 0;
        },
        __wbg___wbindgen_is_falsy_16bd49b68658263e: function(arg0) {
            const ret = !arg0;
            return ret;
        },
        __wbg___wbindgen_is_function_1f9d30630b8b1d3d: function(arg0) {
            const ret = typeof(arg0) === 'function';
            return ret;
        },
        __wbg___wbindgen_is_null_e343b7d08827ba72: function(arg0) {
            const ret = arg0 === null;
            return ret;
        },
        __wbg___wbindgen_is_object_3c45d4f2dde4e749: function(arg0) {
            const val = arg0;
            const ret = typeof(val) === 'object' && val !== null;
            return ret;
        },
        __wbg___wbindgen_is_string_90b56bc79aad6f6c: function(arg0) {
            const ret = typeof(arg0) === 'string';
            return ret;
        },
        __wbg___wbindgen_is_undefined_8865fb403f8fe9d8: function(arg0) {
            const ret = arg0 === undefined;
            return ret;
        },
        __wbg___wbindgen_jsval_eq_02babf21faa37971: function(arg0, arg1) {
            const ret = arg0 === arg1;
            return ret;
        },
        __wbg___wbindgen_string_get_0380ccaa2f57f0d9: function(arg0, arg1) {
            const obj = arg1;
            const ret = typeof(obj) === 'string' ? obj : undefined;
            var ptr1 = isLikeNone(ret) ? 0 : passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            var len1 = WASM_VECTOR_LEN;
            getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
            getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
        },
        __wbg___wbindgen_throw_41e9ee4f547fc59a: function(arg0, arg1) {
            throw new Error(getStringFromWasm0(arg0, arg1));
        },
        __wbg__wbg_cb_unref_dcc1a90847f04c41: function(arg0) {
            arg0._wbg_cb_unref();
        },
        __wbg_askLog_7246f0d01de32b61: function(arg0, arg1, arg2, arg3, arg4, arg5, arg6) {
            const ret = askLog(arg0, arg1 === 0 ? undefined : getStringFromWasm0(arg1, arg2), getArrayU8FromWasm0(arg3, arg4), arg5, arg6 >>> 0);
            return ret;
        },
        __wbg_audit_6f31903a5012f2b5: function(arg0, arg1) {
            audit(getStringFromWasm0(arg0, arg1));
        },
        __wbg_body_4792166cb351f162: function(arg0) {
            const ret = arg0.body;
            return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
        },
        __wbg_body_4e088733babc630d: function(arg0) {
            const ret = arg0.body;
            return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
        },
        __wbg_callLog_0bc37d16aeb89f9a: function(arg0, arg1, arg2, arg3, arg4, arg5, arg6, arg7) {
            const ret = callLog(arg0, arg1 === 0 ? undefined : getStringFromWasm0(arg1, arg2), getStringFromWasm0(arg3, arg4), getArrayU8FromWasm0(arg5, arg6), arg7);
            return ret;
        },
        __wbg_call_187d372bd5fdd4aa: function() { return handleError(function (arg0, arg1, arg2) {
            const ret = arg0.call(arg1, arg2);
            return ret;
        }, arguments); },
        __wbg_cancel_3b323af6bb094e47: function(arg0) {
            const ret = arg0.cancel();
            return ret;
        },
        __wbg_cancel_7c2a08c8db4c73f3: function(arg0) {
            const ret = arg0.cancel();
            return ret;
        },
        __wbg_concat_1bf80de32bbc2095: function(arg0, arg1) {
            const ret = arg0.concat(arg1);
            return ret;
        },
        __wbg_context_0d224ecd75c733d5: function(arg0) {
            const ret = arg0.context;
            return ret;
        },
        __wbg_create_7febfb959f8c7046: function(arg0) {
            const ret = Object.create(arg0);
            return ret;
        },
        __wbg_delete_ea6026238fa6a3d8: function() { return handleError(function (arg0, arg1, arg2) {
            const ret = arg0.delete(getStringFromWasm0(arg1, arg2));
            return ret;
        }, arguments); },
        __wbg_endSession_1642e1fec8c2f72a: function(arg0, arg1, arg2, arg3, arg4, arg5, arg6, arg7) {
            const ret = endSession(arg0, getStringFromWasm0(arg1, arg2), arg3, getStringFromWasm0(arg4, arg5), getStringFromWasm0(arg6, arg7));
            return ret;
        },
        __wbg_env_13219adb6f9cc383: function(arg0) {
            const ret = arg0.env;
            return ret;
        },
        __wbg_fetch_196d54fb628cdb4f: function() { return handleError(function (arg0, arg1) {
            const ret = arg0.fetch(arg1);
            return ret;
        }, arguments); },
        __wbg_fetch_eb1300ba10b6b766: function(arg0) {
            const ret = fetch(arg0);
            return ret;
        },
        __wbg_follow_cf2a52495ed11bfa: function(arg0, arg1, arg2, arg3, arg4) {
            const ret = follow(arg0, arg1, getStringFromWasm0(arg2, arg3), arg4);
            return ret;
        },
        __wbg_forward_97cd86f26f698a61: function(arg0, arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8, arg9, arg10, arg11, arg12, arg13, arg14, arg15) {
            const ret = forward(arg0, arg1, arg2 >>> 0, arg3, arg4, arg5, arg6, arg7, arg8 !== 0, arg9 !== 0, arg10 !== 0, arg11 !== 0, arg12, arg13, arg14, arg15);
            return ret;
        },
        __wbg_freshId_5b8c17b34cfe97da: function(arg0) {
            const ret = freshId();
            const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            const len1 = WASM_VECTOR_LEN;
            getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
            getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
        },
        __wbg_getRandomValues_a608c4436c19407a: function() { return handleError(function (arg0, arg1) {
            globalThis.crypto.getRandomValues(getArrayU8FromWasm0(arg0, arg1));
        }, arguments); },
        __wbg_getReader_e782bd33388a2c7b: function(arg0) {
            const ret = arg0.getReader();
            return ret;
        },
        __wbg_get_31af05bd4842a84f: function() { return handleError(function (arg0, arg1) {
            const ret = Reflect.get(arg0, arg1);
            return ret;
        }, arguments); },
        __wbg_get_5383970bbb813d75: function() { return handleError(function (arg0, arg1, arg2, arg3) {
            const ret = arg0.get(getStringFromWasm0(arg1, arg2), arg3);
            return ret;
        }, arguments); },
        __wbg_get_f75619e20cb68514: function() { return handleError(function (arg0, arg1, arg2, arg3) {
            const ret = arg1.get(getStringFromWasm0(arg2, arg3));
            var ptr1 = isLikeNone(ret) ? 0 : passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            var len1 = WASM_VECTOR_LEN;
            getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
            getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
        }, arguments); },
        __wbg_get_unchecked_288889d017702237: function(arg0, arg1) {
            const ret = arg0[arg1 >>> 0];
            return ret;
        },
        __wbg_headers_6930a8bd09b630de: function(arg0) {
            const ret = arg0.headers;
            return ret;
        },
        __wbg_headers_eba93595f8944c2f: function(arg0) {
            const ret = arg0.headers;
            return ret;
        },
        __wbg_importKey_40c2d5e94283d7a6: function() { return handleError(function (arg0, arg1, arg2, arg3, arg4, arg5, arg6) {
            const ret = arg0.importKey(getStringFromWasm0(arg1, arg2), arg3, arg4, arg5 !== 0, arg6);
            return ret;
        }, arguments); },
        __wbg_importSigner_a15caa1bb441c106: function(arg0, arg1, arg2, arg3) {
            const ret = importSigner(getStringFromWasm0(arg0, arg1), getStringFromWasm0(arg2, arg3));
            return ret;
        },
        __wbg_instanceof_Response_b8758567269c30b2: function(arg0) {
            let result;
            try {
                result = arg0 instanceof Response;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
        __wbg_instanceof_Uint8Array_828cef2aaacafc31: function(arg0) {
            let result;
            try {
                result = arg0 instanceof Uint8Array;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
        __wbg_isArray_e15a2ff68ffdbef2: function(arg0) {
            const ret = Array.isArray(arg0);
            return ret;
        },
        __wbg_keepHeadBuffer_1f7682490824f0e0: function(arg0, arg1, arg2, arg3) {
            keepHeadBuffer(getArrayU8FromWasm0(arg0, arg1), getArrayU32FromWasm0(arg2, arg3));
        },
        __wbg_length_7f3c00c40364105e: function(arg0) {
            const ret = arg0.length;
            return ret;
        },
        __wbg_length_d4bdea10311bd9cf: function(arg0) {
            const ret = arg0.length;
            return ret;
        },
        __wbg_limit_9cd484f719a36038: function() { return handleError(function (arg0, arg1) {
            const ret = arg0.limit(arg1);
            return ret;
        }, arguments); },
        __wbg_lines_14e15d4f730d7e6d: function(arg0, arg1) {
            const ret = lines(getStringFromWasm0(arg0, arg1));
            return ret;
        },
        __wbg_log_8bd5ce0fbacb0c74: function(arg0, arg1) {
            console.log(getStringFromWasm0(arg0, arg1));
        },
        __wbg_lookUp_02fe4fc09f44aab2: function() { return handleError(function (arg0, arg1, arg2, arg3, arg4, arg5) {
            const ret = lookUp(arg0, getStringFromWasm0(arg1, arg2), arg3, arg4, arg5 >>> 0);
            return ret;
        }, arguments); },
        __wbg_new_1dbf7428bba60a42: function(arg0) {
            const ret = new Uint8Array(arg0);
            return ret;
        },
        __wbg_new_617a8cdb8bb1130e: function() {
            const ret = new Object();
            return ret;
        },
        __wbg_new_ee2291f50781bf1d: function() {
            const ret = new Array();
            return ret;
        },
        __wbg_new_typed_b01cb72a8af741a3: function(arg0, arg1) {
            try {
                var state0 = {a: arg0, b: arg1};
                var cb0 = (arg0, arg1) => {
                    const a = state0.a;
                    state0.a = 0;
                    try {
                        return wasm_bindgen__convert__closures_____invoke__h427b767cf714bfe2(a, state0.b, arg0, arg1);
                    } finally {
                        state0.a = a;
                    }
                };
                const ret = new Promise(cb0);
                return ret;
            } finally {
                state0.a = 0;
            }
        },
        __wbg_new_with_str_and_init_4618dee4e950224f: function() { return handleError(function (arg0, arg1, arg2) {
            const ret = new Request(getStringFromWasm0(arg0, arg1), arg2);
            return ret;
        }, arguments); },
        __wbg_now_aa4ccb83129e9e55: function() {
            const ret = Date.now();
            return ret;
        },
        __wbg_observeAudit_b9616559673886ff: function(arg0) {
            observeAudit(arg0 !== 0);
        },
        __wbg_of_20798cb14708764f: function(arg0, arg1) {
            const ret = Array.of(arg0, arg1);
            return ret;
        },
        __wbg_of_d5dbecdc59e02e34: function(arg0) {
            const ret = Array.of(arg0);
            return ret;
        },
        __wbg_origin_5efc9eb163e43783: function(arg0, arg1, arg2, arg3, arg4) {
            const ret = origin(getStringFromWasm0(arg0, arg1), getStringFromWasm0(arg2, arg3), arg4);
            return ret;
        },
        __wbg_page_ec3731c512c59886: function(arg0, arg1, arg2, arg3) {
            const ret = page(arg0, getStringFromWasm0(arg1, arg2), arg3);
            return ret;
        },
        __wbg_parse_283556a0ae602db7: function(arg0, arg1) {
            const ret = Date.parse(getStringFromWasm0(arg0, arg1));
            return ret;
        },
        __wbg_prototypesetcall_bc27214492979395: function(arg0, arg1, arg2) {
            Uint8Array.prototype.set.call(getArrayU8FromWasm0(arg0, arg1), arg2);
        },
        __wbg_put_4f2f5297a993ca58: function() { return handleError(function (arg0, arg1, arg2, arg3, arg4) {
            const ret = arg0.put(getStringFromWasm0(arg1, arg2), arg3, arg4);
            return ret;
        }, arguments); },
        __wbg_queueMicrotask_9833f9a49df95a49: function(arg0) {
            const ret = arg0.queueMicrotask;
            return ret;
        },
        __wbg_queueMicrotask_a72f977e97f23c5f: function(arg0) {
            queueMicrotask(arg0);
        },
        __wbg_race_a3adff39477a2837: function(arg0) {
            const ret = Promise.race(arg0);
            return ret;
        },
        __wbg_read_2a943774344c9728: function(arg0) {
            const ret = arg0.read();
            return ret;
        },
        __wbg_refusal_8f3b52b3c3f2c847: function(arg0, arg1, arg2, arg3, arg4, arg5, arg6) {
            const ret = refusal(arg0, getStringFromWasm0(arg1, arg2), getStringFromWasm0(arg3, arg4), arg5 === 0 ? undefined : getStringFromWasm0(arg5, arg6));
            return ret;
        },
        __wbg_refuse_f779c134216acfda: function() { return handleError(function (arg0, arg1, arg2) {
            const ret = refuse(arg0, arg1 === 0 ? undefined : getStringFromWasm0(arg1, arg2));
            return ret;
        }, arguments); },
        __wbg_registrygate_new: function(arg0) {
            const ret = RegistryGate.__wrap(arg0);
            return ret;
        },
        __wbg_reject_1548d2ad77237dc9: function(arg0) {
            const ret = Promise.reject(arg0);
            return ret;
        },
        __wbg_renewSession_9e79c0fe9e2d9d93: function(arg0, arg1, arg2, arg3, arg4, arg5, arg6) {
            const ret = renewSession(arg0, getStringFromWasm0(arg1, arg2), getStringFromWasm0(arg3, arg4), arg5 !== 0, arg6);
            return ret;
        },
        __wbg_renewal_new: function(arg0) {
            const ret = Renewal.__wrap(arg0);
            return ret;
        },
        __wbg_reportMetrics_73a56becb7e54d57: function(arg0, arg1, arg2) {
            reportMetrics(arg0 !== 0, arg1 === 0 ? undefined : getStringFromWasm0(arg1, arg2));
        },
        __wbg_request_b67d844e53f1511f: function(arg0) {
            const ret = arg0.request;
            return ret;
        },
        __wbg_resolve_0076e10020304ede: function(arg0) {
            const ret = Promise.resolve(arg0);
            return ret;
        },
        __wbg_respond_a33f940d4ce723bf: function() { return handleError(function (arg0, arg1, arg2, arg3, arg4) {
            const ret = respond(arg0, getStringFromWasm0(arg1, arg2), getStringFromWasm0(arg3, arg4));
            return ret;
        }, arguments); },
        __wbg_seeSession_6592a076443792a5: function(arg0, arg1, arg2, arg3, arg4, arg5, arg6) {
            const ret = seeSession(arg0, getStringFromWasm0(arg1, arg2), getStringFromWasm0(arg3, arg4), arg5 === 0 ? undefined : getStringFromWasm0(arg5, arg6));
            return ret;
        },
        __wbg_serveRegistry_094567e6f4379925: function(arg0, arg1, arg2, arg3) {
            const ret = serveRegistry(arg0, getStringFromWasm0(arg1, arg2), arg3);
            return ret;
        },
        __wbg_serveSession_869cf125c4a716bf: function(arg0, arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8, arg9, arg10, arg11) {
            const ret = serveSession(arg0, arg1, arg2 >>> 0, arg3, arg4, arg5, arg6, arg7, arg8 !== 0, arg9, getStringFromWasm0(arg10, arg11));
            return ret;
        },
        __wbg_sessiongate_new: function(arg0) {
            const ret = SessionGate.__wrap(arg0);
            return ret;
        },
        __wbg_set_145a351398b48c65: function() { return handleError(function (arg0, arg1, arg2) {
            const ret = Reflect.set(arg0, arg1, arg2);
            return ret;
        }, arguments); },
        __wbg_set_af5932e3f78b5648: function() { return handleError(function (arg0, arg1, arg2, arg3, arg4) {
            arg0.set(getStringFromWasm0(arg1, arg2), getStringFromWasm0(arg3, arg4));
        }, arguments); },
        __wbg_set_body_1fb0f1008bfc7df6: function(arg0, arg1) {
            arg0.body = arg1;
        },
        __wbg_set_method_dcb32343247ec427: function(arg0, arg1, arg2) {
            arg0.method = getStringFromWasm0(arg1, arg2);
        },
        __wbg_set_redirect_cc128ab2411da334: function(arg0, arg1) {
            arg0.redirect = __wbindgen_enum_RequestRedirect[arg1];
        },
        __wbg_sign_f2c18df4448cd021: function(arg0, arg1, arg2, arg3) {
            const ret = sign(arg0, getArrayU8FromWasm0(arg1, arg2), arg3 >>> 0);
            return ret;
        },
        __wbg_signature_f58a4c5c6429f092: function(arg0, arg1, arg2) {
            const ret = signature(arg0, getArrayU8FromWasm0(arg1, arg2));
            return ret;
        },
        __wbg_static_accessor_CRYPTO_142ee611e3dd49c7: function() {
            const ret = crypto;
            return ret;
        },
        __wbg_static_accessor_GLOBAL_266715b9d96ba635: function() {
            const ret = typeof global === 'undefined' ? null : global;
            return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
        },
        __wbg_static_accessor_GLOBAL_THIS_10fb7dc1ae063179: function() {
            const ret = typeof globalThis === 'undefined' ? null : globalThis;
            return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
        },
        __wbg_static_accessor_SELF_0b583911f537483a: function() {
            const ret = typeof self === 'undefined' ? null : self;
            return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
        },
        __wbg_static_accessor_WINDOW_d7f903d1508cbdc4: function() {
            const ret = typeof window === 'undefined' ? null : window;
            return isLikeNone(ret) ? 0 : addToExternrefTable0(ret);
        },
        __wbg_status_ce0a98d3c57125f3: function(arg0) {
            const ret = arg0.status;
            return ret;
        },
        __wbg_stringify_52ff602c1cc4fbb6: function() { return handleError(function (arg0) {
            const ret = JSON.stringify(arg0);
            return ret;
        }, arguments); },
        __wbg_subtle_65fbdba495c9dab4: function(arg0) {
            const ret = arg0.subtle;
            return ret;
        },
        __wbg_then_c949d5a25a4e78f8: function(arg0, arg1, arg2) {
            const ret = arg0.then(arg1, arg2);
            return ret;
        },
        __wbg_then_e71170d78fcf8954: function(arg0, arg1) {
            const ret = arg0.then(arg1);
            return ret;
        },
        __wbg_timeout_b15590f4155ba99f: function(arg0) {
            const ret = AbortSignal.timeout(arg0);
            return ret;
        },
        __wbg_url_7bfada5c2297bc70: function(arg0, arg1) {
            const ret = arg1.url;
            const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            const len1 = WASM_VECTOR_LEN;
            getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
            getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
        },
        __wbg_utf8_6cac4d736c6d3f85: function(arg0, arg1) {
            const ret = utf8(arg1);
            const ptr1 = passArray8ToWasm0(ret, wasm.__wbindgen_malloc);
            const len1 = WASM_VECTOR_LEN;
            getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
            getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
        },
        __wbg_verify_1a5cd66c2233d3d0: function() { return handleError(function (arg0, arg1, arg2, arg3, arg4, arg5, arg6) {
            const ret = arg0.verify(arg1, arg2, getArrayU8FromWasm0(arg3, arg4), getArrayU8FromWasm0(arg5, arg6));
            return ret;
        }, arguments); },
        __wbg_verify_48cb5863c45c8089: function(arg0, arg1, arg2, arg3, arg4, arg5, arg6) {
            const ret = verify(arg0, arg1, getArrayU8FromWasm0(arg2, arg3), getArrayU8FromWasm0(arg4, arg5), arg6 >>> 0);
            return ret;
        },
        __wbg_waitUntil_d6a5645742109091: function() { return handleError(function (arg0, arg1) {
            arg0.waitUntil(arg1);
        }, arguments); },
        __wbg_wait_1be8e8ccc302e73e: function(arg0) {
            const ret = scheduler.wait(arg0);
            return ret;
        },
        __wbindgen_generic_0000000000000001: function(arg0, arg1) {
            // Cast intrinsic for `Closure(Closure { owned: true, function: Function { arguments: [Externref], shim_idx: 207, ret: Result(Unit), inner_ret: Some(Result(Unit)) }, mutable: true }) -> Externref`.
            const ret = makeMutClosure(arg0, arg1, wasm_bindgen__convert__closures_____invoke__h2274463e0df87a0d);
            return ret;
        },
        __wbindgen_generic_0000000000000002: function(arg0) {
            // Cast intrinsic for `F64 -> Externref`.
            const ret = arg0;
            return ret;
        },
        __wbindgen_generic_0000000000000003: function(arg0, arg1) {
            // Cast intrinsic for `Ref(String) -> Externref`.
            const ret = getStringFromWasm0(arg0, arg1);
            return ret;
        },
        __wbindgen_init_externref_table: function() {
            const table = wasm.__wbindgen_externrefs;
            const offset = table.grow(4);
            table.set(0, undefined);
            table.set(offset + 0, undefined);
            table.set(offset + 1, null);
            table.set(offset + 2, true);
            table.set(offset + 3, false);
        },
    };
    return {
        __proto__: null,
        "./index_bg.js": import0,
        "./bridge.js": import1,
    };
}

function __wbg_call_guard() {
    if (__wbg_reinit_scheduled) {
        __wbg_reset_state();
        return;
    }
}
function wasm_bindgen__convert__closures_____invoke__h2274463e0df87a0d(arg0, arg1, arg2) {
    let ret;
    __wbg_call_guard();
    ret = wasm.wasm_bindgen__convert__closures_____invoke__h2274463e0df87a0d(arg0, arg1, arg2);
    if (ret[1]) {
        throw takeFromExternrefTable0(ret[0]);
    }
}

function wasm_bindgen__convert__closures_____invoke__h427b767cf714bfe2(arg0, arg1, arg2, arg3) {
    __wbg_call_guard();
    wasm.wasm_bindgen__convert__closures_____invoke__h427b767cf714bfe2(arg0, arg1, arg2, arg3);
}


const __wbindgen_enum_RequestRedirect = ["follow", "error", "manual"];


let __wbg_instance_id = 0;
const RegistryGateFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(({ ptr, instance }) => {
    if (instance === __wbg_instance_id) wasm.__wbg_registrygate_free(ptr, 1);
});
const RenewalFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(({ ptr, instance }) => {
    if (instance === __wbg_instance_id) wasm.__wbg_renewal_free(ptr, 1);
});
const SessionGateFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(({ ptr, instance }) => {
    if (instance === __wbg_instance_id) wasm.__wbg_sessiongate_free(ptr, 1);
});

function addToExternrefTable0(obj) {
    const idx = wasm.__externref_table_alloc();
    wasm.__wbindgen_externrefs.set(idx, obj);
    return idx;
}

const CLOSURE_DTORS = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(state => {
    if (state.instance === __wbg_instance_id) {
        wasm.__wbindgen_destroy_closure(state.a, state.b);
    }
});

function getArrayU32FromWasm0(ptr, len) {
    ptr = ptr >>> 0;
    return getUint32ArrayMemory0().subarray(ptr / 4, ptr / 4 + len);
}

function getArrayU8FromWasm0(ptr, len) {
    ptr = ptr >>> 0;
    return getUint8ArrayMemory0().subarray(ptr / 1, ptr / 1 + len);
}

let cachedDataViewMemory0 = null;
function getDataViewMemory0() {
    if (cachedDataViewMemory0 === null || cachedDataViewMemory0.buffer.detached === true || (cachedDataViewMemory0.buffer.detached === undefined && cachedDataViewMemory0.buffer !== wasm.memory.buffer)) {
        cachedDataViewMemory0 = new DataView(wasm.memory.buffer);
    }
    return cachedDataViewMemory0;
}

function getStringFromWasm0(ptr, len) {
    return decodeText(ptr >>> 0, len);
}

let cachedUint32ArrayMemory0 = null;
function getUint32ArrayMemory0() {
    if (cachedUint32ArrayMemory0 === null || cachedUint32ArrayMemory0.byteLength === 0) {
        cachedUint32ArrayMemory0 = new Uint32Array(wasm.memory.buffer);
    }
    return cachedUint32ArrayMemory0;
}

let cachedUint8ArrayMemory0 = null;
function getUint8ArrayMemory0() {
    if (cachedUint8ArrayMemory0 === null || cachedUint8ArrayMemory0.byteLength === 0) {
        cachedUint8ArrayMemory0 = new Uint8Array(wasm.memory.buffer);
    }
    return cachedUint8ArrayMemory0;
}

function handleError(f, args) {
    try {
        return f.apply(this, args);
    } catch (e) {
        const idx = addToExternrefTable0(e);
        wasm.__wbindgen_exn_store(idx);
    }
}

function isLikeNone(x) {
    return x === undefined || x === null;
}

function makeMutClosure(arg0, arg1, f) {
    const state = { a: arg0, b: arg1, cnt: 1, instance: __wbg_instance_id };
    const real = (...args) => {

        if (state.instance !== __wbg_instance_id) {
            throw new Error('Cannot invoke closure from previous WASM instance');
        }

        // First up with a closure we increment the internal reference
        // count. This ensures that the Rust closure environment won't
        // be deallocated while we're invoking it.
        state.cnt++;
        const a = state.a;
        state.a = 0;
        try {
            return f(a, state.b, ...args);
        } finally {
            state.a = a;
            real._wbg_cb_unref();
        }
    };
    real._wbg_cb_unref = () => {
        if (--state.cnt === 0) {
            wasm.__wbindgen_destroy_closure(state.a, state.b);
            state.a = 0;
            CLOSURE_DTORS.unregister(state);
        }
    };
    CLOSURE_DTORS.register(real, state, state);
    return real;
}

function passArray8ToWasm0(arg, malloc) {
    const ptr = malloc(arg.length * 1, 1) >>> 0;
    getUint8ArrayMemory0().set(arg, ptr / 1);
    WASM_VECTOR_LEN = arg.length;
    return ptr;
}

function passStringToWasm0(arg, malloc, realloc) {
    if (realloc === undefined) {
        const buf = cachedTextEncoder.encode(arg);
        const ptr = malloc(buf.length, 1) >>> 0;
        getUint8ArrayMemory0().subarray(ptr, ptr + buf.length).set(buf);
        WASM_VECTOR_LEN = buf.length;
        return ptr;
    }

    let len = arg.length;
    let ptr = malloc(len, 1) >>> 0;

    const mem = getUint8ArrayMemory0();

    let offset = 0;

    for (; offset < len; offset++) {
        const code = arg.charCodeAt(offset);
        if (code > 0x7F) break;
        mem[ptr + offset] = code;
    }
    if (offset !== len) {
        if (offset !== 0) {
            arg = arg.slice(offset);
        }
        ptr = realloc(ptr, len, len = offset + arg.length * 3, 1) >>> 0;
        const view = getUint8ArrayMemory0().subarray(ptr + offset, ptr + len);
        const ret = cachedTextEncoder.encodeInto(arg, view);

        offset += ret.written;
        ptr = realloc(ptr, len, offset, 1) >>> 0;
    }

    WASM_VECTOR_LEN = offset;
    return ptr;
}

let __wbg_reinit_scheduled = false;

function takeFromExternrefTable0(idx) {
    const value = wasm.__wbindgen_externrefs.get(idx);
    wasm.__externref_table_dealloc(idx);
    return value;
}

let cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
cachedTextDecoder.decode();
function decodeText(ptr, len) {
    return cachedTextDecoder.decode(getUint8ArrayMemory0().subarray(ptr, ptr + len));
}

const cachedTextEncoder = new TextEncoder();

if (!('encodeInto' in cachedTextEncoder)) {
    cachedTextEncoder.encodeInto = function (arg, view) {
        const buf = cachedTextEncoder.encode(arg);
        view.set(buf);
        return {
            read: arg.length,
            written: buf.length
        };
    };
}

let WASM_VECTOR_LEN = 0;

let wasmInstance = new WebAssembly.Instance(wasmModule, __wbg_get_imports());
let wasm = wasmInstance.exports;
wasm.__wbindgen_start();
