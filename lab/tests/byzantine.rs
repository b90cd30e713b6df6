//! One member of four that breaks the rules, in every way we know; and what happens with two.
//!
//! Honest members must agree, go on, and make final everything that they acknowledged.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::collections::BTreeSet;

use commonhold_lab::{
    byzantine::{Conduct, GOSSIP, proposer::Lie, voter::Vote},
    checker::{Violation, check_certificates, check_histories, genesis_block},
    founding::found,
    scenario::{Outcome, Scenario},
};
use commonhold_primitives::{
    Block, BlockHash,
    consensus::{Certificate, ConsensusContext},
    extra::Extra,
};
use commonware_consensus::{
    simplex::types::{Finalization, Finalize, Proposal},
    types::{Epoch, Round, View},
};
use commonware_parallel::Sequential;
use commonware_utils::non_empty;

const BYZANTINE: usize = 1;

fn with_one(conduct: Conduct, seeds: impl IntoIterator<Item = u64>) -> Vec<Outcome> {
    let scenario = Scenario {
        byzantine: [(BYZANTINE, conduct)].into(),
        ..Scenario::new()
    };
    scenario.run_all(seeds)
}

/// A proposer whose blocks are wrong in one way: none of them becomes final, others' do.
fn lies(lie: Lie, seed: u64) {
    for outcome in with_one(Conduct::Propose(lie), [seed]) {
        let kinds = outcome.forbidden.len();
        assert!(outcome.misdeeds > 0, "{} lies were told", outcome.misdeeds);
        assert!(
            lie == Lie::NeverBuilds || kinds > 0,
            "{kinds} blocks broke the rules"
        );
        assert!(
            outcome.skipped_views() > 0,
            "no view went by without a block"
        );
        assert_eq!(outcome.collapsed, 0, "a member stopped");
    }
}

