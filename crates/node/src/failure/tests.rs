#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::*;

fn end(run: &Run, why: &'static str) -> NodeError {
    run.guard(|| panic!("{why}")).unwrap_err()
}

#[test]
fn a_panic_is_damage_while_the_store_is_opened_and_a_failure_later() {
    let dir = tempfile::tempdir().unwrap();
    let run = Run::new(dir.path());
    let opening = end(&run, "processed position must be backed by a stored block");
    assert!(matches!(opening, NodeError::Damaged { .. }), "{opening}");
    let said = opening.to_string();
    assert!(
        said.contains("processed position") && said.contains("--join"),
        "{said}"
    );
    assert!(said.contains(&dir.path().join("engine").display().to_string()));
    let download = end(&run, "state sync task failed: Timeout");
    assert!(matches!(download, NodeError::Failed(_)), "{download}");
    run.serves();
    let serving = end(&run, "round must exist");
    assert!(matches!(serving, NodeError::Failed(_)), "{serving}");
    let read = end(
        &run,
        "failed to get block: journal error: checksum mismatch",
    );
    assert!(matches!(read, NodeError::Damaged { .. }), "{read}");
    let full = end(
        &run,
        "Os { code: 28, message: \"No space left on device\" }",
    );
    assert!(matches!(full, NodeError::DiskFull { .. }), "{full}");
}

/// The parts of an engine that is told to stop end one after another.
#[test]
fn a_panic_while_it_stops_is_nothing_unless_the_disk_is() {
    let dir = tempfile::tempdir().unwrap();
    let run = Run::new(dir.path());
    run.serves();
    run.stops();
    run.guard(|| panic!("finalize reconstruction must process the block"))
        .unwrap();
    let read = end(&run, "failed to get block: checksum mismatch");
    assert!(matches!(read, NodeError::Damaged { .. }), "{read}");
    let full = end(&run, "No space left on device");
    assert!(matches!(full, NodeError::DiskFull { .. }), "{full}");
    let run = Run::new(&dir.path().join("gone"));
    run.stops();
    let unwritable = end(&run, "write failed");
    assert!(
        matches!(unwritable, NodeError::Unwritable { .. }),
        "{unwritable}"
    );
}

#[test]
fn where_the_data_cannot_be_written_that_is_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let run = Run::new(&dir.path().join("gone"));
    let panicked = end(&run, "write failed");
    assert!(
        matches!(panicked, NodeError::Unwritable { .. }),
        "{panicked}"
    );
    let stopped = run.guard(|| Err(NodeError::Stopped)).unwrap_err();
    assert!(matches!(stopped, NodeError::Unwritable { .. }), "{stopped}");
    let modules = run.guard(|| Err(NodeError::Modules("two".into())));
    assert!(matches!(modules, Err(NodeError::Modules(_))));
    run.guard(|| Ok(())).unwrap();
}
