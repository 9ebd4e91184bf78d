/// The form of a text: its characters, its length and its ending.
#[derive(Debug)]
pub(super) struct Form {
    /// The characters that a text may have, as in a regular expression's brackets, `-` last; empty
    /// for any.
    pub(super) class: &'static str,
    /// The least number of characters; never 0.
    pub(super) least: usize,
    /// The greatest number of characters.
    pub(super) most: usize,
    pub(super) ending: &'static str,
    /// Texts that are accepted besides.
    pub(super) also: &'static [&'static str],
    /// Texts that are refused.
    pub(super) except: &'static [&'static str],
    /// The message of a refusal.
    pub(super) expected: &'static str,
}

/// A text of any characters, one at least.
pub(super) static ANY: Form = Form {
    class: "",
    least: 1,
    most: usize::MAX,
    ending: "",
    also: &[],
    except: &[],
    expected: "expected a text that is not empty",
};

impl Form {
    pub(super) fn fits(&self, text: &str) -> bool {
        let characters = self.class.is_empty() || text.chars().all(|c| has(self.class, c));
        // Characters are counted only where the bytes leave a doubt.
        let is_too_long = text.len() > self.most && text.chars().nth(self.most).is_some();
        let made_of_them = characters
            && text.chars().nth(self.least.saturating_sub(1)).is_some()
            && !is_too_long
            && text.ends_with(self.ending);
        (made_of_them && !self.except.contains(&text)) || self.also.contains(&text)
    }
}

fn has(class: &str, c: char) -> bool {
    let mut rest = class.chars();
    while let Some(first) = rest.next() {
        let mut ahead = rest.clone();
        if let (Some('-'), Some(last)) = (ahead.next(), ahead.next()) {
            if (first..=last).contains(&c) {
                return true;
            }
            rest = ahead;
        } else if first == c {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_read_as_a_regular_expression_reads_it() {
        for c in ['a', 'm', 'z', '0', '.', '-', ' '] {
            assert!(has("a-z0-9 .-", c), "{c:?}");
        }
        for c in ['A', '`', '{', '/', ':', ',', '_', 'ä'] {
            assert!(!has("a-z0-9 .-", c), "{c:?}");
        }
    }

    #[test]
    fn a_form_has_its_length_its_ending_and_its_exceptions() {
        let form = Form {
            class: "a-z-",
            least: 3,
            most: 5,
            ending: "-",
            also: &["*"],
            except: &["no-"],
            ..ANY
        };
        assert!(form.fits("ab-") && form.fits("abcd-") && form.fits("*"));
        for text in ["a-", "abcde-", "abc", "aB-", "no-", "**"] {
            assert!(!form.fits(text), "{text}");
        }
    }
}
