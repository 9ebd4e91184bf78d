use std::future::Future;

use crate::jose::SignatureCheck;
use crate::time::NumericDate;

/// The process that runs a command: its files, its clock, and its way of verifying signatures.
pub trait Environment {
    /// The text of a file, or why it cannot be read.
    ///
    /// # Errors
    ///
    /// A text for people, without the file's name.
    fn read(&self, file: &str) -> Result<String, String>;

    /// Whether there is a file.
    fn exists(&self, file: &str) -> bool;

    /// The value of an environment variable.
    fn variable(&self, name: &str) -> Option<String>;

    /// The first 64 KiB of standard input.
    ///
    /// # Errors
    ///
    /// A text for people that says why it cannot be read.
    fn standard_input(&self) -> Result<String, String>;

    /// The time.
    fn now(&self) -> NumericDate;

    /// Whether a signature holds.
    fn verify(&self, check: &SignatureCheck) -> impl Future<Output = bool>;
}
