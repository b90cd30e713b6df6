//! From a tender to the last cent: the shortest way through a whole contract.

use alloy_primitives::{Address, B256, U256};
use commonhold_primitives::system::TOKEN;
use commonhold_system::token::interface::IToken::balanceOfCall;
use commonhold_works_contract::{
    interface::IWorks::{
        ContractState, DefectsOpen, Fact, Part, Verdict, WindowOpen, agreeShareCall,
        answerDefectCall, applyForPaymentCall, awardCall, bidCall, certificatesCall,
        certifyPaymentCall, claimMilestoneCall, contractOfCall, creditCall, factsCall,
        fixDefectCall, nameSubcontractorCall, openBidCall, openTenderCall, payCall,
        raiseDefectCall, refundCall, releaseRetentionCall, signMilestoneCall,
    },
    tender::commitment,
};

use crate::world::{
    BUILDER, CENT, DAY, NOW, OPERATOR, SPLICER, STRANGER, SUM, SURVEYOR, WHY, World, refused,
};

impl World {
    pub(crate) fn money(&mut self, account: Address) -> u64 {
        let units = self.bench.view(TOKEN, balanceOfCall { account }).unwrap();
        u64::try_from(units / U256::from(CENT)).unwrap()
    }

    /// The builder applies, the surveyor takes it, and anybody pays it out.
    pub(crate) fn paid(&mut self, contract: u64, done: &[u16]) -> i64 {
        let (contract_, done) = (contract, done.to_vec());
        let call = applyForPaymentCall {
            contract_,
            done: done.clone(),
        };
        self.send(BUILDER, call).unwrap();
        let reason = B256::ZERO;
        let call = certifyPaymentCall {
            contract_,
            done,
            reason,
        };
        let taken = self.send(SURVEYOR, call).unwrap();
        let number = taken.number;
        self.send(STRANGER, payCall { contract_, number }).unwrap();
        taken.payment
    }

    pub(crate) fn facts(&mut self, party: Address) -> Vec<Fact> {
        self.view(factsCall {
            party,
            from: 0,
            max: 100,
        })
        .page
    }
}

