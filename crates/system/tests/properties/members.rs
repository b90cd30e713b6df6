//! Whatever members propose and vote: the invariants hold, nothing that was fixed ever changes, and votes
//! decide as a plain count of them says.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes};
use commonhold_module::{
    Outcome,
    bench::{Bench, account},
};
use commonhold_primitives::system::MEMBERS;
use commonhold_reading::{Algorithm, DeviceSecret};
use commonhold_system::members::{
    forms::{admission, proof_message, rotation},
    interface::IMembers::{
        Cast, Kind, Parameter, Proposal, Seat, State, committeeOfCall, epochsCall, gasLimitAtCall,
        memberByKeyCall, membersCall, peersOfCall, proposalsCall, proposeAccountCall,
        proposeAdmissionCall, proposeEndpointCall, proposeExpulsionCall, proposeKeyCall,
        proposeParameterCall, proposeUpgradeCall, voteCall, votesOnCall, withdrawCall,
    },
    quorum,
};
use proptest::prelude::*;

use crate::{check, network};

/// Accounts that act: four founders and six more, who may become members.
const ACCOUNTS: u8 = 10;

#[derive(Clone, Debug)]
enum Message {
    /// Name, key, account.
    Admit(u8, u8, u8),
    Expel(u64),
    /// Whose, and which key.
    Key(u64, u8),
    /// Whose, and where.
    Endpoint(u64, u8),
    /// Whose, and which account.
    Account(u64, u8),
    Gas(u64),
    /// Epochs ahead.
    Upgrade(u64),
    /// How many proposals back, and whether it is for it.
    Vote(u64, bool),
    Withdraw(u64),
    /// Everybody approves, up to so many proposals back.
    Agree(u64),
    /// Epochs that pass.
    Wait(u64),
}

fn message() -> impl Strategy<Value = Message> {
    let member = 0..6u64;
    prop_oneof![
        3 => (0..3u8, 0..6u8, 0..ACCOUNTS).prop_map(|(n, k, a)| Message::Admit(n, k, a)),
        2 => member.clone().prop_map(Message::Expel),
        2 => (member.clone(), 0..6u8).prop_map(|(m, k)| Message::Key(m, k)),
        2 => (member.clone(), 0..3u8).prop_map(|(m, e)| Message::Endpoint(m, e)),
        2 => (member, 0..ACCOUNTS).prop_map(|(m, a)| Message::Account(m, a)),
        1 => (20..23u64).prop_map(Message::Gas),
        1 => (0..6u64).prop_map(Message::Upgrade),
        4 => (0..4u64, any::<bool>()).prop_map(|(back, yes)| Message::Vote(back, yes)),
        1 => (0..3u64).prop_map(Message::Withdraw),
        6 => (0..3u64).prop_map(Message::Agree),
        3 => (0..3u64).prop_map(Message::Wait),
    ]
}

fn actor(n: u8) -> Address {
    account(n + 1)
}

fn proven(n: u8, hash: impl Fn(B256) -> B256) -> (B256, Bytes) {
    let node = DeviceSecret::from_bytes(Algorithm::Ed25519, &[n + 50; 32]).unwrap();
    let key = B256::from_slice(node.key().bytes());
    let proof = node.sign(&proof_message(hash(key)));
    (key, Bytes::copy_from_slice(&proof))
}

fn proposals(bench: &mut Bench) -> Vec<Proposal> {
    let call = proposalsCall { from: 0, max: 100 };
    bench.view(MEMBERS, call).unwrap().page
}

fn votes(bench: &mut Bench, id: u64) -> Vec<Cast> {
    let (from, max) = (0, 100);
    bench
        .view(MEMBERS, votesOnCall { id, from, max })
        .unwrap()
        .page
}

fn send(bench: &mut Bench, who: u8, message: &Message) -> Outcome<()> {
    let from = actor(who);
    let reason = "test".to_owned();
    let newest = u64::try_from(proposals(bench).len()).unwrap();
    let back = |n: u64| newest.saturating_sub(1 + n);
    match *message {
        Message::Admit(name, key, account) => {
            let (name, endpoint) = (format!("Hospital {name}"), "new.example:1");
            let account = actor(account);
            let (key, proof) = proven(key, |key| admission(1_337, &name, key, endpoint, account));
            let call = proposeAdmissionCall {
                name,
                publicKey: key,
                endpoint: endpoint.to_owned(),
                account,
                proof,
                reason,
            };
            bench.send(from, MEMBERS, call).map(drop)
        }
        Message::Expel(number) => bench
            .send(from, MEMBERS, proposeExpulsionCall { number, reason })
            .map(drop),
        Message::Key(number, key) => {
            let (key, proof) = proven(key, |key| rotation(1_337, number, key));
            let call = proposeKeyCall {
                number,
                publicKey: key,
                proof,
                reason,
            };
            bench.send(from, MEMBERS, call).map(drop)
        }
        Message::Endpoint(number, n) => {
            let call = proposeEndpointCall {
                number,
                endpoint: format!("{n}.example:1"),
                reason,
            };
            bench.send(from, MEMBERS, call).map(drop)
        }
        Message::Account(number, account) => {
            let call = proposeAccountCall {
                number,
                account: actor(account),
                reason,
            };
            bench.send(from, MEMBERS, call).map(drop)
        }
        Message::Gas(millions) => {
            let call = proposeParameterCall {
                parameter: Parameter::BlockGasLimit,
                value: millions * 1_000_000,
                reason,
            };
            bench.send(from, MEMBERS, call).map(drop)
        }
        Message::Upgrade(ahead) => {
            let epoch = bench.view(MEMBERS, epochsCall {})?.epoch + ahead;
            let version = "1.2.3".to_owned();
            let call = proposeUpgradeCall {
                version,
                epoch,
                reason,
            };
            bench.send(from, MEMBERS, call).map(drop)
        }
        Message::Vote(n, approve) => {
            let id = back(n);
            let call = voteCall {
                id,
                approve,
                reason,
            };
            bench.send(from, MEMBERS, call).map(drop)
        }
        Message::Withdraw(n) => bench
            .send(from, MEMBERS, withdrawCall { id: back(n) })
            .map(drop),
        Message::Agree(n) => {
            for who in 0..ACCOUNTS {
                // Who may not, or has already, does not.
                let call = voteCall {
                    id: back(n),
                    approve: true,
                    reason: reason.clone(),
                };
                let _ = bench.send(actor(who), MEMBERS, call);
            }
            Ok(())
        }
        Message::Wait(epochs) => {
            let blocks = bench.view(MEMBERS, epochsCall {})?.blocks;
            let number = bench.number() + epochs * blocks + blocks / 3;
            bench.at_block(number);
            Ok(())
        }
    }
}

