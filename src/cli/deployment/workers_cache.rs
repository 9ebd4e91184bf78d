//! Whether the platform's Workers Cache is enabled, which answers before the gateway is asked.

use serde_json::Value;

use super::Deployment;

impl Deployment {
    /// The path of the member that enables it, and its line. What the file says of the Worker's entrypoint goes before
    /// what it says for all, and what it says for an environment before what it says for the whole.
    pub(crate) fn workers_cache(&self) -> Option<(String, usize)> {
        let of_entrypoint = self.enabled(&["exports", "default", "cache", "enabled"]);
        let of_all = of_entrypoint.or_else(|| self.enabled(&["cache", "enabled"]));
        let previews = || self.enabled(&["previews", "cache", "enabled"]);
        let found =
            of_all.filter(|(is_on, ..)| *is_on).or_else(|| previews().filter(|(is_on, ..)| *is_on));
        found.map(|(_, path, line)| (path, line))
    }

    /// Whether a member is on, with its path and its line; `None` where it is absent.
    fn enabled(&self, steps: &[&str]) -> Option<(bool, String, usize)> {
        let value = |section: &Value| {
            steps.iter().try_fold(section, |value, step| value.get(step))?.as_bool()
        };
        let (is_on, place) = if self.is_document() {
            return None;
        } else if let Some(is_on) = self.section().and_then(value) {
            (is_on, self.section_place().collect())
        } else {
            (value(&self.whole)?, Vec::new())
        };
        let steps: Vec<_> =
            place.into_iter().chain(steps.iter().map(|step| (*step).to_owned())).collect();
        Some((is_on, steps.join("."), self.line_of(&steps)))
    }
}
