//! What somebody is told.

use serde_json::Value;

/// What a command answers.
#[derive(Clone, Debug)]
pub struct Told {
    /// The answer, where there is one.
    pub data: Value,
    /// Why it is refused, where it is.
    pub refused: Option<String>,
}

impl Told {
    /// The answer of a command that does what it should.
    #[track_caller]
    pub(crate) fn done(self) -> Value {
        assert_eq!(self.refused, None, "{}", self.data);
        self.data
    }

    /// Of a command that is refused for this reason.
    #[track_caller]
    pub(crate) fn is_refused(&self, why: &str) {
        let said = self.refused.as_ref();
        let said = said.unwrap_or_else(|| panic!("it is not refused: {}", self.data));
        let told = self.data.to_string();
        assert!(said.contains(why) || told.contains(why), "{said}; {told}");
    }
}
