//! Works on four members: evidence and register transactions under full load, and a raw file of 240 KB in one
//! transaction.

use std::{
    thread,
    time::{Duration, Instant},
};

use alloy_primitives::{Address, B256, keccak256};
use alloy_sol_types::SolCall;
use commonhold_primitives::system::DEVICES;
use commonhold_reading::{Algorithm, DeviceSecret, Envelope, Reading, Record, Value as Measured};
use commonhold_sdk::{Account, Client};
use commonhold_system::devices::interface::IDevices::enrolCall;
use commonhold_works_contract::{
    ADDRESS,
    arl::FIBRE_OSP_1,
    interface::IWorks::{
        Clocks, Container, ContractOffered, Design, EvidenceTaken, Instrument, Kind, Line,
        NewContract, NewMilestone, OrderIssued, PackageAdded, Profile, ProjectOpened, Revision,
        Silence, Terms, acceptContractCall, addDocumentCall, addLinesCall, addMilestonesCall,
        addPackageCall, countCall, enrolPartyCall, fibreCall, formContractCall, issueOrderCall,
        openProjectCall, orderOfCall, registerRulesetCall, submitEvidenceCall,
    },
    shape::word,
};
use eyre::{ensure, eyre};
use sha2::{Digest as _, Sha256};

use crate::{
    Args,
    load::{self, quantile},
    network::Network,
    report::{Bar, Report},
    rpc::Rpc,
    wallet::{Signed, Wallet},
};

#[path = "../../apps/works/contract/tests/properties/made.rs"]
#[allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "traces as the law's tests make them"
)]
mod made;

/// Contracts whose builders bring evidence at the same time.
const CONTRACTS: usize = 16;
/// Fibres of each, four files a fibre.
const FIBRES: [&str; 16] = [
    "K01", "K02", "K03", "K04", "K05", "K06", "K07", "K08", "K09", "K10", "K11", "K12", "K13",
    "K14", "K15", "K16",
];
/// Documents that each party enters.
const DOCUMENTS: usize = 40;
/// Transactions per second: the best published construction chain does 60, Fabric about 400.
const RATE: f64 = 500.0;
/// More than a piece of evidence uses, and a document.
const EVIDENCE_GAS: u64 = 3_000_000;
const DOCUMENT_GAS: u64 = 1_500_000;
/// Bytes of the large file; the largest real one has 242 KB.
const LARGE_BYTES: usize = 240 * 1024;
const DAY: u64 = 86_400;
/// Between looks at the network's clock.
const PAUSE: Duration = Duration::from_millis(500);

/// A contract, and who has a part in it.
struct Deal<'a> {
    builder: &'a Account,
    surveyor: &'a Account,
    instruments: [DeviceSecret; 2],
    contract: u64,
    counter: u64,
}

pub(crate) fn run(report: &mut Report, args: &Args) -> eyre::Result<()> {
    let dir = tempfile::tempdir()?;
    let network = Network::up(&args.bin, &dir.path().join("works"), 4)?;
    let url = network.urls.first().ok_or_else(|| eyre!("no member"))?;
    let (client, rpc) = (Client::new(url)?, Rpc::new(url));
    let wallet = Wallet::fund(&rpc, "works", 3 * CONTRACTS)?;
    let accounts = wallet.accounts();
    enrol(&network, &client, accounts)?;
    let mut deals = Vec::new();
    for (number, part) in accounts.chunks_exact(3).enumerate() {
        let [owner, builder, surveyor] = part else {
            continue;
        };
        deals.push(Deal::made(&client, number, [owner, builder, surveyor])?);
    }
    report.part("Works on four members under full load");
    evidence(report, &network, &client, &mut deals)?;
    documents(report, &network, &client, accounts)?;
    let first = deals.first_mut().ok_or_else(|| eyre!("no contract"))?;
    large(report, &client, first)?;
    network.stop()
}

