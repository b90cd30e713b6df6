//! From the ledger to what a bundle is made of: what is asked, and in which order, of a node or of a directory of
//! stamps.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use commonhold_sdk::IDevices::{Device, deviceCall};
use commonhold_works_contract::interface::IWorks::{
    self, Answer, Bid, Certificate, Contract, Defect, DiaryPage, Document, Evidence, Fibre,
    Inspection, Kind, Line, Milestone, Notice, NoticeKind, Order, Party, Revision, Share, Tender,
    Transmittal, Variation, Verdict, awardOfCall, bidsCall, certificatesCall, contractOfCall,
    defectCall, diaryCall, documentCall, evidenceCall, fibreCall, inspectionCall, linesCall,
    milestonesCall, noticeCall, numbersOfCall, orderOfCall, packageCall, partyCall, projectCall,
    revisionsCall, rulesetCall, sharesCall, tenderCall, transmittalCall, variationCall,
};
use commonhold_works_contract::orders::names;

use super::{
    index::broken,
    proof::{Happened, Ledger, Views, Wanted, number_word},
};

/// Entries asked for at a time.
const PAGE: u64 = 100;
/// Views asked at a time: what they read is stamped together.
const CALLS: usize = 50;

/// A thing with its number.
pub(crate) type Numbered<T> = Vec<(u64, T)>;

/// All of a project.
#[derive(Clone, Debug)]
pub(crate) struct Gathered {
    pub(crate) number: u64,
    pub(crate) project: IWorks::projectReturn,
    pub(crate) packages: Numbered<IWorks::packageReturn>,
    pub(crate) tenders: Numbered<(Tender, Vec<Bid>)>,
    pub(crate) contracts: Vec<Dealing>,
    pub(crate) documents: Numbered<(Document, Vec<Revision>)>,
    pub(crate) transmittals: Numbered<Transmittal>,
    pub(crate) parties: Vec<Party>,
    pub(crate) rulesets: BTreeMap<B256, String>,
    pub(crate) instruments: BTreeMap<B256, Device>,
    /// What was done, in the chain's order.
    pub(crate) acts: Vec<Act>,
}

/// All of a contract.
#[derive(Clone, Debug)]
pub(crate) struct Dealing {
    pub(crate) number: u64,
    pub(crate) contract: Contract,
    pub(crate) lines: Vec<Line>,
    pub(crate) milestones: Vec<Milestone>,
    pub(crate) shares: Vec<Share>,
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) diary: Vec<DiaryPage>,
    pub(crate) orders: Vec<Ordered>,
    pub(crate) defects: Numbered<Defect>,
    pub(crate) inspections: Numbered<Inspection>,
    pub(crate) variations: Numbered<Variation>,
    pub(crate) notices: Numbered<Notice>,
    /// What was awarded of claims, where an award stands.
    pub(crate) awards: BTreeMap<u64, IWorks::awardOfReturn>,
}

/// All of a work order.
#[derive(Clone, Debug)]
pub(crate) struct Ordered {
    pub(crate) number: u64,
    pub(crate) order: Order,
    pub(crate) fibres: Vec<(B256, Fibre)>,
    pub(crate) evidence: Numbered<Evidence>,
}

/// Something that somebody did.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    /// The event that says so.
    pub(crate) wanted: Wanted,
    /// The transaction.
    pub(crate) happened: Happened,
}

/// Gathers a project, and what was done in it.
///
/// # Errors
/// Where something is not proven, or does not fit together.
pub(crate) fn gather<L: Ledger>(ledger: &mut L, project: u64) -> eyre::Result<Gathered> {
    let mut gathered = standing(ledger, project)?;
    gathered.acts = acts(ledger, &gathered)?;
    Ok(gathered)
}

/// How a project stands; of what was done nothing.
///
/// # Errors
/// Where something is not told.
pub(crate) fn standing<L: Views>(ledger: &mut L, project: u64) -> eyre::Result<Gathered> {
    let number = project;
    let found = one(ledger, &projectCall { number })?;
    let packages = each(ledger, Kind::Package, number, |number| packageCall {
        number,
    })?;
    let mut tenders = Vec::new();
    let mut contracts = Vec::new();
    for (package, found) in &packages {
        for (number, tender) in each(ledger, Kind::Tender, *package, |number| tenderCall {
            number,
        })? {
            let bids = pages(
                ledger,
                |from, max| bidsCall { number, from, max },
                |told| (told.page, told.total),
            )?;
            tenders.push((number, (tender, bids)));
        }
        if found.contract_ != 0 {
            contracts.push(dealing(ledger, found.contract_)?);
        }
    }
    let mut documents = Vec::new();
    let entered = each(ledger, Kind::Document, number, |number| documentCall {
        number,
    })?;
    for (number, document) in entered {
        let call = |from, max| revisionsCall { number, from, max };
        let revisions = pages(ledger, call, |told| (told.page, told.total))?;
        documents.push((number, (document, revisions)));
    }
    let transmittals = each(ledger, Kind::Transmittal, number, |number| {
        transmittalCall { number }
    })?;
    let mut gathered = Gathered {
        number,
        project: found,
        packages,
        tenders,
        contracts,
        documents,
        transmittals,
        parties: Vec::new(),
        rulesets: BTreeMap::new(),
        instruments: BTreeMap::new(),
        acts: Vec::new(),
    };
    gathered.parties = parties(ledger, &gathered)?;
    rulesets_and_instruments(ledger, &mut gathered)?;
    Ok(gathered)
}

