//! The table's search against a scan of all routes, written from what the documentation says.

use std::cmp::Ordering;

use edgeward::http::ErrorStyle;
use edgeward::revocation::RevocationLevel;
use edgeward::route::{
    Access, CanonicalPath, FindError, Methods, Pattern, Rewrite, Route, RouteTable, Target,
};
use std::collections::BTreeSet;

use proptest::prelude::*;

/// A pattern and the methods that are listed with it; none listed means any.
type Listed = (String, Vec<&'static str>);

const METHODS: [&[&str]; 6] = [&[], &[], &["GET"], &["HEAD"], &["POST", "PUT"], &["GET", "POST"]];

fn route((pattern, methods): &Listed, origin: usize) -> Route {
    let listed = methods.iter().map(|&method| method.to_owned()).collect();
    Route {
        compared_segments: Vec::new(),
        pattern: Pattern::parse(pattern).expect(pattern),
        methods: if methods.is_empty() { Methods::Any } else { Methods::Only(listed) },
        access: Access::Public,
        requirement: None,
        revocation: RevocationLevel::Off,
        target: Target::Origin(origin),
        keeps_authorization: true,
        credentials: None,
        cors_preflight: false,
        sync: None,
        rewrite: Rewrite::default(),
        keeps_encoded_slashes: false,
        uses_zone_cache: false,
        error_style: ErrorStyle::Problem,
        handler: None,
        session: None,
        login: None,
        limit: None,
        shadow: None,
    }
}

/// A literal segment goes before `*`, `*` before `**`; a pattern that ends goes before one that is
/// open: `/a` before `/a/**`.
fn compare(one: &str, other: &str) -> Ordering {
    let rank = |segment: Option<&str>| match segment {
        Some("**") => 2,
        Some("*") => 1,
        Some(_) | None => 0,
    };
    let (mut one, mut other) = (one.split('/').skip(1), other.split('/').skip(1));
    loop {
        let (left, right) = (one.next(), other.next());
        if left.is_none() && right.is_none() {
            return Ordering::Equal;
        }
        match rank(left).cmp(&rank(right)) {
            Ordering::Equal => {}
            unequal => return unequal,
        }
    }
}

fn matches(pattern: &str, path: &[impl AsRef<str>]) -> bool {
    let mut rest = path.iter().map(AsRef::as_ref);
    for segment in pattern.split('/').skip(1).filter(|segment| !segment.is_empty()) {
        match (segment, rest.next()) {
            ("**", _) => return true,
            ("*", Some(given)) if !given.is_empty() => {}
            (literal, Some(given)) if literal == given => {}
            _ => return false,
        }
    }
    rest.next().is_none()
}

/// Of all patterns that match the most specific one; of its routes the one that lists the method,
/// then for `HEAD` the one that lists `GET`, then the one for any method.
fn scan<'a>(routes: &'a [Listed], method: &str, path: &[impl AsRef<str>]) -> Option<&'a Listed> {
    let matching = routes.iter().filter(|(pattern, _)| matches(pattern, path));
    let best = matching.clone().map(|(pattern, _)| pattern).min_by(|a, b| compare(a, b))?;
    let here: Vec<_> = matching.filter(|(pattern, _)| pattern == best).collect();
    let lists = |name: &str| here.iter().find(|(_, methods)| methods.contains(&name)).copied();
    let head = if method == "HEAD" { lists("GET") } else { None };
    let any = here.iter().find(|(_, methods)| methods.is_empty()).copied();
    lists(method).or(head).or(any)
}

fn patterns() -> impl Strategy<Value = String> {
    let segment = proptest::sample::select(["a", "b", "c", "*"].as_slice());
    let segments = proptest::collection::vec(segment, 0..4);
    (segments, any::<bool>()).prop_map(|(mut segments, open)| {
        segments.extend(open.then_some("**"));
        format!("/{}", segments.join("/"))
    })
}

fn all_routes() -> impl Strategy<Value = Vec<Listed>> {
    let methods = proptest::sample::select(METHODS.as_slice());
    let route = (patterns(), methods).prop_map(|(path, methods)| (path, methods.to_vec()));
    proptest::collection::vec(route, 1..12).prop_map(without_ties)
}

