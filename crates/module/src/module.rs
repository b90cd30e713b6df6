//! The module itself: what it declares, and how a call finds its function.

use std::{collections::BTreeMap, fmt, sync::Arc};

use alloy_json_abi::{JsonAbi, StateMutability};
use alloy_primitives::{Address, Bytes, FixedBytes, U256};
use alloy_sol_types::{SolCall, SolInterface, abi::AbiDecoderConfig};
use commonhold_primitives::Genesis;

use crate::{
    Context, Host, Outcome, ensure,
    errors::{IModule, InputTooLong, MalformedInput, NotPayable, StaticCall, UnknownSelector},
    host::reject,
    limits,
    storage::{Layout, Variable, disjoint},
};

/// Gas of finding and decoding a call, whatever its size.
const CALL_GAS: u64 = 200;
/// Gas per 32 bytes of input.
const INPUT_WORD_GAS: u64 = 6;
/// Gas per 32 bytes of output.
const OUTPUT_WORD_GAS: u64 = 3;

type Selector = [u8; 4];
type Handler = Arc<dyn Fn(&mut Context<'_>, &[u8]) -> Outcome<Vec<u8>> + Send + Sync>;
type GenesisHook = fn(&mut Context<'_>, &Genesis) -> Outcome<()>;
type InvariantsHook = fn(&mut Context<'_>, &mut Findings) -> Outcome<()>;

#[derive(Clone)]
struct Route {
    mutability: StateMutability,
    handler: Handler,
}

/// What the check of a module's invariants found wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(Vec<String>);

impl Findings {
    /// Notes `what` unless it `holds`.
    pub fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(what());
        }
    }

    /// Everything noted, in order.
    pub fn into_inner(self) -> Vec<String> {
        self.0
    }
}

/// An on-chain application.
#[derive(Clone)]
pub struct Module {
    name: &'static str,
    address: Address,
    selectors: Vec<Selector>,
    abi: fn() -> JsonAbi,
    source: &'static str,
    routes: BTreeMap<Selector, Route>,
    storage: &'static [Variable],
    genesis: GenesisHook,
    invariants: InvariantsHook,
    defects: Vec<String>,
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Module({} at {})", self.name, self.address)
    }
}

impl Module {
    /// A module with the functions of the interface `I` (`sol!`'s `…Calls` enum), whose ABI is `abi`.
    /// Its functions are added one by one.
    pub fn new<I: SolInterface>(
        name: &'static str,
        address: Address,
        abi: fn() -> JsonAbi,
    ) -> Self {
        Self {
            name,
            address,
            selectors: I::selectors().collect(),
            abi,
            source: "",
            routes: BTreeMap::new(),
            storage: &[],
            genesis: |_, _| Ok(()),
            invariants: |_, _| Ok(()),
            defects: Vec::new(),
        }
    }

