use serde_json::Value;

/// One JSON object, written as it comes: a line for each refusal is not worth a tree of values.
pub(super) struct Line(String);

impl Line {
    pub(super) fn new(event: &str) -> Self {
        Self(["{\"event\":\"", event, "\""].concat())
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        self.0.push_str(&Value::from(text).to_string());
    }

    pub(super) fn value(&mut self, name: &str, value: &Value) {
        self.name(name);
        self.0.push_str(&value.to_string());
    }

    pub(super) fn number(&mut self, name: &str, number: u64) {
        self.name(name);
        self.0.push_str(&number.to_string());
    }

    fn name(&mut self, name: &str) {
        for part in [",\"", name, "\":"] {
            self.0.push_str(part);
        }
    }

    pub(super) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}