#[test]
fn a_section_is_tendered_built_measured_paid_and_released() {
    let mut world = World::new();
    let package = world.package();

    // The tender: a bid is bound and sealed, and nobody reads it before its time.
    let deadline = NOW + DAY;
    let call = openTenderCall {
        package,
        documents: WHY,
        deadline,
        openingUntil: deadline + DAY,
    };
    let tender = world.send(OPERATOR, call).unwrap();
    let (salt, bid) = (B256::repeat_byte(7), b"{\"price\":11000000}".to_vec());
    let bound = B256::from(commitment(&salt.0, &bid));
    let call = bidCall {
        tender,
        commitment: bound,
        sealedBid: vec![1, 2, 3].into(),
    };
    world.send(BUILDER, call).unwrap();
    world.wait(DAY + 1);
    world.open_time(deadline);
    let call = openBidCall {
        tender,
        bidder: BUILDER,
        salt,
        bid: bid.into(),
    };
    world.send(STRANGER, call).unwrap();
    world
        .send(
            OPERATOR,
            awardCall {
                tender,
                bidder: BUILDER,
                reason: WHY,
            },
        )
        .unwrap();

    // The contract, with a subcontractor who gets a third of everything.
    let offer = world.offer(package, tender);
    let number = world.contract_of(offer);
    let call = nameSubcontractorCall {
        number,
        subcontractor: SPLICER,
        permille: 333,
    };
    world.send(BUILDER, call).unwrap();
    world.send(SPLICER, agreeShareCall { number }).unwrap();

    // Two fibres; one has a splice of 300 mdB, is rejected, mended, and measured again.
    let order = world.order(number, &["K01", "K02"]);
    assert_eq!(world.measure(order, "K01", [40, 60]), Verdict::Accept);
    assert_eq!(world.measure(order, "K02", [40, 300]), Verdict::Reject);
    assert_eq!(world.measure(order, "K02", [40, 70]), Verdict::Accept);

    // Nobody objects: the measurements certify the milestone.
    let (contract_, milestone) = (number, 1);
    world
        .send(
            BUILDER,
            claimMilestoneCall {
                contract_,
                milestone,
            },
        )
        .unwrap();
    let until = world.bench.now() + 48 * 3_600;
    let settle = commonhold_works_contract::interface::IWorks::settleMilestoneCall {
        contract_,
        milestone,
    };
    refused(world.send(STRANGER, settle.clone()), WindowOpen { until });
    world.wait(48 * 3_600 + 1);
    world.send(STRANGER, settle).unwrap();

    // Half of the trench and all of the splices: gross 5.48 million, less 5 % retention, with the advance of
    // 10 % and a fifth of the gross recovered of it.
    let gross = 5_000_000 + 480_000;
    let first = gross - gross / 20 + 1_100_000 - gross / 5;
    assert_eq!(world.paid(number, &[500, 1000, 0]), first);
    assert_eq!(world.money(SPLICER), (first * 333 / 1000) as u64);
    assert_eq!(world.money(BUILDER), (first - first * 333 / 1000) as u64);

    // The drawing is signed by owner and surveyor, and with it all is done.
    let milestone = 2;
    world
        .send(
            BUILDER,
            claimMilestoneCall {
                contract_,
                milestone,
            },
        )
        .unwrap();
    for who in [OPERATOR, SURVEYOR] {
        let call = signMilestoneCall {
            contract_,
            milestone,
            approve: true,
            reason: B256::ZERO,
        };
        world.send(who, call).unwrap();
    }
    let done = world.view(contractOfCall { number });
    assert_eq!(done.state, ContractState::Completed);
    world.paid(number, &[1000, 1000, 1000]);

    // A defect keeps the rest of the retention until it is mended.
    let call = raiseDefectCall {
        contract_,
        milestone: 1,
        category: 2,
        allowedDays: 14,
        what: WHY,
    };
    let defect = world.send(SURVEYOR, call).unwrap();
    world.wait(91 * DAY);
    refused(
        world.send(STRANGER, releaseRetentionCall { contract_ }),
        DefectsOpen { open: 1 },
    );
    world
        .send(BUILDER, fixDefectCall { number: defect })
        .unwrap();
    let call = answerDefectCall {
        number: defect,
        closed: true,
        reason: B256::ZERO,
    };
    world.send(SURVEYOR, call).unwrap();
    let last = world
        .send(STRANGER, releaseRetentionCall { contract_ })
        .unwrap();
    world
        .send(
            STRANGER,
            payCall {
                contract_,
                number: last,
            },
        )
        .unwrap();

    // Every cent of the sum was paid, and nothing is left in escrow.
    let page = world
        .view(certificatesCall {
            number,
            from: 0,
            max: 10,
        })
        .page;
    assert_eq!(page.len(), 3);
    assert_eq!(page[2].retention, 0);
    assert_eq!(page[2].net, SUM as i64);
    assert_eq!(world.money(SPLICER) + world.money(BUILDER), SUM);
    assert_eq!(world.money(OPERATOR), SUM);
    refused(
        world.send(OPERATOR, refundCall { number }),
        commonhold_system::token::interface::IToken::NoAmount {},
    );

    // What it says of everybody: facts by number, nobody's opinion.
    let said = |facts: Vec<Fact>| {
        facts
            .iter()
            .map(|f| (f.dimension, f.outcome))
            .collect::<Vec<_>>()
    };
    let builder = said(world.facts(BUILDER));
    // One of two fibres at the first try; in time twice; paid its subcontractor three times; the defect late.
    assert_eq!(
        builder,
        [
            (1, 5_000),
            (0, 10_000),
            (4, 10_000),
            (0, 10_000),
            (4, 10_000),
            (2, 0),
            (4, 10_000)
        ]
    );
    let operator = said(world.facts(OPERATOR));
    assert_eq!(
        operator,
        [
            (1, 10_000),
            (0, 10_000),
            (1, 10_000),
            (0, 10_000),
            (0, 10_000)
        ]
    );

    // They count when fourteen days have gone by.
    let (party, part) = (BUILDER, Part::Executor);
    world.wait(15 * DAY);
    let score = world.view(creditCall { party, part });
    assert_eq!(score.pending, 0);
    assert!(score.score > 0 && score.grade == commonhold_works_contract::shape::word("NR"));
}
