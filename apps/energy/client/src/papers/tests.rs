use std::collections::BTreeMap;

use alloy_primitives::Address;
use quick_xml::{Reader, events::Event};

use super::{balance, bank, bill, cents, energytag, kwh, nano};
use crate::{billing::month, testing::street};

fn rows(table: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let rows = reader.records();
    rows.map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn amounts_are_written_as_people_write_them() {
    assert_eq!(
        (cents(-1_205), cents(5), cents(0)),
        ("-12.05".into(), "0.05".into(), "0.00".into())
    );
    assert_eq!(nano(-12_051_000_001), "-12.051000001");
    assert_eq!(
        (nano(1), kwh(12_045)),
        ("0.000000001".into(), "12.045".into())
    );
}

#[test]
fn a_bill_as_a_table_adds_up_to_its_last_line() {
    let evidence = street();
    let found = month(&evidence, Address::repeat_byte(1)).unwrap();
    let rows = rows(&bill::table(&found).unwrap());
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0][0], "1970-01-01T01:00:00Z");
    for column in 3..14 {
        let number = |row: &Vec<String>| row[column].parse::<i128>().unwrap();
        let sum: i128 = rows[..3].iter().map(number).sum();
        assert_eq!(sum, number(&rows[3]), "column {column}");
    }
    assert_eq!(rows[3][12], found.bill.total.to_string());
}

#[test]
fn a_bill_as_a_paper_says_what_it_comes_to() {
    let evidence = street();
    let found = month(&evidence, Address::repeat_byte(1)).unwrap();
    let root = evidence.root().unwrap().to_string();
    let about = bill::About {
        community: "Elm Street",
        household: "anna",
        time: "1970-01",
        currency: "EUR",
        root: &root,
    };
    let paper = bill::paper(&found, &about).unwrap();
    assert_eq!(paper, bill::paper(&found, &about).unwrap());
    let says = |text: &str| {
        let written = format!("({text})");
        paper
            .windows(written.len())
            .any(|part| part == written.as_bytes())
    };
    assert!(says(&format!("{} EUR", cents(found.cents()))));
    assert!(says("anna") && says("1970-01-01"));
}

#[test]
fn the_balance_of_every_meter_and_slot_adds_up() {
    let evidence = street();
    let table = balance::table(&evidence).unwrap();
    assert!(table.starts_with(
        "start,seconds,meter,direction,V002_total_wh,G003_community_wh,G001_grid_wh\n"
    ));
    let rows = rows(&table);
    assert_eq!(rows.len(), 12);
    let sum = |column: usize, direction: &str| {
        let of_side = rows.iter().filter(|row| row[3] == direction);
        of_side
            .map(|row| row[column].parse::<u64>().unwrap())
            .sum::<u64>()
    };
    for direction in ["import", "export"] {
        assert_eq!(sum(4, direction), sum(5, direction) + sum(6, direction));
    }
    assert_eq!(sum(5, "import"), sum(5, "export"));
    let mut evidence = evidence;
    evidence.slots[0].lines[0].local = 901;
    assert!(balance::table(&evidence).is_err());
}

#[test]
fn every_certified_wh_is_in_one_bundle() {
    let evidence = street();
    let certificates = energytag::certificates(&evidence);
    let export = energytag::export(&evidence, &certificates);
    let mut generated = 0;
    for told in &evidence.slots {
        for seat in evidence
            .seats
            .iter()
            .filter(|seat| !seat.technology.is_zero())
        {
            generated += evidence.generated(told, seat.index).1;
        }
    }
    assert_eq!(export.issued_wh, generated);
    let mut next = BTreeMap::new();
    for bundle in &export.bundles {
        let start = next.entry(bundle.issuance_id).or_insert(0);
        assert_eq!(bundle.certificate_bundle_id_range_start, *start);
        assert_eq!(
            bundle.certificate_bundle_id_range_end + 1,
            *start + bundle.bundle_quantity
        );
        *start += bundle.bundle_quantity;
    }
    assert_eq!(next.len(), certificates.len());
    assert_eq!(next.values().sum::<u64>(), generated);
    let value = serde_json::to_value(&export.bundles[0]).unwrap();
    for field in [
        "issuance_id",
        "certificate_bundle_status",
        "certificate_bundle_id_range_start",
        "certificate_bundle_id_range_end",
        "bundle_quantity",
        "energy_carrier",
        "energy_source",
        "face_value",
        "device_id",
        "production_starting_interval",
        "production_ending_interval",
        "expiry_datestamp",
        "is_storage",
        "hash",
    ] {
        assert!(value.get(field).is_some(), "{field}");
    }
}

