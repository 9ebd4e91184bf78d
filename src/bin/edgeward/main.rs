//! The command line as a native program, for people who work on the gateway; the npm package has the
//! same (`edgeward::cli`) as wasm.

#[cfg(target_arch = "wasm32")]
compile_error!("the command line is native; build the Worker with `--lib`");

use std::fs;
use std::future::{Future, ready};
use std::io::{self, Read, Write};
use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Poll, Waker};
use std::time::{SystemTime, UNIX_EPOCH};

use edgeward::cli::{self, Environment};
use edgeward::jose::{self, SignatureCheck};
use edgeward::time::NumericDate;

fn main() -> ExitCode {
    let run = cli::run(std::env::args_os().skip(1), &Process);
    // Signatures are verified in software: nothing waits.
    let Poll::Ready(output) = pin!(run).poll(&mut Context::from_waker(Waker::noop())) else {
        return ExitCode::FAILURE;
    };
    // Anyone who closed the pipe has read enough.
    let _ = io::stdout().lock().write_all(output.stdout.as_bytes());
    let _ = io::stderr().lock().write_all(output.stderr.as_bytes());
    ExitCode::from(output.code)
}

/// This process.
struct Process;

/// No token is longer than this; nothing endless is read.
const INPUT_BYTES: u64 = 64 * 1024;

impl Environment for Process {
    fn read(&self, file: &str) -> Result<String, String> {
        fs::read_to_string(file).map_err(|error| error.to_string())
    }

    fn exists(&self, file: &str) -> bool {
        Path::new(file).exists()
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn standard_input(&self) -> Result<String, String> {
        let mut text = String::new();
        let read = io::stdin().lock().take(INPUT_BYTES).read_to_string(&mut text);
        read.map(|_| text).map_err(|error| error.to_string())
    }

    #[expect(clippy::disallowed_methods, reason = "the command line's one look at the clock")]
    fn now(&self) -> NumericDate {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        NumericDate::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn verify(&self, check: &SignatureCheck) -> impl Future<Output = bool> {
        let (algorithm, message) = (check.algorithm(), check.signing_input().as_bytes());
        ready(jose::verify(algorithm, check.key(), message, check.signature()))
    }
}
