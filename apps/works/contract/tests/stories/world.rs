//! The people of the stories, and what they begin with.

use std::fmt::Debug;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolError};
use commonhold_module::{
    Outcome,
    bench::{Bench, account, genesis},
};
use commonhold_primitives::{
    Genesis,
    system::{DEVICES, SEALS, TOKEN},
};
use commonhold_reading::{Algorithm, DeviceId, DeviceSecret, Envelope, Reading, Record, Value};
use commonhold_seal::{Group, Identity, SealShare, deal};
use commonhold_system::{
    devices::interface::IDevices::enrolCall,
    seals::interface::ISeals::publishCall,
    token::interface::IToken::{approveCall, approveIssueCall, proposeIssueCall},
};
use commonhold_works_contract::{
    ADDRESS,
    arl::FIBRE_OSP_1,
    interface::IWorks::{
        Clocks, Design, Instrument as Listed, Line, NewContract, NewMilestone, Profile, Sector,
        Silence, Terms, Verdict, acceptContractCall, addLinesCall, addMilestonesCall,
        addPackageCall, claimMilestoneCall, enrolPartyCall, fibreCall, formContractCall, fundCall,
        issueOrderCall, openProjectCall, registerRulesetCall, settleMilestoneCall,
        submitEvidenceCall, submitEvidenceReturn,
    },
    shape::word,
};
use commonware_utils::TestRng;
use sha2::{Digest as _, Sha256};

use crate::made::{Made, fibre};

/// Members of the consortium.
pub(crate) const MEMBERS: [Address; 4] = [account(1), account(2), account(3), account(4)];
/// The operator: it owns the network that is built, and pays.
pub(crate) const OPERATOR: Address = account(0xa1);
/// The contractor.
pub(crate) const BUILDER: Address = account(0xb1);
/// Its subcontractor.
pub(crate) const SPLICER: Address = account(0xb2);
/// Another contractor.
pub(crate) const RIVAL: Address = account(0xb3);
/// Who certifies.
pub(crate) const SURVEYOR: Address = account(0xc1);
/// A shell of the operator's.
pub(crate) const SHELL: Address = account(0xa2);
/// Nobody in particular.
pub(crate) const STRANGER: Address = account(0xf0);

/// When the stories begin: when the window of the traces does.
pub(crate) const NOW: u64 = 1_790_000_000;
pub(crate) const HOUR: u64 = 3_600;
pub(crate) const DAY: u64 = 86_400;
/// Units of the token that a cent is.
pub(crate) const CENT: u64 = 10_000_000;
/// Seconds for objections.
pub(crate) const WINDOW: u32 = 48 * 3_600;

pub(crate) const WHY: B256 = B256::repeat_byte(0x77);

/// An instrument, with its key.
#[derive(Clone)]
pub(crate) struct Instrument {
    secret: DeviceSecret,
    pub(crate) device: DeviceId,
    pub(crate) counter: u64,
}

pub(crate) struct World {
    pub(crate) bench: Bench,
    group: Group,
    sharers: Vec<SealShare>,
    pub(crate) near: Instrument,
    pub(crate) far: Instrument,
}

pub(crate) fn ruleset() -> String {
    FIBRE_OSP_1.to_owned()
}

