//! Health records in: FHIR parsed, cut into slices, each encrypted and its key sealed.

use std::{
    fs,
    io::{Read as _, sink},
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use alloy_primitives::B256;
use commonhold_health_client::{Contents, Options, Slice, Source, read};
use commonhold_seal::{DataKey, Group, Identity, RecordIdentity, SealedKey, deal};
use commonhold_vault::crypt4gh::encrypt;
use commonware_utils::TestRng;
use eyre::{ensure, eyre};

use crate::report::{Bar, Report, cores};

/// Rounds over all bundles.
const ROUNDS: u32 = 5;
/// Resources per second and core that importing must reach.
const RESOURCES: f64 = 5_000.0;

/// The published bundles where they are on this machine, and otherwise a small one of our own.
fn bundles() -> eyre::Result<(Vec<Source>, &'static str)> {
    let folder = std::env::var_os("COMMONHOLD_HEALTH_DATA")
        .map_or_else(|| PathBuf::from("../shared/data/health"), PathBuf::from)
        .join("ehr/synthea_bundles");
    if !folder.is_dir() {
        let own = Source::Bytes(fs::read(Path::new("samples/health/ward.json"))?);
        return Ok((
            vec![own; 50],
            "our own sample; the Synthea bundles are not here",
        ));
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    let sources = paths
        .iter()
        .map(fs::read)
        .map(|bytes| bytes.map(Source::Bytes));
    Ok((sources.collect::<Result<_, _>>()?, "Synthea bundles"))
}

pub(crate) fn run(report: &mut Report) -> eyre::Result<()> {
    report.part("Health records, one core");
    let (sources, what) = bundles()?;
    let mut rng = TestRng::new(1);
    let (group, _) = deal(4, &mut rng)?;
    let (mut parsing, mut sealing) = (f64::INFINITY, f64::INFINITY);
    let mut all_cores = f64::INFINITY;
    let (mut resources, mut slices) = (0, 0);
    for _ in 0..ROUNDS {
        let since = Instant::now();
        let contents = sources
            .iter()
            .map(|source| read(source, Options::default()).map_err(|e| eyre!("{e}")))
            .collect::<eyre::Result<Vec<Contents>>>()?;
        let parsed = since.elapsed().as_secs_f64();
        (resources, slices) = (0, 0);
        for one in &contents {
            resources += one.records;
            for slice in &one.slices {
                slices += 1;
                seal(&group, slice, slices)?;
            }
        }
        parsing = parsing.min(parsed);
        sealing = sealing.min(since.elapsed().as_secs_f64());
        all_cores = all_cores.min(at_once(&group, &sources)?);
    }
    ensure!(resources > 0, "no resource was read");
    let rate = |seconds: f64| resources as f64 / seconds;
    let beside = format!("{what}: {resources} resources in {slices} slices; fastest of {ROUNDS}");
    report.figure(
        "parse and slice",
        rate(parsing),
        "resources/s",
        Bar::None,
        &beside,
    )?;
    let beside = "Bulk export of FHIR servers 150 to 720/s";
    let bar = Bar::AtLeast(RESOURCES);
    report.figure(
        "parse, slice, encrypt, seal",
        rate(sealing),
        "resources/s",
        bar,
        beside,
    )?;
    let beside = format!("{} cores", cores());
    report.figure(
        "the same, bundles and slices on every core",
        rate(all_cores),
        "resources/s",
        Bar::None,
        &beside,
    )
}

/// Encrypts a slice under a key of its own, and seals that to the network.
fn seal(group: &Group, slice: &Slice, number: u64) -> eyre::Result<()> {
    let mut bytes = Vec::new();
    slice.open()?.read_to_end(&mut bytes)?;
    let key = commonhold_vault::DataKey::random()?;
    encrypt(&key, &mut bytes.as_slice(), &mut sink())?;
    let record = B256::left_padding_from(&number.to_be_bytes());
    let target = Identity::from(RecordIdentity { record, epoch: 0 }).here();
    let mut rng = TestRng::new(number);
    let key = DataKey::random(&mut rng);
    SealedKey::seal(&group.key(), &target, &key, &mut rng)?;
    Ok(())
}

/// Seconds for all bundles on all cores: each core takes the next bundle when it is done with one.
fn at_once(group: &Group, sources: &[Source]) -> eyre::Result<f64> {
    let next = AtomicUsize::new(0);
    let since = Instant::now();
    let work = || -> eyre::Result<()> {
        while let Some(source) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
            let contents = read(source, Options::default()).map_err(|e| eyre!("{e}"))?;
            for (slice, number) in contents.slices.iter().zip(1..) {
                seal(group, slice, number)?;
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores()).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().map_err(|_| eyre!("a thread ended"))?)
    })?;
    Ok(since.elapsed().as_secs_f64())
}
