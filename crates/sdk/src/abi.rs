//! Calls, reasons and logs of modules in words.

use core::fmt::Write as _;
use std::collections::BTreeMap;

use alloy_dyn_abi::{DynSolValue, ErrorExt as _, EventExt as _, JsonAbiExt as _};
use alloy_json_abi::{JsonAbi, Param};
use alloy_primitives::{Address, B256, U256, hex};
use commonhold_module::Module;
use commonhold_system::accounts::roles;

use crate::roles::role_name;

/// A call, a reason or a log, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The module, where it is known which.
    pub module: Option<String>,
    /// Name of the function, error or event.
    pub name: String,
    /// Its arguments by name.
    pub arguments: Vec<(String, String)>,
    /// Of a module's reason: what the interface says of it.
    pub meaning: Option<String>,
}

impl Decoded {
    /// As a program would write it: `records.grant(id: 0x…, reader: 0x…)`.
    pub fn code(&self) -> String {
        let mut text = self
            .module
            .as_ref()
            .map(|module| format!("{module}."))
            .unwrap_or_default();
        text.push_str(&self.name);
        text.push('(');
        self.list(&mut text);
        text.push(')');
        text
    }

    /// As a person would say it: `not the owner (caller: 0x…). Only its owner may do this.`
    pub fn sentence(&self) -> String {
        if self.name == "Error"
            && let [(_, message)] = self.arguments.as_slice()
        {
            return message.trim_matches('"').to_owned();
        }
        let mut text = words(&self.name);
        if !self.arguments.is_empty() {
            text.push_str(" (");
            self.list(&mut text);
            text.push(')');
        }
        if let Some(meaning) = &self.meaning {
            text.push_str(". ");
            text.push_str(meaning);
        }
        text
    }

    fn list(&self, text: &mut String) {
        for (position, (name, value)) in self.arguments.iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            let colon = if name.is_empty() { "" } else { ": " };
            // Writing to a string cannot fail.
            let _ = write!(text, "{comma}{name}{colon}{value}");
        }
    }
}

/// `NotOwner` becomes `not owner`, `ERC20InvalidSender` `erc20 invalid sender`.
fn words(name: &str) -> String {
    let mut text = String::new();
    let mut capital = true;
    for c in name.chars() {
        if c.is_uppercase() && !capital {
            text.push(' ');
        }
        capital = c.is_uppercase();
        text.extend(c.to_lowercase());
    }
    text
}

/// The interfaces of modules by their addresses.
#[derive(Clone, Debug, Default)]
pub struct Abis(Vec<Entry>);

/// An interface that is known.
#[derive(Clone, Debug)]
struct Entry {
    address: Address,
    name: String,
    abi: JsonAbi,
    /// What it says of its errors, by their names.
    meanings: BTreeMap<String, String>,
}

impl Abis {
    /// The interfaces of the system's modules.
    pub fn system() -> Self {
        let mut abis = Self::default();
        for module in commonhold_system::modules() {
            abis.add(&module);
        }
        abis
    }

    /// The interface of an application.
    pub fn of(module: &Module) -> Self {
        let mut abis = Self::default();
        abis.add(module);
        abis
    }

    fn add(&mut self, module: &Module) {
        let abi = module.abi();
        let meaning = |name: &String| Some((name.clone(), module.meaning(name)?));
        self.0.push(Entry {
            address: module.address(),
            name: module.name().to_owned(),
            meanings: abi.errors.keys().filter_map(meaning).collect(),
            abi,
        });
    }