pub(crate) fn terms() -> Terms {
    Terms {
        retention: 50,
        retentionCap: 1_000,
        releaseAtCompletion: 500,
        damagesPerDay: 10_000,
        damagesCap: 100,
        advance: 100,
        advanceRecovery: 200,
        dueAt: NOW + 60 * DAY,
        objectionSeconds: WINDOW,
        defectsDays: 90,
        deemedDays: 2,
        unitsPerMinor: CENT,
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

pub(crate) fn line(quantity: u64, rate: u64, milestone: u16) -> Line {
    Line {
        quantity,
        rate,
        milestone,
        done: 0,
    }
}

/// Trenches by the metre, splices by the piece, and a drawing at the end.
pub(crate) fn bill() -> Vec<Line> {
    vec![
        line(4_000_000, 2_500, 0),
        line(48_000, 10_000, 1),
        line(1_000, 520_000, 2),
    ]
}

/// What the bill comes to: a hundred and ten thousand.
pub(crate) const SUM: u64 = 10_000_000 + 480_000 + 520_000;

pub(crate) fn milestones() -> Vec<NewMilestone> {
    let step = |title, days, tested, signers| NewMilestone {
        title: word(title),
        dueAt: NOW + days * DAY,
        plannedDays: 30,
        tested,
        signers,
    };
    vec![
        step("fibres measured", 30, true, 0),
        step("as-built drawing", 60, false, 3),
    ]
}

impl Instrument {
    fn new(seed: u8) -> Self {
        let secret = DeviceSecret::from_bytes(Algorithm::Ed25519, &[seed; 32]).unwrap();
        let device = secret.key().id();
        Self {
            secret,
            device,
            counter: 0,
        }
    }

    pub(crate) fn sign(&mut self, time: u64, nonce: B256, pack: Vec<Record>) -> Bytes {
        self.counter += 1;
        let reading = Reading {
            counter: self.counter,
            time: time * 1_000,
            pack,
            nonce: Some(nonce.to_vec()),
            origin: None,
        };
        let envelope = Envelope::sign(&self.secret, reading).unwrap();
        Bytes::copy_from_slice(envelope.bytes())
    }
}

pub(crate) fn record(name: &str, value: Value) -> Record {
    Record {
        name: name.to_owned(),
        unit: None,
        value,
        offset: 0,
    }
}

/// What an instrument says of a file.
pub(crate) fn pack(file: &[u8], fibre: &str, nm: u16, end: &str) -> Vec<Record> {
    vec![
        record("sha256", Value::Data(Sha256::digest(file).to_vec())),
        record("fibre", Value::Text(fibre.to_owned())),
        record("nm", Value::integer(nm.into())),
        record("end", Value::Text(end.to_owned())),
    ]
}

impl World {
    /// Four members with a seal key, parties admitted by them, money, and two instruments of the builder's.
    pub(crate) fn new() -> Self {
        Self::new_at(NOW)
    }

    /// The same at another time.
    pub(crate) fn new_at(now: u64) -> Self {
        let mut modules = commonhold_system::modules();
        modules.push(commonhold_works_contract::module());
        let mut bench = Bench::new(modules).unwrap();
        let (group, sharers) = deal(4, &mut TestRng::new(5)).unwrap();
        let founding = Genesis {
            sealing: Some(group.to_bytes().into()),
            ..genesis(4)
        };
        bench.genesis(&founding).unwrap();
        bench.at(now);
        let (near, far) = (Instrument::new(1), Instrument::new(2));
        let mut world = Self {
            bench,
            group,
            sharers,
            near,
            far,
        };
        for who in [OPERATOR, BUILDER, SPLICER, RIVAL, SURVEYOR] {
            world.enrol(who, keccak256(who));
        }
        world.enrol(SHELL, keccak256(OPERATOR));
        world.issue(OPERATOR, SUM * 2);
        let call = approveCall {
            spender: ADDRESS,
            value: U256::MAX,
        };
        world.bench.send(OPERATOR, TOKEN, call).unwrap();
        for instrument in [world.near.clone(), world.far.clone()] {
            world.enrol_device(&instrument, NOW + 365 * DAY);
        }
        world
    }

    pub(crate) fn enrol(&mut self, account: Address, group: B256) {
        let call = enrolPartyCall {
            account,
            group,
            credentials: B256::repeat_byte(0xce),
            until: NOW + 3_000 * DAY,
        };
        self.send(MEMBERS[0], call).unwrap();
    }

    /// Members issue so many cents to somebody.
    pub(crate) fn issue(&mut self, to: Address, cents: u64) {
        let call = proposeIssueCall {
            to,
            amount: U256::from(cents) * U256::from(CENT),
            reason: "paid in".to_owned(),
        };
        let number = self.bench.send(MEMBERS[0], TOKEN, call).unwrap();
        for member in &MEMBERS[1..3] {
            self.bench
                .send(*member, TOKEN, approveIssueCall { number })
                .unwrap();
        }
    }

    pub(crate) fn enrol_device(&mut self, instrument: &Instrument, until: u64) {
        let key = instrument.secret.key();
        let message = key.enrolment(1_337, DEVICES, BUILDER);
        let call = enrolCall {
            algorithm: key.algorithm().number(),
            key: key.bytes().to_vec().into(),
            model: "OTDR".to_owned(),
            calibratedUntil: until,
            proof: instrument.secret.sign(message.as_slice()).to_vec().into(),
        };
        self.bench.send(BUILDER, DEVICES, call).unwrap();
    }

    /// Sends a message to the law; what always holds must hold after it.
    pub(crate) fn send<C: SolCall>(&mut self, from: Address, call: C) -> Outcome<C::Return> {
        let outcome = self.bench.send(from, ADDRESS, call);
        // A copy is checked: the events of this call stay to be looked at.
        assert_eq!(self.bench.clone().invariants(), Ok(vec![]));
        outcome
    }

    pub(crate) fn view<C: SolCall>(&mut self, call: C) -> C::Return {
        self.bench.view(ADDRESS, call).unwrap()
    }

    /// Some time goes by.
    pub(crate) fn wait(&mut self, seconds: u64) {
        let time = self.bench.now() + seconds;
        self.bench.at(time);
    }

    /// Members open a time together, and somebody publishes it.
    pub(crate) fn open_time(&mut self, time: u64) {
        let target = Identity::Time(time).here();
        let partials: Vec<_> = self.sharers[1..]
            .iter()
            .map(|s| s.partial(&target))
            .collect();
        let combined = self.group.combine(&target, &partials).unwrap();
        let call = publishCall {
            time,
            openingKey: Bytes::copy_from_slice(combined.opening.to_bytes().as_slice()),
        };
        self.bench.send(STRANGER, SEALS, call).unwrap();
    }

    pub(crate) fn package(&mut self) -> u64 {
        let title = "Fibre to the valley".to_owned();
        let project = self.send(OPERATOR, openProjectCall { title }).unwrap();
        let title = "Section 1".to_owned();
        self.send(OPERATOR, addPackageCall { project, title })
            .unwrap()
    }

    pub(crate) fn offer(&mut self, package: u64, tender: u64) -> NewContract {
        let ruleset = self
            .send(OPERATOR, registerRulesetCall { ruleset: ruleset() })
            .unwrap();
        NewContract {
            package,
            tender,
            contractor: BUILDER,
            certifier: SURVEYOR,
            documents: B256::repeat_byte(0xd0),
            ruleset,
            terms: terms(),
        }
    }

    /// The operator offers a contract with the bill and the milestones above.
    pub(crate) fn offered(&mut self, offer: NewContract) -> u64 {
        let number = self.send(OPERATOR, formContractCall { offer }).unwrap();
        let milestones = milestones();
        self.send(OPERATOR, addMilestonesCall { number, milestones })
            .unwrap();
        self.send(
            OPERATOR,
            addLinesCall {
                number,
                lines: bill(),
            },
        )
        .unwrap();
        number
    }

    /// And the builder agrees; it is paid for.
    pub(crate) fn contract(&mut self) -> u64 {
        let package = self.package();
        let offer = self.offer(package, 0);
        self.contract_of(offer)
    }

    pub(crate) fn contract_of(&mut self, offer: NewContract) -> u64 {
        let number = self.offered(offer);
        self.send(BUILDER, acceptContractCall { number, sum: SUM })
            .unwrap();
        let amount = U256::from(SUM) * U256::from(CENT);
        self.send(OPERATOR, fundCall { number, amount }).unwrap();
        number
    }

    pub(crate) fn design(&self, fibres: &[&str]) -> Design {
        let listed = |instrument: &Instrument, serial| Listed {
            device: instrument.device.0,
            serial: word(serial),
        };
        Design {
            cable: word("KABEL-1"),
            fibres: fibres.iter().map(|fibre| word(fibre)).collect(),
            sectors: vec![],
            bandFromHz: 0,
            bandToHz: 0,
            wavelengths: vec![1310, 1550],
            groupIndices: vec![],
            bidirectional: true,
            lengthMm: 4_000_000,
            splices: 2,
            connectors: 2,
            pulseMaxNs: 100,
            averagingMinS: 15,
            windowFrom: NOW,
            windowTo: NOW + 90 * DAY,
            latitude: 471_000_000,
            longitude: 85_000_000,
            radiusMm: 0,
            instruments: vec![listed(&self.near, "SN-A"), listed(&self.far, "SN-B")],
        }
    }

    /// A contract that pins RADIO-1.
    pub(crate) fn radio_contract(&mut self, ruleset: &str) -> u64 {
        let ruleset = ruleset.to_owned();
        let ruleset = self
            .send(OPERATOR, registerRulesetCall { ruleset })
            .unwrap();
        let package = self.package();
        let offer = NewContract {
            ruleset,
            ..self.offer(package, 0)
        };
        self.contract_of(offer)
    }

    /// Sectors of a site that the near instrument sweeps from 3.4 to 3.6 GHz.
    pub(crate) fn site(&self, sectors: Vec<Sector>) -> Design {
        let instruments = vec![Listed {
            device: self.near.device.0,
            serial: B256::ZERO,
        }];
        Design {
            cable: B256::ZERO,
            fibres: vec![],
            sectors,
            bandFromHz: 3_400_000_000,
            bandToHz: 3_600_000_000,
            wavelengths: vec![],
            bidirectional: false,
            lengthMm: 0,
            splices: 0,
            connectors: 0,
            pulseMaxNs: 0,
            instruments,
            ..self.design(&[])
        }
    }

    pub(crate) fn order(&mut self, contract: u64, fibres: &[&str]) -> u64 {
        let design = self.design(fibres);
        self.order_of(contract, design)
    }

    pub(crate) fn order_of(&mut self, contract: u64, design: Design) -> u64 {
        let call = issueOrderCall {
            contract_: contract,
            milestone: 1,
            design,
        };
        self.send(SURVEYOR, call).unwrap()
    }

    pub(crate) fn nonce(&mut self, order: u64, fibre: &str) -> B256 {
        let name = word(fibre);
        self.view(fibreCall { order, name }).nonce
    }

    /// The builder brings a trace that the instrument at its end signed.
    pub(crate) fn bring(&mut self, order: u64, made: &Made) -> Outcome<submitEvidenceReturn> {
        let call = self.evidence(order, made);
        self.send(BUILDER, call)
    }

    pub(crate) fn bring_under(
        &mut self,
        order: u64,
        made: &Made,
        nonce: B256,
    ) -> Outcome<submitEvidenceReturn> {
        let file = made.file();
        let end = if made.serial == "SN-B" { "B" } else { "A" };
        let pack = pack(&file, made.fibre, made.wavelength, end);
        let reading = self.at(end).sign(made.time.into(), nonce, pack);
        self.submit(order, reading, file)
    }

    /// The call that brings a trace.
    pub(crate) fn evidence(&mut self, order: u64, made: &Made) -> submitEvidenceCall {
        let nonce = self.nonce(order, made.fibre);
        let file = made.file();
        let end = if made.serial == "SN-B" { "B" } else { "A" };
        let pack = pack(&file, made.fibre, made.wavelength, end);
        let reading = self.at(end).sign(made.time.into(), nonce, pack);
        submitEvidenceCall {
            order,
            reading,
            file: file.into(),
        }
    }

    pub(crate) fn at(&mut self, end: &str) -> &mut Instrument {
        if end == "B" {
            &mut self.far
        } else {
            &mut self.near
        }
    }

    pub(crate) fn submit(
        &mut self,
        order: u64,
        reading: Bytes,
        file: Vec<u8>,
    ) -> Outcome<submitEvidenceReturn> {
        let call = submitEvidenceCall {
            order,
            reading,
            file: file.into(),
        };
        self.send(BUILDER, call)
    }

    /// A fibre with splices of these losses is measured from both ends, and brought.
    pub(crate) fn measure(&mut self, order: u64, name: &'static str, losses: [u64; 2]) -> Verdict {
        let mut verdict = Verdict::Incomplete;
        for (wavelength, back) in [(1310, false), (1310, true), (1550, false), (1550, true)] {
            self.wait(60);
            let time = u32::try_from(self.bench.now()).unwrap();
            let made = fibre(name, wavelength, back, losses, time);
            let taken = self.bring(order, &made).unwrap();
            assert_eq!(taken.weight, 0);
            verdict = taken.verdict;
        }
        verdict
    }

    /// The fibres of the first milestone are measured and it is certified without an objection.
    pub(crate) fn measured(&mut self, contract: u64) {
        let order = self.order(contract, &["K01"]);
        assert_eq!(self.measure(order, "K01", [40, 60]), Verdict::Accept);
        let (contract_, milestone) = (contract, 1);
        self.send(
            BUILDER,
            claimMilestoneCall {
                contract_,
                milestone,
            },
        )
        .unwrap();
        self.wait(u64::from(WINDOW) + 1);
        self.send(
            STRANGER,
            settleMilestoneCall {
                contract_,
                milestone,
            },
        )
        .unwrap();
    }
}

/// Checks that a call was turned away with this error.
#[track_caller]
pub(crate) fn refused<T, E: SolError + PartialEq + Debug>(outcome: Outcome<T>, expected: E) {
    let Err(fault) = outcome else {
        panic!("went through instead of {expected:?}")
    };
    assert_eq!(fault.decode::<E>().ok_or(fault), Ok(expected));
}
