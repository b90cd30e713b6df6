//! Microsoft Project XML: tasks, their dates and how they follow each other.
//!
//! Relations have the types 0 finish to finish, 1 finish to start, 2 start to finish, 3 start to start; lags
//! are in tenths of minutes.

use crate::{
    refusal::Refusal,
    xml::{Element, Writer, read as xml},
};

const NAMESPACE: &str = "http://schemas.microsoft.com/project";

/// A programme.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    /// Its title; its name where it has none.
    pub title: Option<String>,
    /// Of the program that wrote it.
    pub save_version: Option<String>,
    /// In the file's order.
    pub tasks: Vec<Task>,
    /// People and machines.
    pub resources: usize,
    /// Of them to tasks.
    pub assignments: usize,
}

/// A task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// Its name for ever.
    pub uid: i64,
    /// Its row.
    pub id: i64,
    /// What it is.
    pub name: Option<String>,
    /// `1.2`.
    pub outline: Option<String>,
    /// `2026-03-02T08:00:00`.
    pub start: Option<String>,
    /// Likewise.
    pub finish: Option<String>,
    /// `PT80H0M0S`.
    pub duration: Option<String>,
    /// Whether it is an event rather than work.
    pub milestone: bool,
    /// Percent done.
    pub percent: i64,
    /// What it follows.
    pub predecessors: Vec<Link>,
}

/// What a task follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The other task.
    pub uid: i64,
    /// See above.
    pub kind: i64,
    /// Tenths of minutes.
    pub lag: i64,
}

impl Task {
    /// Whole hours of work.
    pub fn duration_hours(&self) -> Option<i64> {
        let text = self.duration.as_deref()?.strip_prefix("PT")?;
        text.split_once('H')?.0.parse().ok()
    }
}

/// Reads a programme.
///
/// # Errors
/// [`Refusal`].
pub fn read(bytes: &[u8]) -> Result<Project, Refusal> {
    let root = xml(bytes)?;
    if root.name != "Project" {
        return Err(Refusal::malformed("is XML, but no Microsoft Project"));
    }
    let owned = |name: &str| root.value(name).map(str::to_owned);
    let mut project = Project {
        title: owned("Title").or_else(|| owned("Name")),
        save_version: owned("SaveVersion"),
        resources: count(&root, "Resources", "Resource"),
        assignments: count(&root, "Assignments", "Assignment"),
        ..Project::default()
    };
    let tasks = root.child("Tasks");
    for element in tasks.into_iter().flat_map(|tasks| tasks.all("Task")) {
        project.tasks.push(task(element)?);
    }
    Ok(project)
}

fn count(root: &Element, list: &str, name: &str) -> usize {
    let list = root.child(list);
    list.map_or(0, |list| list.all(name).count())
}

fn number(element: &Element, name: &str) -> Result<Option<i64>, Refusal> {
    let Some(text) = element.value(name) else {
        return Ok(None);
    };
    let number = text.parse();
    let wrong = |_| Refusal::malformed(format!("{name} of a task is no whole number"));
    number.map(Some).map_err(wrong)
}

fn task(element: &Element) -> Result<Task, Refusal> {
    let owned = |name: &str| element.value(name).map(str::to_owned);
    let uid = number(element, "UID")?;
    let uid = uid.ok_or_else(|| Refusal::malformed("a task has no UID"))?;
    let mut predecessors = Vec::new();
    for link in element.all("PredecessorLink") {
        let Some(uid) = number(link, "PredecessorUID")? else {
            continue;
        };
        predecessors.push(Link {
            uid,
            kind: number(link, "Type")?.unwrap_or(1),
            lag: number(link, "LinkLag")?.unwrap_or(0),
        });
    }
    Ok(Task {
        uid,
        id: number(element, "ID")?.unwrap_or(uid),
        name: owned("Name"),
        outline: owned("OutlineNumber"),
        start: owned("Start"),
        finish: owned("Finish"),
        duration: owned("Duration"),
        milestone: element.value("Milestone") == Some("1"),
        percent: number(element, "PercentComplete")?.unwrap_or(0),
        predecessors,
    })
}

/// A programme as Microsoft Project reads it.
pub fn write(project: &Project) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.start("Project", &[("xmlns", NAMESPACE)]);
    writer.leaf(
        "SaveVersion",
        project.save_version.as_deref().unwrap_or("14"),
    );
    writer.optional("Title", project.title.as_deref());
    let starts = project
        .tasks
        .iter()
        .filter_map(|task| task.start.as_deref());
    writer.optional("StartDate", starts.min());
    writer.leaf("MinutesPerDay", "480");
    writer.leaf("MinutesPerWeek", "2400");
    writer.leaf("DaysPerMonth", "20");
    writer.start("Tasks", &[]);
    for task in &project.tasks {
        writer.start("Task", &[]);
        writer.leaf("UID", &task.uid.to_string());
        writer.leaf("ID", &task.id.to_string());
        writer.optional("Name", task.name.as_deref());
        writer.optional("OutlineNumber", task.outline.as_deref());
        writer.optional("Start", task.start.as_deref());
        writer.optional("Finish", task.finish.as_deref());
        writer.optional("Duration", task.duration.as_deref());
        writer.leaf("Milestone", if task.milestone { "1" } else { "0" });
        writer.leaf("PercentComplete", &task.percent.to_string());
        for link in &task.predecessors {
            writer.start("PredecessorLink", &[]);
            writer.leaf("PredecessorUID", &link.uid.to_string());
            writer.leaf("Type", &link.kind.to_string());
            writer.leaf("LinkLag", &link.lag.to_string());
            writer.end();
        }
        writer.end();
    }
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let text = |text: &str| Some(text.to_owned());
        let project = Project {
            title: text("Fibre <A>"),
            save_version: text("14"),
            tasks: vec![Task {
                uid: 7,
                id: 1,
                name: text("Splice"),
                outline: text("1"),
                start: text("2026-03-02T08:00:00"),
                finish: text("2026-03-16T08:00:00"),
                duration: text("PT80H0M0S"),
                milestone: true,
                percent: 40,
                predecessors: vec![Link {
                    uid: 3,
                    kind: 3,
                    lag: 4800,
                }],
            }],
            ..Project::default()
        };
        let again = read(&write(&project)).unwrap();
        assert_eq!(again, project);
        assert_eq!(again.tasks[0].duration_hours(), Some(80));
    }

    #[test]
    fn what_is_no_project_is_refused() {
        assert!(read(b"<Other/>").is_err());
        assert!(read(b"<Project><Tasks><Task/></Tasks></Project>").is_err());
        let wrong = "<Project><Tasks><Task><UID>x</UID></Task></Tasks></Project>";
        assert!(read(wrong.as_bytes()).is_err());
    }
}
