//! Every raw file read again, and every verdict computed again, by the contract's own rules; held against what
//! the ledger has.

use std::collections::BTreeMap;

use alloy_primitives::{B256, keccak256};
use alloy_sol_types::SolCall as _;
use commonhold_sdk::{
    SdkError,
    reading::{Algorithm, DeviceKey, Envelope},
};
use commonhold_works_contract::{
    ADDRESS,
    acceptance::integrity::{Finding, Weight},
    again::{self, Looked, look, weight},
    arl::{self, Ruleset},
    interface::IWorks::{
        Evidence, EvidenceTaken, FibreJudged, OrderIssued, Outcome, RuleApplied, Verdict,
        submitEvidenceCall,
    },
    orders::{bit, nonce, seed},
    readings::Of,
};
use serde_json::{Map, Value, json};

use super::{
    gather::{Act, Gathered, Ordered, judgement},
    index::broken,
    proof::{Happened, Wanted},
};
use crate::ledger::{
    evidence::weight_name,
    order::{outcome, verdict_name},
    text,
};

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Again {
    /// Raw files and readings, by their paths.
    pub(crate) traces: BTreeMap<String, Vec<u8>>,
    /// What was found of each fibre.
    pub(crate) verdicts: Vec<Value>,
    /// Raw files that were read.
    pub(crate) read: u64,
    /// Verdicts that were computed.
    pub(crate) judged: u64,
    /// Evidence whose file no transaction shows: it came by way of a contract.
    pub(crate) hidden: u64,
}

/// Reads and judges all evidence again.
///
/// # Errors
/// [`SdkError::Integrity`] says what does not come out.
pub(crate) fn again(gathered: &Gathered) -> Result<Again, SdkError> {
    let mut again = Again::default();
    let acts: BTreeMap<_, &Act> = gathered
        .acts
        .iter()
        .map(|act| (act.wanted.clone(), act))
        .collect();
    let firsts = firsts(gathered);
    for dealing in &gathered.contracts {
        let hash = dealing.contract.offer.ruleset;
        let none = || broken(format!("ruleset {hash} is missing"));
        let text = gathered.rulesets.get(&hash).ok_or_else(none)?;
        if keccak256(text) != hash {
            return Err(none());
        }
        let ruleset = &arl::parse(text).map_err(|fault| broken(fault.to_string()))?;
        for ordered in &dealing.orders {
            let bench = Bench {
                gathered,
                acts: &acts,
                firsts: &firsts,
                ordered,
                ruleset,
            };
            let fibres = bench.order(&mut again)?;
            again.verdicts.push(json!({
                "contract": dealing.number,
                "order": ordered.number,
                "ruleset": hash,
                "fibres": fibres,
            }));
        }
    }
    Ok(again)
}

/// Which evidence of the project brought which samples first.
fn firsts(gathered: &Gathered) -> BTreeMap<B256, u64> {
    let orders = gathered.contracts.iter().flat_map(|d| &d.orders);
    let mut firsts = BTreeMap::new();
    for (number, evidence) in orders.flat_map(|ordered| &ordered.evidence) {
        let first = firsts.entry(evidence.samples).or_insert(*number);
        *first = (*first).min(*number);
    }
    firsts
}

/// An order, and what is needed to look at its evidence.
struct Bench<'a> {
    gathered: &'a Gathered,
    acts: &'a BTreeMap<Wanted, &'a Act>,
    firsts: &'a BTreeMap<B256, u64>,
    ordered: &'a Ordered,
    ruleset: &'a Ruleset,
}

/// One try at a fibre.
#[derive(Default)]
struct Try {
    files: BTreeMap<u8, (Looked, Weight)>,
    told: Vec<Value>,
    hidden: bool,
    judged: Option<(Verdict, Vec<Outcome>)>,
}

