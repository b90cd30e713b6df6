//! What a command answers.

use serde::Serialize;
use serde_json::Value;

/// What a command answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// For programs.
    pub data: Value,
    /// For people.
    pub text: String,
    /// Why the command ends as refused, where it does though it has an answer.
    pub refused: Option<String>,
}

/// Something that was asked for and is not done.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

impl Answer {
    /// An answer in both forms.
    pub(crate) fn of(data: &impl Serialize, text: impl Into<String>) -> eyre::Result<Self> {
        Ok(Self {
            data: serde_json::to_value(data)?,
            text: text.into(),
            refused: None,
        })
    }
}
