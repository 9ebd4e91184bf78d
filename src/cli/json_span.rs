//! Where something stands in a JSON text that was read before, and is therefore well-formed.

use std::collections::BTreeSet;

/// The offset of the last of `steps` that is there: of a member's name, or of an item.
pub(super) fn offset(text: &str, steps: &[String]) -> usize {
    let mut reader = Reader { text, rest: text };
    reader.find(steps).unwrap_or_default()
}

/// The offset of the first member whose name stood in its object before, and that name.
pub(super) fn repeated(text: &str) -> Option<(usize, String)> {
    Reader { text, rest: text }.repeated()
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
}

impl Reader<'_> {
    fn find(&mut self, steps: &[String]) -> Option<usize> {
        self.skip_space();
        let here = self.at();
        let Some((step, rest)) = steps.split_first() else {
            return Some(here);
        };
        let is_object = self.rest.starts_with('{');
        if !is_object && !self.rest.starts_with('[') {
            return Some(here);
        }
        let mut index: usize = 0;
        self.skip(1);
        loop {
            self.skip_space();
            if self.rest.starts_with(['}', ']']) {
                return Some(here);
            }
            let start = self.at();
            let is_it = if is_object {
                let name = self.string()?;
                self.skip_space();
                self.skip(1);
                name == *step
            } else {
                index.to_string() == *step
            };
            if is_it {
                return Some(if rest.is_empty() { start } else { self.find(rest)? });
            }
            self.skip_value()?;
            self.skip_space();
            if !self.rest.starts_with(',') {
                return Some(here);
            }
            self.skip(1);
            index = index.saturating_add(1);
        }
    }

    /// Reads a value up to a repeated member.
    fn repeated(&mut self) -> Option<(usize, String)> {
        self.skip_space();
        let is_object = self.rest.starts_with('{');
        if !is_object && !self.rest.starts_with('[') {
            self.skip_value();
            return None;
        }
        let mut names = BTreeSet::new();
        self.skip(1);
        loop {
            self.skip_space();
            if self.rest.is_empty() || self.rest.starts_with(['}', ']']) {
                self.skip(1);
                return None;
            }
            if is_object {
                let at = self.at();
                let name = self.string()?;
                if !names.insert(name.clone()) {
                    return Some((at, name));
                }
                self.skip_space();
                self.skip(1);
            }
            let found = self.repeated();
            if found.is_some() {
                return found;
            }
            self.skip_space();
            if self.rest.starts_with(',') {
                self.skip(1);
            }
        }
    }

    fn at(&self) -> usize {
        self.text.len().saturating_sub(self.rest.len())
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\n', '\r', '\t']);
    }

    /// A text, and the reader behind it.
    fn string(&mut self) -> Option<String> {
        let mut is_escaped = false;
        let end = self.rest.char_indices().skip(1).find_map(|(at, c)| {
            let is_end = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            is_end.then_some(at)
        })?;
        let (text, rest) = self.rest.split_at_checked(end.saturating_add(1))?;
        self.rest = rest;
        serde_json::from_str(text).ok()
    }

    fn skip_value(&mut self) -> Option<()> {
        let mut depth: usize = 0;
        loop {
            self.skip_space();
            match self.rest.chars().next()? {
                '"' => {
                    self.string()?;
                }
                '{' | '[' => {
                    depth = depth.saturating_add(1);
                    self.skip(1);
                    continue;
                }
                '}' | ']' => {
                    depth = depth.checked_sub(1)?;
                    self.skip(1);
                }
                ',' | ':' => {
                    self.skip(1);
                    continue;
                }
                _ => {
                    let end = self.rest.find([',', '}', ']', ' ', '\n', '\r', '\t'])?;
                    self.skip(end);
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}
