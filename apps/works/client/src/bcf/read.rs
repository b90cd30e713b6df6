//! Reading an archive.

use super::{Bcf, Comment, Topic};
use crate::{
    archive::Archive,
    refusal::Refusal,
    xml::{Element, read as xml},
};

/// Reads an archive.
///
/// # Errors
/// [`Refusal`]: an archive without a topic is refused, so that nobody takes a file that was not understood for
/// an empty one.
pub fn read(bytes: &[u8]) -> Result<Bcf, Refusal> {
    let archive = Archive::read(bytes)?;
    let version = match archive.find("bcf.version") {
        None => None,
        // A version that cannot be read is as good as none.
        Some(entry) => {
            let version = xml(&archive.content(entry)?).ok();
            version.and_then(|version| version.attribute("VersionId").map(str::to_owned))
        }
    };
    let mut bcf = Bcf {
        entries: archive.entries().len(),
        version,
        topics: Vec::new(),
    };
    for entry in archive.entries() {
        let name = entry.name.rsplit('/').next().unwrap_or_default();
        if !name.eq_ignore_ascii_case("markup.bcf") {
            continue;
        }
        let within = |refusal: Refusal| Refusal::malformed(format!("{}: {refusal}", entry.name));
        let markup = archive
            .content(entry)
            .and_then(|bytes| xml(&bytes))
            .map_err(within)?;
        let topic = topic(&markup).ok_or_else(|| within(Refusal::malformed("has no topic")))?;
        bcf.topics.push(topic);
    }
    if bcf.topics.is_empty() {
        return Err(Refusal::malformed("holds no markup.bcf, so no topic"));
    }
    Ok(bcf)
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// Children of a name in a list of another, or without a list, as version 2 has them.
fn listed<'a>(parents: &[&'a Element], list: &'a str, names: &'a [&'a str]) -> Vec<&'a Element> {
    let named = |element: &&Element| names.contains(&element.name.as_str());
    let mut found = Vec::new();
    for parent in parents {
        let lists = parent.all(list).filter(|list| !list.children.is_empty());
        let inner: Vec<&Element> = lists
            .flat_map(|list| &list.children)
            .filter(named)
            .collect();
        if !inner.is_empty() {
            found.extend(inner);
            continue;
        }
        found.extend(parent.children.iter().filter(named).filter(|e| {
            // An empty list is a list and no member of it.
            e.name != list || !e.text.trim().is_empty() || e.attribute("Guid").is_some()
        }));
    }
    found
}

fn topic(markup: &Element) -> Option<Topic> {
    let topic = markup.child("Topic")?;
    let value = |name: &str| owned(topic.value(name));
    let both = [markup, topic];
    let labels = listed(&[topic], "Labels", &["Label", "Labels"]);
    let labels = labels.iter().map(|label| label.text.trim());
    let related = listed(
        &[topic],
        "RelatedTopics",
        &["RelatedTopic", "RelatedTopics"],
    );
    let comments = listed(&both, "Comments", &["Comment"]);
    let comments = comments.iter().map(|comment| Comment {
        guid: owned(comment.attribute("Guid")).unwrap_or_default(),
        date: owned(comment.value("Date")),
        author: owned(comment.value("Author")),
        text: owned(comment.value("Comment")),
    });
    Some(Topic {
        guid: owned(topic.attribute("Guid"))?,
        kind: owned(topic.attribute("TopicType")),
        status: owned(topic.attribute("TopicStatus")),
        title: value("Title"),
        priority: value("Priority"),
        creation_date: value("CreationDate"),
        creation_author: value("CreationAuthor"),
        modified_date: value("ModifiedDate"),
        modified_author: value("ModifiedAuthor"),
        assigned_to: value("AssignedTo"),
        stage: value("Stage"),
        due_date: value("DueDate"),
        description: value("Description"),
        labels: labels
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect(),
        comments: comments.collect(),
        viewpoints: listed(&both, "Viewpoints", &["ViewPoint", "Viewpoints"]).len(),
        document_references: listed(
            &[topic],
            "DocumentReferences",
            &["DocumentReference", "DocumentReferences"],
        )
        .len(),
        related_topics: related
            .iter()
            .filter_map(|related| owned(related.attribute("Guid")))
            .collect(),
    })
}