fn dealing<L: Views>(ledger: &mut L, number: u64) -> eyre::Result<Dealing> {
    let contract = one(ledger, &contractOfCall { number })?;
    let mut orders = Vec::new();
    for (number, order) in each(ledger, Kind::Order, number, |number| orderOfCall { number })? {
        let names = names(&order.design);
        let calls: Vec<_> = names
            .iter()
            .map(|name| fibreCall {
                order: number,
                name: *name,
            })
            .collect();
        let fibres = all(ledger, &calls)?;
        orders.push(Ordered {
            number,
            order,
            fibres: names.into_iter().zip(fibres).collect(),
            evidence: each(ledger, Kind::Evidence, number, |number| evidenceCall {
                number,
            })?,
        });
    }
    let notices = each(ledger, Kind::Notice, number, |number| noticeCall { number })?;
    let claims = notices.iter();
    let claims = claims.filter(|(_, notice)| notice.kind == NoticeKind::Claim);
    let claims: Vec<u64> = claims.map(|(claim, _)| *claim).collect();
    let calls: Vec<_> = claims
        .iter()
        .map(|claim| awardOfCall { claim: *claim })
        .collect();
    let awards = claims.into_iter().zip(all(ledger, &calls)?);
    Ok(Dealing {
        number,
        contract,
        lines: pages(
            ledger,
            |from, max| linesCall { number, from, max },
            |told| (told.page, told.total),
        )?,
        milestones: pages(
            ledger,
            |from, max| milestonesCall { number, from, max },
            |told| (told.page, told.total),
        )?,
        shares: one(ledger, &sharesCall { number })?,
        certificates: pages(
            ledger,
            |from, max| certificatesCall { number, from, max },
            |told| (told.page, told.total),
        )?,
        diary: pages(
            ledger,
            |from, max| diaryCall { number, from, max },
            |told| (told.page, told.total),
        )?,
        orders,
        defects: each(ledger, Kind::Defect, number, |number| defectCall { number })?,
        inspections: each(ledger, Kind::Inspection, number, |number| inspectionCall {
            number,
        })?,
        variations: each(ledger, Kind::Variation, number, |number| variationCall {
            number,
        })?,
        notices,
        awards: awards.filter(|(_, award)| award.at != 0).collect(),
    })
}

/// One view's answer.
fn one<L: Views, C: SolCall + Clone>(ledger: &mut L, call: &C) -> eyre::Result<C::Return> {
    let answers = ledger.works(std::slice::from_ref(call))?;
    let none = || broken("a question has no answer");
    Ok(answers.into_iter().next().ok_or_else(none)?)
}

/// Views' answers, so many at a time.
fn all<L: Views, C: SolCall>(ledger: &mut L, calls: &[C]) -> eyre::Result<Vec<C::Return>> {
    let mut answers = Vec::new();
    for some in calls.chunks(CALLS) {
        answers.extend(ledger.works(some)?);
    }
    Ok(answers)
}

/// Every entry of a list.
fn pages<L: Views, C: SolCall + Clone, T>(
    ledger: &mut L,
    call: impl Fn(u64, u64) -> C,
    page: impl Fn(C::Return) -> (Vec<T>, u64),
) -> eyre::Result<Vec<T>> {
    let mut entries = Vec::new();
    loop {
        let (some, total) = page(one(ledger, &call(entries.len() as u64, PAGE))?);
        let ended = some.is_empty();
        entries.extend(some);
        if entries.len() as u64 >= total {
            return Ok(entries);
        }
        if ended {
            return Err(broken("a list has fewer entries than it says").into());
        }
    }
}

