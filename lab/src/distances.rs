//! Links as long as those between cities: what IBM Cloud measured between its regions, and published.
//!
//! Average round trips in milliseconds from 27 July to 25 August 2024, "Network latency dashboards" of the VPC
//! documentation (`github.com/ibm-cloud-docs/vpc`, `_include-segments/network-latency.md`). Members are spread over
//! the cities in turn.

use std::time::Duration;

use commonhold_primitives::consensus::MemberKey;
use commonware_glue::simulate::action::Action;
use commonware_p2p::simulated::Link;
use commonware_utils::probability;

use crate::faults::Event;

/// The cities, in the order of the table.
pub const CITIES: [&str; 10] = [
    "Dallas",
    "Toronto",
    "Washington",
    "Frankfurt",
    "London",
    "Madrid",
    "Osaka",
    "Sydney",
    "Tokyo",
    "São Paulo",
];

/// Round trips from a city (row) to another (column). Within a city it is 2, the most between two sites of one.
const ROUND_TRIP_MS: [[u64; 10]; 10] = [
    [2, 34, 31, 123, 113, 119, 150, 186, 143, 146],
    [34, 2, 19, 93, 82, 108, 168, 215, 162, 129],
    [31, 19, 2, 91, 75, 87, 172, 214, 164, 118],
    [123, 93, 91, 2, 13, 29, 232, 250, 233, 198],
    [113, 83, 75, 13, 2, 27, 244, 261, 243, 188],
    [122, 106, 88, 29, 27, 2, 257, 275, 258, 209],
    [150, 169, 172, 231, 243, 257, 2, 122, 9, 293],
    [186, 214, 214, 249, 261, 275, 122, 2, 115, 328],
    [143, 162, 166, 233, 244, 256, 9, 115, 2, 284],
    [144, 128, 119, 196, 187, 208, 291, 328, 283, 2],
];

/// In which city a member is. The first four are far apart.
pub fn city(member: usize) -> usize {
    const ORDER: [usize; 10] = [3, 2, 8, 9, 7, 0, 4, 6, 1, 5];
    ORDER[member % ORDER.len()]
}

/// The link from one member to another: half a round trip, and a twentieth of that as its deviation. Nothing is
/// lost: the real network's connections send again what is, so a loss is a delay.
pub fn link(from: usize, to: usize) -> Link {
    let micros = ROUND_TRIP_MS[city(from)][city(to)] * 500;
    Link {
        latency: Duration::from_micros(micros),
        jitter: Duration::from_micros(micros / 20),
        success_rate: probability!(1.0),
    }
}

/// Makes all links so, from the start.
pub fn spread(keys: &[MemberKey]) -> Vec<Event> {
    let mut events = Vec::new();
    for (i, from) in keys.iter().enumerate() {
        for (j, to) in keys.iter().enumerate() {
            if i != j {
                let (from, to, link) = (from.clone(), to.clone(), link(i, j));
                events.push((Duration::ZERO, Action::UpdateLink { from, to, link }));
            }
        }
    }
    events
}
