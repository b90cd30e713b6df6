//! Byte code by hand.

use alloy_primitives::{Address, Bytes};

/// Assembles opcodes written as hexadecimal (spaces are ignored) with names for those that tests use.
pub fn asm(text: &str) -> Bytes {
    let names: &[(&str, &str)] = &[
        ("STOP", "00"),
        ("ADD", "01"),
        ("CALLER", "33"),
        ("CALLVALUE", "34"),
        ("CALLDATALOAD", "35"),
        ("CALLDATASIZE", "36"),
        ("CALLDATACOPY", "37"),
        ("BLOCKHASH", "40"),
        ("NUMBER", "43"),
        ("SELFBALANCE", "47"),
        ("POP", "50"),
        ("MLOAD", "51"),
        ("MSTORE", "52"),
        ("SLOAD", "54"),
        ("SSTORE", "55"),
        ("JUMP", "56"),
        ("JUMPI", "57"),
        ("GAS", "5a"),
        ("JUMPDEST", "5b"),
        ("PUSH0", "5f"),
        ("DUP1", "80"),
        ("SWAP1", "90"),
        ("LOG0", "a0"),
        ("LOG1", "a1"),
        ("CREATE", "f0"),
        ("CALL", "f1"),
        ("CALLCODE", "f2"),
        ("RETURN", "f3"),
        ("DELEGATECALL", "f4"),
        ("CREATE2", "f5"),
        ("STATICCALL", "fa"),
        ("REVERT", "fd"),
        ("INVALID", "fe"),
        ("SELFDESTRUCT", "ff"),
        ("RETURNDATASIZE", "3d"),
        ("RETURNDATACOPY", "3e"),
        ("GASPRICE", "3a"),
        ("BASEFEE", "48"),
        ("TIMESTAMP", "42"),
    ];
    let mut hex = String::new();
    for word in text.split_whitespace() {
        hex += names
            .iter()
            .find(|(name, _)| *name == word)
            .map_or(word, |(_, code)| code);
    }
    hex.parse().unwrap_or_else(|e| panic!("{hex}: {e}"))
}

/// Code that deploys `code`.
pub fn init(code: &Bytes) -> Bytes {
    // PUSH2 len DUP1 PUSH1 10 PUSH0 CODECOPY PUSH0 RETURN: ten bytes before the code
    let mut bytes = vec![0x61];
    bytes.extend(u16::try_from(code.len()).unwrap().to_be_bytes());
    bytes.extend([0x80, 0x60, 0x0a, 0x5f, 0x39, 0x5f, 0xf3]);
    bytes.extend(code);
    bytes.into()
}

/// `PUSH20 address`.
pub fn push(address: Address) -> String {
    format!("73 {address:x}").replace("0x", "")
}
