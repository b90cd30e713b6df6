//! What the messages cost: gas, and how often a member that has nothing in memory stops to load state. A
//! change of either shows in the diff. What the bytes of a transaction cost comes on top.

use std::fmt::Write as _;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use commonhold_reading::Value;
use commonhold_works_contract::{
    ADDRESS,
    arl::RADIO_1,
    interface::IWorks::{
        NoticeKind, Part, Sector, acceptContractCall, addLinesCall, addMilestonesCall,
        applyForPaymentCall, certifyPaymentCall, claimMilestoneCall, creditCall, formContractCall,
        fundCall, giveNoticeCall, issueOrderCall, outcomesCall, payCall, raiseDefectCall,
        settleMilestoneCall, submitEvidenceCall, writeDiaryCall,
    },
    limits::{LINES_PER_CALL_MAX, ORDER_FIBRES_MAX},
    shape::word,
};

use sha2::{Digest as _, Sha256};

use crate::{
    made::fibre,
    world::{
        BUILDER, CENT, DAY, NOW, OPERATOR, STRANGER, SUM, SURVEYOR, WHY, WINDOW, World, bill, line,
        milestones, record,
    },
};

/// How often a transaction may make a proposer load state before it is left out: the machine's
/// `TRANSACTION_ROUNDS_MAX`.
const PATIENCE: u64 = 32;

struct Table {
    world: World,
    text: String,
}

impl Table {
    fn line<C: SolCall>(&mut self, what: &str, from: Address, call: C) -> C::Return {
        let answer = self.world.bench.send(from, ADDRESS, call).unwrap();
        self.note(what);
        answer
    }

    fn view<C: SolCall>(&mut self, what: &str, call: C) {
        self.world.bench.view(ADDRESS, call).unwrap();
        self.note(what);
    }

    fn note(&mut self, what: &str) {
        let (gas, stops) = (self.world.bench.gas_used(), self.world.bench.stops());
        assert!(stops <= PATIENCE, "{what} loads state {stops} times");
        writeln!(self.text, "{what:<36} {gas:>9} gas {stops:>3} stops").unwrap();
    }
}