const CREDITOR: &str = r#"{"name": "Grid & Co", "iban": "DE89 3704 0044 0532 0130 00", "bic": null, "id": "DE98ZZZ09999999999"}"#;

fn collected() -> (bank::Collected, String) {
    let text = "household,name,iban,bic,mandate,signed\n\
                anna,Anna Łu,AT61 1904 3002 3457 3201,BKAUATWW,M-1,2026-01-31\n\
                bert,Bert,DE89370400440532013000,,M-2,2026-02-01\n";
    let who = |text: &str| match text {
        "anna" => Some(Address::repeat_byte(1)),
        "bert" => Some(Address::repeat_byte(2)),
        _ => None,
    };
    let mandates = bank::mandates(text, who).unwrap();
    let one = |n: u8, cents: u64| bank::Collection {
        household: Address::repeat_byte(n),
        cents,
    };
    let run = bank::Run {
        message: "ENERGY-1-3600",
        created: "2026-07-01T08:00:00Z",
        collected: "2026-07-05",
        purpose: "Elm Street, 2026-06",
        currency: "EUR",
    };
    let creditor = serde_json::from_str(CREDITOR).unwrap();
    let collections = [one(1, 1_205), one(2, 99), one(3, 7), one(4, 0)];
    let made = bank::file(&creditor, &run, &collections, &mandates).unwrap();
    let xml = made.xml.clone();
    (made, xml)
}

/// What pain.008.001.08 has within each element, in its order; `!` marks what must be there.
const SCHEMA: &[(&str, &[&str])] = &[
    ("Document", &["CstmrDrctDbtInitn!"]),
    ("CstmrDrctDbtInitn", &["GrpHdr!", "PmtInf!", "SplmtryData"]),
    (
        "GrpHdr",
        &[
            "MsgId!",
            "CreDtTm!",
            "Authstn",
            "NbOfTxs!",
            "CtrlSum",
            "InitgPty!",
            "FwdgAgt",
        ],
    ),
    (
        "PmtInf",
        &[
            "PmtInfId!",
            "PmtMtd!",
            "ReqdAdvcTp",
            "BtchBookg",
            "NbOfTxs",
            "CtrlSum",
            "PmtTpInf",
            "ReqdColltnDt!",
            "Cdtr!",
            "CdtrAcct!",
            "CdtrAgt!",
            "CdtrAgtAcct",
            "UltmtCdtr",
            "ChrgBr",
            "ChrgsAcct",
            "ChrgsAcctAgt",
            "CdtrSchmeId",
            "DrctDbtTxInf!",
        ],
    ),
    (
        "PmtTpInf",
        &["InstrPrty", "SvcLvl", "LclInstrm", "SeqTp", "CtgyPurp"],
    ),
    (
        "DrctDbtTxInf",
        &[
            "PmtId!",
            "PmtTpInf",
            "InstdAmt!",
            "ChrgBr",
            "DrctDbtTx",
            "UltmtCdtr",
            "DbtrAgt!",
            "DbtrAgtAcct",
            "Dbtr!",
            "DbtrAcct!",
            "UltmtDbtr",
            "InstrForCdtrAgt",
            "Purp",
            "RgltryRptg",
            "Tax",
            "RltdRmtInf",
            "RmtInf",
            "SplmtryData",
        ],
    ),
    ("PmtId", &["InstrId", "EndToEndId!", "UETR"]),
    (
        "DrctDbtTx",
        &["MndtRltdInf", "CdtrSchmeId", "PreNtfctnId", "PreNtfctnDt"],
    ),
    (
        "MndtRltdInf",
        &[
            "MndtId",
            "DtOfSgntr",
            "AmdmntInd",
            "AmdmntInfDtls",
            "ElctrncSgntr",
            "FrstColltnDt",
            "FnlColltnDt",
            "Frqcy",
            "Rsn",
            "TrckgDays",
        ],
    ),
    (
        "FinInstnId",
        &["BICFI", "ClrSysMmbId", "LEI", "Nm", "PstlAdr", "Othr"],
    ),
    ("RmtInf", &["Ustrd", "Strd"]),
];

