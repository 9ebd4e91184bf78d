use std::fmt;

/// The reason why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The command could not be carried out; exit code 1.
    Told(String),
    /// The command could not be carried out because of a file; exit code 1.
    File(FileFault),
    /// The command line was not understood; exit code 2.
    Usage(Usage),
}

/// A fault of a file as a whole.
#[derive(Debug)]
pub(super) struct FileFault {
    pub(super) file: String,
    pub(super) line: Option<usize>,
    pub(super) problem: String,
}

/// The reason why the command line was not understood.
#[derive(Debug)]
pub(super) struct Usage(pub(super) String);

/// The text that a command prints, and whether all is well: exit code 0 if so, otherwise 1.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) text: String,
    pub(super) is_good: bool,
}

/// The texts that the process of a command prints, and how it exits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Output {
    /// The text for standard output.
    pub stdout: String,
    /// The text for standard error.
    pub stderr: String,
    /// 0 well, 1 errors, 2 the command was not understood.
    pub code: u8,
}

impl From<Result<Report, Failure>> for Output {
    fn from(result: Result<Report, Failure>) -> Self {
        let failed = |problem: &dyn fmt::Display, code| Self {
            stdout: String::new(),
            stderr: format!("edgeward: {problem}\n"),
            code,
        };
        match result {
            Ok(Report { text, is_good }) => {
                Self { stdout: text, stderr: String::new(), code: u8::from(!is_good) }
            }
            Err(Failure::Told(problem)) => failed(&problem, 1),
            Err(Failure::File(fault)) => failed(&fault, 1),
            Err(Failure::Usage(usage)) => failed(&usage, 2),
        }
    }
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

impl fmt::Display for Usage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}; see `edgeward --help`", self.0)
    }
}

impl From<lexopt::Error> for Usage {
    fn from(error: lexopt::Error) -> Self {
        Self(error.to_string())
    }
}