/// A member admits everybody as a party.
fn enrol(network: &Network, client: &Client, accounts: &[Account]) -> eyre::Result<()> {
    let member = network.account(1)?;
    let until = client.block_time()? + 3_000 * DAY;
    for account in accounts {
        let account = account.address();
        let call = enrolPartyCall {
            account,
            group: keccak256(account),
            credentials: B256::repeat_byte(1),
            until,
        };
        client.send_call(&member, ADDRESS, &call)?;
    }
    Ok(())
}

fn terms(now: u64) -> Terms {
    Terms {
        retention: 50,
        retentionCap: 1_000,
        releaseAtCompletion: 500,
        damagesPerDay: 0,
        damagesCap: 0,
        advance: 0,
        advanceRecovery: 0,
        dueAt: now + 60 * DAY,
        objectionSeconds: 0,
        defectsDays: 90,
        deemedDays: 2,
        unitsPerMinor: 1,
        profile: Profile::Nec4,
        clocks: Clocks {
            noticeBarDays: 0,
            detailDays: 0,
            replyDays: 0,
            quotationDays: 0,
            certificateDays: 0,
            paymentDays: 0,
            silence: Silence::Escalates,
        },
    }
}

impl<'a> Deal<'a> {
    /// From the project to the contract that binds, with two instruments of the builder's.
    fn made(client: &Client, number: usize, people: [&'a Account; 3]) -> eyre::Result<Self> {
        let [owner, builder, surveyor] = people;
        let now = client.block_time()?;
        let title = format!("Valley {number}");
        let call = openProjectCall { title };
        let opened: ProjectOpened = client.send_for_event(owner, ADDRESS, &call)?;
        let call = addPackageCall {
            project: opened.number,
            title: "Section".to_owned(),
        };
        let package: PackageAdded = client.send_for_event(owner, ADDRESS, &call)?;
        let ruleset = FIBRE_OSP_1.to_owned();
        client.send_call(owner, ADDRESS, &registerRulesetCall { ruleset })?;
        let offer = NewContract {
            package: package.number,
            tender: 0,
            contractor: builder.address(),
            certifier: surveyor.address(),
            documents: B256::repeat_byte(1),
            ruleset: keccak256(FIBRE_OSP_1),
            terms: terms(now),
        };
        let call = formContractCall { offer };
        let offered: ContractOffered = client.send_for_event(owner, ADDRESS, &call)?;
        let contract = offered.number;
        let milestones = vec![NewMilestone {
            title: word("measured"),
            dueAt: now + 30 * DAY,
            plannedDays: 30,
            tested: true,
            signers: 0,
        }];
        let call = addMilestonesCall {
            number: contract,
            milestones,
        };
        client.send_call(owner, ADDRESS, &call)?;
        let lines = vec![Line {
            quantity: 1_000,
            rate: 100,
            milestone: 1,
            done: 0,
        }];
        let call = addLinesCall {
            number: contract,
            lines,
        };
        client.send_call(owner, ADDRESS, &call)?;
        let call = acceptContractCall {
            number: contract,
            sum: 100,
        };
        client.send_call(builder, ADDRESS, &call)?;
        let seed = |end: u8| {
            let seed = keccak256([builder.address().as_slice(), &[end]].concat());
            DeviceSecret::from_bytes(Algorithm::Ed25519, &seed.0)
        };
        let instruments = [seed(0)?, seed(1)?];
        let chain = client.chain_id()?;
        for instrument in &instruments {
            let key = instrument.key();
            let message = key.enrolment(chain, DEVICES, builder.address());
            let call = enrolCall {
                algorithm: key.algorithm().number(),
                key: key.bytes().to_vec().into(),
                model: "OTDR".to_owned(),
                calibratedUntil: 0,
                proof: instrument.sign(message.as_slice()).to_vec().into(),
            };
            client.send_call(builder, DEVICES, &call)?;
        }
        Ok(Self {
            builder,
            surveyor,
            instruments,
            contract,
            counter: 0,
        })
    }

    /// Orders fibres.
    fn order(&self, client: &Client, fibres: &[&str]) -> eyre::Result<u64> {
        let listed = |instrument: &DeviceSecret, serial| Instrument {
            device: instrument.key().id().0,
            serial: word(serial),
        };
        let [near, far] = &self.instruments;
        let now = client.block_time()?;
        let design = Design {
            cable: word("KABEL-1"),
            fibres: fibres.iter().map(|fibre| word(fibre)).collect(),
            sectors: Vec::new(),
            bandFromHz: 0,
            bandToHz: 0,
            wavelengths: vec![1310, 1550],
            groupIndices: Vec::new(),
            bidirectional: true,
            lengthMm: 4_000_000,
            splices: 2,
            connectors: 2,
            pulseMaxNs: 100,
            averagingMinS: 1,
            windowFrom: now,
            windowTo: now + DAY,
            latitude: 0,
            longitude: 0,
            radiusMm: 0,
            instruments: vec![listed(near, "SN-A"), listed(far, "SN-B")],
        };
        let call = issueOrderCall {
            contract_: self.contract,
            milestone: 1,
            design,
        };
        let issued: OrderIssued = client.send_for_event(self.surveyor, ADDRESS, &call)?;
        Ok(issued.number)
    }

    /// A file that its instrument signs under a nonce.
    fn evidence(
        &mut self,
        order: u64,
        nonce: B256,
        made: &made::Made,
    ) -> eyre::Result<submitEvidenceCall> {
        let file = made.file();
        let back = made.serial == "SN-B";
        let record = |name: &str, value| Record {
            name: name.to_owned(),
            unit: None,
            value,
            offset: 0,
        };
        let end = if back { "B" } else { "A" };
        self.counter += 1;
        let reading = Reading {
            counter: self.counter,
            time: u64::from(made.time) * 1_000,
            pack: vec![
                record("sha256", Measured::Data(Sha256::digest(&file).to_vec())),
                record("fibre", Measured::Text(made.fibre.to_owned())),
                record("nm", Measured::integer(made.wavelength.into())),
                record("end", Measured::Text(end.to_owned())),
            ],
            nonce: Some(nonce.to_vec()),
            origin: None,
        };
        let [near, far] = &self.instruments;
        let envelope = Envelope::sign(if back { far } else { near }, reading)?;
        Ok(submitEvidenceCall {
            order,
            reading: envelope.bytes().to_vec().into(),
            file: file.into(),
        })
    }
}

/// What an account sends next, signed ahead.
struct Queue<'a> {
    account: &'a Account,
    nonce: u64,
    chain: u64,
}

