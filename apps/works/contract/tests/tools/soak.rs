//! Changes traces at random for as many seconds as are asked for (600), and does with them all that the rules do:
//! `cargo run -p commonhold-works-contract --example soak -- 600`. It starts from `fuzz/corpus/sor` and a trace of our making; the same
//! changes come every time. What takes more than 50 ms, or panics, is written to the corpus.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a tool of ours"
)]

#[path = "../properties/everything.rs"]
#[allow(dead_code, reason = "the properties need the rest")]
mod everything;
#[path = "../properties/made.rs"]
mod made;

use std::{fs, panic, path::PathBuf, time::Instant};

use everything::everything;
use made::fibre;

/// Milliseconds that a file may take.
const LONGEST_MS: u128 = 50;

fn main() {
    let seconds = std::env::args()
        .nth(1)
        .map_or(600, |text| text.parse().unwrap());
    let folder = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../fuzz/corpus/sor"
    ));
    fs::create_dir_all(&folder).unwrap();
    let files = fs::read_dir(&folder).unwrap();
    let mut corpus: Vec<Vec<u8>> = files
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect();
    corpus.push(fibre("K01", 1310, false, [40, 60], 1_790_000_100).file());
    let begun = Instant::now();
    let (mut state, mut runs, mut longest, mut kept) = (1_u64, 0_u64, 0_u128, 0_u64);
    let mut next = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % (bound as u64).max(1)).unwrap()
    };
    while begun.elapsed().as_secs() < seconds {
        let mut file = corpus[next(corpus.len())].clone();
        for _ in 0..=next(8) {
            // Half of the changes in the first kilobyte, where lengths and names stand.
            let within = if next(2) == 0 {
                1024.min(file.len())
            } else {
                file.len()
            };
            if within == 0 {
                break;
            }
            let at = next(within);
            match next(6) {
                0 => file.truncate(at),
                1 => file.insert(at, 0xff),
                2 => {
                    file.remove(at);
                }
                3 => file[at] = 0xff,
                4 => file[at] = 0,
                _ => file[at] ^= 1 << next(8),
            }
        }
        let start = Instant::now();
        let outcome = panic::catch_unwind(|| everything(&file));
        let took = start.elapsed().as_millis();
        longest = longest.max(took);
        runs += 1;
        if outcome.is_err() || took > LONGEST_MS {
            fs::write(folder.join(format!("found-{runs}.sor")), &file).unwrap();
            kept += 1;
        }
    }
    println!("{runs} files in {seconds} s, the longest {longest} ms, {kept} kept");
}
