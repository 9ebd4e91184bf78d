use std::fmt;

/// One fault of a configuration, with the place where it stands, such as `routes[2].require`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The place of the fault, such as `routes[2].require`.
    pub path: String,
    /// A text that says what was expected. It never contains the value of a secret.
    pub problem: String,
}

/// Every fault of a configuration; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(Vec<ConfigError>);

impl ConfigErrors {
    /// A list of faults.
    #[must_use]
    pub fn new(errors: Vec<ConfigError>) -> Self {
        Self(errors)
    }

    /// A list of a single fault.
    #[must_use]
    pub fn one(path: &str, problem: &str) -> Self {
        Self(vec![ConfigError { path: path.to_owned(), problem: problem.to_owned() }])
    }

    /// The faults, in the order in which they were found.
    #[must_use]
    pub fn as_slice(&self) -> &[ConfigError] {
        &self.0
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.path, self.problem)
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(ConfigError::to_string).collect();
        formatter.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}