    /// Adds a function that may change the state. It takes no value.
    #[must_use]
    pub fn message<C, R>(self, function: fn(&mut Context<'_>, C) -> Outcome<R>) -> Self
    where
        C: SolCall + 'static,
        C::Return: From<R>,
        R: 'static,
    {
        self.route(StateMutability::NonPayable, function)
    }

    /// Adds a function that may change the state and takes value.
    #[must_use]
    pub fn payable<C, R>(self, function: fn(&mut Context<'_>, C) -> Outcome<R>) -> Self
    where
        C: SolCall + 'static,
        C::Return: From<R>,
        R: 'static,
    {
        self.route(StateMutability::Payable, function)
    }

    /// Adds a function that only reads.
    #[must_use]
    pub fn view<C, R>(self, function: fn(&mut Context<'_>, C) -> Outcome<R>) -> Self
    where
        C: SolCall + 'static,
        C::Return: From<R>,
        R: 'static,
    {
        self.route(StateMutability::View, function)
    }

    /// Gives the text of the file that declares the interface with `sol!`.
    #[must_use]
    pub const fn source(mut self, file: &'static str) -> Self {
        self.source = file;
        self
    }

    /// Says what lies where in the module's storage.
    #[must_use]
    pub const fn storage(mut self, layout: &'static [Variable]) -> Self {
        self.storage = layout;
        self
    }

    /// Says what the module writes before the first block.
    #[must_use]
    pub fn at_genesis(mut self, hook: GenesisHook) -> Self {
        self.genesis = hook;
        self
    }

    /// Says what always holds of the module's state.
    #[must_use]
    pub fn always(mut self, hook: InvariantsHook) -> Self {
        self.invariants = hook;
        self
    }

    fn route<C, R>(
        mut self,
        mutability: StateMutability,
        function: fn(&mut Context<'_>, C) -> Outcome<R>,
    ) -> Self
    where
        C: SolCall + 'static,
        C::Return: From<R>,
        R: 'static,
    {
        let handler: Handler = Arc::new(move |ctx, arguments| {
            let config = AbiDecoderConfig::new()
                .validate(true)
                .recursion_limit(limits::DECODE_DEPTH_MAX)
                .memory_limit(limits::DECODED_BYTES_MAX);
            let Ok(call) = C::abi_decode_raw_with_config(arguments, config) else {
                return reject(MalformedInput {});
            };
            let output = C::abi_encode_returns(&function(ctx, call)?.into());
            ctx.charge(words(output.len()).saturating_mul(OUTPUT_WORD_GAS))?;
            Ok(output)
        });
        if self
            .routes
            .insert(
                C::SELECTOR,
                Route {
                    mutability,
                    handler,
                },
            )
            .is_some()
        {
            self.defects
                .push(format!("{} is dispatched twice", C::SIGNATURE));
        }
        if !self.selectors.contains(&C::SELECTOR) {
            self.defects
                .push(format!("{} is not in the interface", C::SIGNATURE));
        }
        self
    }

    /// Its name: one lower-case word.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its address.
    pub const fn address(&self) -> Address {
        self.address
    }

    /// The selectors of its interface.
    pub fn selectors(&self) -> &[[u8; 4]] {
        &self.selectors
    }

    /// Its ABI: the functions, events and errors of its interface, and the framework's errors.
    pub fn abi(&self) -> JsonAbi {
        let mut abi = (self.abi)();
        for (name, errors) in IModule::abi::contract().errors {
            abi.errors.entry(name).or_insert(errors);
        }
        abi
    }

    /// The names of its functions that may change the state, in alphabetical order.
    pub fn messages(&self) -> Vec<String> {
        let reads = |kind| matches!(kind, StateMutability::View | StateMutability::Pure);
        let abi = self.abi();
        let messages = abi.functions().filter(|f| !reads(f.state_mutability));
        messages.map(|function| function.name.clone()).collect()
    }

    /// Its ABI as JSON text, as compilers write it.
    pub fn abi_json(&self) -> String {
        serde_json::to_string_pretty(&self.abi()).unwrap_or_default()
    }

    /// Its interface as a Solidity file, with the comments: what contracts import to call it.
    pub fn solidity(&self) -> String {
        let body = self
            .source
            .split_once("sol! {")
            .map_or("", |(_, rest)| rest);
        let body = body.rsplit_once('}').map_or("", |(body, _)| body);
        let mut text = "// SPDX-License-Identifier: MIT OR Apache-2.0\n\
                        pragma solidity ^0.8.20;\n\n"
            .to_owned();
        for line in body
            .lines()
            .skip_while(|line| !line.trim_start().starts_with("///"))
        {
            text.push_str(line.strip_prefix("    ").unwrap_or(line));
            text.push('\n');
        }
        text
    }

    /// What its interface says of an error: the comment before its declaration, in one line.
    pub fn meaning(&self, error: &str) -> Option<String> {
        let mut said = String::new();
        for line in self.source.lines().map(str::trim) {
            if let Some(comment) = line.strip_prefix("///") {
                if !said.is_empty() {
                    said.push(' ');
                }
                said.push_str(comment.trim());
                continue;
            }
            let declared = line
                .strip_prefix("error ")
                .and_then(|declaration| declaration.split('(').next());
            if declared == Some(error) {
                return Some(said).filter(|said| !said.is_empty());
            }
            said.clear();
        }
        None
    }

    /// What lies where in its storage, as text.
    pub fn storage_text(&self) -> String {
        Layout::render(self.storage)
    }

    /// What is wrong with the declaration; a [`Registry`](crate::Registry) refuses the module then.
    pub fn defects(&self) -> Vec<String> {
        let mut defects = self.defects.clone();
        for function in self.abi().functions() {
            match self.routes.get(&function.selector().0) {
                None => defects.push(format!("{} is not dispatched", function.signature())),
                Some(route) if route.mutability != function.state_mutability => {
                    defects.push(format!(
                        "{} is {:?} in the interface, but dispatched as {:?}",
                        function.signature(),
                        function.state_mutability,
                        route.mutability,
                    ));
                }
                Some(_) => {}
            }
        }
        if !disjoint(self.storage) {
            defects.push("storage slots overlap".to_owned());
        }
        defects
    }

    /// Runs a call into the module. Whoever runs it undoes everything it did where this is an error.
    ///
    /// # Errors
    /// The rejection to answer, out of gas, or that the machine cannot go on.
    pub fn call(
        &self,
        host: &mut dyn Host,
        caller: Address,
        value: U256,
        is_static: bool,
        input: &[u8],
    ) -> Outcome<Bytes> {
        host.charge(CALL_GAS.saturating_add(words(input.len()).saturating_mul(INPUT_WORD_GAS)))?;
        ensure(input.len() <= limits::INPUT_BYTES_MAX, || InputTooLong {
            bytesGiven: U256::from(input.len()),
            bytesMax: U256::from(limits::INPUT_BYTES_MAX),
        })?;
        let (selector, arguments) = split(input);
        let Some(route) = self.routes.get(&selector) else {
            return reject(UnknownSelector {
                selector: FixedBytes(selector),
            });
        };
        let writes = route.mutability != StateMutability::View;
        ensure(
            route.mutability == StateMutability::Payable || value.is_zero(),
            || NotPayable {},
        )?;
        ensure(!(writes && is_static), || StaticCall {})?;
        let mut ctx = Context::new(host, self.address, caller, value, !writes);
        (route.handler)(&mut ctx, arguments).map(Bytes::from)
    }

    /// Writes the module's first state.
    ///
    /// # Errors
    /// [`Fault::Fatal`](crate::Fault::Fatal) says what in the document the module cannot take.
    pub fn genesis(&self, host: &mut dyn Host, genesis: &Genesis) -> Outcome<()> {
        let mut ctx = Context::new(host, self.address, self.address, U256::ZERO, false);
        (self.genesis)(&mut ctx, genesis)
    }

    /// Checks what always holds of the module's state, and tells what does not.
    ///
    /// # Errors
    /// What the machine runs into.
    pub fn invariants(&self, host: &mut dyn Host) -> Outcome<Vec<String>> {
        let mut findings = Findings::default();
        let mut ctx = Context::new(host, self.address, self.address, U256::ZERO, true);
        (self.invariants)(&mut ctx, &mut findings)?;
        Ok(findings.into_inner())
    }
}

/// Words of 32 bytes that `bytes` take.
fn words(bytes: usize) -> u64 {
    u64::try_from(bytes.div_ceil(32)).unwrap_or(u64::MAX)
}

/// The selector (padded with zeros where the input is shorter) and the arguments.
fn split(input: &[u8]) -> (Selector, &[u8]) {
    input.split_first_chunk::<4>().map_or_else(
        || {
            let mut selector = [0; 4];
            for (to, from) in selector.iter_mut().zip(input) {
                *to = *from;
            }
            (selector, [].as_slice())
        },
        |(selector, arguments)| (*selector, arguments),
    )
}
