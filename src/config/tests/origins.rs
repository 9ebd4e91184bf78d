//! Servers behind the gateway.

use std::time::Duration;

use serde_json::json;

use super::{check, minimal};

#[test]
fn an_origin_may_have_a_timeout_of_its_own_or_none() {
    for (millis, timeout) in [(1, Some(1)), (300_000, Some(300_000)), (0, None)]
        .map(|(ms, own)| (ms, own.map(Duration::from_millis)))
    {
        let mut raw = minimal();
        raw["origins"][0]["timeout_ms"] = json!(millis);
        assert_eq!(check(&raw).expect("valid").origins[0].timeout, timeout, "{millis}");
    }
}
