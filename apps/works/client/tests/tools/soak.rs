//! Changes files at random and gives them to the parsers of works, so many seconds each, on stable Rust:
//!
//! ```text
//! cargo run --release -p commonhold-works-client --example soak -- 600                 # every parser
//! cargo run --release -p commonhold-works-client --example soak -- 600 sor arl          # some of them
//! ```
//! Each begins from its folder in `fuzz/corpus` and makes the same changes every time. An input that gets somewhere
//! new (another refusal, another result) is changed further, and small ones are kept in the folder. What panics, or
//! takes longer than its parser may, is written there as `found-…`, and the exit code is 1.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a tool of ours"
)]

#[path = "../../../contract/tests/properties/everything.rs"]
#[allow(dead_code, reason = "the contract's tests need the rest")]
mod everything;
mod parsers;

use std::{
    collections::BTreeSet,
    fs, panic,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use parsers::{TARGETS, Target};

/// Inputs that are changed further.
const LIVE_MAX: usize = 2_048;
/// Files that a folder keeps, and bytes of one that is added.
const KEPT_MAX: usize = 12;
const KEPT_BYTES_MAX: usize = 2_048;
/// Bytes that an input may grow to.
const INPUT_BYTES_MAX: usize = 64 * 1024;

/// Numbers that look like chance and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (bound as u64).max(1)).unwrap()
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let seconds: u64 = words.first().map_or(600, |text| text.parse().unwrap());
    let named = |target: &&Target| words.len() < 2 || words[1..].iter().any(|w| w == target.name);
    // A panic is caught and told with its input.
    panic::set_hook(Box::new(|_| {}));
    let mut found = 0;
    for target in TARGETS.iter().filter(named) {
        found += soak(target, seconds);
    }
    ExitCode::from(u8::from(found != 0))
}

/// How many inputs were found that are not as they should be.
fn soak(target: &Target, seconds: u64) -> u64 {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fuzz/corpus"));
    let folder = folder.join(target.name);
    fs::create_dir_all(&folder).unwrap();
    let mut live = files(&folder);
    assert!(!live.is_empty(), "{} holds nothing", folder.display());
    let (mut kept, mut known) = (live.len(), BTreeSet::new());
    for file in &live {
        known.insert((target.run)(file));
    }
    let (mut chance, begun) = (Chance(1), Instant::now());
    let (mut runs, mut longest, mut found) = (0u64, 0, 0);
    while begun.elapsed().as_secs() < seconds {
        let input = changed(&live, &mut chance);
        let start = Instant::now();
        let outcome = panic::catch_unwind(|| (target.run)(&input));
        let took = start.elapsed().as_millis();
        longest = longest.max(took);
        runs += 1;
        let Ok(came) = outcome else {
            fs::write(folder.join(format!("found-panic-{runs}")), &input).unwrap();
            found += 1;
            continue;
        };
        if took > target.longest_ms {
            fs::write(folder.join(format!("found-slow-{runs}")), &input).unwrap();
            found += 1;
        }
        if live.len() < LIVE_MAX && known.insert(came) {
            if kept < KEPT_MAX && input.len() <= KEPT_BYTES_MAX {
                fs::write(folder.join(format!("soak-{runs}")), &input).unwrap();
                kept += 1;
            }
            live.push(input);
        }
    }
    println!(
        "{}: {runs} inputs in {seconds} s, {} ways, the longest {longest} ms, {found} found",
        target.name,
        known.len(),
    );
    found
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// One of the inputs with a few changes.
fn changed(live: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut input = live[chance.below(live.len())].clone();
    for _ in 0..=chance.below(6) {
        // Half of the changes in the first kilobyte, where lengths and names stand.
        let within = if chance.below(2) == 0 {
            input.len().min(1_024)
        } else {
            input.len()
        };
        let at = chance.below(within + 1).min(input.len());
        match chance.below(9) {
            0 => input.truncate(at),
            1 => input.insert(at, [0, 0xff, b'9', b'-', b'"', b'<'][chance.below(6)]),
            2 if at < input.len() => drop(input.remove(at)),
            3 if at < input.len() => input[at] = [0, 0xff, 0x7f, 0x80, b'0'][chance.below(5)],
            4 if at < input.len() => input[at] ^= 1 << chance.below(8),
            5 => {
                // A piece of another input.
                let other = &live[chance.below(live.len())];
                let from = chance.below(other.len() + 1);
                let to = (from + chance.below(64)).min(other.len());
                input.splice(at..at, other[from..to].iter().copied());
            }
            6 => {
                // A piece twice, or not at all.
                let to = (at + chance.below(64)).min(input.len());
                let piece: Vec<u8> = input[at..to].to_vec();
                if chance.below(2) == 0 {
                    input.splice(at..at, piece);
                } else {
                    input.drain(at..to);
                }
            }
            7 if at + 4 <= input.len() => {
                let length = [0u32, 1, 0xff, 0xffff, u32::MAX][chance.below(5)];
                input[at..at + 4].copy_from_slice(&length.to_le_bytes());
            }
            _ => {}
        }
    }
    input.truncate(INPUT_BYTES_MAX);
    input
}
