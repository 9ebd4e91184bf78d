//! The part of the revocations that an administrator may list and act on.

use std::rc::Rc;

use edgeward::gateway::{AdminScope, Caller, Gateway, LiftOrder, Record, Rejection, Step};
use edgeward::http::RequestId;
use edgeward::revocation::{Reason, RevocationKind, RevocationName};
use serde_json::{Value, json};

use super::{NOW, SECRET_ISSUER, claims_of, configuration, with};
use crate::support::gateway_with_log;
use crate::support::sign::Key;

const MAIN: usize = 0;
const SECRET: usize = 1;

/// Administrators of everything, of an issuer, of two tenants, and of a tenant of an issuer.
fn gateway() -> Gateway {
    let mut raw = configuration();
    let role = |name: &str| json!({ "role": name });
    raw["admin"] = json!([
        { "require": role("all") },
        { "require": role("main"), "issuers": ["main"] },
        { "require": role("tenants"), "tenants": ["acme", "beta"] },
        { "require": role("both"), "issuers": ["secret"], "tenants": ["acme"] },
    ]);
    gateway_with_log(&raw, false)
}

/// The caller with these roles.
fn caller(gateway: &Gateway, roles: &[&str]) -> Rc<Caller> {
    let claims = with(claims_of(SECRET_ISSUER), &json!({ "roles": roles }));
    let id = RequestId::accept("r-2").expect("harmless");
    let token = Key::named("SECRET").token(&claims);
    match gateway.begin_presented(&token, Record::new(id, NOW), NOW) {
        Step::Done(decision) => decision.verified.expect("verified"),
        other => panic!("a secret is here: {other:?}"),
    }
}

