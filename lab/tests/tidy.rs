//! The house rules that a compiler does not check: which crate may build on which, what consensus
//! code must not name, and how source files look.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

#[path = "tidy/source.rs"]
mod source;

use source::{Source, sources, words};

/// Which of our crates each one may name in its own code, from the bottom up. An entry may only name
/// what stands above it here, so there are no cycles. What only its tests use is not restricted.
const ALLOWED: &[(&str, &[&str])] = &[
    ("primitives", &[]),
    ("module", &["primitives"]),
    ("reading", &["primitives"]),
    ("system", &["module", "reading", "primitives"]),
    ("health-contract", &["module", "system", "primitives"]),
    (
        "energy-contract",
        &["module", "reading", "system", "primitives"],
    ),
    (
        "works-contract",
        &["module", "system", "reading", "primitives"],
    ),
    ("execution", &["module", "primitives"]),
    ("state", &["primitives"]),
    ("seal", &["primitives"]),
    ("ceremony", &["primitives", "seal"]),
    ("opening", &["primitives", "system", "execution", "seal"]),
    ("vault", &["primitives"]),
    ("pool", &["execution", "primitives"]),
    (
        "chain",
        &["execution", "state", "pool", "seal", "primitives"],
    ),
    ("index", &["primitives"]),
    (
        "rpc",
        &[
            "execution",
            "state",
            "pool",
            "index",
            "seal",
            "opening",
            "vault",
            "system",
            "primitives",
        ],
    ),
    (
        "sdk",
        &[
            "system",
            "reading",
            "seal",
            "vault",
            "state",
            "module",
            "primitives",
        ],
    ),
    (
        "node",
        &[
            "primitives",
            "module",
            "reading",
            "system",
            "execution",
            "state",
            "seal",
            "ceremony",
            "opening",
            "vault",
            "pool",
            "chain",
            "index",
            "rpc",
            "health-contract",
            "energy-contract",
            "works-contract",
        ],
    ),
    (
        "gateway",
        &["sdk", "system", "seal", "vault", "reading", "primitives"],
    ),
    ("paper", &[]),
    ("session", &["sdk"]),
    ("health-client", &["health-contract", "sdk", "session"]),
    (
        "energy-client",
        &["energy-contract", "paper", "sdk", "session"],
    ),
    (
        "works-client",
        &["works-contract", "paper", "sdk", "session"],
    ),
    (
        "cli",
        &[
            "node",
            "gateway",
            "health-client",
            "energy-client",
            "works-client",
            "session",
            "sdk",
            "primitives",
        ],
    ),
];

/// Crates for tests and measurements: they may name every other, and none may name them.
const OUTSIDE: &[&str] = &["lab", "bench", "health-story"];

/// Crates whose every result all members must agree on.
const CONSENSUS: &[&str] = &[
    "module",
    "system",
    "execution",
    "health-contract",
    "energy-contract",
    "works-contract",
];

/// Words that consensus code does not contain: clocks, floating point, randomness, I/O, hidden state,
/// and allocations whose size somebody else may have chosen.
const CONSENSUS_BANS: &[&str] = &[
    "SystemTime",
    "Instant",
    "f32",
    "f64",
    "rand",
    "rand_core",
    "thread_local",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "with_capacity",
    "unsafe",
];

/// Consensus files that may name `HashMap` and `HashSet`: none of them lets the order of iteration out.
const HASHED: &[&str] = &[
    "crates/execution/src/overlay.rs",
    "crates/execution/src/view.rs",
];

/// Crates that run on tokio. All others are generic over the runtime.
const TOKIO: &[&str] = &["rpc", "gateway", "node", "cli"];

/// Crates that talk to a terminal.
const PRINTING: &[&str] = &["cli", "lab", "bench"];

const LINES_MAX: usize = 500;

/// Files that may be longer: one Solidity interface is one `sol!`.
const LONG: &[&str] = &[
    "apps/energy/contract/src/interface.rs",
    "apps/works/contract/src/interface.rs",
];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .unwrap()
}

/// The name that the tables use.
fn short(name: &str) -> &str {
    if name == "commonhold" {
        "cli"
    } else {
        name.strip_prefix("commonhold-").unwrap_or(name)
    }
}

fn ours(metadata: &Metadata) -> BTreeMap<String, &Package> {
    metadata
        .workspace_packages()
        .into_iter()
        .map(|p| (short(&p.name).to_owned(), p))
        .collect()
}

fn normal(package: &Package) -> impl Iterator<Item = &str> {
    package
        .dependencies
        .iter()
        .filter(|d| d.kind == DependencyKind::Normal)
        .map(|d| d.name.as_str())
}

/// Fails with every fault at once.
fn none(what: &str, faults: Vec<String>) {
    assert!(faults.is_empty(), "{what}:\n  {}", faults.join("\n  "));
}

#[test]
fn the_table_of_crates_has_no_cycle() {
    let mut above = BTreeSet::new();
    for (name, allowed) in ALLOWED {
        for dependency in *allowed {
            assert!(
                above.contains(dependency),
                "{name} may not name {dependency}, which does not stand above it"
            );
        }
        above.insert(name);
    }
}

