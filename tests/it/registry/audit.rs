use edgeward::registry::{
    AuditEvent, AuditQuery, Device, RegistryEvent, Scope, Seal, SealError, Subject, add_seal,
    delete_subject, last_seal, seal, seals, unsealed, verify,
};
use serde_json::{Map, Value, json};

use super::{DAY, NOW, Registry};

fn subject(name: &str) -> Subject {
    Subject {
        reference: format!("r-{name}"),
        issuer: "auth".to_owned(),
        iss: "https://auth.example.com".to_owned(),
        tenant: String::new(),
        subject: name.to_owned(),
        issued_at: None,
    }
}

fn event(key: &str) -> AuditEvent {
    AuditEvent {
        key: key.to_owned(),
        at: NOW,
        event: "login".to_owned(),
        outcome: Some("accepted".to_owned()),
        request_id: Some("q-1".to_owned()),
        issuer: Some("auth".to_owned()),
        tenant: None,
        actor: None,
        subject: Some(subject("ada")),
        subject_reference: None,
        device: None,
        route: None,
        duration_ms: Some(12),
        count: 1,
        detail: None,
    }
}

fn firefox() -> Device {
    Device {
        browser: Some("Firefox 140".to_owned()),
        system: Some("Linux".to_owned()),
        platform: Some("desktop".to_owned()),
        country: "DE".to_owned(),
        asn: 3320,
        address: String::new(),
    }
}

#[test]
fn the_device_is_that_of_the_subject_or_else_of_the_actor_and_of_nobody_who_was_deleted() {
    let registry = Registry::new();
    let with_device = |key: &str| AuditEvent { device: Some(firefox()), ..event(key) };
    tell(
        &registry,
        [
            AuditEvent { actor: Some(subject("bob")), ..with_device("subject") },
            AuditEvent { actor: Some(subject("bob")), subject: None, ..with_device("actor") },
            AuditEvent { subject: None, ..with_device("nobody") },
            event("none"),
        ],
    );
    registry.run(&delete_subject(&subject("ada"), NOW));
    tell(&registry, [with_device("deleted")]);
    let rows = registry.rows(&unsealed(0));
    let devices: Vec<_> = rows.iter().map(|row| row["device"].as_str()).collect();
    let owners =
        devices.iter().map(|id| id.and_then(|id| id.split_once('.')).map(|(owner, _)| owner));
    assert_eq!(owners.collect::<Vec<_>>(), [Some("r-ada"), Some("r-bob"), None, None, None]);
    assert_eq!(devices.iter().flatten().count(), 2, "{devices:?}");
}

fn tell(registry: &Registry, events: impl IntoIterator<Item = AuditEvent>) {
    for event in events {
        registry.tell(&[RegistryEvent::Audit(Box::new(event))]);
    }
}

fn configuration(key: &str, digest: &str) -> AuditEvent {
    AuditEvent {
        event: "configuration_read".to_owned(),
        detail: Some(digest.to_owned()),
        subject: None,
        issuer: None,
        ..event(key)
    }
}

fn list(registry: &Registry, query: &[(&str, &str)], scope: Option<&[Scope]>) -> Vec<String> {
    let parameters: Vec<_> =
        query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let query = AuditQuery::read(&parameters).expect("a query");
    let rows = registry.rows(&query.statement(scope));
    rows.iter().map(|row| row["key"].as_str().expect("a key").to_owned()).collect()
}

/// Seals everything that is not sealed yet.
fn seal_all(registry: &Registry) -> Option<Seal> {
    let last = registry.rows(&last_seal());
    let hash = last.first().map_or("", |row| row["hash"].as_str().expect("a hash"));
    let from = last.first().map_or(0, |row| row["last"].as_i64().expect("an id"));
    let made = seal(hash, &registry.rows(&unsealed(from)), NOW)?;
    registry.run(&[add_seal(&made)]);
    Some(made)
}

fn everything(registry: &Registry) -> (Vec<Map<String, Value>>, Vec<Seal>) {
    let rows = registry.rows(&unsealed(0));
    let seals = registry.rows(&seals(-1, 1000));
    let seals = seals.into_iter().map(|row| serde_json::from_value(row.into()).expect("a seal"));
    (rows, seals.collect())
}

#[test]
fn an_event_that_comes_twice_is_one_row() {
    let registry = Registry::new();
    tell(&registry, [event("a"), event("b"), event("a")]);
    assert_eq!(list(&registry, &[], None), ["b", "a"]);
}

#[test]
fn a_row_names_its_subject_by_reference_alone_and_keeps_it_when_the_subject_is_deleted() {
    let registry = Registry::new();
    tell(&registry, [event("a")]);
    let rows = registry.rows(&unsealed(0));
    assert_eq!(rows[0]["subject"], "r-ada");
    assert!(!json!(rows).to_string().contains("\"ada\""), "{rows:?}");
    let made = seal_all(&registry).expect("a seal");
    registry.run(&delete_subject(&subject("ada"), NOW));
    let (rows, seals) = everything(&registry);
    assert_eq!(rows[0]["subject"], "r-ada");
    assert_eq!((verify(&rows, &seals), made.hash), (Ok(1), seals[0].hash.clone()));
}

