//! The published cable on the ledger: its verdicts, and its tampered files.

use std::collections::BTreeSet;

use alloy_primitives::B256;
use commonhold_works_contract::{
    acceptance::integrity::Finding,
    interface::IWorks::{
        Design, RuleStatus, UnreadableFile, Verdict, WrongFile, evidenceCall, fibreCall,
        outcomesCall, submitEvidenceReturn,
    },
    shape::{bytes_of, word},
    sor::parse,
};

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{
    data,
    world::{World, pack, refused},
};

pub(crate) struct Cable {
    pub(crate) world: World,
    pub(crate) order: u64,
}

impl Cable {
    pub(crate) fn laid() -> Self {
        let mut world = World::new();
        let contract = world.contract();
        let fibres = ["F01", "F02", "F03", "F04", "F05", "F06", "F07", "F08"];
        let mut design: Design = world.design(&fibres);
        design.cable = word("CBL-SYN-A-12");
        design.lengthMm = 12_400_000;
        design.splices = 3;
        design.windowTo = design.windowFrom + 86_400;
        design.instruments[0].serial = word("SN-A-0001");
        design.instruments[1].serial = word("SN-B-0002");
        let order = world.order_of(contract, design);
        world.wait(86_400);
        Self { world, order }
    }

    /// A file of the shared data, brought in the order in which it was measured.
    pub(crate) fn bring(&mut self, file: &[u8], end: &str) -> submitEvidenceReturn {
        let sor = parse(file).unwrap();
        let fibre = String::from_utf8(sor.general.fibre.to_vec()).unwrap();
        let nonce: B256 = self.world.nonce(self.order, &fibre);
        let pack = pack(file, &fibre, sor.general.wavelength_nm, end);
        let time = sor.fixed.time.into();
        let reading = self.world.at(end).sign(time, nonce, pack);
        self.world
            .submit(self.order, reading, file.to_vec())
            .unwrap()
    }
}

/// The files of the cable's own fibres, by time.
pub(crate) fn files() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for (name, bytes, _) in data::traces() {
        if name.starts_with("SYNA_F") {
            files.push((name, bytes));
        }
    }
    files.sort_by_key(|(_, bytes)| parse(bytes).unwrap().fixed.time);
    files
}

#[test]
fn the_published_cable_gets_its_verdicts_from_the_law() {
    let Some(expected) = data::json("otdr-synthetic/expected_verdicts.json") else {
        return;
    };
    let mut cable = Cable::laid();
    for (name, bytes) in files() {
        let end = if name.contains("_AB_") { "A" } else { "B" };
        assert_eq!(cable.bring(&bytes, end).weight, 0, "{name}");
    }
    for (name, told) in expected["fibres"].as_object().unwrap() {
        let call = fibreCall {
            order: cable.order,
            name: word(name),
        };
        let verdict = match cable.world.view(call).verdict {
            Verdict::Accept => "ACCEPT",
            Verdict::Review => "REVIEW",
            Verdict::Reject => "REJECT",
            _ => "INCOMPLETE",
        };
        assert_eq!(told["verdict"], verdict, "{name}");
        let call = outcomesCall {
            order: cable.order,
            name: word(name),
        };
        let all = cable.world.view(call).all;
        let failed = all.iter().filter(|rule| rule.status == RuleStatus::Fail);
        let failed: BTreeSet<String> = failed.map(|rule| text(&rule.rule)).collect();
        let expected = told["failed_rules"].as_array().unwrap().iter();
        let expected = expected.map(|rule| rule.as_str().unwrap().to_owned());
        assert_eq!(failed, expected.collect(), "{name}");
        for (nm, values) in told["values"].as_object().unwrap() {
            let of = |id: &str| {
                let mut rules = all.iter();
                rules.find(|rule| rule.rule == word(id) && rule.wavelength.to_string() == *nm)
            };
            let value = |id| of(id).map(|rule| rule.value);
            let slope = &values["attenuation_mdb_per_km"];
            assert_eq!(*slope, json!(value("ATTENUATION")), "{name} {nm}");
            assert_eq!(
                values["link_loss_mdb"],
                json!(value("BUDGET")),
                "{name} {nm}"
            );
            let budget = of("BUDGET").map(|rule| rule.limit);
            assert_eq!(values["budget_mdb"], json!(budget), "{name} {nm}");
        }
    }
}

/// The text of a word.
pub(crate) fn text(word: &B256) -> String {
    String::from_utf8_lossy(bytes_of(word)).into_owned()
}

#[test]
fn its_tampered_files_are_found_by_the_law() {
    let Some(edited) = data::file("otdr-synthetic/SYNA_T1_edited_event_table.sor") else {
        return;
    };
    let mut cable = Cable::laid();
    let found = |cable: &mut Cable, file: &[u8], end: &str| {
        let number = cable.bring(file, end).number;
        let found = cable.world.view(evidenceCall { number });
        (found.weight, found.findings)
    };
    let (weight, findings) = found(&mut cable, &edited, "A");
    assert_eq!(weight, 2);
    assert_ne!(findings & Finding::Inconsistent.bit(), 0);
    let mut cable = Cable::laid();
    let original = data::file("otdr-synthetic/SYNA_F01_AB_1550.sor").unwrap();
    found(&mut cable, &original, "A");
    let copy = data::file("otdr-synthetic/SYNA_T2_relabelled_duplicate.sor").unwrap();
    let (weight, findings) = found(&mut cable, &copy, "A");
    assert_eq!(weight, 2);
    assert_ne!(findings & Finding::Duplicate.bit(), 0);
}

#[test]
fn a_file_that_was_changed_or_cut_after_it_was_signed_is_refused_by_the_law() {
    let Some(original) = data::file("otdr-synthetic/SYNA_F01_AB_1550.sor") else {
        return;
    };
    let mut cable = Cable::laid();
    let mut signed = |file: &[u8], brought: &[u8]| {
        let nonce = cable.world.nonce(cable.order, "F01");
        let time = parse(&original).unwrap().fixed.time.into();
        let pack = pack(file, "F01", 1550, "A");
        let reading = cable.world.at("A").sign(time, nonce, pack);
        cable.world.submit(cable.order, reading, brought.to_vec())
    };
    let flipped = data::file("otdr-synthetic/SYNA_T3_flipped_byte.sor").unwrap();
    let hash = |file: &[u8]| B256::from(<[u8; 32]>::from(Sha256::digest(file)));
    let expected = WrongFile {
        signed_: hash(&original),
        given: hash(&flipped),
    };
    refused(signed(&original, &flipped), expected);
    let cut = data::file("otdr-synthetic/SYNA_T4_truncated.sor").unwrap();
    let why = parse(&cut).unwrap_err().to_string();
    refused(signed(&cut, &cut), UnreadableFile { why });
    // Nothing of them stays: the fibre's first file is still asked for.
    assert_eq!(signed(&original, &original).unwrap().weight, 0);
}

#[test]
fn an_emulated_pair_is_left_to_a_person_by_the_law() {
    let Some(forth) = data::file("otdr-synthetic/SYNA_T5_emulated_AB.sor") else {
        return;
    };
    let back = data::file("otdr-synthetic/SYNA_T5_emulated_BA.sor").unwrap();
    let mut cable = Cable::laid();
    cable.bring(&forth, "A");
    let number = cable.bring(&back, "B").number;
    let found = cable.world.view(evidenceCall { number });
    assert_ne!(found.findings & Finding::Emulated.bit(), 0);
    assert_eq!(found.weight, 1);
}
