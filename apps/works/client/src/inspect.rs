//! `commonhold works inspect`: what a file holds, by the names of the expected files, and `convert`: the same
//! in another form.

use std::path::Path;

use commonhold_session::{Answer, Refused};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    archive::Archive,
    bcf::{self, Bcf, Topic},
    bill::{self, Bill},
    certificates::of_line,
    check::{hex, parse},
    refusal::{Refusal, bytes, name},
    schedule::{mspdi, xer},
    sheet::{Cell, write_csv, write_spreadsheet},
    table::{hundredths, table, thousandths},
    touchstone,
};

/// What a file is.
enum Content {
    Trace,
    Sweep,
    Bcf(Bcf),
    Project(mspdi::Project),
    Primavera(xer::Xer),
    Bill(Bill),
}

/// Recognises a file by what is in it, and where that says nothing by its name.
fn recognise(path: &Path, bytes: &[u8]) -> Result<Content, Refusal> {
    let ends = |ending: &str| {
        path.extension()
            .is_some_and(|e| e.eq_ignore_ascii_case(ending))
    };
    if bytes.starts_with(b"Map\0") || ends("sor") {
        return Ok(Content::Trace);
    }
    if bytes.starts_with(b"ERMHDR") {
        return xer::read(bytes).map(Content::Primavera);
    }
    if Archive::is(bytes) {
        let archive = Archive::read(bytes)?;
        if archive.find("xl/workbook.xml").is_some() {
            return bill::read(bytes).map(Content::Bill);
        }
        return bcf::read(bytes).map(Content::Bcf);
    }
    if ends("s1p") {
        return Ok(Content::Sweep);
    }
    let start = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    if start.starts_with(b"<") {
        return mspdi::read(bytes).map(Content::Project);
    }
    if ends("csv") || ends("tsv") || ends("txt") {
        return bill::read(bytes).map(Content::Bill);
    }
    let known =
        ".sor, .s1p, .bcf, Microsoft Project XML, .xer, or a bill of quantities as .csv or .xlsx";
    Err(Refusal::Unknown(format!(
        "is nothing that is known: {known}"
    )))
}

/// Says what a file holds.
///
/// # Errors
/// [`Refused`].
pub fn inspect(path: &Path) -> eyre::Result<Answer> {
    let refused = |refusal: Refusal| refusal.of(path);
    let bytes = bytes(path).map_err(refused)?;
    let file = name(path);
    let digest = hex(&Sha256::digest(&bytes));
    match recognise(path, &bytes).map_err(refused)? {
        Content::Trace => {
            let parsed = parse::read(&file, &bytes);
            let parsed = parsed.map_err(|e| refused(Refusal::malformed(e.to_string())))?;
            let mut answer = Answer::of(&parsed.data, parsed.text)?;
            answer.refused = parsed.error.map(|error| error.to_string());
            Ok(answer)
        }
        Content::Sweep => {
            let data = touchstone::describe(&file, &bytes).map_err(refused)?;
            let verdict = data.get("verdict_RADIO-1").and_then(Value::as_str);
            let text = format!("{file}: {}", verdict.unwrap_or_default());
            Answer::of(&data, text)
        }
        Content::Bcf(bcf) => {
            let data = json!({
                "file": file,
                "sha256": digest,
                "entries": bcf.entries,
                "version": bcf.version,
                "topics": bcf.topics.iter().map(of_topic).collect::<Vec<_>>(),
            });
            Answer::of(&data, topics(&bcf))
        }
        Content::Project(project) => {
            let data = json!({
                "file": file,
                "sha256": digest,
                "title": project.title,
                "save_version": project.save_version,
                "task_count": project.tasks.len(),
                "tasks": project.tasks.iter().map(of_task).collect::<Vec<_>>(),
                "resources": project.resources,
                "assignments": project.assignments,
            });
            Answer::of(&data, tasks(&project))
        }
        Content::Primavera(xer) => {
            let tables = xer
                .tables
                .iter()
                .map(|table| (table.name.clone(), table.len().into()));
            let data = json!({
                "file": file,
                "sha256": digest,
                "tables": tables.collect::<serde_json::Map<String, Value>>(),
                "tasks": xer.activities().iter().map(of_activity).collect::<Vec<_>>(),
                "relations": xer.relations().iter().map(of_relation).collect::<Vec<_>>(),
            });
            Answer::of(&data, activities(&xer))
        }
        Content::Bill(bill) => {
            let data = json!({
                "file": file,
                "sha256": digest,
                "lines": bill.lines.iter().map(of_line).collect::<Vec<_>>(),
                "notes": bill.notes,
            });
            Answer::of(&data, lines(&bill))
        }
    }
}