#[test]
fn crates_build_only_on_what_stands_below_them() {
    let metadata = metadata();
    let ours = ours(&metadata);
    let table: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let mut faults = Vec::new();
    for (name, package) in &ours {
        if OUTSIDE.contains(&name.as_str()) {
            continue;
        }
        let Some(allowed) = table.get(name.as_str()) else {
            faults.push(format!("{name} does not stand in the table of crates"));
            continue;
        };
        for dependency in normal(package).map(short).filter(|d| ours.contains_key(*d)) {
            if !allowed.contains(&dependency) {
                faults.push(format!("{name} -> {dependency}"));
            }
        }
    }
    none("dependencies that the table does not allow", faults);
}

#[test]
fn tokio_stays_at_the_edge() {
    let metadata = metadata();
    let mut faults = Vec::new();
    for (name, package) in ours(&metadata) {
        if !TOKIO.contains(&name.as_str()) && !OUTSIDE.contains(&name.as_str()) {
            let tokio = normal(package).filter(|d| *d == "tokio" || d.starts_with("tokio-"));
            faults.extend(tokio.map(|d| format!("{name} -> {d}")));
        }
    }
    for source in product_sources() {
        if !TOKIO.contains(&source.owner().as_str()) {
            faults.extend(
                source
                    .code()
                    .filter(|(_, code)| words(code).any(|w| w == "tokio"))
                    .map(|(n, _)| source.at(n)),
            );
        }
    }
    none("tokio outside of rpc, gateway, node and cli", faults);
}

#[test]
fn consensus_code_names_nothing_that_members_could_differ_in() {
    let mut faults = Vec::new();
    for source in product_sources().filter(|source| CONSENSUS.contains(&source.owner().as_str())) {
        for (line, code) in source.code() {
            let banned = |ban: &&&str| {
                if ban.contains("::") {
                    code.contains(**ban)
                } else {
                    words(code).any(|word| word == **ban)
                }
            };
            faults.extend(
                CONSENSUS_BANS
                    .iter()
                    .filter(banned)
                    .map(|ban| format!("{} {ban}", source.at(line))),
            );
            let hashed = words(code).any(|word| word == "HashMap" || word == "HashSet");
            if hashed && !HASHED.contains(&source.path.as_str()) {
                faults.push(format!(
                    "{} HashMap or HashSet in a file that is not listed",
                    source.at(line)
                ));
            }
        }
    }
    none("banned in consensus code", faults);
}

#[test]
fn libraries_do_not_print() {
    let mut faults = Vec::new();
    // What a build script prints is how it speaks to cargo.
    let libraries = product_sources().filter(|source| {
        !PRINTING.contains(&source.owner().as_str()) && !source.path.ends_with("/build.rs")
    });
    for source in libraries {
        for (line, code) in source.code() {
            if ["println!", "print!", "eprintln!", "eprint!"]
                .iter()
                .any(|name| code.contains(name))
            {
                faults.push(source.at(line));
            }
        }
    }
    none("printing outside of the command line", faults);
}

#[test]
fn sources_are_short_and_finished() {
    let unfinished = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
    ];
    let ignored = concat!("#[ign", "ore");
    let mut faults = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        let may = source.is_test() || LONG.contains(&source.path.as_str());
        if lines > LINES_MAX && !may {
            faults.push(format!(
                "{}: {lines} lines, more than {LINES_MAX}",
                source.path
            ));
        }
        for (index, line) in source.text.lines().enumerate() {
            let at = source.at(index + 1);
            if let Some(word) = unfinished
                .iter()
                .find(|word| words(line).any(|w| w == **word))
            {
                faults.push(format!("{at} {word}"));
            }
            if line.trim_start().starts_with(ignored) {
                faults.push(format!("{at} an ignored test"));
            }
            if let Some(c) = line.chars().find(|c| c.is_control() || *c == '\u{feff}') {
                faults.push(format!("{at} contains {c:?}"));
            }
        }
    }
    none("source files", faults);
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let metadata = metadata();
    let mut faults = Vec::new();
    for (name, package) in ours(&metadata) {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        let lints = manifest
            .split("[lints]")
            .nth(1)
            .and_then(|rest| rest.trim_start().lines().next());
        if lints.map(|line| line.replace(' ', "")) != Some("workspace=true".into()) {
            faults.push(format!("{name} has no `[lints] workspace = true`"));
        }
    }
    none("lints", faults);
}

#[test]
fn every_limit_is_printed() {
    let mut faults = Vec::new();
    for source in product_sources().filter(|source| source.path.ends_with("src/limits.rs")) {
        let Some((constants, all)) = source.text.split_once("const ALL: &[(&str, u64)]") else {
            faults.push(format!("{} has no list of all", source.path));
            continue;
        };
        let constant = |line: &str| {
            let line = line
                .trim_start_matches("pub ")
                .trim_start_matches("pub(crate) ");
            let (name, _) = line.strip_prefix("const ")?.split_once(':')?;
            // A function has a space before its first colon.
            (!name.contains(' ')).then(|| name.to_owned())
        };
        let names = constants.lines().filter_map(constant);
        let missing = names.filter(|name| {
            !all.contains(&format!("\"{name}\"")) && !all.contains(&format!("/ {name})"))
        });
        faults.extend(missing.map(|name| format!("{}: {name} is not in ALL", source.path)));
    }
    none("limits", faults);
}

/// Our crates' own code, without tests, lab and bench.
fn product_sources() -> impl Iterator<Item = Source> {
    sources()
        .into_iter()
        .filter(|source| !source.is_test())
        .filter(|source| {
            let path = Path::new(&source.path);
            path.starts_with("crates") || path.starts_with("apps")
        })
}
