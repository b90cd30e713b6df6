//! BCF: issues as they are exchanged between the tools of construction, versions 2.1 and 3.0.
//!
//! A BCF archive holds a folder for each topic with `markup.bcf` in it. What people exchange is sloppy, so
//! reading asks only for that: a version, a project and extensions may be missing, statuses are whatever
//! somebody wrote, names differ in case. What is written is 3.0 and complete.

mod read;
mod write;

pub use read::read;
pub use write::write;

/// An archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bcf {
    /// Files in it.
    pub entries: usize,
    /// As it says; none where it does not.
    pub version: Option<String>,
    /// In the archive's order.
    pub topics: Vec<Topic>,
}

/// An issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topic {
    /// Its name for ever.
    pub guid: String,
    /// `Error`, `Structural`, ….
    pub kind: Option<String>,
    /// `Open`, ….
    pub status: Option<String>,
    /// In a line.
    pub title: Option<String>,
    /// `High`, ….
    pub priority: Option<String>,
    /// As written.
    pub creation_date: Option<String>,
    /// As written.
    pub creation_author: Option<String>,
    /// As written.
    pub modified_date: Option<String>,
    /// As written.
    pub modified_author: Option<String>,
    /// Who is to see to it.
    pub assigned_to: Option<String>,
    /// Of the project.
    pub stage: Option<String>,
    /// As written.
    pub due_date: Option<String>,
    /// In full.
    pub description: Option<String>,
    /// Words.
    pub labels: Vec<String>,
    /// What was said.
    pub comments: Vec<Comment>,
    /// Views on the model.
    pub viewpoints: usize,
    /// Documents that it refers to.
    pub document_references: usize,
    /// Other topics, by name.
    pub related_topics: Vec<String>,
}

/// Something that somebody said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comment {
    /// Its name for ever.
    pub guid: String,
    /// As written.
    pub date: Option<String>,
    /// Who.
    pub author: Option<String>,
    /// What.
    pub text: Option<String>,
}
