//! Sealed records: what opening costs a reader, and how long it takes from the request to the content.

use std::{fs, time::Instant};

use alloy_primitives::{B256, keccak256};
use commonhold_sdk::{
    Account, Client, Records,
    records::{Ask, Form, PutOptions, reader_secret},
};
use commonhold_seal::{
    DataKey, Identity, Namespace, PartialOpening, ReaderSecret, RecordIdentity, Request, SealedKey,
    deal,
};
use commonware_cryptography::{Signer as _, ed25519::PrivateKey};
use commonware_utils::TestRng;
use eyre::eyre;

use crate::{
    Args,
    load::quantile,
    network::Network,
    report::{Bar, Report},
};

/// Openings whose cryptography is timed.
const COMPUTED: usize = 200;
/// Openings on an idle network.
const OPENED: usize = 60;

/// What a reader computes: the signatures of three answers, their decryption, the combination and its
/// check, and the sealed key.
pub(crate) fn computation(report: &mut Report) -> eyre::Result<()> {
    report.part("Opening, without a network");
    for members in [4u32, 16, 64] {
        let mut rng = TestRng::new(1);
        let (group, shares) = deal(members, &mut rng)?;
        let identities: Vec<_> = (0..u64::from(members)).map(PrivateKey::from_seed).collect();
        let reader = ReaderSecret::random(&mut rng);
        let record = B256::repeat_byte(1);
        let target = Identity::from(RecordIdentity { record, epoch: 0 }).here();
        let request = Request {
            namespace: Namespace::COMMONHOLD,
            chain_id: 1,
            sequence: 1,
            record,
            block: B256::repeat_byte(2),
            sharing: group.digest(),
        };
        let sealed = SealedKey::seal(&group.key(), &target, &DataKey::random(&mut rng), &mut rng)?;
        let need = usize::try_from(group.threshold())?;
        let answers = shares
            .iter()
            .zip(&identities)
            .take(need)
            .map(|(share, identity)| {
                let partial = share.partial(&target);
                let opening = PartialOpening::seal(&partial, &request, &reader.public(), &mut rng)?;
                Ok(opening.sign(&request, identity))
            })
            .collect::<Result<Vec<_>, commonhold_seal::SealError>>()?;
        let mut times = Vec::new();
        for _ in 0..COMPUTED {
            let since = Instant::now();
            let partials = answers
                .iter()
                .zip(&identities)
                .map(|(answer, identity)| {
                    answer
                        .verify(&request, &identity.public_key())?
                        .open(&request, &reader)
                })
                .collect::<Result<Vec<_>, _>>()?;
            sealed.open(&group.combine(&target, &partials)?.opening)?;
            times.push(since.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        let bar = match members {
            4 => Bar::AtMost(10.0),
            _ => Bar::None,
        };
        report.figure(
            &format!("a reader of {members} members, p50"),
            quantile(&times, 0.5),
            "ms",
            bar,
            &format!("{need} answers"),
        )?;
    }
    Ok(())
}

/// From the request to the content on an idle network of four, beside requests alone.
pub(crate) fn network(report: &mut Report, args: &Args) -> eyre::Result<()> {
    let dir = tempfile::tempdir()?;
    let network = Network::up(&args.bin, &dir.path().join("opening"), 4)?;
    let url = network.urls.first().ok_or_else(|| eyre!("no member"))?;
    let client = Client::new(url)?;
    let account = Account::from_secret(keccak256("bench opening").as_slice())?;
    client.ensure_registered(&account, "Ada")?;
    let records = Records::new(&client, &account);
    let (from, to) = (dir.path().join("in"), dir.path().join("out"));
    fs::write(&from, [7; 4_096])?;
    let options = PutOptions {
        kind: "text/plain".into(),
        seal: true,
        ..PutOptions::default()
    };
    let id = records.put(&from, &options, &())?.id;
    let (mut whole, mut requests) = (Vec::new(), Vec::new());
    for _ in 0..OPENED {
        let secret = reader_secret()?;
        let ask = Ask {
            purpose: B256::ZERO,
            secret: &secret,
            resume: false,
        };
        let since = Instant::now();
        records.open_sealed(id, &ask, Form::Plain, &to, &())?;
        whole.push(since.elapsed().as_secs_f64() * 1e3);
        let key = reader_secret()?.public().0.into();
        let since = Instant::now();
        client.request_opening(&account, Default::default(), id, B256::ZERO, key)?;
        requests.push(since.elapsed().as_secs_f64() * 1e3);
    }
    whole.sort_by(f64::total_cmp);
    requests.sort_by(f64::total_cmp);
    report.part(
        "Four members, idle: opening a sealed record of 4 KiB, from the request to the content",
    );
    let request = quantile(&requests, 0.5);
    let beside = format!("the final request alone: p50 {request:.0} ms");
    let bar = Bar::AtMost(request + 250.0);
    report.figure("p50", quantile(&whole, 0.5), "ms", bar, &beside)?;
    report.figure("p99", quantile(&whole, 0.99), "ms", Bar::None, "")?;
    network.stop()
}