macro_rules! one_test_for_each_lie {
    ($($name:ident: $lie:ident, $seed:literal;)*) => {
        $(#[test] fn $name() { lies(Lie::$lie, $seed); })*
        #[test]
        fn every_lie_has_a_test() {
            let tested = [$(Lie::$lie),*];
            assert_eq!(tested, Lie::ALL);
        }
    };
}

one_test_for_each_lie! {
    a_block_with_another_state_root: StateRoot, 800;
    a_block_with_another_receipts_root: ReceiptsRoot, 801;
    a_block_with_another_bloom: LogsBloom, 802;
    a_block_with_more_gas_used: GasUsed, 803;
    a_block_with_another_gas_limit: GasLimit, 804;
    a_block_with_another_base_fee: BaseFee, 805;
    a_block_with_another_beneficiary: Beneficiary, 806;
    a_block_with_another_number: Number, 807;
    a_block_from_the_future: Future, 808;
    a_block_beyond_the_step_in_time: BeyondStep, 809;
    a_block_from_the_past: Past, 810;
    a_block_with_another_constant: Constant, 811;
    a_block_with_another_sync_target: OpsRoot, 812;
    a_block_with_an_invalid_transaction: InvalidTransaction, 813;
    a_block_with_a_transaction_twice: TransactionTwice, 814;
    a_block_that_is_too_large: Oversize, 815;
    a_leader_that_never_builds: NeverBuilds, 816;
}

#[test]
fn a_silent_member() {
    for outcome in with_one(Conduct::Silent, 820..822) {
        assert_eq!(outcome.histories[BYZANTINE].len(), 0);
        assert!(outcome.skipped_views() > 0, "its views were not skipped");
    }
}

/// It may be cut off after the first of them.
fn votes(vote: Vote, seed: u64) {
    for outcome in with_one(Conduct::Vote(vote), [seed, seed + 1]) {
        assert!(outcome.misdeeds > 0, "no such vote was sent");
        assert_eq!(outcome.collapsed, 0, "a member stopped");
    }
}

#[test]
fn a_member_that_signs_conflicting_votes() {
    votes(Vote::Conflicting, 830);
}

#[test]
fn a_member_that_skips_and_finalises() {
    votes(Vote::NullifyAndFinalise, 832);
}

#[test]
fn a_member_that_votes_for_the_past() {
    votes(Vote::Outdated, 834);
}

#[test]
fn a_member_that_floods_gossip_with_garbage() {
    for outcome in with_one(Conduct::Babble(&[GOSSIP]), 836..838) {
        assert!(
            outcome.misdeeds > 20,
            "{} messages were sent",
            outcome.misdeeds
        );
        assert_eq!(outcome.collapsed, 0, "a member stopped");
    }
}

/// Two of four show different faces to the two others: two networks, each with three of four members,
/// two of them the same. Both make final blocks. That cannot be prevented; it must be detected.
#[test]
fn more_than_f_byzantine_members_are_detected() {
    let alone = |honest: usize, other: usize, seed| {
        let scenario = Scenario {
            byzantine: [(other, Conduct::Silent)].into(),
            transactions: 30,
            height: 8,
            ..Scenario::new()
        };
        let mut outcome = scenario.run(seed);
        std::mem::take(&mut outcome.histories[honest])
    };
    let histories = [alone(0, 1, 840), alone(1, 0, 841)];
    let founding = found(4, 6);
    for history in &histories {
        check_histories(
            &founding,
            std::slice::from_ref(history),
            &BTreeSet::new(),
            &BTreeSet::new(),
        )
        .map(drop)
        .unwrap();
    }
    let verdict =
        check_histories(&founding, &histories, &BTreeSet::new(), &BTreeSet::new()).map(drop);
    assert!(
        matches!(
            verdict,
            Err(Violation::Fork {
                members: (0, 1),
                ..
            })
        ),
        "{verdict:?}"
    );
}

/// The evidence itself: certificates of two blocks of one height, made by three of four signers each.
#[test]
fn conflicting_certificates_are_evidence() {
    let founding = found(4, 1);
    let genesis = genesis_block(&founding);
    let made = |view: u64, gas_used: u64, signers: [usize; 3]| {
        let round = Round::new(Epoch::zero(), View::new(view));
        let context = ConsensusContext {
            round,
            leader: founding.keys[0].clone(),
            parent: (View::zero(), BlockHash(genesis.hash())),
        };
        let mut header = genesis.header().clone();
        header.number = 1;
        header.gas_used = gas_used;
        let block = Block::seal(
            header,
            Extra {
                context,
                ..genesis.extra().clone()
            },
            Vec::new(),
            None,
            None,
        );
        let proposal = Proposal::new(round, View::zero(), BlockHash(block.hash()));
        let votes: Vec<_> = signers
            .iter()
            .map(|s| Finalize::sign(&founding.schemes[*s], proposal.clone()).unwrap())
            .collect();
        let certificate: Certificate = Finalization::from_owned_finalizes(
            &founding.schemes[0],
            non_empty![@votes.into_iter()],
            &Sequential,
        )
        .unwrap();
        (certificate, block)
    };
    let check = |a: &(Certificate, Block), b: &(Certificate, Block)| {
        check_certificates(&founding.verifier, (&a.0, &a.1), (&b.0, &b.1))
    };
    let (a, same, b) = (
        made(1, 0, [0, 1, 2]),
        made(1, 0, [1, 2, 3]),
        made(1, 1, [1, 2, 3]),
    );
    assert_eq!(check(&a, &same), Ok(()));
    assert_eq!(
        check(&a, &b),
        Err(Violation::Equivocation(a.1.hash(), b.1.hash()))
    );
    // Of one height, in different rounds.
    let c = made(2, 1, [0, 2, 3]);
    assert_eq!(
        check(&a, &c),
        Err(Violation::Equivocation(a.1.hash(), c.1.hash()))
    );
    // A certificate put to another block proves nothing.
    let forged = (a.0.clone(), b.1.clone());
    assert!(matches!(check(&a, &forged), Err(Violation::Broken(_))));
}