/// Leaves out what the configuration refuses: two routes for one path and method.
fn without_ties(routes: Vec<Listed>) -> Vec<Listed> {
    let mut kept: Vec<Listed> = Vec::new();
    for (path, methods) in routes {
        let tie = |(other, theirs): &Listed| {
            *other == path
                && (theirs.iter().any(|m| methods.contains(m))
                    || (theirs.is_empty() && methods.is_empty()))
        };
        if !kept.iter().any(tie) {
            kept.push((path, methods));
        }
    }
    kept
}

fn table(routes: &[Listed]) -> RouteTable {
    let routes = routes.iter().enumerate().map(|(at, listed)| route(listed, at)).collect();
    RouteTable::new(routes).expect("no ties")
}

fn request_paths() -> impl Strategy<Value = String> {
    let segment = proptest::sample::select(["a", "b", "c", "d", "", "a;x", ";", "b;"].as_slice());
    proptest::collection::vec(segment, 0..5).prop_map(|segments| format!("/{}", segments.join("/")))
}

/// A path as servers read it that drop parameters or all behind the first, empty segments, or a host behind
/// `//`, in any order and any number.
fn readings(path: Vec<String>) -> BTreeSet<Vec<String>> {
    let mut all = BTreeSet::from([path]);
    loop {
        let more: Vec<_> = all.iter().flat_map(|path| read(path)).collect();
        let before = all.len();
        all.extend(more);
        if all.len() == before {
            return all;
        }
    }
}

fn read(path: &[String]) -> [Vec<String>; 4] {
    let of = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
    let names = path.iter().map(|it| of(it.split(';').next().unwrap_or_default())[0].clone());
    let full = path.iter().filter(|segment| !segment.is_empty()).cloned().collect();
    let whole = path.join("/");
    let cut = whole.split(';').next().unwrap_or_default();
    let behind_host = match whole.strip_prefix('/') {
        Some(rest) => rest.trim_start_matches('/').split('/').skip(1).map(str::to_owned).collect(),
        None => path.to_vec(),
    };
    [names.collect(), full, if whole.contains(';') { of(cut) } else { path.to_vec() }, behind_host]
}

fn kind(error: &FindError) -> &'static str {
    match error {
        FindError::NotFound => "none",
        FindError::MethodNotAllowed { .. } => "method",
        FindError::Ambiguous => "ambiguous",
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 8 * ProptestConfig::default().cases, ..ProptestConfig::default() })]

    #[test]
    fn the_search_finds_what_a_scan_of_all_routes_finds(
        routes in all_routes(),
        path in request_paths(),
        method in proptest::sample::select(["GET", "HEAD", "POST", "DELETE"].as_slice()),
    ) {
        let canonical = CanonicalPath::parse(&path).expect("sound");
        let strict = scan(&routes, method, canonical.segments());
        let same = |reading: &Vec<String>| scan(&routes, method, reading) == strict;
        let owned: Vec<_> = canonical.segments().iter().map(|segment| segment.clone().into_owned()).collect();
        let expected = if readings(owned).iter().all(same) {
            let has_path = routes.iter().any(|(pattern, _)| matches(pattern, canonical.segments()));
            strict.ok_or(if has_path { "method" } else { "none" })
        } else {
            Err("ambiguous")
        };
        for (pattern, _) in &routes {
            let matched = Pattern::parse(pattern).expect(pattern).matches(canonical.segments());
            prop_assert_eq!(matched, matches(pattern, canonical.segments()), "{} {}", pattern, path);
        }
        let found = table(&routes).find(method, &canonical, |_| false);
        let found = found.map(|found| &routes[found.index]).map_err(|error| kind(&error));
        prop_assert_eq!(found, expected, "{} {}", method, path);
    }

    #[test]
    fn the_order_of_the_routes_decides_nothing(
        routes in all_routes(),
        path in request_paths(),
        method in proptest::sample::select(["GET", "HEAD", "POST"].as_slice()),
    ) {
        let reversed: Vec<_> = routes.iter().rev().cloned().collect();
        let canonical = CanonicalPath::parse(&path).expect("sound");
        let find = |routes: &[_]| {
            let found = table(routes).find(method, &canonical, |_| false);
            let found =
                found.map(|found| (found.route.pattern.clone(), found.route.methods.clone()));
            found.map_err(|error| kind(&error))
        };
        prop_assert_eq!(find(&routes), find(&reversed), "{} {}", method, path);
    }
}
