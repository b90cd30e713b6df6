//! The samples of the repository.

use std::fs;

use proptest::prelude::*;
use serde_json::json;

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
