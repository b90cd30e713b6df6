//! Writing an archive, version 3.0.
//!
//! Views and documents are not carried over: they belong to the tools that made them. Types, statuses,
//! priorities, labels, stages and people that the topics name are listed in `extensions.xml`, as 3.0 asks.

use std::collections::BTreeSet;

use super::{Bcf, Topic};
use crate::{archive, refusal::Refusal, xml::Writer};

/// An archive of topics.
///
/// # Errors
/// [`Refusal`], where a topic has no name that may be a folder's, or lacks what 3.0 asks for.
pub fn write(bcf: &Bcf) -> Result<Vec<u8>, Refusal> {
    let mut version = Writer::new();
    version.start("Version", &[("VersionId", "3.0")]);
    let mut files = vec![
        ("bcf.version".to_owned(), version.finish()),
        ("extensions.xml".to_owned(), extensions(&bcf.topics)),
    ];
    for topic in &bcf.topics {
        let valid = topic
            .guid
            .chars()
            .all(|c| c.is_ascii_hexdigit() || c == '-');
        if !valid || topic.guid.len() != 36 {
            let what = format!("topic {:?}: its GUID is none", topic.guid);
            return Err(Refusal::malformed(what));
        }
        files.push((format!("{}/markup.bcf", topic.guid), markup(topic)?));
    }
    archive::write(&files)
}

fn extensions(topics: &[Topic]) -> Vec<u8> {
    fn words<'a>(words: impl Iterator<Item = Option<&'a String>>) -> BTreeSet<&'a str> {
        words.flatten().map(String::as_str).collect()
    }
    let people = topics.iter().flat_map(|topic| {
        let comments = topic.comments.iter().map(|comment| comment.author.as_ref());
        let own = [
            &topic.creation_author,
            &topic.modified_author,
            &topic.assigned_to,
        ];
        own.map(Option::as_ref).into_iter().chain(comments)
    });
    let lists = [
        (
            "TopicTypes",
            "TopicType",
            words(topics.iter().map(|t| t.kind.as_ref())),
        ),
        (
            "TopicStatuses",
            "TopicStatus",
            words(topics.iter().map(|t| t.status.as_ref())),
        ),
        (
            "Priorities",
            "Priority",
            words(topics.iter().map(|t| t.priority.as_ref())),
        ),
        (
            "TopicLabels",
            "TopicLabel",
            words(topics.iter().flat_map(|t| t.labels.iter().map(Some))),
        ),
        ("Users", "User", words(people)),
        (
            "Stages",
            "Stage",
            words(topics.iter().map(|t| t.stage.as_ref())),
        ),
    ];
    let mut writer = Writer::new();
    writer.start("Extensions", &[]);
    for (list, name, words) in lists {
        writer.start(list, &[]);
        for word in words {
            writer.leaf(name, word);
        }
        writer.end();
    }
    writer.finish()
}

fn markup(topic: &Topic) -> Result<Vec<u8>, Refusal> {
    let asked = |what: &str, value: &Option<String>| {
        let missing = || Refusal::malformed(format!("topic {}: has no {what}", topic.guid));
        value.clone().ok_or_else(missing)
    };
    let kind = topic.kind.clone().unwrap_or_else(|| "Issue".into());
    let status = topic.status.clone().unwrap_or_else(|| "Open".into());
    let mut writer = Writer::new();
    writer.start("Markup", &[]);
    let attributes = [
        ("Guid", topic.guid.as_str()),
        ("TopicType", &kind),
        ("TopicStatus", &status),
    ];
    writer.start("Topic", &attributes);
    writer.leaf("Title", &asked("title", &topic.title)?);
    writer.optional("Priority", topic.priority.as_deref());
    if !topic.labels.is_empty() {
        writer.start("Labels", &[]);
        for label in &topic.labels {
            writer.leaf("Label", label);
        }
        writer.end();
    }
    writer.leaf(
        "CreationDate",
        &asked("creation date", &topic.creation_date)?,
    );
    writer.leaf("CreationAuthor", &asked("author", &topic.creation_author)?);
    writer.optional("ModifiedDate", topic.modified_date.as_deref());
    writer.optional("ModifiedAuthor", topic.modified_author.as_deref());
    writer.optional("DueDate", topic.due_date.as_deref());
    writer.optional("AssignedTo", topic.assigned_to.as_deref());
    writer.optional("Stage", topic.stage.as_deref());
    writer.optional("Description", topic.description.as_deref());
    if !topic.related_topics.is_empty() {
        writer.start("RelatedTopics", &[]);
        for related in &topic.related_topics {
            writer.start("RelatedTopic", &[("Guid", related)]);
            writer.end();
        }
        writer.end();
    }
    if !topic.comments.is_empty() {
        writer.start("Comments", &[]);
        for comment in &topic.comments {
            writer.start("Comment", &[("Guid", &comment.guid)]);
            writer.leaf("Date", &asked("date of a comment", &comment.date)?);
            writer.leaf("Author", &asked("author of a comment", &comment.author)?);
            writer.optional("Comment", comment.text.as_deref());
            writer.end();
        }
        writer.end();
    }
    Ok(writer.finish())
}

#[cfg(test)]
mod tests {
    use super::{super::Comment, *};
    use crate::bcf::read;

    fn topic() -> Topic {
        let text = |text: &str| Some(text.to_owned());
        Topic {
            guid: "547bb53e-0c84-4a07-a75d-19a68576394c".into(),
            kind: text("Defect"),
            status: text("Open"),
            title: text("Splice 3 < limit & more"),
            creation_date: text("2026-11-26T10:00:00Z"),
            creation_author: text("site@example.com"),
            due_date: text("2026-12-03T10:00:00Z"),
            assigned_to: text("crew@example.com"),
            labels: vec!["fibre".into(), "F03".into()],
            comments: vec![Comment {
                guid: "c045ef04-324d-4c36-9ac8-831f2a15c6d6".into(),
                date: text("2026-11-26T11:00:00Z"),
                author: text("crew@example.com"),
                text: text("shot again"),
            }],
            related_topics: vec!["d1068c81-af04-4546-b63c-348810f6c716".into()],
            ..Topic::default()
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let bcf = Bcf {
            topics: vec![topic()],
            ..Bcf::default()
        };
        let again = read(&write(&bcf).unwrap()).unwrap();
        assert_eq!(again.version.as_deref(), Some("3.0"));
        assert_eq!(again.entries, 3);
        assert_eq!(again.topics, bcf.topics);
    }

    #[test]
    fn what_the_standard_asks_for_is_not_left_out() {
        let without = |change: fn(&mut Topic)| {
            let mut topic = topic();
            change(&mut topic);
            let topics = vec![topic];
            write(&Bcf {
                topics,
                ..Bcf::default()
            })
        };
        assert!(without(|topic| topic.title = None).is_err());
        assert!(without(|topic| topic.creation_author = None).is_err());
        assert!(without(|topic| topic.guid = "../../etc".into()).is_err());
    }
}
