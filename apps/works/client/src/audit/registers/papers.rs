//! Registers of documents and of what was said, and what was done.

use commonhold_session::moments;
use commonhold_works_contract::interface::IWorks::{Container, NoticeKind, Silence};

use super::cells::{count, hash, head, somebody, time, word, words};
use crate::{
    audit::gather::Gathered,
    ledger::{site::said, text},
    sheet::Cell,
};

/// A container's name by ISO 19650.
fn container(container: &Container) -> String {
    let fields = [
        &container.project,
        &container.originator,
        &container.volume,
        &container.level,
        &container.kind,
        &container.role,
        &container.number,
    ];
    fields.map(text).join("-")
}

pub(super) fn documents(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "document",
        "container",
        "owner",
        "revision",
        "status",
        "sha256",
        "record",
        "by",
        "at",
    ];
    let mut rows = head(&names);
    for (number, (document, revisions)) in &gathered.documents {
        for one in revisions {
            rows.push(vec![
                count(*number),
                words(container(&document.container)),
                somebody(&document.owner),
                word(&one.revision),
                word(&one.status),
                hash(&one.content),
                hash(&one.record),
                somebody(&one.by),
                time(one.at),
            ]);
        }
    }
    rows
}

pub(super) fn transmittals(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "transmittal",
        "by",
        "at",
        "for",
        "documents",
        "recipient",
        "acknowledged",
        "received",
    ];
    let mut rows = head(&names);
    for (number, one) in &gathered.transmittals {
        let sheets = one.sheets.iter();
        let sheets = sheets.map(|sheet| format!("{}:{}", sheet.document, sheet.revision));
        let sheets: Vec<String> = sheets.collect();
        for receipt in &one.receipts {
            rows.push(vec![
                count(*number),
                somebody(&one.by),
                time(one.at),
                word(&one.reason),
                words(sheets.join(" ")),
                somebody(&receipt.recipient),
                time(receipt.acknowledgedAt),
                time(receipt.receivedAt),
            ]);
        }
    }
    rows
}

const fn notice_kind(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::EarlyWarning => "early warning",
        NoticeKind::Claim => "claim",
        NoticeKind::Detail => "detail",
        NoticeKind::Quotation => "quotation",
        NoticeKind::Question => "rfi",
        _ => "general",
    }
}

/// What silence means by a contract.
const fn silence(silence: Silence) -> &'static str {
    match silence {
        Silence::Accepts => "accepts",
        Silence::Rejects => "rejects",
        _ => "escalates",
    }
}

pub(super) fn notices(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "notice",
        "contract",
        "kind",
        "from",
        "to",
        "given",
        "known",
        "about",
        "acknowledged",
        "received",
        "reply due",
        "answer",
        "answered",
        "silence",
        "content",
        "answer content",
        "awarded permille",
        "awarded",
        "award",
    ];
    let mut rows = head(&names);
    for dealing in &gathered.contracts {
        let means = silence(dealing.contract.offer.terms.clocks.silence);
        for (number, one) in &dealing.notices {
            let award = dealing.awards.get(number);
            rows.push(vec![
                count(*number),
                count(dealing.number),
                words(notice_kind(one.kind)),
                somebody(&one.from),
                somebody(&one.to),
                time(one.at),
                time(one.aware),
                count(one.about),
                time(one.acknowledgedAt),
                time(one.receivedAt),
                time(one.replyDue),
                words(said(one.answer)),
                time(one.answeredAt),
                words(means),
                hash(&one.content),
                hash(&one.answerContent),
                award.map_or_else(|| words(""), |award| count(award.share)),
                time(award.map_or(0, |award| award.at)),
                award.map_or_else(|| words(""), |award| hash(&award.award)),
            ]);
        }
    }
    rows
}

pub(super) fn diary(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "contract", "day", "people", "machines", "weather", "by", "at", "content",
    ];
    let mut rows = head(&names);
    for dealing in &gathered.contracts {
        for page in &dealing.diary {
            let day: String = moments::show(u64::from(page.day).saturating_mul(86_400));
            rows.push(vec![
                count(dealing.number),
                words(day.chars().take(10).collect::<String>()),
                count(page.crew),
                count(page.plant),
                count(page.weather),
                somebody(&page.by),
                time(page.at),
                hash(&page.content),
            ]);
        }
    }
    rows
}

/// What was done: when, by whom, in which transaction.
pub(crate) fn acts(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let mut rows = head(&["block", "time", "transaction", "signed by", "what"]);
    for act in &gathered.acts {
        let (did, happened) = (&act.happened.did, &act.happened);
        let event = happened.log(&act.wanted).and_then(|log| log.event.as_ref());
        rows.push(vec![
            count(happened.block.number),
            time(happened.seconds()),
            hash(&did.hash),
            somebody(&did.sender),
            words(event.map(|event| event.code()).unwrap_or_default()),
        ]);
    }
    rows
}
