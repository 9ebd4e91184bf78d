use super::*;
use crate::token::{ListClaim, ListForm};

#[test]
fn roles_are_read_from_one_claim_or_several() {
    let mut raw = minimal();
    for (value, paths) in [
        (json!("role"), vec!["role"]),
        (json!(["realm_access.roles", "groups"]), vec!["realm_access.roles", "groups"]),
        (json!({ "path": "role" }), vec!["role"]),
    ] {
        raw["issuers"][0]["claims"] = json!({ "roles": value });
        let roles = paths.into_iter().map(ListClaim::whole).collect::<Vec<_>>();
        assert_eq!(check(&raw).expect("valid").issuers[0].paths.roles, roles);
    }
    let errors = |value: Value| errors("/issuers/0/claims", json!({ "roles": value }));
    for value in [json!([]), json!(["a", ""]), json!(["a", 1]), json!(1), json!([{ "path": "a" }])]
    {
        assert_eq!(
            errors(value),
            [
                "issuers[0].claims.roles: expected a text, a list of texts with at least one entry, or a table"
            ]
        );
    }
    assert_eq!(errors(json!("")), ["issuers[0].claims.roles: expected a text that is not empty"]);
}

#[test]
fn roles_and_scope_say_how_they_are_written() {
    let mut raw = minimal();
    let separated =
        |path: &str| ListClaim { path: path.to_owned(), form: ListForm::Separated(",".to_owned()) };
    raw["issuers"][0]["claims"] = json!({
        "roles": { "path": "groups", "keys": true },
        "scope": { "path": "permissions", "separator": "," },
    });
    let paths = check(&raw).expect("valid").issuers.remove(0).paths;
    let keys = ListClaim { path: "groups".to_owned(), form: ListForm::Keys };
    assert_eq!((paths.roles, paths.scope), (vec![keys], separated("permissions")));
    raw["issuers"][0]["claims"] = json!({
        "roles": { "path": "groups", "separator": "," }, "scope": { "path": "scp" },
    });
    let paths = check(&raw).expect("valid").issuers.remove(0).paths;
    let words = ListClaim { path: "scp".to_owned(), form: ListForm::Words };
    assert_eq!((paths.roles, paths.scope), (vec![separated("groups")], words));
    let errors = |field: &str, value: Value| errors("/issuers/0/claims", json!({ field: value }));
    for (value, problem) in [
        (json!({}), ".path: is required"),
        (json!({ "path": "a", "keys": false }), ".keys: expected true"),
        (json!({ "path": "a", "separator": "" }), ".separator: expected a text that is not empty"),
        (
            json!({ "path": "a", "keys": true, "separator": "," }),
            ".separator: expected none with `keys`: no key is separated",
        ),
        (json!({ "path": "a", "sep": "," }), ".sep: unknown field"),
    ] {
        assert_eq!(errors("roles", value), [format!("issuers[0].claims.roles{problem}")]);
    }
    assert_eq!(
        errors("scope", json!(["a"])),
        ["issuers[0].claims.scope: expected a text or a table"]
    );
}

#[test]
fn a_claim_in_the_place_of_aud_is_compared_with_audiences() {
    let with = |changes: Value| {
        let mut raw = minimal();
        for (name, value) in changes.as_object().expect("an object") {
            raw["issuers"][0][name] = value.clone();
        }
        check(&raw).err().unwrap_or_default()
    };
    let missing =
        ["issuers[0].audience_claim: expected `audiences` with it, which it is compared with"];
    let claim = || json!({ "audience_claim": "client_id" });
    assert_eq!(with(claim()), Vec::<String>::new());
    let mut open = json!({ "audience_claim": "client_id", "any_audience": true });
    assert_eq!(with(open.clone()), Vec::<String>::new());
    let mut raw = minimal();
    raw["issuers"][0].as_object_mut().expect("a table").remove("audiences");
    for name in ["audience_claim", "any_audience"] {
        raw["issuers"][0][name] = open[name].take();
    }
    assert_eq!(check(&raw).expect_err("no audiences"), missing);
}
