use serde_json::{Value, json};

use rusqlite::Connection;

use super::{DAY, MIGRATIONS, NOW, Registry, owner, pair, statement};
use edgeward::registry::{self, RegistryEvent};

fn events() -> [RegistryEvent; 4] {
    [
        pair("ada", "f1", ("one", None), NOW),
        pair("ada", "f1", ("two", Some("one-r")), NOW + 100),
        RegistryEvent::Seen { hash: "one-a".to_owned(), at: NOW + 50 },
        RegistryEvent::Ended { families: vec!["f1".to_owned()], at: NOW + 200 },
    ]
}

/// All orders of four.
fn orders() -> Vec<[usize; 4]> {
    let mut orders = Vec::new();
    for code in 0..256_usize {
        let order = [code / 64, code / 16 % 4, code / 4 % 4, code % 4];
        if (0..4).all(|one| order.contains(&one)) {
            orders.push(order);
        }
    }
    orders
}

#[test]
fn events_that_come_twice_leave_the_same_rows() {
    let (once, twice) = (Registry::new(), Registry::new());
    once.tell(&events());
    twice.tell(&events());
    twice.tell(&events());
    assert_eq!(once.content(), twice.content());
}

#[test]
fn events_in_any_order_leave_the_same_tokens() {
    let tokens = "SELECT hash, kind, parent, family, device, expires_at, true_expires_at, subject FROM tokens ORDER BY hash";
    let expected = {
        let registry = Registry::new();
        registry.tell(&events());
        registry.rows(&statement(tokens))
    };
    assert_eq!(expected.len(), 4);
    assert!(expected.iter().all(|row| row["expires_at"] == json!(NOW + 200)));
    assert_eq!(orders().len(), 24);
    for order in orders() {
        let registry = Registry::new();
        registry.tell(&order.map(|at| events()[at].clone()));
        assert_eq!(registry.rows(&statement(tokens)), expected, "{order:?}");
    }
}

#[test]
fn a_subject_has_one_reference_and_one_device() {
    let registry = Registry::new();
    registry.tell(&events());
    let RegistryEvent::Pair(mut other) = pair("ada", "f2", ("three", None), NOW + 300) else {
        return;
    };
    other.reference = "another".to_owned();
    registry.tell(&[RegistryEvent::Pair(other)]);
    let count = |table: &str| {
        registry.rows(&statement(&format!("SELECT count(*) AS rows FROM {table}")))[0]["rows"]
            .clone()
    };
    assert_eq!(
        [count("subjects"), count("devices"), count("connections")],
        [1, 1, 2].map(Value::from)
    );
    let devices = registry.rows(&statement("SELECT first_seen, last_seen FROM devices"));
    assert_eq!(
        (&devices[0]["first_seen"], &devices[0]["last_seen"]),
        (&json!(NOW), &json!(NOW + 300))
    );
}

#[test]
fn nobody_can_tell_from_the_id_of_a_device_whose_it_was_before_a_deletion() {
    let registry = Registry::new();
    let device = || {
        let all = statement(
            "SELECT DISTINCT device FROM tokens UNION ALL SELECT id FROM devices UNION ALL SELECT device FROM connections",
        );
        let mut ids: Vec<_> =
            registry.rows(&all).into_iter().map(|row| row["device"].clone()).collect();
        assert_eq!(ids.len(), 3);
        ids.dedup();
        ids
    };
    registry.tell(&events()[..1]);
    let before = device();
    registry.run(&registry::delete_subject(&owner("ada"), NOW + 150));
    let RegistryEvent::Pair(mut back) = pair("ada", "f9", ("new", None), NOW + 151) else { return };
    back.reference = "ref-again".to_owned();
    registry.tell(&[RegistryEvent::Pair(back)]);
    let after = device();
    assert_eq!((before.len(), after.len()), (1, 1), "tokens, devices and connections agree");
    let parts = |ids: &[Value]| {
        let (reference, hash) = ids[0].as_str().expect("an id").split_once('.').expect("two parts");
        (reference.to_owned(), hash.to_owned())
    };
    let ((of, browser), (again, same)) = (parts(&before), parts(&after));
    assert_eq!((of.as_str(), again.as_str(), browser), ("ref-ada", "ref-again", same));
}

