//! KV's blacklist beside the log: it is read until the log has all of it.

use serde_json::json;

use super::*;

fn unimported() -> LogBench {
    let mut bench = LogBench::new();
    bench.log.is_imported = false;
    bench
}

/// The outcome, how often the log was asked, and how often KV was read.
fn counted(bench: &mut LogBench, path: &str, millis: i64) -> (String, usize, usize) {
    let (line, asked) = bench.at(path, millis);
    (line, asked, bench.world.asked.store)
}

#[test]
fn until_the_import_is_complete_kv_is_read_after_the_log() {
    for path in [STRICT, BOUNDED, EVENTUAL] {
        let mut bench = unimported();
        assert_eq!(counted(&mut bench, path, 0), (passed(path), 1, 1), "{path}");
        let mut bench = unimported();
        bench.world.entries.insert(jti().to_string(), "{}".to_owned());
        assert_eq!(counted(&mut bench, path, 0), (REVOKED.to_owned(), 1, 1), "{path}");
        bench.log.is_imported = true;
        bench.follow(1);
        let asked = usize::from(path == STRICT);
        assert_eq!(counted(&mut bench, path, 1), (passed(path), asked, 0), "{path}");
    }
}

#[test]
fn a_copy_that_decides_does_not_spare_kv_before_the_import() {
    let mut bench = unimported();
    bench.follow(0);
    assert_eq!(counted(&mut bench, BOUNDED, 0), (passed(BOUNDED), 0, 1));
    bench.world.entries.insert(jti().to_string(), "{}".to_owned());
    // KV's last answer serves for its 5 s, as without a log.
    bench.follow(4999);
    assert_eq!(counted(&mut bench, BOUNDED, 4999), (passed(BOUNDED), 0, 0));
    bench.follow(5000);
    assert_eq!(counted(&mut bench, BOUNDED, 5000), (REVOKED.to_owned(), 0, 1));
}

#[test]
fn what_the_log_refuses_is_not_looked_up_in_kv() {
    for path in [STRICT, BOUNDED, EVENTUAL] {
        let mut bench = unimported();
        bench.revoke(&jti());
        assert_eq!(counted(&mut bench, path, 0), (REVOKED.to_owned(), 1, 0), "{path}");
    }
}

#[test]
fn kv_that_does_not_answer_is_503_before_the_import_and_nothing_after_it() {
    for path in [STRICT, BOUNDED, EVENTUAL] {
        for (is_imported, expected) in [(false, UNAVAILABLE.to_owned()), (true, passed(path))] {
            let mut bench = LogBench::new();
            bench.log.is_imported = is_imported;
            bench.world.store_is_down = true;
            assert_eq!(bench.at(path, 0), (expected, 1), "{path} {is_imported}");
        }
    }
}

#[test]
fn the_fallback_reads_kv_as_well_before_the_import() {
    let mut bench = LogBench::of(&json!({ "fallback": "copy", "fallback_seconds": 30 }));
    bench.log.is_imported = false;
    bench.follow(0);
    bench.log.is_down = true;
    assert_eq!(counted(&mut bench, BOUNDED, 5000), (passed(BOUNDED), 1, 1));
    bench.world.entries.insert(jti().to_string(), "{}".to_owned());
    bench.gateway.forget_verdicts();
    assert_eq!(bench.at(BOUNDED, 10_000).0, REVOKED);
    bench.log.is_down = false;
    assert_eq!(counted(&mut bench, BOUNDED, 11_000), (REVOKED.to_owned(), 1, 1));
}

#[test]
fn without_kv_nothing_but_the_log_is_read() {
    for path in [STRICT, BOUNDED, EVENTUAL] {
        let mut bench = LogBench::with_store(&json!({}), false);
        bench.log.is_imported = false;
        assert_eq!(counted(&mut bench, path, 0), (passed(path), 1, 0), "{path}");
    }
}

#[test]
fn an_import_that_was_complete_once_is_complete() {
    let mut bench = LogBench::new();
    bench.follow(0);
    bench.log.is_imported = false;
    bench.follow(1);
    assert_eq!(counted(&mut bench, BOUNDED, 1), (passed(BOUNDED), 0, 0));
}