#[test]
fn a_late_event_does_not_restore_a_deleted_subject() {
    let registry = Registry::new();
    tell(&registry, [event("a")]);
    registry.run(&delete_subject(&subject("ada"), NOW + 1));
    tell(&registry, [event("b")]);
    let rows = registry.rows(&unsealed(0));
    assert_eq!((&rows[0]["subject"], &rows[1]["subject"]), (&json!("r-ada"), &Value::Null));
    tell(&registry, [AuditEvent { at: NOW + DAY, ..event("c") }]);
    assert_eq!(registry.rows(&unsealed(2))[0]["subject"], "r-ada");
}

#[test]
fn a_token_of_before_the_deletion_does_not_restore_its_subject() {
    let registry = Registry::new();
    tell(&registry, [event("a")]);
    registry.run(&delete_subject(&subject("ada"), NOW + 1));
    let old = Subject { issued_at: Some(NOW), ..subject("ada") };
    tell(&registry, [AuditEvent { at: NOW + DAY, subject: Some(old), ..event("b") }]);
    assert_eq!(registry.rows(&unsealed(1))[0]["subject"], Value::Null);
    let new = Subject { issued_at: Some(NOW + 2), ..subject("ada") };
    tell(&registry, [AuditEvent { at: NOW + DAY, subject: Some(new), ..event("c") }]);
    assert_eq!(registry.rows(&unsealed(2))[0]["subject"], "r-ada");
}

#[test]
fn a_subject_without_a_tenant_is_the_only_one_of_its_name() {
    let registry = Registry::new();
    let of = |tenant: &str, key: &str| {
        let person = Subject {
            tenant: tenant.to_owned(),
            reference: format!("r-{tenant}"),
            ..subject("ada")
        };
        AuditEvent { subject: Some(person), ..event(key) }
    };
    tell(&registry, [of("acme", "a"), of("", "b"), of("beta", "c"), of("", "d")]);
    let rows = registry.rows(&unsealed(0));
    let found: Vec<_> = rows.iter().map(|row| row["subject"].clone()).collect();
    assert_eq!(found, [json!("r-acme"), json!("r-acme"), json!("r-beta"), Value::Null]);
}

#[test]
fn a_configuration_is_a_row_once_and_again_after_another() {
    let registry = Registry::new();
    let keys = [("a", "one"), ("b", "one"), ("c", "two"), ("d", "two"), ("e", "one")];
    tell(&registry, keys.map(|(key, digest)| configuration(key, digest)));
    assert_eq!(list(&registry, &[("event", "configuration_read")], None), ["e", "c", "a"]);
}

#[test]
fn the_trail_can_be_neither_changed_nor_shortened() {
    let registry = Registry::new();
    tell(&registry, [event("a")]);
    seal_all(&registry).expect("a seal");
    for sql in [
        "UPDATE audit SET outcome = 'x'",
        "DELETE FROM audit",
        "UPDATE audit_seals SET hash = 'x'",
        "DELETE FROM audit_seals",
    ] {
        let error = registry.0.execute(sql, []).expect_err(sql);
        assert!(error.to_string().contains("append only"), "{sql}: {error}");
    }
}

#[test]
fn a_list_is_filtered_paged_and_limited_to_the_administrators_issuers() {
    let registry = Registry::new();
    let other = AuditEvent { issuer: Some("other".to_owned()), subject: None, ..event("b") };
    let refused = AuditEvent {
        event: "refused".to_owned(),
        at: NOW + 5,
        actor: Some(subject("bob")),
        subject: None,
        ..event("c")
    };
    tell(&registry, [event("a"), other, refused, configuration("d", "one")]);
    assert_eq!(list(&registry, &[], None), ["d", "c", "b", "a"]);
    assert_eq!(list(&registry, &[("cursor", "3")], None), ["b", "a"]);
    assert_eq!(list(&registry, &[("actor", "r-bob")], None), ["c"]);
    assert_eq!(list(&registry, &[("subject", "r-ada")], None), ["a"]);
    let from = (NOW + 5).to_string();
    assert_eq!(list(&registry, &[("since", &from)], None), ["c"]);
    assert_eq!(list(&registry, &[("until", &from), ("event", "login")], None), ["b", "a"]);
    let own = [Scope { issuers: Some(vec!["auth".to_owned()]), tenants: None }];
    assert_eq!(list(&registry, &[], Some(&own)), ["c", "a"]);
    assert!(list(&registry, &[], Some(&[])).is_empty());
}

