use std::ffi::OsString;

use serde_json::json;

use super::arguments::{self, Command};
use super::deployment::{self, Deployment};
use super::environment::Environment;
use super::report::{Failure, Output, Report};
use super::{audit, check, explain, wrangler_schema};

/// Runs the command that `words`, the arguments behind the program's name, say.
pub async fn run(
    words: impl IntoIterator<Item = OsString>,
    environment: &impl Environment,
) -> Output {
    let result = match arguments::parse(words, environment) {
        Ok(command) => carry_out(&command, environment).await,
        Err(usage) => Err(Failure::Usage(usage)),
    };
    result.into()
}

/// Reads a wrangler file, the usual one unless `file` names one: what it holds, as JSON text.
#[must_use]
pub fn wrangler_file(file: Option<&str>, environment: &impl Environment) -> Output {
    let file = file.map_or_else(|| deployment::usual_file(environment), str::to_owned);
    let deployment = Deployment::read(environment, &file, None);
    let text = |deployment: Deployment| json!({ "file": file, "whole": deployment.whole() });
    deployment.map(|read| Report { text: text(read).to_string(), is_good: true }).into()
}

async fn carry_out(command: &Command, environment: &impl Environment) -> Result<Report, Failure> {
    match command {
        Command::Audit(options) => audit::run(options, environment),
        Command::Check(options) => check::run(options, environment),
        Command::Explain(options) => explain::run(options, environment).await,
        Command::Help => Ok(Report { text: arguments::HELP.to_owned(), is_good: true }),
        Command::Schema { is_for_wrangler } => Ok(schema(*is_for_wrangler)),
        Command::Version => {
            Ok(Report { text: format!("edgeward {}\n", env!("CARGO_PKG_VERSION")), is_good: true })
        }
    }
}

/// The JSON Schema of the table, or of the whole file that contains it.
fn schema(is_for_wrangler: bool) -> Report {
    let table = crate::config::schema();
    let schema = if is_for_wrangler { wrangler_schema::around(table) } else { table };
    Report { text: format!("{schema:#}\n"), is_good: true }
}
