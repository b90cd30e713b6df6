//! The samples of the repository.

use std::fs;

use commonhold_works_contract::arl::{FIBRE_OSP_1, RADIO_1};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{attempt, sample, works};

#[test]
fn a_cable_of_our_own_is_judged() {
    let (order, ruleset, traces) = (
        sample("order.json"),
        sample("ruleset.json"),
        sample("traces"),
    );
    let found = works(&["check", "--order", &order, "--ruleset", &ruleset, &traces]).data;
    assert_eq!(found["fibres"]["K01"]["verdict"], "ACCEPT");
    assert_eq!(found["fibres"]["K02"]["verdict"], "REJECT");
    assert_eq!(
        found["fibres"]["K02"]["failed_rules"],
        json!(["SPLICE_HARD", "SPLICE_MEAN"])
    );
    let edited = &found["tampered"]["K02_AB_1550_edited.sor"];
    assert_eq!(edited["findings"][0]["code"], "INTEGRITY_FAIL");
    assert_eq!(edited["derived_from"], "K02_AB_1550.sor");
}

#[test]
fn a_rulesets_text_says_what_its_limits_say() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (order, traces) = (sample("order.json"), sample("traces"));
    let judged =
        |ruleset: &str| works(&["check", "--order", &order, "--ruleset", ruleset, &traces]).data;
    let (limits, text) = (
        judged(&sample("ruleset.json")),
        judged(&write("osp.arl", FIBRE_OSP_1)),
    );
    assert_eq!(text["ruleset"], limits["ruleset"]);
    assert_eq!(text["tampered"], limits["tampered"]);
    for fibre in ["K01", "K02"] {
        let of = |found: &Value, what: &str| found["fibres"][fibre][what].clone();
        for what in ["verdict", "failed_rules", "rules", "files"] {
            assert_eq!(of(&text, what), of(&limits, what), "{fibre} {what}");
        }
        assert_ne!(of(&text, "rules"), json!([]));
    }
    // Another text, another verdict; a text of radio sites is none of fibres.
    let strict = FIBRE_OSP_1.replace("splice_mean = 80", "splice_mean = 30");
    let strict = judged(&write("strict.arl", &strict));
    assert_eq!(
        strict["fibres"]["K01"]["failed_rules"],
        json!(["SPLICE_MEAN"])
    );
    let radio = write("radio.arl", RADIO_1);
    let refused = attempt(&["check", "--order", &order, "--ruleset", &radio, &traces]);
    assert!(refused.unwrap_err().to_string().contains("of fibres"));
}

#[test]
fn a_site_of_our_own_is_judged() {
    let (design, evidence) = (sample("site.json"), sample("site_evidence.json"));
    let found = works(&["radio", &design, &evidence]).data;
    assert_eq!(found[0]["verdict"], "ACCEPT");
    assert_eq!(found[0]["rules"][0]["value"], 120);
}

#[test]
fn a_contract_of_our_own_is_certified() {
    let found = works(&[
        "certificates",
        &sample("contract.json"),
        &sample("bill.csv"),
    ])
    .data;
    // 10 m at 1.99 and 3 at 100.00; half and then all of it, 10 % retained, half of that released.
    assert_eq!(found["contract_sum_minor"], 31_990);
    assert_eq!(found["certificates"][0]["this_payment_minor"], 14_395);
    assert_eq!(found["certificates"][1]["net_cumulative_minor"], 30_391);
}

#[test]
fn usage_is_asked_for() {
    assert!(attempt(&["check"]).is_err());
    assert!(attempt(&["check", "--order", "a.json", "b"]).is_err());
    let trace = sample("traces/K01_AB_1310.sor");
    let both = attempt(&["check", "--order", &trace, "--ruleset", &trace, &trace]);
    assert!(both.unwrap_err().to_string().contains("K01_AB_1310.sor"));
    let missing = attempt(&["inspect", "no-such-file"]).unwrap_err();
    assert!(
        missing
            .to_string()
            .starts_with("no-such-file: cannot be read")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is done to a file, a command answers or refuses.
    #[test]
    fn no_file_makes_a_command_panic(
        name in prop::sample::select(vec![
            "traces/K01_AB_1310.sor",
            "bill.csv",
            "programme.xml",
            "programme.xer",
            "issue.bcf",
            "sweep.s1p",
        ]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        let mut bytes = fs::read(sample(name)).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name.rsplit('/').next().unwrap());
        fs::write(&path, bytes).unwrap();
        let _ = attempt(&["inspect", path.to_str().unwrap()]);
    }
}
