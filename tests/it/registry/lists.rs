use serde_json::{Value, json};

use super::{NOW, Registry, owner, pair, statement, values};
use edgeward::registry::{
    self, AuditQuery, Extent, RegistryEvent, Scope, Statement, Subject, TokenQuery,
};
use rusqlite::params_from_iter;

fn query(text: &str) -> TokenQuery {
    let parameters: Vec<_> = text
        .split('&')
        .filter_map(|part| part.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    TokenQuery::read(&parameters, NOW).expect(text)
}

fn of_tenant(tenant: &str, name: &str) -> RegistryEvent {
    let RegistryEvent::Pair(mut own) = pair(name, name, (name, None), NOW) else {
        panic!("expected a pair")
    };
    tenant.clone_into(&mut own.tenant);
    RegistryEvent::Pair(own)
}

fn hashes(registry: &Registry, statement: &Statement) -> Vec<Value> {
    registry.rows(statement).into_iter().map(|row| row["hash"].clone()).collect()
}

#[test]
fn pages_show_each_token_once_while_others_are_added() {
    let registry = Registry::new();
    for n in 0..50 {
        registry.tell(&[pair("ada", "f", (&format!("t{n}"), None), NOW)]);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let rows = registry.rows(&query(&format!("subject=ada&limit=7{cursor}")).statement(None));
        let page = &rows[..rows.len().min(7)];
        seen.extend(page.iter().map(|row| row["hash"].clone()));
        registry.tell(&[pair("ada", "f", (&format!("later{}", seen.len()), None), NOW)]);
        if rows.len() <= 7 {
            break;
        }
        cursor = format!("&cursor={}", page[6]["id"]);
    }
    assert_eq!(seen.len(), 100);
    seen.sort_by_key(Value::to_string);
    seen.dedup();
    assert_eq!(seen.len(), 100);
}

#[test]
fn an_administrator_of_some_sees_no_others() {
    let registry = Registry::new();
    registry.tell(&[of_tenant("acme", "ada"), of_tenant("other", "eve"), of_tenant("", "bob")]);
    let scope = |issuers: Option<&str>, tenants: Option<&str>| Scope {
        issuers: issuers.map(|name| vec![name.to_owned()]),
        tenants: tenants.map(|name| vec![name.to_owned()]),
    };
    let seen = |scope: &[Scope], text: &str| hashes(&registry, &query(text).statement(Some(scope)));
    let acme = [scope(None, Some("acme"))];
    assert_eq!(seen(&acme, ""), ["ada-a", "ada-r"]);
    assert!(seen(&acme, "tenant=other").is_empty());
    assert!(seen(&acme, "hash=eve-r").is_empty());
    assert!(seen(&[scope(Some("another"), None)], "").is_empty());
    assert!(seen(&[scope(Some("another"), Some("acme"))], "").is_empty());
    assert_eq!(seen(&[scope(Some("main"), None)], "").len(), 6);
    assert_eq!(seen(&[acme[0].clone(), scope(None, Some("other"))], "").len(), 4);
    assert!(seen(&[], "").is_empty(), "nobody's scope shows nothing");
}

#[test]
fn own_sessions_are_the_subjects_own() {
    let registry = Registry::new();
    registry.tell(&[of_tenant("acme", "ada"), of_tenant("other", "ada"), of_tenant("acme", "eve")]);
    let ada = &owner("ada");
    let sessions = registry.rows(&registry::own_sessions(ada, "ada-a", NOW));
    assert_eq!(sessions.len(), 1);
    assert_eq!((&sessions[0]["id"], &sessions[0]["is_current"]), (&json!("ada"), &json!(1)));
    assert_eq!(registry.rows(&registry::own_session(ada, "ada", NOW)).len(), 1);
    for id in ["eve", "none", "ada' OR 1 --"] {
        assert!(registry.rows(&registry::own_session(ada, id, NOW)).is_empty(), "{id}");
    }
    registry.run(&[registry::expire(Extent::Family, "ada-r", NOW)]);
    assert!(registry.rows(&registry::own_sessions(ada, "ada-a", NOW)).is_empty());
}

#[test]
fn one_name_at_two_authorities_of_an_issuer_is_two_people() {
    let registry = Registry::new();
    let RegistryEvent::Pair(mut other) = pair("ada", "f2", ("other", None), NOW) else { return };
    (other.reference, other.iss) = ("another".to_owned(), "https://other.example".to_owned());
    registry.tell(&[pair("ada", "f1", ("own", None), NOW), RegistryEvent::Pair(other)]);
    let other = Subject { iss: "https://other.example".to_owned(), ..owner("ada") };
    for (person, family, stranger) in [(&owner("ada"), "f1", "f2"), (&other, "f2", "f1")] {
        let sessions = registry.rows(&registry::own_sessions(person, "none", NOW));
        assert_eq!(sessions.iter().map(|row| &row["id"]).collect::<Vec<_>>(), [family]);
        assert!(registry.rows(&registry::own_session(person, stranger, NOW)).is_empty());
    }
    registry.run(&registry::delete_subject(&owner("ada"), NOW));
    assert_eq!(hashes(&registry, &query("subject=ada").statement(None)), ["other-a", "other-r"]);
    let devices = registry.rows(&statement("SELECT subject FROM devices"));
    assert_eq!(devices[0]["subject"], "another");
}

#[test]
fn parameters_that_are_not_understood_are_refused() {
    for text in [
        "x=1",
        "kind=id",
        "state=",
        "limit=0",
        "limit=1001",
        "limit=x",
        "cursor=0",
        "cursor=-1",
        "cursor=x",
        "kind=access&kind=access",
    ] {
        let parameters: Vec<_> = text
            .split('&')
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        assert!(TokenQuery::read(&parameters, NOW).is_err(), "{text}");
    }
}

/// Everything that is asked of a large registry finds its rows by an index, or in the order of the rows up to
/// the limit.
#[test]
fn no_statement_searches_a_whole_table() {
    let registry = Registry::new();
    let pair = pair("ada", "f", ("t", Some("p")), NOW);
    let ended = RegistryEvent::Ended { families: vec!["f".to_owned()], at: NOW };
    let seen = RegistryEvent::Seen { hash: "t-a".to_owned(), at: NOW };
    let mut all: Vec<_> = [pair, ended, seen]
        .iter()
        .flat_map(registry::statements)
        .chain(registry::archive(NOW))
        .chain([registry::archive_ends(NOW), registry::family_of(&["t-r".to_owned()])])
        .chain([registry::last_seal(), registry::unsealed(1), registry::seals(1, 10)])
        .collect();
    for extent in [Extent::Token, Extent::Descendants, Extent::Family] {
        all.extend([registry::members(extent, "t-r", NOW), registry::expire(extent, "t-r", NOW)]);
    }
    let ada = &owner("ada");
    all.extend([registry::own_sessions(ada, "t-a", NOW), registry::own_session(ada, "f", NOW)]);
    all.push(registry::archivable(NOW));
    for name in ["subject", "hash", "family", "parent", "session", "device", "reference"] {
        all.push(query(&format!("{name}=x&state=active")).statement(None));
    }
    let tenant = Scope { issuers: None, tenants: Some(vec!["acme".to_owned()]) };
    all.push(query("state=active").statement(Some(&[tenant])));
    for name in ["event", "request_id", "actor", "subject"] {
        let filter = [(name.to_owned(), "x".to_owned())];
        all.push(AuditQuery::read(&filter).expect("a query").statement(None));
    }
    for statement in &all {
        let explained = Statement {
            sql: format!("EXPLAIN QUERY PLAN {}", statement.sql),
            values: statement.values.clone(),
        };
        let mut prepared = registry.0.prepare(&explained.sql).expect(&explained.sql);
        let plan =
            prepared.query_map(params_from_iter(values(&explained)), |row| row.get::<_, String>(3));
        let plan: Vec<_> = plan.expect("a plan").map(|line| line.expect("a line")).collect();
        let is_search = |line: &String| {
            let scanned = line.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
            let tables =
                ["tokens", "subjects", "connections", "devices", "ended_families", "audit"];
            scanned.is_some_and(|table| tables.contains(&table)) && !line.contains("INDEX")
        };
        assert!(!plan.iter().any(is_search), "{}\n{plan:#?}", statement.sql);
    }
}
