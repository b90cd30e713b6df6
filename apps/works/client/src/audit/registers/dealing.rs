//! Registers of what was agreed and paid.

use commonhold_works_contract::interface::IWorks::{ContractState, MilestoneState};

use super::cells::{count, hash, head, money, quantity, somebody, sum, time, word, words, yes};
use crate::{
    audit::gather::{Dealing, Gathered},
    sheet::Cell,
};

pub(super) fn project(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let mut rows = head(&["what", "number", "title", "owner", "opened", "contract"]);
    let project = &gathered.project;
    rows.push(vec![
        words("project"),
        count(gathered.number),
        words(project.title.clone()),
        somebody(&project.owner),
        time(project.openedAt),
        words(""),
    ]);
    for (number, package) in &gathered.packages {
        let contract = (package.contract_ != 0).then(|| package.contract_.to_string());
        rows.push(vec![
            words("package"),
            count(*number),
            words(package.title.clone()),
            somebody(&project.owner),
            words(""),
            words(contract.unwrap_or_default()),
        ]);
    }
    rows
}

pub(super) fn parties(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let mut rows = head(&[
        "account",
        "group",
        "credentials",
        "enrolled",
        "until",
        "member",
    ]);
    for party in &gathered.parties {
        rows.push(vec![
            somebody(&party.account),
            hash(&party.group),
            hash(&party.credentials),
            time(party.enrolledAt),
            time(party.until),
            words(yes(party.member)),
        ]);
    }
    rows
}

pub(super) fn tenders(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "tender",
        "package",
        "opened",
        "deadline",
        "opening until",
        "bids",
        "open bids",
        "awarded to",
        "documents",
        "reason",
    ];
    let mut rows = head(&names);
    for (number, (tender, _)) in &gathered.tenders {
        rows.push(vec![
            count(*number),
            count(tender.package),
            time(tender.openedAt),
            time(tender.deadline),
            time(tender.openingUntil),
            count(tender.bids),
            count(tender.opened),
            somebody(&tender.awarded),
            hash(&tender.documents),
            hash(&tender.reason),
        ]);
    }
    rows
}

pub(super) fn bids(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let mut rows = head(&["tender", "bidder", "made", "commitment", "opened", "sha256"]);
    for (number, (_, bids)) in &gathered.tenders {
        for bid in bids {
            rows.push(vec![
                count(*number),
                somebody(&bid.bidder),
                time(bid.madeAt),
                hash(&bid.commitment),
                words(yes(bid.opened)),
                hash(&bid.content),
            ]);
        }
    }
    rows
}

const fn contract_state(state: ContractState) -> &'static str {
    match state {
        ContractState::Offered => "offered",
        ContractState::Running => "running",
        ContractState::Completed => "completed",
        _ => "closed",
    }
}

pub(super) fn contracts(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "contract",
        "package",
        "tender",
        "state",
        "owner",
        "contractor",
        "certifier",
        "sum",
        "added",
        "omitted",
        "extension days",
        "offered",
        "accepted",
        "completed",
        "due",
        "retention permille",
        "damages per day",
        "advance permille",
        "paid",
        "ruleset",
        "documents",
    ];
    let mut rows = head(&names);
    for Dealing {
        number, contract, ..
    } in &gathered.contracts
    {
        let (offer, terms) = (&contract.offer, &contract.offer.terms);
        rows.push(vec![
            count(*number),
            count(offer.package),
            count(offer.tender),
            words(contract_state(contract.state)),
            somebody(&contract.owner),
            somebody(&offer.contractor),
            somebody(&offer.certifier),
            sum(contract.sum),
            sum(contract.added),
            sum(contract.omitted),
            count(contract.extensionDays),
            time(contract.formedAt),
            time(contract.acceptedAt),
            time(contract.completedAt),
            time(terms.dueAt),
            count(terms.retention),
            sum(terms.damagesPerDay),
            count(terms.advance),
            sum(contract.paidMinor),
            hash(&offer.ruleset),
            hash(&offer.documents),
        ]);
    }
    rows
}

pub(super) fn bill(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "contract",
        "line",
        "quantity",
        "rate",
        "milestone",
        "done permille",
    ];
    let mut rows = head(&names);
    for dealing in &gathered.contracts {
        for (place, line) in (1u64..).zip(&dealing.lines) {
            rows.push(vec![
                count(dealing.number),
                count(place),
                quantity(line.quantity),
                sum(line.rate),
                count(line.milestone),
                count(line.done),
            ]);
        }
    }
    rows
}

/// How a milestone stands.
const fn milestone_state(state: MilestoneState) -> &'static str {
    match state {
        MilestoneState::Open => "open",
        MilestoneState::Claimed => "claimed",
        MilestoneState::Objected => "objected",
        MilestoneState::Certified => "certified",
        _ => "refused",
    }
}

pub(super) fn milestones(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "contract",
        "milestone",
        "title",
        "due",
        "planned days",
        "by measurement",
        "state",
        "orders",
        "accepted orders",
        "grave defects",
        "claimed",
        "certified",
        "reason",
    ];
    let mut rows = head(&names);
    for dealing in &gathered.contracts {
        for (place, milestone) in (1u64..).zip(&dealing.milestones) {
            rows.push(vec![
                count(dealing.number),
                count(place),
                word(&milestone.offer.title),
                time(milestone.offer.dueAt),
                count(milestone.offer.plannedDays),
                words(yes(milestone.offer.tested)),
                words(milestone_state(milestone.state)),
                count(milestone.orders),
                count(milestone.accepted),
                count(milestone.graveDefects),
                time(milestone.claimedAt),
                time(milestone.certifiedAt),
                hash(&milestone.reason),
            ]);
        }
    }
    rows
}

pub(super) fn shares(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let mut rows = head(&["contract", "subcontractor", "permille", "agreed"]);
    for dealing in &gathered.contracts {
        for share in &dealing.shares {
            rows.push(vec![
                count(dealing.number),
                somebody(&share.subcontractor),
                count(share.permille),
                words(yes(share.agreed)),
            ]);
        }
    }
    rows
}

pub(super) fn certificates(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "contract",
        "certificate",
        "gross work",
        "variations",
        "retention",
        "advance paid",
        "advance recovered",
        "damages",
        "net",
        "this payment",
        "certified",
        "due",
        "paid",
        "reason",
    ];
    let mut rows = head(&names);
    for dealing in &gathered.contracts {
        for (place, one) in (1u64..).zip(&dealing.certificates) {
            rows.push(vec![
                count(dealing.number),
                count(place),
                money(one.grossWork),
                money(one.variations),
                money(one.retention),
                money(one.advancePaid),
                money(one.advanceRecovered),
                money(one.damages),
                money(one.net),
                money(one.payment),
                time(one.certifiedAt),
                time(one.dueAt),
                time(one.paidAt),
                hash(&one.reason),
            ]);
        }
    }
    rows
}
