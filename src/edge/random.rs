use std::cell::RefCell;

use crate::http::RequestId;

thread_local! {
    static IDS: RefCell<Option<(String, u64)>> = const { RefCell::new(None) };
}

/// A fresh request id: random once per isolate, counted from there. Unique, and no secret.
pub(super) fn request_id() -> RequestId {
    IDS.with_borrow_mut(|ids| {
        let (isolate, count) = ids.get_or_insert_with(|| (random_hex(), 0));
        *count = count.wrapping_add(1);
        RequestId::numbered(isolate, *count)
    })
}

/// 64 random bits. Should the platform have none, the count still tells requests apart.
fn random_hex() -> String {
    let mut bytes = [0; 8];
    let _ = getrandom::fill(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}