#[test]
fn a_bank_file_has_the_elements_and_the_order_of_its_schema() {
    let (_, xml) = collected();
    assert!(xml.contains(r#"<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.008.001.08">"#));
    let mut reader = Reader::from_str(&xml);
    let mut open: Vec<(String, Vec<String>)> = Vec::new();
    let mut checked = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let name = start.name().0.to_owned();
                if let Some((_, children)) = open.last_mut() {
                    children.push(name.clone());
                }
                open.push((name, Vec::new()));
            }
            Event::End(_) => {
                let (name, children) = open.pop().unwrap();
                if let Some((_, order)) = SCHEMA.iter().find(|(parent, _)| *parent == name) {
                    follows(&name, &children, order);
                    checked += 1;
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    // The document, its two parts, the type of payment, and six in each of two transactions.
    assert!(checked >= 15, "{checked}");
}

#[track_caller]
fn follows(parent: &str, children: &[String], order: &[&str]) {
    let mut place = 0;
    for child in children {
        let name = |part: &&str| part.trim_end_matches('!') == child;
        let found = order.iter().position(name);
        let found = found.unwrap_or_else(|| panic!("{parent} has no {child}"));
        assert!(found >= place, "{child} comes too late in {parent}");
        place = found;
    }
    for must in order.iter().filter_map(|part| part.strip_suffix('!')) {
        assert!(
            children.iter().any(|child| child == must),
            "{parent} lacks {must}"
        );
    }
}

#[test]
fn a_bank_file_sums_up_and_tells_whom_it_leaves_out() {
    let (made, xml) = collected();
    assert_eq!((made.transactions, made.cents), (2, 1_304));
    assert_eq!(made.without_mandate, [Address::repeat_byte(3)]);
    assert_eq!(xml.matches("<CtrlSum>13.04</CtrlSum>").count(), 2);
    assert_eq!(xml.matches("<NbOfTxs>2</NbOfTxs>").count(), 2);
    assert!(xml.contains(r#"<InstdAmt Ccy="EUR">12.05</InstdAmt>"#));
    assert!(xml.contains("<Nm>Anna .u</Nm>") && xml.contains("<Nm>Grid . Co</Nm>"));
    assert!(xml.contains("<BICFI>BKAUATWW</BICFI>") && xml.contains("<Id>NOTPROVIDED</Id>"));
}

#[test]
fn mandates_that_no_bank_would_take_are_refused() {
    let head = "household,name,iban,bic,mandate,signed\n";
    for (line, why) in [
        ("anna,A,AT611904300234573202,,M,2026-01-31", "check digits"),
        ("anna,A,AT61,,M,2026-01-31", "check digits"),
        ("anna,A,AT611904300234573201,bank,M,2026-01-31", "BIC"),
        ("anna,A,AT611904300234573201,,,2026-01-31", "mandate"),
        ("anna,A,AT611904300234573201,,M,31.1.2026", "signed"),
        ("carl,A,AT611904300234573201,,M,2026-01-31", "nobody"),
    ] {
        let who = |text: &str| (text == "anna").then_some(Address::repeat_byte(1));
        let error = bank::mandates(&format!("{head}{line}\n"), who).unwrap_err();
        assert!(error.to_string().contains(why), "{line}: {error}");
    }
}