#[test]
fn late_events_do_not_restore_a_deleted_subject_and_later_ones_begin_anew() {
    let registry = Registry::new();
    registry.tell(&events()[..1]);
    assert_eq!(registry.rows(&registry::sessions_of("ref-ada", NOW)).len(), 1);
    assert_eq!(registry.rows(&registry::subject("ref-ada", None)).len(), 1);
    assert!(registry.rows(&registry::subject("ref-ada", Some(&[]))).is_empty());
    registry.run(&registry::delete_subject(&owner("ada"), NOW + 150));
    registry.tell(&events()[1..3]);
    assert!(registry.content()[..4].iter().all(Vec::is_empty), "{:?}", registry.content());
    registry.tell(&[pair("ada", "f9", ("new", None), NOW + 151)]);
    assert_eq!(registry.rows(&statement("SELECT * FROM tokens")).len(), 2);
}

#[test]
fn a_late_event_of_a_deleted_subject_leaves_no_place_where_they_came_back() {
    let registry = Registry::new();
    registry.run(&registry::delete_subject(&owner("ada"), NOW + 150));
    registry.tell(&[pair("ada", "f9", ("new", None), NOW + 151)]);
    registry.tell(&events()[..1]);
    assert_eq!(registry.rows(&statement("SELECT * FROM connections")).len(), 1);
    let devices = registry.rows(&statement("SELECT first_seen FROM devices"));
    assert_eq!(devices[0]["first_seen"], json!(NOW + 151));
}

#[test]
fn the_archiver_removes_what_expired_by_itself_a_thousand_rows_at_a_time() {
    let registry = Registry::new();
    let pairs: Vec<_> = (0..1100)
        .map(|n| {
            pair(
                "ada",
                &format!("f{}", n / 2),
                (&format!("t{n}"), (n % 2 == 1).then_some("x")),
                NOW,
            )
        })
        .collect();
    registry.tell(&pairs);
    registry.tell(&[pair("bob", "young", ("young", None), NOW + 10 * DAY)]);
    let before = NOW + 2 * DAY;
    assert_eq!(registry.rows(&registry::archivable(before))[0]["tokens"], json!(2200));
    let removed: Vec<_> = (0..4).map(|_| registry.run(&registry::archive(before))[2]).collect();
    assert_eq!(removed, [1000, 1000, 200, 0]);
    let left = registry.rows(&statement("SELECT family FROM tokens"));
    assert_eq!(left.len(), 2);
    assert_eq!(registry.rows(&statement("SELECT * FROM connections")).len(), 1);
    assert_eq!(registry.rows(&statement("SELECT * FROM devices")).len(), 1);
}

#[test]
fn a_token_that_was_expired_by_hand_is_archived_by_its_own_time() {
    let registry = Registry::new();
    registry.tell(&[pair("ada", "f1", ("one", None), NOW)]);
    registry.run(&[registry::expire(registry::Extent::Family, "one-r", NOW + 1)]);
    registry.run(&registry::archive(NOW + 301));
    let left = registry.rows(&statement("SELECT hash FROM tokens"));
    assert_eq!(left.iter().map(|row| &row["hash"]).collect::<Vec<_>>(), ["one-r"]);
}

#[test]
fn a_migration_keeps_what_is_registered() {
    let registry = Registry(Connection::open_in_memory().expect("SQLite"));
    let (first, later) = MIGRATIONS.split_at(3);
    let migrate = |all: &[&str]| {
        for migration in all {
            registry.0.execute_batch(migration).expect("the migration");
        }
    };
    migrate(first);
    registry.tell(&events());
    let before = registry.content();
    migrate(later);
    assert_eq!(registry.content(), before);
    assert_eq!(registry.rows(&registry::own_sessions(&owner("ada"), "none", NOW)).len(), 1);
}
