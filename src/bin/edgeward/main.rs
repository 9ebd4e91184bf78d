//! The command line: checks a configuration, explains a decision, verifies an audit trail, prints the JSON Schema.
//!
//! It is native only: its other dependencies (TOML, arguments) are never part of the Worker.

#[cfg(target_arch = "wasm32")]
compile_error!("the command line is native; build the Worker with `--lib`");

mod arguments;
mod audit;
mod check;
mod deployment;
mod explain;
mod json_span;
mod jsonc;
mod render;
mod wrangler_schema;

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use arguments::{Command, Usage};

/// The reason why a command failed.
#[derive(Debug)]
enum Failure {
    /// The command could not be carried out; exit code 1.
    Told(String),
    /// The command could not be carried out because of a file; exit code 1.
    File(FileFault),
    /// The command line was not understood; exit code 2.
    Usage(Usage),
}

/// A fault of a file as a whole.
#[derive(Debug)]
struct FileFault {
    file: String,
    line: Option<usize>,
    problem: String,
}

impl fmt::Display for FileFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, problem } = self;
        match line {
            Some(line) => write!(formatter, "{file}:{line}: {problem}"),
            None => write!(formatter, "{file}: {problem}"),
        }
    }
}

/// The text that a command prints, and whether all is well: exit code 0 if so, otherwise 1.
#[derive(Debug)]
struct Report {
    text: String,
    is_good: bool,
}

fn main() -> ExitCode {
    match arguments::parse(std::env::args_os())
        .map_err(Failure::Usage)
        .and_then(|command| run(&command))
    {
        Ok(report) => {
            // Whoever closed the pipe has read enough.
            let _ = io::stdout().lock().write_all(report.text.as_bytes());
            ExitCode::from(u8::from(!report.is_good))
        }
        Err(Failure::Told(problem)) => {
            let _ = writeln!(io::stderr().lock(), "edgeward: {problem}");
            ExitCode::from(1)
        }
        Err(Failure::File(fault)) => {
            let _ = writeln!(io::stderr().lock(), "edgeward: {fault}");
            ExitCode::from(1)
        }
        Err(Failure::Usage(usage)) => {
            let _ = writeln!(io::stderr().lock(), "edgeward: {usage}");
            ExitCode::from(2)
        }
    }
}

fn run(command: &Command) -> Result<Report, Failure> {
    match command {
        Command::Audit(options) => audit::run(options),
        Command::Check(options) => check::run(options),
        Command::Explain(options) => explain::run(options),
        Command::Help => Ok(Report { text: arguments::HELP.to_owned(), is_good: true }),
        Command::Schema { is_for_wrangler } => Ok(schema(*is_for_wrangler)),
        Command::Version => {
            Ok(Report { text: format!("edgeward {}\n", env!("CARGO_PKG_VERSION")), is_good: true })
        }
    }
}

/// The JSON Schema of the table, or of the whole file that contains it.
fn schema(is_for_wrangler: bool) -> Report {
    let table = edgeward::config::schema();
    let schema = if is_for_wrangler { wrangler_schema::around(table) } else { table };
    Report { text: format!("{schema:#}\n"), is_good: true }
}