impl Bench<'_> {
    fn act(&self, wanted: &Wanted) -> Result<&Happened, SdkError> {
        let none = || broken("a transaction is missing");
        Ok(&self.acts.get(wanted).ok_or_else(none)?.happened)
    }

    /// What its nonces are made of.
    fn seed(&self) -> Result<B256, SdkError> {
        let (number, order) = (self.ordered.number, &self.ordered.order);
        let issued = self.act(&Wanted::of::<OrderIssued>(&[number]))?;
        let place = (issued.did.chain_id, issued.block.number, order.issuedAt);
        Ok(seed(place, number.saturating_sub(1), &order.design))
    }

    fn order(&self, again: &mut Again) -> Result<Map<String, Value>, SdkError> {
        let seed = self.seed()?;
        let mut fibres = Map::new();
        for (name, fibre) in &self.ordered.fibres {
            let number = self.ordered.number;
            let wrong =
                |what: &str| broken(format!("order {number}, fibre {}: {what}", text(name)));
            if nonce(&seed, name, fibre.attempt) != fibre.nonce {
                return Err(wrong("its nonce is not made of its order"));
            }
            let nonces = (0..=fibre.attempt).map(|attempt| (nonce(&seed, name, attempt), attempt));
            let nonces: BTreeMap<B256, u32> = nonces.collect();
            let mut tries: BTreeMap<u32, Try> = BTreeMap::new();
            let evidence = self.ordered.evidence.iter();
            for (number, evidence) in evidence.filter(|(_, evidence)| evidence.fibre == *name) {
                let attempt = nonces.get(&evidence.nonce);
                let attempt = *attempt.ok_or_else(|| wrong("evidence is of another order"))?;
                let one = tries.entry(attempt).or_default();
                self.evidence(*number, evidence, attempt, one, again)?;
            }
            let last = tries.get(&fibre.attempt);
            let there = last.map_or(0, |one| {
                one.files.keys().fold(0, |all, slot| all | bit(*slot))
            });
            let hidden = last.is_some_and(|one| one.hidden);
            if there != fibre.files && !hidden {
                return Err(wrong("other files are there than the ledger says"));
            }
            let mut told = Vec::new();
            for (attempt, one) in &tries {
                let stands = match fibre.verdict {
                    _ if *attempt < fibre.attempt => Some(Verdict::Reject),
                    Verdict::Accept | Verdict::Review => Some(fibre.verdict),
                    _ => None,
                };
                let decided = self
                    .stands(name, *attempt, one, stands)
                    .map_err(|e| wrong(&e))?;
                again.judged = again.judged.saturating_add(u64::from(one.judged.is_some()));
                told.push(one.told(*attempt, stands, decided));
            }
            let data = json!({ "verdict": verdict_name(fibre.verdict), "tries": told });
            fibres.insert(text(name), data);
        }
        Ok(fibres)
    }

    /// Whether what was computed of a try and what stands on the ledger fit; who decided, where a person did.
    fn stands(
        &self,
        name: &B256,
        attempt: u32,
        one: &Try,
        stands: Option<Verdict>,
    ) -> Result<Option<Value>, String> {
        let computed = one.judged.as_ref().map(|(verdict, _)| *verdict);
        if one.hidden {
            return Ok(None);
        }
        match (computed, stands) {
            (None, None) => Ok(None),
            (Some(computed), Some(stands)) if computed == stands => Ok(None),
            // The rules left it to the certifier.
            (Some(Verdict::Review), Some(stands)) => {
                let wanted = judgement(self.ordered.number, name, attempt, stands);
                let happened = self.act(&wanted).map_err(|e| e.to_string())?;
                let said = happened.told::<FibreJudged>().into_iter();
                let mut said = said.filter(|said| (said.fibre, said.attempt) == (*name, attempt));
                let reason = said.next().map(|said| said.reason);
                Ok(Some(json!({
                    "verdict": verdict_name(stands),
                    "by": happened.did.sender,
                    "reason": reason,
                    "transaction": happened.did.hash,
                })))
            }
            (computed, stands) => {
                let name = |verdict: Option<Verdict>| verdict.map_or("nothing", verdict_name);
                let (computed, stands) = (name(computed), name(stands));
                Err(format!(
                    "its files come to {computed}, the ledger has {stands}"
                ))
            }
        }
    }

    /// Looks at a piece of evidence, and judges the fibre where it was the last.
    fn evidence(
        &self,
        number: u64,
        evidence: &Evidence,
        attempt: u32,
        one: &mut Try,
        again: &mut Again,
    ) -> Result<(), SdkError> {
        let wrong = |what: &str| broken(format!("evidence {number}: {what}"));
        let happened = self.act(&Wanted::of::<EvidenceTaken>(&[number]))?;
        let did = &happened.did;
        let plain = (did.to == Some(ADDRESS)).then(|| submitEvidenceCall::abi_decode(&did.input));
        let Some(Ok(call)) = plain else {
            one.hidden = true;
            again.hidden = again.hidden.saturating_add(1);
            one.told.push(json!({ "evidence": number, "trace": null }));
            return Ok(());
        };
        if (call.order, did.sender) != (self.ordered.number, evidence.by) {
            return Err(wrong("somebody else brought it, or for another order"));
        }
        let looked = self.look(&call, evidence).map_err(|e| wrong(&e))?;
        let first = self.firsts.get(&evidence.samples).copied();
        let known = first.filter(|first| *first < number);
        let fits = match (known, evidence.original) {
            (None, original) => original < number,
            (Some(first), original) => original != 0 && original <= first,
        };
        if !fits {
            return Err(wrong("its samples were there before, or were not"));
        }
        let other = one.files.get(&(looked.slot ^ 1)).map(|(other, _)| other);
        let findings = looked.findings(other, evidence.original != 0);
        let found = findings.iter().fold(0, |all, finding| all | finding.bit());
        let heavy = weight(&findings);
        if (found, heavy as u8) != (evidence.findings, evidence.weight) {
            return Err(wrong("other things are found of it than the ledger has"));
        }
        let path = self.path(number, evidence, &looked);
        one.told
            .push(told(number, evidence, &path, &looked, &findings));
        again.read = again.read.saturating_add(1);
        again
            .traces
            .insert(format!("{path}.{}", ending(&looked)), call.file.to_vec());
        again
            .traces
            .insert(format!("{path}.reading"), call.reading.to_vec());
        if heavy == Weight::Block {
            return Ok(());
        }
        one.files.insert(looked.slot, (looked, heavy));
        self.judge(happened, &evidence.fibre, attempt, one)
            .map_err(|e| wrong(&e))
    }

    fn look(&self, call: &submitEvidenceCall, evidence: &Evidence) -> Result<Looked, String> {
        let envelope = Envelope::parse(&call.reading).map_err(|e| e.to_string())?;
        let signer = envelope.device();
        let device = self.gathered.instruments.get(&signer.0);
        let device = device.ok_or("the device that signed it is none of the order's")?;
        let key = Algorithm::from_number(device.algorithm)
            .and_then(|algorithm| DeviceKey::new(algorithm, &device.key))
            .map_err(|e| e.to_string())?;
        if key.id() != signer {
            return Err("the key is another device's".to_owned());
        }
        envelope.verify(&key).map_err(|e| e.to_string())?;
        let design = &self.ordered.order.design;
        let looked = look(&envelope, &call.file, design, self.ruleset);
        let looked = looked.map_err(|e| e.to_string())?;
        let said = &looked.said;
        let same = [
            (said.nonce == evidence.nonce, "nonce"),
            (said.fibre == evidence.fibre, "fibre"),
            (said.file == evidence.file, "file"),
            (looked.samples == evidence.samples, "samples"),
            (looked.device == evidence.device, "instrument"),
            (looked.slot == evidence.slot, "wavelength or end"),
            (looked.time == evidence.time, "time"),
        ];
        match same.into_iter().find(|(same, _)| !same) {
            Some((_, what)) => Err(format!("its {what} is not what the ledger has")),
            None => Ok(looked),
        }
    }

    /// Judges a fibre where its files are whole, and holds it against what was said in the transaction.
    fn judge(
        &self,
        happened: &Happened,
        name: &B256,
        attempt: u32,
        one: &mut Try,
    ) -> Result<(), String> {
        let design = &self.ordered.order.design;
        let files = one.files.iter();
        let files = files.map(|(slot, (looked, weight))| (*slot, (looked, *weight)));
        let found = again::verdict(design, self.ruleset, &files.collect());
        let Some(found) = found.map_err(|e| e.to_string())? else {
            return Ok(());
        };
        // Whole, and still nothing that could be judged: it is measured again.
        let verdict = match found.verdict {
            Verdict::Incomplete => Verdict::Reject,
            verdict => verdict,
        };
        let of = (self.ordered.number, *name, attempt);
        let applied = happened.told::<RuleApplied>().into_iter();
        let applied = applied.filter(|said| (said.order, said.fibre, said.attempt) == of);
        let applied: Vec<Outcome> = applied.map(|said| said.outcome).collect();
        let judged = happened.told::<FibreJudged>().into_iter();
        let mut judged = judged.filter(|said| (said.order, said.fibre, said.attempt) == of);
        let judged = judged.next().map(|said| said.verdict);
        if applied != found.outcomes || judged != Some(verdict) {
            return Err("the rules come to another verdict than the members said".to_owned());
        }
        one.judged = Some((verdict, found.outcomes));
        Ok(())
    }

    /// Where its file lies, without an ending.
    fn path(&self, number: u64, evidence: &Evidence, looked: &Looked) -> String {
        let plain = |letter: char| match letter {
            letter if letter.is_ascii_alphanumeric() || letter == '-' => letter,
            _ => '_',
        };
        let fibre: String = text(&evidence.fibre).chars().map(plain).collect();
        match looked.said.of {
            Of::Fibre { nm, end } => format!("traces/{number:06}-{fibre}-{nm}-{}", end_name(end)),
            Of::Sector { .. } => format!("traces/{number:06}-{fibre}"),
        }
    }
}

