//! The documents tell the truth where a machine can see it.

use std::path::Path;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The texts that a `code` function gives: the literal at the end of each match arm.
fn codes(path: &str) -> Vec<String> {
    let source = read(path);
    let arms = source.lines().filter_map(|line| line.split_once("=> \""));
    let codes = arms.filter_map(|(_, rest)| rest.split_once('"').map(|(code, _)| code.to_owned()));
    codes.filter(|code| !code.contains(' ')).collect()
}

#[test]
fn every_code_stands_in_the_list_of_errors() {
    let list = read("docs/errors.md");
    for path in [
        "src/gateway/rejection.rs",
        "src/jose/error.rs",
        "src/jose/jwks.rs",
        "src/token/error.rs",
        "src/http/credential.rs",
        "src/token/remote/failure.rs",
    ] {
        let codes = codes(path);
        assert!(codes.len() >= 2, "{path}: only {} codes found", codes.len());
        for code in codes {
            assert!(
                list.contains(&format!("`{code}`")),
                "{path}: `{code}` is not in docs/errors.md"
            );
        }
    }
}