#[test]
fn a_parameter_that_is_not_understood_is_an_error() {
    for (name, value) in [
        ("limit", "0"),
        ("limit", "1001"),
        ("since", "x"),
        ("until", "-1"),
        ("cursor", "0"),
        ("x", "1"),
    ] {
        let read = AuditQuery::read(&[(name.to_owned(), value.to_owned())]);
        assert!(read.is_err(), "{name}={value}");
    }
    let twice = [("event", "a"), ("event", "b")].map(|(n, v)| (n.to_owned(), v.to_owned()));
    assert!(AuditQuery::read(&twice).is_err());
}

#[test]
fn seals_cover_intervals_and_chain_over_late_events() {
    let registry = Registry::new();
    tell(&registry, [event("a"), event("b")]);
    let first = seal_all(&registry).expect("a seal");
    assert_eq!((first.first, first.last, first.previous.as_str()), (1, 2, ""));
    assert_eq!(seal_all(&registry), None);
    tell(&registry, [AuditEvent { at: NOW - DAY, ..event("late") }]);
    let second = seal_all(&registry).expect("a seal");
    assert_eq!((second.first, second.last, &second.previous), (3, 3, &first.hash));
    tell(&registry, [event("unsealed")]);
    let (rows, seals) = everything(&registry);
    assert_eq!(verify(&rows, &seals), Ok(3));
}

#[test]
fn of_two_writers_with_the_same_rows_one_stores_its_seal() {
    let registry = Registry::new();
    tell(&registry, [event("a")]);
    let rows = registry.rows(&unsealed(0));
    let (one, other) =
        (seal("", &rows, NOW).expect("a seal"), seal("", &rows, NOW + 1).expect("a seal"));
    assert_eq!(registry.run(&[add_seal(&one)]), [1]);
    assert_eq!(registry.run(&[add_seal(&other)]), [0]);
}

/// A trail of five rows under two seals, and one row that is not sealed.
fn sealed() -> (Vec<Map<String, Value>>, Vec<Seal>) {
    let registry = Registry::new();
    tell(&registry, ["a", "b", "c"].map(event));
    seal_all(&registry).expect("a seal");
    tell(&registry, ["d", "e"].map(event));
    seal_all(&registry).expect("a seal");
    tell(&registry, [event("f")]);
    everything(&registry)
}

#[test]
fn every_changed_added_and_removed_row_is_found() {
    let (rows, seals) = sealed();
    assert_eq!(verify(&rows, &seals), Ok(5));
    for at in 0..5 {
        let fault =
            if at < 3 { SealError::RowsChanged(1, 3) } else { SealError::RowsChanged(4, 5) };
        let mut removed = rows.clone();
        removed.remove(at);
        assert_eq!(verify(&removed, &seals), Err(fault.clone()), "removed {at}");
        for column in rows[at].keys().filter(|column| *column != "id") {
            let mut changed = rows.clone();
            changed[at].insert(column.clone(), json!("changed"));
            assert_eq!(verify(&changed, &seals), Err(fault.clone()), "{column} of {at}");
        }
    }
    let mut added = rows;
    let mut row = added[0].clone();
    row.insert("id".to_owned(), json!(0));
    added.push(row);
    assert_eq!(verify(&added, &seals), Err(SealError::Unsealed(0)));
}

#[test]
fn every_changed_and_removed_seal_is_found_but_the_newest() {
    let (rows, seals) = sealed();
    assert_eq!(verify(&rows, &seals[1..]), Err(SealError::Unchained(4, 5)));
    let mut changed = seals.clone();
    changed[0].hash = seals[1].hash.clone();
    assert_eq!(verify(&rows, &changed), Err(SealError::RowsChanged(1, 3)));
    let mut changed = seals.clone();
    changed[1].first = 2;
    assert_eq!(verify(&rows, &changed), Err(SealError::Unchained(2, 5)));
    assert_eq!(verify(&rows, &seals[..1]), Ok(3), "the log output has the hash of the other");
}

#[test]
fn two_rows_or_seals_that_differ_and_have_one_id_are_found() {
    let (rows, seals) = sealed();
    let mut twice = rows.clone();
    twice.extend(rows.clone());
    assert_eq!(
        verify(&twice, &[seals.clone(), seals.clone()].concat()),
        Ok(5),
        "pages may overlap"
    );
    for at in [0, rows.len()] {
        let mut forged = rows[0].clone();
        forged.insert("outcome".to_owned(), json!("x"));
        let mut changed = rows.clone();
        changed.insert(at, forged);
        assert_eq!(verify(&changed, &seals), Err(SealError::RowsChanged(1, 1)));
        let mut changed = seals.clone();
        changed.insert(at.min(2), Seal { hash: "x".to_owned(), ..seals[0].clone() });
        assert_eq!(verify(&rows, &changed), Err(SealError::Unchained(3, 3)));
    }
}

#[test]
fn the_hash_of_a_seal_stays_what_it_is() {
    let (_, seals) = sealed();
    assert_eq!(seals[1].hash, "1wdL87Fj4T-FAz5ROJLlqJ7ItxpNCYFCcwmZ6IyvkQQ");
}
