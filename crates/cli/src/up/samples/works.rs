//! The works part of the samples: a section of fibre, tendered, half built, half paid.
//!
//! ```text
//! a tender won, another still sealed ── contract, money set aside ── three fibres: accepted, rejected, and one
//! that nobody measured, for review ── a milestone certified and paid ── and of each kind something that waits:
//! a milestone to sign, a payment to certify, a variation, an inspection, a mended defect, a notice, a document
//! ```

use std::{thread, time::Duration};

use commonhold_sdk::{
    devices::Description,
    reading::{Algorithm, DeviceSecret},
    readings::write_key,
};
use eyre::{OptionExt as _, bail};
use serde_json::{Value, json};

use super::{
    town::{Town, count, number},
    trace,
};
use crate::limits::{SAMPLES_PAUSE_MS, SAMPLES_TRIES_MAX};

const BILL: &str = "item,description,unit,quantity,rate
1,\"Cable, blown in and spliced\",m,4000.000,2.10
2,\"Measured, both ways\",each,12.000,40.00
3,Surfaces made good,m2,350.000,18.50
";
const RULESET: &[u8] = include_bytes!("../../../../../samples/works/ruleset.json");

/// The traces of `samples/works`, in the order in which they are measured.
const TRACES: &[(&str, &[u8])] = &[
    (
        "K01_AB_1310.sor",
        include_bytes!("../../../../../samples/works/traces/K01_AB_1310.sor"),
    ),
    (
        "K01_BA_1310.sor",
        include_bytes!("../../../../../samples/works/traces/K01_BA_1310.sor"),
    ),
    (
        "K01_AB_1550.sor",
        include_bytes!("../../../../../samples/works/traces/K01_AB_1550.sor"),
    ),
    (
        "K01_BA_1550.sor",
        include_bytes!("../../../../../samples/works/traces/K01_BA_1550.sor"),
    ),
    (
        "K02_AB_1310.sor",
        include_bytes!("../../../../../samples/works/traces/K02_AB_1310.sor"),
    ),
    (
        "K02_BA_1310.sor",
        include_bytes!("../../../../../samples/works/traces/K02_BA_1310.sor"),
    ),
    (
        "K02_AB_1550.sor",
        include_bytes!("../../../../../samples/works/traces/K02_AB_1550.sor"),
    ),
    (
        "K02_BA_1550.sor",
        include_bytes!("../../../../../samples/works/traces/K02_BA_1550.sor"),
    ),
];

/// Traces of a third fibre that no instrument measured.
const EMULATED: &[(&str, &[u8])] = &[
    (
        "K03_AB_1310.sor",
        include_bytes!("../../../../../samples/works/emulated/K03_AB_1310.sor"),
    ),
    (
        "K03_BA_1310.sor",
        include_bytes!("../../../../../samples/works/emulated/K03_BA_1310.sor"),
    ),
    (
        "K03_AB_1550.sor",
        include_bytes!("../../../../../samples/works/emulated/K03_AB_1550.sor"),
    ),
    (
        "K03_BA_1550.sor",
        include_bytes!("../../../../../samples/works/emulated/K03_BA_1550.sor"),
    ),
];

/// The near and the far instrument, by the serial numbers in their files.
const INSTRUMENTS: [(&str, u8); 2] = [("near.key", 1), ("far.key", 2)];

/// Who deals, with what stands behind each of them.
const PARTIES: [&str; 4] = ["nordnet", "hill", "ridge", "vera"];

/// Seconds that an instrument averages at least, and no two of its traces lie closer together.
const AVERAGING_S: u64 = 16;

const DAY: u64 = 86_400;

/// The section, and whoever deals with it.
struct Works<'a> {
    town: &'a Town<'a>,
    /// The ledger's time when they begin.
    start: u64,
}

/// A member admits the parties.
pub(super) fn admit(town: &Town<'_>, member: &str) -> eyre::Result<()> {
    for party in PARTIES {
        let words = format!("works party enrol {party} --group {party}");
        town.say(member, &words)?;
    }
    Ok(())
}

/// Says all of it. The last thing is the second project of which [`is_filled`] knows.
pub(super) fn fill(town: &Town<'_>) -> eyre::Result<()> {
    let start = town.client()?.block_time()?;
    let works = Works { town, start };
    works.tenders()?;
    works.contract()?;
    works.evidence()?;
    works.payment()?;
    works.papers()?;
    works.says("nordnet", &["project", "open", "Harbour link"])?;
    Ok(())
}

/// How far an earlier run came: whether it began, and whether it came to its end.
pub(super) fn is_filled(town: &Town<'_>) -> eyre::Result<(bool, bool)> {
    let told = town.say("nordnet", "works project list")?;
    let projects = told
        .as_array()
        .map_or_else(|| count(&told, "projects"), Vec::len);
    Ok((projects > 0, projects > 1))
}