/// Writes what a file holds in the form that another's name asks for.
///
/// # Errors
/// [`Refused`].
pub fn convert(from: &Path, to: &Path) -> eyre::Result<Answer> {
    let refused = |refusal: Refusal| refusal.of(from);
    let content = bytes(from)
        .and_then(|bytes| recognise(from, &bytes))
        .map_err(refused)?;
    let ending = to.extension().unwrap_or_default().to_ascii_lowercase();
    let ending = ending.to_string_lossy().into_owned();
    let rows = match &content {
        Content::Bill(bill) => bill_rows(bill),
        Content::Bcf(bcf) => topic_rows(bcf),
        Content::Project(project) => task_rows(project),
        _ => Vec::new(),
    };
    let written = match (content, ending.as_str()) {
        (Content::Bcf(bcf), "bcf" | "bcfzip") => bcf::write(&bcf),
        (Content::Project(project), "xml") => Ok(mspdi::write(&project)),
        (_, "csv") if !rows.is_empty() => write_csv(&rows),
        (_, "xlsx") if !rows.is_empty() => write_spreadsheet("Register", &rows),
        _ => Err(Refusal::Unknown(format!("does not become .{ending}"))),
    };
    let written = written.map_err(refused)?;
    std::fs::write(to, &written).map_err(|e| Refused(format!("{}: {e}", to.display())))?;
    let data = json!({ "file": name(to), "size": written.len() });
    Answer::of(&data, format!("{}: {} bytes", to.display(), written.len()))
}

fn of_topic(topic: &Topic) -> Value {
    json!({
        "guid": topic.guid,
        "type": topic.kind,
        "status": topic.status,
        "title": topic.title,
        "priority": topic.priority,
        "creation_date": topic.creation_date,
        "creation_author": topic.creation_author,
        "modified_date": topic.modified_date,
        "assigned_to": topic.assigned_to,
        "stage": topic.stage,
        "due_date": topic.due_date,
        "description": topic.description,
        "labels": topic.labels,
        "comments": topic.comments.len(),
        "viewpoints": topic.viewpoints,
        "document_references": topic.document_references,
        "related_topics": topic.related_topics,
    })
}

fn of_task(task: &mspdi::Task) -> Value {
    let links = task.predecessors.iter();
    let links = links.map(|link| json!({ "uid": link.uid, "type": link.kind, "lag": link.lag }));
    json!({
        "uid": task.uid,
        "id": task.id,
        "name": task.name,
        "outline": task.outline,
        "start": task.start,
        "finish": task.finish,
        "duration": task.duration,
        "milestone": task.milestone,
        "percent": task.percent,
        "predecessors": links.collect::<Vec<_>>(),
    })
}

fn of_activity(activity: &xer::Activity) -> Value {
    json!({
        "code": activity.code,
        "name": activity.name,
        "type": activity.kind,
        "start": activity.start,
        "end": activity.end,
    })
}

fn of_relation(relation: &xer::Relation) -> Value {
    json!({
        "task": relation.task,
        "predecessor": relation.predecessor,
        "type": relation.kind,
        "lag": relation.lag,
    })
}