/// Everything of a kind that belongs to something.
fn each<L: Views, C: SolCall>(
    ledger: &mut L,
    what: Kind,
    item: u64,
    call: impl Fn(u64) -> C,
) -> eyre::Result<Numbered<C::Return>> {
    let numbers = pages(
        ledger,
        |from, max| numbersOfCall {
            what,
            item,
            from,
            max,
        },
        |told| (told.page, told.total),
    )?;
    let calls: Vec<C> = numbers.iter().map(|number| call(*number)).collect();
    let found = all(ledger, &calls)?;
    Ok(numbers.into_iter().zip(found).collect())
}

/// Who has a part in it.
fn parties<L: Views>(ledger: &mut L, gathered: &Gathered) -> eyre::Result<Vec<Party>> {
    let mut who = BTreeSet::from([gathered.project.owner]);
    for (_, (_, bids)) in &gathered.tenders {
        who.extend(bids.iter().map(|bid| bid.bidder));
    }
    for dealing in &gathered.contracts {
        let offer = &dealing.contract.offer;
        who.extend([dealing.contract.owner, offer.contractor, offer.certifier]);
        who.extend(dealing.shares.iter().map(|share| share.subcontractor));
    }
    for (_, (document, _)) in &gathered.documents {
        who.insert(document.owner);
    }
    for (_, transmittal) in &gathered.transmittals {
        who.extend(transmittal.receipts.iter().map(|receipt| receipt.recipient));
    }
    who.remove(&Address::ZERO);
    let calls: Vec<_> = who
        .into_iter()
        .map(|account| partyCall { account })
        .collect();
    all(ledger, &calls)
}

fn rulesets_and_instruments<L: Views>(ledger: &mut L, gathered: &mut Gathered) -> eyre::Result<()> {
    let (mut pinned, mut used) = (BTreeSet::new(), BTreeSet::new());
    for dealing in &gathered.contracts {
        pinned.insert(dealing.contract.offer.ruleset);
        let orders = dealing.orders.iter();
        let listed = orders.flat_map(|ordered| &ordered.order.design.instruments);
        used.extend(listed.map(|instrument| instrument.device));
    }
    let calls: Vec<_> = pinned
        .iter()
        .map(|hash| rulesetCall { hash: *hash })
        .collect();
    let found = all(ledger, &calls)?;
    gathered.rulesets = pinned.into_iter().zip(found).collect();
    let calls: Vec<_> = used.iter().map(|id| deviceCall { id: *id }).collect();
    let mut found = Vec::new();
    for some in calls.chunks(CALLS) {
        found.extend(ledger.devices(some)?);
    }
    gathered.instruments = used.into_iter().zip(found).collect();
    // Of a source that cannot sign also its gateway, which signs for it.
    let gateways: BTreeSet<B256> = gathered
        .instruments
        .values()
        .map(|device| device.gateway)
        .filter(|gateway| !gateway.is_zero() && !gathered.instruments.contains_key(gateway))
        .collect();
    let calls: Vec<_> = gateways.iter().map(|id| deviceCall { id: *id }).collect();
    let found = ledger.devices(&calls)?;
    gathered.instruments.extend(gateways.into_iter().zip(found));
    Ok(())
}

/// What must have been done for things to stand as they do, and in which transactions it was.
fn acts<L: Ledger>(ledger: &mut L, gathered: &Gathered) -> eyre::Result<Vec<Act>> {
    let mut wanted = Vec::new();
    let mut want = |one: Wanted| wanted.push(one);
    want(Wanted::of::<IWorks::ProjectOpened>(&[gathered.number]));
    for (number, _) in &gathered.packages {
        want(Wanted::of::<IWorks::PackageAdded>(&[*number]));
    }
    for (number, (tender, bids)) in &gathered.tenders {
        want(Wanted::of::<IWorks::TenderOpened>(&[*number]));
        for bid in bids {
            let topics = [Some(number_word(*number)), Some(bid.bidder.into_word())];
            want(Wanted::new::<IWorks::BidMade>(&topics).saying(0, bid.commitment));
            if bid.opened {
                want(Wanted::new::<IWorks::BidOpened>(&topics));
            }
        }
        if !tender.awarded.is_zero() {
            want(Wanted::of::<IWorks::TenderAwarded>(&[*number]));
        }
    }
    for dealing in &gathered.contracts {
        of_contract(dealing, &mut want);
    }
    for (number, (_, revisions)) in &gathered.documents {
        for revision in revisions {
            let wanted = Wanted::of::<IWorks::DocumentRevised>(&[*number]);
            want(
                wanted
                    .saying(0, revision.revision)
                    .saying(2, revision.content),
            );
        }
    }
    for (number, transmittal) in &gathered.transmittals {
        want(Wanted::of::<IWorks::Transmitted>(&[*number]));
        for receipt in &transmittal.receipts {
            if receipt.acknowledgedAt != 0 {
                let who = Some(receipt.recipient.into_word());
                let topics = [Some(number_word(*number)), who];
                want(Wanted::new::<IWorks::Acknowledged>(&topics));
            }
        }
    }
    let total = wanted.len() as u64;
    let mut acts = Vec::new();
    for (done, wanted) in (0u64..).zip(wanted) {
        ledger.reached(done, total);
        let happened = ledger.happened(&wanted)?;
        acts.push(Act { wanted, happened });
    }
    ledger.reached(total, total);
    acts.sort_by_key(|act| (act.happened.block.number, act.happened.did.index));
    Ok(acts)
}