impl<'a> Queue<'a> {
    fn of(client: &Client, account: &'a Account) -> eyre::Result<Self> {
        let params = (account.address(), "latest");
        let nonce: alloy_primitives::U64 = client.request("eth_getTransactionCount", params)?;
        Ok(Self {
            account,
            nonce: nonce.to(),
            chain: client.chain_id()?,
        })
    }

    fn sign(&mut self, to: Address, call: &impl SolCall, gas: u64) -> eyre::Result<Signed> {
        let input = call.abi_encode().into();
        let signed = Signed::call(self.account, (self.chain, self.nonce), to, input, gas)?;
        self.nonce += 1;
        Ok(signed)
    }
}

/// Sends everything at once, senders by turns, and says how fast it became final.
fn load(
    report: &mut Report,
    network: &Network,
    client: &Client,
    queues: Vec<Vec<Signed>>,
    what: &str,
) -> eyre::Result<()> {
    let outcome = load::all(&network.urls, &queues)?;
    for signed in queues.iter().flatten() {
        load::taken(client, &signed.hash)?;
    }
    let count = outcome.finalised;
    let beside = format!(
        "{count} in {} blocks; final after p50 {:.0} ms, p95 {:.0} ms",
        outcome.blocks,
        quantile(&outcome.latencies, 0.5),
        quantile(&outcome.latencies, 0.95),
    );
    report.figure(what, outcome.rate(), "tx/s", Bar::AtLeast(RATE), &beside)
}