fn or_empty(text: &Option<String>) -> String {
    text.clone().unwrap_or_default()
}

fn topics(bcf: &Bcf) -> String {
    let row = |topic: &Topic| {
        let cells = [
            &topic.title,
            &topic.status,
            &topic.assigned_to,
            &topic.due_date,
        ];
        cells.map(or_empty).to_vec()
    };
    let rows: Vec<_> = bcf.topics.iter().map(row).collect();
    table(&["title", "status", "assigned to", "due"], &rows)
}

fn tasks(project: &mspdi::Project) -> String {
    let row = |task: &mspdi::Task| {
        let cells = [&task.outline, &task.name, &task.start, &task.finish];
        cells.map(or_empty).to_vec()
    };
    let rows: Vec<_> = project.tasks.iter().map(row).collect();
    table(&["outline", "task", "start", "finish"], &rows)
}

fn activities(xer: &xer::Xer) -> String {
    let row = |activity: &xer::Activity| {
        let (start, end) = (or_empty(&activity.start), or_empty(&activity.end));
        vec![activity.code.clone(), activity.name.clone(), start, end]
    };
    let rows: Vec<_> = xer.activities().iter().map(row).collect();
    table(&["activity", "name", "start", "end"], &rows)
}

fn lines(bill: &Bill) -> String {
    let row = |line: &bill::BillLine| {
        vec![
            line.item.clone(),
            line.description.clone(),
            line.unit.clone(),
            thousandths(line.quantity),
            hundredths(line.rate),
            hundredths(line.amount),
        ]
    };
    let rows: Vec<_> = bill.lines.iter().map(row).collect();
    let head = [
        "item",
        "description",
        "unit",
        ">quantity",
        ">rate",
        ">amount",
    ];
    table(&head, &rows)
}

fn head(names: &[&str]) -> Vec<Cell> {
    names
        .iter()
        .map(|name| Cell::Text((*name).to_owned()))
        .collect()
}

fn bill_rows(bill: &Bill) -> Vec<Vec<Cell>> {
    let mut rows = vec![head(&[
        "item",
        "description",
        "unit",
        "quantity",
        "rate",
        "amount",
    ])];
    for line in &bill.lines {
        rows.push(vec![
            Cell::Text(line.item.clone()),
            Cell::Text(line.description.clone()),
            Cell::Text(line.unit.clone()),
            Cell::Number(thousandths(line.quantity)),
            Cell::Number(hundredths(line.rate)),
            Cell::Number(hundredths(line.amount)),
        ]);
    }
    rows
}

fn topic_rows(bcf: &Bcf) -> Vec<Vec<Cell>> {
    let mut rows = vec![head(&[
        "guid",
        "type",
        "status",
        "title",
        "priority",
        "creation_date",
        "creation_author",
        "assigned_to",
        "due_date",
        "description",
    ])];
    for topic in &bcf.topics {
        let mut row = vec![Cell::Text(topic.guid.clone())];
        let cells = [
            &topic.kind,
            &topic.status,
            &topic.title,
            &topic.priority,
            &topic.creation_date,
            &topic.creation_author,
            &topic.assigned_to,
            &topic.due_date,
            &topic.description,
        ];
        row.extend(cells.map(|cell| Cell::Text(or_empty(cell))));
        rows.push(row);
    }
    rows
}

fn task_rows(project: &mspdi::Project) -> Vec<Vec<Cell>> {
    let mut rows = vec![head(&[
        "uid", "outline", "name", "start", "finish", "percent",
    ])];
    for task in &project.tasks {
        let mut row = vec![Cell::Number(task.uid.to_string())];
        let cells = [&task.outline, &task.name, &task.start, &task.finish];
        row.extend(cells.map(|cell| Cell::Text(or_empty(cell))));
        row.push(Cell::Number(task.percent.to_string()));
        rows.push(row);
    }
    rows
}