/// Everything that can be asked about an epoch.
type Fixed = (Vec<Seat>, u64);

/// Asks about every epoch that is fixed, and checks it against what was answered before.
fn remember(bench: &mut Bench, known: &mut BTreeMap<u64, Fixed>) -> Result<(), TestCaseError> {
    let until = bench.view(MEMBERS, epochsCall {}).unwrap().fixedUntil;
    for epoch in 0..=until {
        let seats = bench.view(MEMBERS, committeeOfCall { epoch }).unwrap();
        let gas = bench.view(MEMBERS, gasLimitAtCall { epoch }).unwrap();
        let now = (seats, gas);
        if epoch + 2 <= until {
            let peers = bench.view(MEMBERS, peersOfCall { epoch }).unwrap();
            for later in epoch..=epoch + 2 {
                let seats = bench
                    .view(MEMBERS, committeeOfCall { epoch: later })
                    .unwrap();
                let there = |seat: &Seat| peers.iter().any(|p| p.publicKey == seat.publicKey);
                prop_assert!(seats.iter().all(there), "peers of {}", epoch);
            }
        }
        let before = known.entry(epoch).or_insert_with(|| now.clone());
        prop_assert_eq!(before, &now, "epoch {}", epoch);
    }
    let late = committeeOfCall { epoch: until + 1 };
    prop_assert!(bench.view(MEMBERS, late).is_err());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_is_fixed_stays_and_votes_decide(
        messages in prop::collection::vec((0..ACCOUNTS, message()), 1..50)
    ) {
        let mut bench = network();
        let mut known = BTreeMap::new();
        let mut decided: BTreeMap<u64, Proposal> = BTreeMap::new();
        for (who, message) in messages {
            let before = bench.stored().clone();
            let open: Vec<_> = proposals(&mut bench);
            let outcome = send(&mut bench, who, &message);
            let kept = outcome.is_ok() || *bench.stored() == before;
            prop_assert!(kept, "{:?} left something", message);
            check(&mut bench)?;
            remember(&mut bench, &mut known)?;

            let epochs = bench.view(MEMBERS, epochsCall {}).unwrap();
            let now = bench.view(MEMBERS, committeeOfCall { epoch: epochs.epoch }).unwrap();
            for proposal in proposals(&mut bench) {
                if let Some(before) = decided.get(&proposal.id) {
                    prop_assert_eq!(before, &proposal);
                    continue;
                }
                let was_open = open.get(usize::try_from(proposal.id).unwrap());
                prop_assert!(was_open.is_none_or(|was| was.state == State::Open));
                if proposal.state == State::Open {
                    continue;
                }
                if proposal.state == State::Withdrawn {
                    decided.insert(proposal.id, proposal);
                    continue;
                }
                // Who stands when it is decided is who counts.
                let members = u32::try_from(now.len()).unwrap();
                let votes = votes(&mut bench, proposal.id);
                let of = |yes| {
                    let those = votes.iter().filter(|cast| cast.approve == yes);
                    let those = those.filter(|cast| now.iter().any(|s| s.number == cast.member));
                    u32::try_from(those.count()).unwrap()
                };
                prop_assert_eq!((of(true), of(false)), (proposal.approvals, proposal.refusals));
                prop_assert_eq!(proposal.members, members);
                if proposal.state == State::Accepted {
                    prop_assert!(of(true) >= quorum(members));
                    let earliest = epochs.epoch + 4;
                    prop_assert!(proposal.fromEpoch == earliest || proposal.kind == Kind::Upgrade);
                    prop_assert!(proposal.fromEpoch >= earliest);
                } else {
                    prop_assert!(members - of(false) < quorum(members));
                }
                decided.insert(proposal.id, proposal);
            }
        }

        // Whatever is decided holds at last, and every key that ever sat is found.
        let blocks = bench.view(MEMBERS, epochsCall {}).unwrap().blocks;
        let number = bench.number() + 4 * blocks;
        bench.at_block(number);
        remember(&mut bench, &mut known)?;
        let epochs = bench.view(MEMBERS, epochsCall {}).unwrap();
        prop_assert!(epochs.coming.is_empty());
        let all = bench.view(MEMBERS, membersCall { from: 0, max: 100 }).unwrap().page;
        let (now, _) = &known[&epochs.epoch];
        let standing: Vec<u64> = all.iter().filter(|m| m.stands).map(|m| m.number).collect();
        let seated: Vec<u64> = now.iter().map(|seat| seat.number).collect();
        prop_assert_eq!(standing, seated);
        for (seats, _) in known.values() {
            for seat in seats {
                let call = memberByKeyCall { publicKey: seat.publicKey };
                prop_assert_eq!(bench.view(MEMBERS, call).unwrap().number, seat.number);
            }
        }
    }
}