    /// Adds interfaces.
    #[must_use]
    pub fn with(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    fn at(&self, address: Address) -> impl Iterator<Item = (&String, &JsonAbi)> {
        self.0
            .iter()
            .filter(move |entry| entry.address == address)
            .map(|entry| (&entry.name, &entry.abi))
    }

    /// The function that `input` calls at `to`.
    pub fn call(&self, to: Address, input: &[u8]) -> Option<Decoded> {
        let (selector, arguments) = input.split_first_chunk::<4>()?;
        self.at(to).find_map(|(module, abi)| {
            let function = abi.function_by_selector((*selector).into())?;
            let values = function.abi_decode_input(arguments).ok()?;
            Some(Decoded {
                module: Some(module.clone()),
                name: function.name.clone(),
                arguments: named(&function.inputs, &values),
                meaning: None,
            })
        })
    }

    /// The reason of a revert. `to` is who was called; the reason may come from whom that one called.
    /// Where it may come from several of those, no module is named.
    pub fn reason(&self, to: Option<Address>, data: &[u8]) -> Option<Decoded> {
        let selector = data.first_chunk::<4>()?;
        let read = |entry: &Entry| {
            let mut errors = entry.abi.errors();
            let error = errors.find(|error| error.selector() == *selector)?;
            let values = error.decode_error(data).ok()?.body;
            Some(Decoded {
                module: Some(entry.name.clone()),
                name: error.name.clone(),
                arguments: named(&error.inputs, &values),
                meaning: entry.meanings.get(&error.name).cloned(),
            })
        };
        let called = self.0.iter().filter(|entry| Some(entry.address) == to);
        if let Some(reason) = called.clone().find_map(read) {
            return Some(reason);
        }
        let others = self.0.iter().filter(|entry| Some(entry.address) != to);
        let mut others = others.filter_map(read);
        match (others.next(), others.next()) {
            (Some(reason), None) => Some(reason),
            (Some(reason), Some(_)) => Some(Decoded {
                module: None,
                meaning: None,
                ..reason
            }),
            (None, _) => solidity_reason(data),
        }
    }

    /// The event that a log of `address` tells.
    pub fn log(&self, address: Address, topics: &[B256], data: &[u8]) -> Option<Decoded> {
        let topic = topics.first()?;
        self.at(address).find_map(|(module, abi)| {
            let event = abi.events().find(|event| event.selector() == *topic)?;
            let decoded = event.decode_log_parts(topics.iter().copied(), data).ok()?;
            let (mut indexed, mut body) = (decoded.indexed.iter(), decoded.body.iter());
            let mut arguments = Vec::new();
            for input in &event.inputs {
                let value = if input.indexed {
                    indexed.next()
                } else {
                    body.next()
                }?;
                arguments.push((input.name.clone(), show(value)));
            }
            Some(Decoded {
                module: Some(module.clone()),
                name: event.name.clone(),
                arguments,
                meaning: None,
            })
        })
    }
}

/// `Error(string)` and `Panic(uint256)`, which Solidity itself gives.
fn solidity_reason(data: &[u8]) -> Option<Decoded> {
    use alloy_sol_types::{GenericContractError, SolInterface as _};
    let (name, argument) = match GenericContractError::abi_decode_validate(data).ok()? {
        GenericContractError::Revert(revert) => {
            ("Error", show(&DynSolValue::String(revert.reason)))
        }
        GenericContractError::Panic(panic) => ("Panic", panic.code.to_string()),
    };
    Some(Decoded {
        module: None,
        name: name.to_owned(),
        arguments: vec![(String::new(), argument)],
        meaning: None,
    })
}

fn named(params: &[Param], values: &[DynSolValue]) -> Vec<(String, String)> {
    let show_one =
        |(param, value): (&Param, _)| (param.name.clone(), show_as(value, &param.components));
    params.iter().zip(values).map(show_one).collect()
}

/// A value as text; the fields of structs by the names that `components` give them.
fn show_as(value: &DynSolValue, components: &[Param]) -> String {
    match value {
        DynSolValue::Tuple(fields) if !components.is_empty() => {
            let fields = named(components, fields).into_iter();
            let fields: Vec<_> = fields
                .map(|(name, value)| format!("{name}: {value}"))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        DynSolValue::Array(items) | DynSolValue::FixedArray(items) => {
            let items: Vec<_> = items.iter().map(|item| show_as(item, components)).collect();
            format!("[{}]", items.join(", "))
        }
        other => show(other),
    }
}

/// A value as text. Text from the ledger is quoted and its control characters are escaped: it may have
/// been written to mislead.
fn show(value: &DynSolValue) -> String {
    match value {
        DynSolValue::Bool(b) => b.to_string(),
        DynSolValue::Int(n, _) => n.to_string(),
        DynSolValue::Uint(n, _) if *n == U256::MAX => "unlimited".to_owned(),
        DynSolValue::Uint(n, _) => n.to_string(),
        // A role is a name; no hash looks like one.
        DynSolValue::FixedBytes(word, 32) if roles::is_role(word) => role_name(word),
        DynSolValue::FixedBytes(word, size) => {
            format!("0x{}", hex::encode(word.get(..*size).unwrap_or_default()))
        }
        DynSolValue::Address(address) => address.to_string(),
        DynSolValue::Function(function) => function.to_string(),
        DynSolValue::Bytes(bytes) => format!("0x{}", hex::encode(bytes)),
        DynSolValue::String(text) => quoted(text),
        DynSolValue::Array(items)
        | DynSolValue::FixedArray(items)
        | DynSolValue::Tuple(items)
        | DynSolValue::CustomStruct { tuple: items, .. } => {
            let items: Vec<_> = items.iter().map(show).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

/// Text in quotes, with everything that a terminal would act on or hide written as an escape.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown = String::from('"');
    for c in text.chars() {
        if c == '"' || c == '\\' || !is_plain(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown.push('"');
    shown
}

/// Neither a control character nor one that turns, joins or hides text.
const fn is_plain(c: char) -> bool {
    !matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use alloy_sol_types::SolError as _;
    use commonhold_system::records::interface::IRecords::UnknownRecord;

    use super::*;
    use crate::RECORDS;

    #[test]
    fn a_reason_is_said_in_the_words_of_the_interface() {
        let id = B256::repeat_byte(7);
        let data = UnknownRecord { id }.abi_encode();
        let reason = Abis::system().reason(Some(RECORDS), &data).unwrap();
        let said = format!("unknown record (id: {id}). There is no such record.");
        assert_eq!(reason.sentence(), said);
        // Several modules have an error of this name: whose words they are is not known.
        let reason = Abis::system().reason(None, &data).unwrap();
        assert_eq!(reason.sentence(), format!("unknown record (id: {id})"));
    }

    #[test]
    fn every_module_says_what_its_errors_mean() {
        for module in commonhold_system::modules() {
            let declared = module.solidity();
            for error in module.abi().errors.keys() {
                let own = declared.contains(&format!("error {error}("));
                assert_eq!(own, module.meaning(error).is_some(), "{error}");
            }
        }
    }
}