/// What the scope of a caller with these roles says.
fn scoped<T>(roles: &[&str], work: impl FnOnce(&Gateway, &AdminScope<'_>) -> T) -> T {
    let gateway = gateway();
    let caller = caller(&gateway, roles);
    work(&gateway, &gateway.admin_scope(Some(&caller), NOW))
}

/// The orders about an issuer and a tenant that the roles allow.
fn allowed(roles: &[&str]) -> Vec<(usize, Option<&'static str>)> {
    let all = [MAIN, SECRET].into_iter().flat_map(|issuer| {
        [None, Some("acme"), Some("beta"), Some("Acme"), Some("")].map(|tenant| (issuer, tenant))
    });
    scoped(roles, |_, scope| {
        all.filter(|(issuer, tenant)| match scope.check(*issuer, *tenant) {
            Ok(()) => true,
            Err(rejection) => {
                assert_eq!((rejection.status(), rejection.code()), (403, "insufficient_scope"));
                false
            }
        })
        .collect()
    })
}

#[test]
fn an_administrator_without_limits_may_do_everything() {
    assert_eq!(allowed(&["all"]).len(), 10);
    scoped(&["all"], |gateway, scope| {
        assert!(!scope.is_empty());
        assert_eq!(scope.check_everything(), Ok(()));
        assert_eq!(scope.filter(gateway), None);
    });
}

#[test]
fn an_administrator_of_an_issuer_may_act_on_it_alone() {
    let tenants = [None, Some("acme"), Some("beta"), Some("Acme"), Some("")];
    assert_eq!(allowed(&["main"]), tenants.map(|tenant| (MAIN, tenant)));
}

#[test]
fn an_administrator_of_tenants_may_act_where_one_of_them_is_shown() {
    let both = |issuer| [(issuer, Some("acme")), (issuer, Some("beta"))];
    assert_eq!(allowed(&["tenants"]), [both(MAIN), both(SECRET)].concat());
}

#[test]
fn both_limits_of_one_entry_hold_together() {
    assert_eq!(allowed(&["both"]), [(SECRET, Some("acme"))]);
}

#[test]
fn several_entries_allow_what_any_of_them_does() {
    let all = allowed(&["main", "both"]);
    assert_eq!((all.len(), all.contains(&(SECRET, Some("acme")))), (6, true));
    assert!(!all.contains(&(SECRET, None)) && !all.contains(&(SECRET, Some("beta"))));
    assert_eq!(allowed(&["both", "all"]).len(), 10);
    scoped(&["both", "all"], |gateway, scope| assert_eq!(scope.filter(gateway), None));
}

#[test]
fn who_is_no_administrator_may_do_nothing() {
    assert_eq!(allowed(&["user", "All"]), []);
    scoped(&["user"], |gateway, scope| {
        assert!(scope.is_empty());
        assert!(scope.check_everything().is_err());
        assert_eq!(scope.filter(gateway), Some(json!([])), "an empty list shows nothing");
    });
    let gateway = gateway();
    assert!(gateway.admin_scope(None, NOW).is_empty(), "nobody");
    assert!(gateway.admin_scope(None, NOW).check(MAIN, Some("acme")).is_err());
    let mut raw = configuration();
    raw.as_object_mut().expect("an object").remove("admin");
    let without = gateway_with_log(&raw, false);
    let admin = caller(&without, &["admin"]);
    assert!(without.admin_scope(Some(&admin), NOW).is_empty(), "there are none");
}

#[test]
fn a_hashed_name_is_lifted_by_administrators_of_everything_alone() {
    let name = RevocationName::new(RevocationKind::Tenant, SECRET_ISSUER, "acme");
    let lift = |of| LiftOrder { name: name.clone(), reason: Reason::Admin, of, token: None };
    let acme = || Some("acme".to_owned());
    for (roles, of, is_allowed) in [
        (["all"], None, true),
        (["main"], None, false),
        (["tenants"], None, false),
        (["both"], None, false),
        (["main"], Some((MAIN, None)), true),
        (["main"], Some((SECRET, None)), false),
        (["tenants"], Some((MAIN, acme())), true),
        (["tenants"], Some((MAIN, None)), false),
        (["both"], Some((SECRET, acme())), true),
        (["both"], Some((MAIN, acme())), false),
    ] {
        let order = lift(of);
        let outcome = scoped(&roles, |_, scope| scope.check_lift(&order).is_ok());
        assert_eq!(outcome, is_allowed, "{roles:?} {:?}", order.of);
    }
    for roles in [["main"], ["tenants"], ["both"]] {
        assert!(scoped(&roles, |_, scope| scope.check_everything().is_err()), "{roles:?}");
    }
}

#[test]
fn a_token_is_verified_only_where_its_tenant_decides() {
    let gateway = gateway();
    let order =
        |body: Value| gateway.revocation_order(body.to_string().as_bytes(), NOW).expect("an order");
    let token = order(json!({ "token": Key::named("SECRET").token(&claims_of(SECRET_ISSUER)) }));
    let tenant = order(json!({ "issuer": "secret", "tenant": "acme" }));
    assert_eq!((token.issuer, token.tenant.as_deref()), (SECRET, None));
    assert_eq!((tenant.issuer, tenant.tenant.as_deref()), (SECRET, Some("acme")));
    for (roles, expected) in [
        (vec!["all"], false),
        (vec!["tenants"], true),
        (vec!["both"], true),
        (vec!["main"], true),
        (vec!["all", "tenants"], false),
    ] {
        let caller = caller(&gateway, &roles);
        let scope = gateway.admin_scope(Some(&caller), NOW);
        assert_eq!(
            scope.needs_tenant(token.issuer, token.tenant.as_deref()),
            expected,
            "{roles:?}"
        );
        assert!(
            !scope.needs_tenant(tenant.issuer, tenant.tenant.as_deref()),
            "{roles:?}: it is shown"
        );
    }
}

#[test]
fn a_list_shows_what_each_entry_allows() {
    let of = |roles: &[&str]| scoped(roles, |gateway, scope| scope.filter(gateway));
    assert_eq!(of(&["main"]), Some(json!([{ "issuers": ["main"], "tenants": null }])));
    let tenants = json!({ "issuers": null, "tenants": ["acme", "beta"] });
    let both = json!({ "issuers": ["secret"], "tenants": ["acme"] });
    assert_eq!(of(&["tenants"]), Some(json!([tenants])));
    assert_eq!(of(&["tenants", "both"]), Some(json!([tenants, both])));
    let wanted = scoped(&["both"], |gateway, scope| {
        gateway.revocation_list("issuer=main&tenant=beta", scope.filter(gateway))
    });
    let expected = json!({ "scopes": [both], "issuers": ["main"], "tenants": ["beta"] });
    assert_eq!(wanted, Ok(expected), "what is asked for does not widen the scope");
}

#[test]
fn the_refusal_does_not_say_what_would_be_enough() {
    let refused = scoped(&["tenants"], |_, scope| scope.check(MAIN, None)).expect_err("refused");
    assert!(matches!(&refused, Rejection::Denied(_)));
    assert_eq!(refused.detail(), None);
}