fn of_contract(dealing: &Dealing, want: &mut impl FnMut(Wanted)) {
    let (number, contract) = (dealing.number, &dealing.contract);
    want(Wanted::of::<IWorks::ContractOffered>(&[number]));
    want(Wanted::new::<IWorks::RulesetRegistered>(&[Some(
        contract.offer.ruleset,
    )]));
    if contract.acceptedAt != 0 {
        want(Wanted::of::<IWorks::ContractAccepted>(&[number]));
    }
    for ordered in &dealing.orders {
        want(Wanted::of::<IWorks::OrderIssued>(&[ordered.number]));
        for (evidence, _) in &ordered.evidence {
            want(Wanted::of::<IWorks::EvidenceTaken>(&[*evidence]));
        }
        for (name, fibre) in &ordered.fibres {
            for wanted in judgements(ordered.number, name, fibre) {
                want(wanted);
            }
        }
    }
    for (place, milestone) in (1u64..).zip(&dealing.milestones) {
        if milestone.certifiedAt != 0 {
            let certified = number_word(IWorks::MilestoneState::Certified as u64);
            let wanted = Wanted::of::<IWorks::MilestoneMoved>(&[number, place]);
            want(wanted.saying(0, certified));
        }
    }
    for (place, certificate) in (1u64..).zip(&dealing.certificates) {
        want(Wanted::of::<IWorks::PaymentCertified>(&[number, place]));
        if certificate.paidAt != 0 {
            want(Wanted::of::<IWorks::Paid>(&[number, place]));
        }
    }
    for (item, defect) in &dealing.defects {
        want(Wanted::of::<IWorks::DefectRaised>(&[*item]));
        if defect.closedAt != 0 {
            let closed = Wanted::of::<IWorks::DefectAnswered>(&[*item]);
            want(closed.saying(0, number_word(1)));
        }
    }
    for (item, inspection) in &dealing.inspections {
        want(Wanted::of::<IWorks::InspectionAsked>(&[*item]));
        if inspection.passed != Answer::None {
            want(Wanted::of::<IWorks::Inspected>(&[*item]));
        }
    }
    for (item, variation) in &dealing.variations {
        want(Wanted::of::<IWorks::VariationProposed>(&[*item]));
        if variation.answer != Answer::None {
            want(Wanted::of::<IWorks::VariationAnswered>(&[*item]));
        }
    }
    for (item, notice) in &dealing.notices {
        want(Wanted::of::<IWorks::NoticeGiven>(&[*item]));
        // An answer has content; without it the time for one went by.
        if !notice.answerContent.is_zero() {
            want(Wanted::of::<IWorks::NoticeAnswered>(&[*item]));
        } else if notice.answeredAt != 0 {
            want(Wanted::of::<IWorks::NoticeLapsed>(&[*item]));
        }
    }
    for claim in dealing.awards.keys() {
        // The statement by which it stands.
        let stands = number_word(1);
        want(Wanted::of::<IWorks::AwardStated>(&[*claim]).saying(2, stands));
    }
    for page in &dealing.diary {
        let day = Some(number_word(page.day.into()));
        let topics = [Some(number_word(number)), day];
        want(Wanted::new::<IWorks::DiaryWritten>(&topics).saying(1, page.content));
    }
}

/// What must have been said of a fibre: that each earlier try was rejected, and what holds now.
fn judgements(order: u64, name: &B256, fibre: &Fibre) -> Vec<Wanted> {
    let rejected = (0..fibre.attempt).map(|attempt| (attempt, Verdict::Reject));
    let now = matches!(fibre.verdict, Verdict::Accept | Verdict::Review);
    let now = now.then_some((fibre.attempt, fibre.verdict));
    rejected
        .chain(now)
        .map(|(attempt, verdict)| judgement(order, name, attempt, verdict))
        .collect()
}

/// That this was said of a try at a fibre.
pub(crate) fn judgement(order: u64, name: &B256, attempt: u32, verdict: Verdict) -> Wanted {
    let topics = [Some(number_word(order)), Some(*name)];
    Wanted::new::<IWorks::FibreJudged>(&topics)
        .saying(0, number_word(attempt.into()))
        .saying(1, number_word(verdict as u64))
}