/// A line for each message of the main way, and for the largest calls.
pub(crate) fn table() -> String {
    let mut world = World::new();
    let package = world.package();
    let offer = world.offer(package, 0);
    let mut table = Table {
        world,
        text: String::new(),
    };
    let number = table.line(
        "formContract",
        OPERATOR,
        formContractCall {
            offer: offer.clone(),
        },
    );
    table.line(
        "addMilestones, two",
        OPERATOR,
        addMilestonesCall {
            number,
            milestones: milestones(),
        },
    );
    table.line(
        "addLines, three",
        OPERATOR,
        addLinesCall {
            number,
            lines: bill(),
        },
    );
    table.line(
        "acceptContract",
        BUILDER,
        acceptContractCall { number, sum: SUM },
    );
    let amount = U256::from(SUM) * U256::from(CENT);
    table.line("fund", OPERATOR, fundCall { number, amount });
    let design = table.world.design(&["K01"]);
    let issue = |design| issueOrderCall {
        contract_: number,
        milestone: 1,
        design,
    };
    let order = table.line("issueOrder, one fibre", SURVEYOR, issue(design.clone()));
    for (wavelength, back) in [(1310, false), (1310, true), (1550, false), (1550, true)] {
        table.world.wait(60);
        let time = u32::try_from(table.world.bench.now()).unwrap();
        let made = fibre("K01", wavelength, back, [40, 60], time);
        let call = table.world.evidence(order, &made);
        let what = if (wavelength, back) == (1550, true) {
            "submitEvidence, judged"
        } else {
            "submitEvidence"
        };
        table.line(what, BUILDER, call);
    }
    table.view(
        "outcomes",
        outcomesCall {
            order,
            name: word("K01"),
        },
    );
    let (contract_, milestone) = (number, 1);
    table.line(
        "claimMilestone",
        BUILDER,
        claimMilestoneCall {
            contract_,
            milestone,
        },
    );
    table.world.wait(u64::from(WINDOW) + 1);
    table.line(
        "settleMilestone",
        STRANGER,
        settleMilestoneCall {
            contract_,
            milestone,
        },
    );
    let done = vec![500, 1000, 0];
    table.line(
        "applyForPayment",
        BUILDER,
        applyForPaymentCall {
            contract_,
            done: done.clone(),
        },
    );
    table.line(
        "certifyPayment",
        SURVEYOR,
        certifyPaymentCall {
            contract_,
            done,
            reason: B256::ZERO,
        },
    );
    table.line(
        "pay",
        STRANGER,
        payCall {
            contract_,
            number: 1,
        },
    );
    let defect = raiseDefectCall {
        contract_,
        milestone: 1,
        category: 1,
        allowedDays: 5,
        what: WHY,
    };
    table.line("raiseDefect", SURVEYOR, defect);
    let notice = giveNoticeCall {
        contract_,
        kind: NoticeKind::Claim,
        to: SURVEYOR,
        aware: NOW,
        about: 0,
        content: WHY,
    };
    table.line("giveNotice", BUILDER, notice);
    let day = u32::try_from(NOW / DAY).unwrap();
    let page = writeDiaryCall {
        contract_,
        day,
        crew: 1,
        plant: 1,
        weather: 0,
        content: WHY,
    };
    table.line("writeDiary", BUILDER, page);
    table.view(
        "credit",
        creditCall {
            party: BUILDER,
            part: Part::Executor,
        },
    );

    sector(&mut table);

    // The largest of what has a limit.
    let package = table.world.package();
    let offer = commonhold_works_contract::interface::IWorks::NewContract { package, ..offer };
    let number = table
        .world
        .send(OPERATOR, formContractCall { offer })
        .unwrap();
    table.line(
        "addMilestones, two",
        OPERATOR,
        addMilestonesCall {
            number,
            milestones: milestones(),
        },
    );
    for _ in 0..4 {
        let lines = vec![line(1_000, 100, 0); LINES_PER_CALL_MAX];
        table.line(
            "addLines, LINES_PER_CALL_MAX",
            OPERATOR,
            addLinesCall { number, lines },
        );
    }
    let sum = u64::try_from(4 * LINES_PER_CALL_MAX * 100).unwrap();
    table.line(
        "acceptContract",
        BUILDER,
        acceptContractCall { number, sum },
    );
    let mut wide = design;
    wide.fibres = (0..ORDER_FIBRES_MAX)
        .map(|n| word(&format!("F{n:02}")))
        .collect();
    let call = issueOrderCall {
        contract_: number,
        milestone: 1,
        design: wide,
    };
    table.line("issueOrder, ORDER_FIBRES_MAX", SURVEYOR, call);
    let done = vec![500; 4 * LINES_PER_CALL_MAX];
    let apply = applyForPaymentCall {
        contract_: number,
        done: done.clone(),
    };
    table.line("applyForPayment, LINES_MAX", BUILDER, apply);
    let certify = certifyPaymentCall {
        contract_: number,
        done,
        reason: B256::ZERO,
    };
    table.line("certifyPayment, LINES_MAX", SURVEYOR, certify);
    table.text
}

/// A sector of a radio site, swept in 401 points, which is what an instrument has.
fn sector(table: &mut Table) {
    let contract_ = table.world.radio_contract(RADIO_1);
    let sector = Sector {
        name: word("S1"),
        azimuth: 3_000,
        tilt: 400,
        heightMm: 32_000,
        power: 5_300,
    };
    let design = table.world.site(vec![sector]);
    let call = issueOrderCall {
        contract_,
        milestone: 1,
        design,
    };
    let order = table.line("issueOrder, one sector", SURVEYOR, call);
    let mut sweep = "# MHz S RI R 50\n".to_owned();
    for half in 0..401 {
        writeln!(
            sweep,
            "{}.{} 0.05{half:03} 0.0",
            3_400 + half / 2,
            half % 2 * 5
        )
        .unwrap();
    }
    let sweep = sweep.into_bytes();
    let integer = |name, value| record(name, Value::integer(value));
    let now = table.world.bench.now();
    let pack = vec![
        record("sha256", Value::Data(Sha256::digest(&sweep).to_vec())),
        record("sector", Value::Text("S1".to_owned())),
        integer("azimuth", 3_000),
        integer("tilt", 400),
        integer("height", 32_000),
        integer("power", 5_300),
        integer("earth", 5_000),
        integer("hdop", 130),
        integer("fix", 3),
        integer("fixed", now.cast_signed()),
        integer("lat", 471_000_000),
        integer("lon", 85_000_000),
    ];
    let nonce = table.world.nonce(order, "S1");
    let call = submitEvidenceCall {
        order,
        reading: table.world.near.sign(now, nonce, pack),
        file: sweep.into(),
    };
    table.line("submitEvidence, a sector, judged", BUILDER, call);
}
