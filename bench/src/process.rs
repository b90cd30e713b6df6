//! What processes have used: processor time, memory, disk.

use std::{fs, path::Path};

/// Ticks of processor time in a second, as Linux reports them to programs.
const TICKS: f64 = 100.0;

fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything; fields are counted from behind it.
    let rest = text.rsplit_once(") ")?.1;
    Some(rest.split(' ').map(str::to_owned).collect())
}

/// Seconds of processor time that the processes have used.
pub(crate) fn cpu(pids: &[u32]) -> f64 {
    let ticks = |pid: &u32| {
        let fields = stat(*pid)?;
        let field = |i: usize| fields.get(i)?.parse::<f64>().ok();
        Some(field(11)? + field(12)?)
    };
    pids.iter().filter_map(ticks).sum::<f64>() / TICKS
}

/// The children of a process.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let parent = pid.to_string();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|child| stat(*child).is_some_and(|fields| fields.get(1) == Some(&parent)))
        .collect()
}

/// The most memory that any of the processes ever held, in MiB.
pub(crate) fn peak_memory(pids: &[u32]) -> f64 {
    let peak = |pid: &u32| {
        let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok()
    };
    pids.iter().filter_map(peak).fold(0.0, f64::max) / 1024.0
}

/// Bytes that a directory takes on disk.
pub(crate) fn disk(dir: &Path) -> f64 {
    use std::os::unix::fs::MetadataExt as _;
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => disk(&entry.path()),
            Ok(metadata) => metadata.blocks() as f64 * 512.0,
            Err(_) => 0.0,
        })
        .sum()
}