fn evidence(
    report: &mut Report,
    network: &Network,
    client: &Client,
    deals: &mut [Deal<'_>],
) -> eyre::Result<()> {
    let (mut orders, mut queues) = (Vec::new(), Vec::new());
    let mut latest = 0;
    for deal in deals.iter_mut() {
        let order = deal.order(client, &FIBRES)?;
        orders.push(order);
        // Instruments measure from when they are enrolled on, one file a second.
        let mut time = u32::try_from(client.block_time()? + 1)?;
        let mut queue = Queue::of(client, deal.builder)?;
        let mut signed = Vec::new();
        for name in FIBRES {
            let asked = fibreCall {
                order,
                name: word(name),
            };
            let nonce = client.call(ADDRESS, &asked)?.nonce;
            for (nm, back) in [(1310, false), (1310, true), (1550, false), (1550, true)] {
                time += 1;
                let mut made = made::fibre(name, nm, back, [40, 60], time);
                // Two traces with the same noise are one, and copied.
                made.seed = order * 1_000 + u64::from(time) % 1_000;
                let call = deal.evidence(order, nonce, &made)?;
                signed.push(queue.sign(ADDRESS, &call, EVIDENCE_GAS)?);
            }
        }
        queues.push(signed);
        latest = latest.max(time);
    }
    // What is dated later than the block that takes it is no evidence.
    while client.block_time()? <= u64::from(latest) {
        thread::sleep(PAUSE);
    }
    load(
        report,
        network,
        client,
        queues,
        "evidence: raw traces read, derived again, judged",
    )?;
    for number in orders {
        let order = client.call(ADDRESS, &orderOfCall { number })?;
        let accepted = usize::try_from(order.accepted)?;
        ensure!(accepted == FIBRES.len(), "{accepted} fibres were accepted");
    }
    Ok(())
}

fn documents(
    report: &mut Report,
    network: &Network,
    client: &Client,
    accounts: &[Account],
) -> eyre::Result<()> {
    let mut queues = Vec::new();
    for (party, account) in accounts.iter().enumerate() {
        let mut queue = Queue::of(client, account)?;
        let mut signed = Vec::new();
        for number in 0..DOCUMENTS {
            let call = addDocumentCall {
                project: 1,
                container: Container {
                    project: word("VAL1"),
                    originator: word("BLD"),
                    volume: word("ZZ"),
                    level: word("01"),
                    kind: word("DR"),
                    role: word("E"),
                    number: word(&format!("{party}{number:04}")),
                },
                first: Revision {
                    revision: word("P01"),
                    status: word("S2"),
                    content: B256::repeat_byte(1),
                    record: B256::ZERO,
                    by: Address::ZERO,
                    at: 0,
                },
            };
            signed.push(queue.sign(ADDRESS, &call, DOCUMENT_GAS)?);
        }
        queues.push(signed);
    }
    let expected = u64::try_from(accounts.len() * DOCUMENTS)?;
    load(
        report,
        network,
        client,
        queues,
        "register: documents entered",
    )?;
    let what = Kind::Document;
    let entered = client.call(ADDRESS, &countCall { what })?;
    ensure!(entered == expected, "{entered} documents were entered");
    Ok(())
}

/// One file as large as a real one.
fn large(report: &mut Report, client: &Client, deal: &mut Deal<'_>) -> eyre::Result<()> {
    let order = deal.order(client, &["L01"])?;
    let asked = fibreCall {
        order,
        name: word("L01"),
    };
    let nonce = client.call(ADDRESS, &asked)?.nonce;
    // After the files of the first order.
    let time = u32::try_from(client.block_time()? + 1)?;
    let mut made = made::fibre("L01", 1310, false, [40, 60], time);
    made.own_block = LARGE_BYTES - made.file().len();
    let call = deal.evidence(order, nonce, &made)?;
    let bytes = call.file.len();
    while client.block_time()? <= u64::from(time) {
        thread::sleep(PAUSE);
    }
    let since = Instant::now();
    let taken: EvidenceTaken = client.send_for_event(deal.builder, ADDRESS, &call)?;
    let took = since.elapsed().as_secs_f64() * 1e3;
    ensure!(taken.weight == 0, "the large file is no clean evidence");
    let beside = format!("{bytes} bytes, from sending to final");
    report.figure(
        "a raw file in one transaction",
        took,
        "ms",
        Bar::None,
        &beside,
    )
}