impl Works<'_> {
    fn says(&self, who: &str, words: &[&str]) -> eyre::Result<Value> {
        self.town.says(who, &[&["works"], words].concat())
    }

    fn say(&self, who: &str, line: &str) -> eyre::Result<Value> {
        self.town.say(who, &format!("works {line}"))
    }

    /// Says a line until it is taken: the ledger's clock has to come to something first.
    fn waits(&self, who: &str, line: &str) -> eyre::Result<Value> {
        for _ in 0..SAMPLES_TRIES_MAX {
            match self.say(who, line) {
                Ok(told) => return Ok(told),
                Err(_) => thread::sleep(Duration::from_millis(SAMPLES_PAUSE_MS)),
            }
        }
        self.say(who, line)
    }

    /// One section's bids are open and awarded, another's are sealed for a week.
    fn tenders(&self) -> eyre::Result<()> {
        self.says("nordnet", &["project", "open", "Valley fibre"])?;
        self.says("nordnet", &["package", "add", "1", "Section 1"])?;
        self.says("nordnet", &["package", "add", "1", "Section 2"])?;
        self.say("nordnet", "tender open 1 --seconds 8")?;
        for (who, price) in [("hill", 1_535_500), ("ridge", 1_610_000)] {
            let bid = json!({ "price_minor": price, "days": 40 });
            let file = self.town.lay(&format!("bid-{who}.json"), bid.to_string())?;
            self.says(who, &["tender", "bid", "1", &file])?;
        }
        self.say("nordnet", "tender open 2 --seconds 604800")?;
        let file = self.town.file("bid-ridge.json")?;
        self.says("ridge", &["tender", "bid", "2", &file])?;
        self.waits("nordnet", "tender reveal 1")?;
        let award = ["tender", "award", "1", "hill", "--reason", "the lowest"];
        self.says("nordnet", &award)?;
        Ok(())
    }

    fn contract(&self) -> eyre::Result<()> {
        let due = self.start.saturating_add(30 * DAY);
        let tested = |title: &str| json!({ "title": title, "due_unix": due, "planned_days": 30, "tested": true });
        let form = json!({
            "package": 1, "tender": 1, "contractor": "hill", "certifier": "vera",
            "terms": {
                "retention_permille": 50, "retention_release_at_completion_permille": 500,
                "ld_minor_per_day": 5_000, "ld_cap_permille": 100,
                "due_unix": due, "objection_seconds": 0,
            },
            "milestones": [
                tested("First fibre measured"),
                tested("Others measured"),
                {
                    "title": "Surfaces made good", "due_unix": due, "planned_days": 40,
                    "signers": ["owner", "certifier"],
                },
            ],
            "line_milestones": [1, 2, 3],
        });
        let form = self.town.lay("contract.json", form.to_string())?;
        let bill = self.town.lay("bill.csv", BILL)?;
        let ruleset = self.town.lay("ruleset.json", RULESET)?;
        self.says("nordnet", &["contract", "offer", &form, &bill, &ruleset])?;
        self.say("hill", "contract accept 1")?;
        self.say("nordnet", "contract fund 1 15355.00")?;
        Ok(())
    }

    /// The two instruments of the contractor, and an order for each milestone.
    fn orders(&self) -> eyre::Result<u64> {
        let client = self.town.client()?;
        let mut devices = Vec::new();
        for (file, seed) in INSTRUMENTS {
            let hill = self.town.account("hill")?;
            let secret = hill.salt(format!("commonhold samples: instrument {seed}").as_bytes());
            let secret = DeviceSecret::from_bytes(Algorithm::Ed25519, &secret.0)?;
            let description = Description {
                model: "OTDR".to_owned(),
                ..Description::default()
            };
            client.enrol(hill, &secret, &description)?;
            self.town.lay(file, write_key(&secret))?;
            devices.push(secret.key().id().to_string());
        }
        let devices = devices.join(",");
        // What is measured from the next second on was measured by an enrolled instrument.
        let enrolled = client.block_time()?.saturating_add(1);
        for (milestone, fibres) in [(1, vec!["K01"]), (2, vec!["K02", "K03"])] {
            let order = json!({
                "work_order": format!("WO-VALLEY-{milestone}"), "cable_id": "KABEL-1", "fibre_type": "G.652.D",
                "design_length_mm": 4_000_000, "design_splices": 2, "panel_connectors": 2,
                "connector_polish": "UPC", "wavelengths_nm": [1310, 1550], "bidirectional": true,
                "fibres": fibres, "enrolled_otdr_serials": ["SN-A", "SN-B"],
                "test_window_unix": [self.start, self.start.saturating_add(30 * DAY)],
                "max_pulse_ns": 100, "min_averaging_time_s": AVERAGING_S,
            });
            let file = self
                .town
                .lay(&format!("order-{milestone}.json"), order.to_string())?;
            let milestone = milestone.to_string();
            let issue = [
                "order", "issue", "1", &milestone, &file, "--device", &devices,
            ];
            self.says("vera", &issue)?;
        }
        Ok(enrolled)
    }

    /// The first fibre is accepted. The second has a splice that has to be made again. The third is for the
    /// certifier to look at.
    fn evidence(&self) -> eyre::Result<()> {
        let enrolled = self.orders()?;
        for (number, (name, trace)) in (0u64..).zip(TRACES.iter().chain(EMULATED)) {
            let time = u32::try_from(enrolled.saturating_add(number.saturating_mul(AVERAGING_S)))?;
            let trace = trace::at(trace, time).ok_or_eyre("a sample trace is no trace")?;
            self.town.lay(name, trace)?;
        }
        let keys: Vec<String> = INSTRUMENTS
            .iter()
            .map(|(file, _)| self.town.file(file))
            .collect::<Result<_, _>>()?;
        let submits = |order: &str, names: &[&(&str, &[u8])]| {
            let files: Vec<String> = names
                .iter()
                .map(|(name, _)| self.town.file(name))
                .collect::<Result<_, _>>()?;
            let mut words = vec!["works", "evidence", "submit", order];
            words.extend(keys.iter().flat_map(|key| ["--key", key]));
            words.extend(files.iter().map(String::as_str));
            self.town.hears("hill", &words).map(drop)
        };
        let (first, second): (Vec<_>, Vec<_>) =
            TRACES.iter().partition(|(name, _)| name.starts_with("K01"));
        submits("1", &first)?;
        submits("2", &second)?;
        submits("2", &EMULATED.iter().collect::<Vec<_>>())
    }

    /// The first milestone is certified because nobody objected; its line is paid, the next applied for.
    fn payment(&self) -> eyre::Result<()> {
        if self.say("vera", "verdict 1")?.get("K01") != Some(&json!("ACCEPT")) {
            bail!("the first sample fibre is not accepted");
        }
        self.say("hill", "milestone claim 1 1")?;
        self.waits("nordnet", "milestone settle 1 1")?;
        self.say("hill", "apply 1 1000,0,0")?;
        let certified = self.say("vera", "certify 1 1000,0,0")?;
        number(&certified, "paymentMinor")?;
        self.say("nordnet", "pay 1")?;
        self.say("hill", "milestone claim 1 3")?;
        self.say("nordnet", "milestone sign 1 3 approve")?;
        self.say("hill", "apply 1 1000,0,600")?;
        Ok(())
    }

    fn papers(&self) -> eyre::Result<()> {
        let lid = "the lid of chamber 4 is loose";
        self.says("vera", &["defect", "raise", "1", lid])?;
        self.say("hill", "defect fix 1")?;
        let paint = "a scratch on cabinet 2";
        let small = ["defect", "raise", "1", paint, "--category", "3"];
        self.says("vera", &small)?;
        self.says(
            "hill",
            &[
                "vary",
                "propose",
                "1",
                "a second duct under the road",
                "--quantity-milli",
                "80000",
                "--rate-minor",
                "3500",
                "--days",
                "4",
            ],
        )?;
        self.say("hill", "inspection ask 1 3")?;
        let bill = self.town.file("bill.csv")?;
        for (container, status) in [
            ("VAL1-HIL-ZZ-01-DR-E-0001", "S2"),
            ("VAL1-HIL-ZZ-01-DR-E-0002", "S0"),
        ] {
            self.says(
                "hill",
                &["doc", "add", "1", container, &bill, "--status", status],
            )?;
        }
        self.say("hill", "doc transmit 1 1 --to nordnet,vera --for as-built")?;
        self.say("vera", "doc ack 1")?;
        let question = [
            "notice",
            "give",
            "1",
            "rfi",
            "which lid is meant?",
            "--to",
            "vera",
        ];
        self.says("hill", &question)?;
        let warning = "the road is closed for a week";
        let early = [
            "notice",
            "give",
            "1",
            "early-warning",
            warning,
            "--to",
            "nordnet",
        ];
        self.says("hill", &early)?;
        let diary = ["diary", "1", "all of section 1 measured", "--crew", "4"];
        self.says("hill", &diary)?;
        self.says(
            "hill",
            &[
                "credit",
                "appeal",
                "1",
                "--grounds",
                "the lid was there before",
            ],
        )?;
        Ok(())
    }
}
