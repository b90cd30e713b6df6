//! `token`, as far as no network is needed.

use std::process::Output;

use alloy_primitives::{U256, hex};
use serde_json::{Value, json};

use crate::{commonhold, failed, json, ok, stderr, stub};

const ANNA: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
/// 3.5 tokens in units.
const HAS: u64 = 3_500_000_000;

fn word(n: u64) -> String {
    format!("{n:064x}")
}

/// A node where everybody has 3.5 tokens, and who sends is told so.
fn node() -> String {
    let node = stub::start(|_, body| {
        let call: Value = serde_json::from_str(body).unwrap();
        let result = match call["method"].as_str().unwrap() {
            "eth_chainId" | "eth_gasPrice" => json!("0x1"),
            "eth_call" => {
                assert_eq!(
                    call["params"][0]["to"],
                    "0xc000000000000000000000000000000000000005"
                );
                json!(format!("0x{}", word(HAS)))
            }
            "eth_estimateGas" => {
                let input = call["params"][0]["input"].as_str().unwrap();
                let needed = word(12_500_000_000);
                assert!(input.contains(&needed), "{input}");
                // ERC20InsufficientBalance.
                let sender = format!("{:0>64}", ANNA[2..].to_lowercase());
                let data = format!("0xe450d38c{sender}{}{needed}", word(HAS));
                assert_eq!(hex::decode(&data).unwrap().len(), 100);
                let error = json!({ "code": 3, "message": "execution reverted", "data": data });
                return json!({ "jsonrpc": "2.0", "id": 1, "error": error });
            }
            other => panic!("{other} was not expected"),
        };
        json!({ "jsonrpc": "2.0", "id": 1, "result": result })
    });
    format!("http://{node}")
}

fn token(rpc: &str, keystore: &str, args: &[&str]) -> Output {
    let mut command = commonhold(&["token"]);
    command
        .args(args)
        .env("COMMONHOLD_RPC", rpc)
        .env("COMMONHOLD_KEYSTORE", keystore)
        .env("COMMONHOLD_PASSPHRASE", "p")
        .output()
        .unwrap()
}

#[test]
fn a_balance_is_told_exactly() {
    let dir = tempfile::tempdir().unwrap();
    let rpc = node();
    let run = |args: &[&str]| token(&rpc, dir.path().join("keystore").to_str().unwrap(), args);
    assert_eq!(ok(&run(&["balance", ANNA])), "3.5\n");
    let told = json(&run(&["balance", ANNA, "--json"]));
    let expected = json!({
        "account": ANNA.to_lowercase(),
        "balance": { "tokens": "3.5", "units": "3500000000" },
    });
    assert_eq!(told, expected);
    assert_eq!(ok(&run(&["supply"])), "3.5\n");
    // Whose, where nobody is named and there is no account.
    assert!(failed(&run(&["balance"]), 2).contains("account new"));
}

#[test]
fn an_amount_that_is_none_is_refused_before_anything_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = "http://127.0.0.1:1";
    let run = |args: &[&str]| token(nowhere, dir.path().to_str().unwrap(), args);
    for (amount, why) in [
        ("12.0123456789", "more than 9 decimal places"),
        ("1e3", "write it like 12 or 12.5"),
        ("1,5", "write it like 12 or 12.5"),
        ("5.", "nothing follows the point"),
        ("0", "moves nothing"),
        ("0.000", "moves nothing"),
        (&U256::MAX.to_string(), "more than can be counted"),
    ] {
        for verb in [
            &["send", ANNA, amount][..],
            &["redeem", amount],
            &["issue", "propose", ANNA, amount, "--reason", "x"],
        ] {
            let said = failed(&run(verb), 2);
            assert!(said.contains(why), "{verb:?}: {said}");
        }
    }
}

#[test]
fn who_has_too_little_is_told_so_in_tokens() {
    let dir = tempfile::tempdir().unwrap();
    let rpc = node();
    let keystore = dir.path().join("keystore");
    let keystore = keystore.to_str().unwrap();
    let new = commonhold(&["account", "new", "anna", "--keystore", keystore])
        .env("COMMONHOLD_PASSPHRASE", "p")
        .output()
        .unwrap();
    ok(&new);
    for verb in [&["send", ANNA, "12.5"][..], &["redeem", "12.5"]] {
        let said = failed(&token(&rpc, keystore, verb), 1);
        assert!(said.contains("has 3.5, and 12.5 are needed"), "{said}");
    }
    let said = failed(&token(&rpc, keystore, &["send", "0x12", "1"]), 2);
    assert!(said.contains("not an address"), "{said}");
    let stranger = token(&rpc, keystore, &["send", ANNA, "1", "--account", "ben"]);
    assert!(stderr(&stranger).contains("ben"));
    failed(&stranger, 1);
}
