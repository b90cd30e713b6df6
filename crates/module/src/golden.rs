//! What outsiders rely on, as text: a change of it is a change of the interface and shows in a diff.

use std::fmt::Write as _;

use crate::Module;

/// One line per function: selector and signature, in the order of the selectors.
pub fn selectors(module: &Module) -> String {
    let mut lines: Vec<_> = module
        .abi()
        .functions()
        .map(|function| format!("{} {}", function.selector(), function.signature()))
        .collect();
    lines.sort_unstable();
    text(&lines)
}

/// One line per event: first topic and signature, indexed arguments marked, in the order of topics.
pub fn events(module: &Module) -> String {
    let mut lines: Vec<_> = module
        .abi()
        .events()
        .map(|event| format!("{} {}", event.selector(), event.full_signature()))
        .collect();
    lines.sort_unstable();
    text(&lines)
}

/// One line per error: selector and signature, in the order of the selectors.
pub fn errors(module: &Module) -> String {
    let mut lines: Vec<_> = module
        .abi()
        .errors()
        .map(|error| format!("{} {}", error.selector(), error.signature()))
        .collect();
    lines.sort_unstable();
    text(&lines)
}

/// Every golden file of a module: its name and what should stand in it.
pub fn files(module: &Module) -> Vec<(&'static str, String)> {
    let mut abi = module.abi_json();
    abi.push('\n');
    vec![
        ("selectors.txt", selectors(module)),
        ("events.txt", events(module)),
        ("errors.txt", errors(module)),
        ("storage.txt", module.storage_text()),
        ("abi.json", abi),
        ("interface.sol", module.solidity()),
    ]
}

fn text(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{line}");
        text
    })
}