const fn end_name(end: u8) -> &'static str {
    if end == 0 { "A" } else { "B" }
}

/// How the name of its file ends.
const fn ending(looked: &Looked) -> &'static str {
    match looked.said.of {
        Of::Fibre { .. } => "sor",
        Of::Sector { .. } => "s1p",
    }
}

fn told(
    number: u64,
    evidence: &Evidence,
    path: &str,
    looked: &Looked,
    findings: &[Finding],
) -> Value {
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code()).collect();
    let (nm, end) = match looked.said.of {
        Of::Fibre { nm, end } => (Some(nm), Some(end_name(end))),
        Of::Sector { .. } => (None, None),
    };
    json!({
        "evidence": number,
        "trace": format!("{path}.{}", ending(looked)),
        "reading": format!("{path}.reading"),
        "nm": nm,
        "end": end,
        "by": evidence.by,
        "instrument": evidence.device,
        "findings": codes,
        "weight": weight_name(evidence.weight),
    })
}

impl Try {
    fn told(&self, attempt: u32, stands: Option<Verdict>, decided: Option<Value>) -> Value {
        let rules = self.judged.as_ref().map(|(_, outcomes)| {
            let rules = outcomes.iter().map(outcome);
            rules.collect::<Vec<_>>()
        });
        json!({
            "try": attempt,
            "files": self.told,
            "computed": self.judged.as_ref().map(|(verdict, _)| verdict_name(*verdict)),
            "rules": rules,
            "verdict": stands.map(verdict_name),
            "decided": decided,
        })
    }
}
