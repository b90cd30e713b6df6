//! Whatever people do, in whatever order: what always holds of the law holds after every act.

use alloy_primitives::{Address, B256, U256};
use commonhold_works_contract::interface::IWorks::{
    FactState, NoticeKind, Part, agreeShareCall, answerDefectCall, answerNoticeCall,
    answerVariationCall, appealCall, applyForPaymentCall, askInspectionCall, certifyPaymentCall,
    claimMilestoneCall, decideReviewCall, fixDefectCall, fundCall, giveNoticeCall, inspectCall,
    lapseNoticeCall, nameSubcontractorCall, objectToCall, payCall, proposeVariationCall,
    raiseDefectCall, refundCall, releaseRetentionCall, settleCreditCall, settleMilestoneCall,
    signMilestoneCall, voteAppealCall,
};
use commonhold_works_contract::shape::word;
use proptest::prelude::*;

use crate::{
    made::fibre,
    world::{
        BUILDER, CENT, DAY, MEMBERS, OPERATOR, RIVAL, SPLICER, STRANGER, SURVEYOR, WHY, World,
    },
};

/// Who may try.
const PEOPLE: [Address; 7] = [
    OPERATOR, BUILDER, SURVEYOR, SPLICER, RIVAL, STRANGER, MEMBERS[0],
];

/// One act: what, by whom, and figures for it.
type Act = (u8, u8, u8, u16);

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = (0u8..26, any::<u8>(), 0u8..4, 0u16..1_002);
    proptest::collection::vec(act, 1..60)
}

impl World {
    /// Tries something; whether it is taken is the law's to say.
    fn tries(&mut self, order: u64, (what, by, which, figure): Act) {
        let who = PEOPLE[usize::from(by) % PEOPLE.len()];
        let (contract_, number) = (1, u64::from(which) + 1);
        let milestone = 1 + u16::from(which) % 2;
        let yes = figure % 2 == 0;
        let reason = if figure % 5 == 0 { B256::ZERO } else { WHY };
        let done = vec![figure, figure.min(1_000), u16::from(which) * 333];
        macro_rules! send {
            ($call:expr) => {
                drop(self.send(who, $call))
            };
        }
        match what {
            0 => self.wait(u64::from(figure) * DAY / 20),
            1 | 2 => {
                let (back, wavelength) = (which % 2 == 1, if which < 2 { 1310 } else { 1550 });
                let losses = [40, if figure < 200 { 300 } else { 60 }];
                let time = u32::try_from(self.bench.now()).unwrap();
                let name = if yes { "K01" } else { "K02" };
                let made = fibre(name, wavelength, back, losses, time);
                drop(self.bring(order, &made));
                self.wait(30);
            }
            3 => send!(decideReviewCall {
                order,
                fibre: word("K01"),
                accept: yes,
                reason
            }),
            4 => send!(claimMilestoneCall {
                contract_,
                milestone
            }),
            5 => send!(objectToCall {
                contract_,
                milestone,
                rule: word("I4"),
                reason
            }),
            6 | 7 => send!(signMilestoneCall {
                contract_,
                milestone,
                approve: figure > 300,
                reason
            }),
            8 => send!(settleMilestoneCall {
                contract_,
                milestone
            }),
            9 => send!(askInspectionCall {
                contract_,
                milestone,
                dueAt: self.bench.now() + 2 * DAY
            }),
            10 => send!(inspectCall {
                number,
                passed: yes,
                report: reason
            }),
            11 => send!(raiseDefectCall {
                contract_,
                milestone: u16::from(which),
                category: which,
                allowedDays: 5,
                what: reason
            }),
            12 => send!(fixDefectCall { number }),
            13 => send!(answerDefectCall {
                number,
                closed: yes,
                reason
            }),
            14 => send!(proposeVariationCall {
                contract_,
                quantity: u64::from(figure) * 10_000,
                rate: 2_500,
                omits: yes,
                extensionDays: which.into(),
                what: reason,
            }),
            15 => send!(answerVariationCall {
                number,
                accept: yes,
                reason
            }),
            16 => send!(applyForPaymentCall { contract_, done }),
            17 => send!(certifyPaymentCall {
                contract_,
                done,
                reason
            }),
            18 | 19 => send!(payCall { contract_, number }),
            20 => send!(releaseRetentionCall { contract_ }),
            21 => send!(giveNoticeCall {
                contract_,
                kind: NoticeKind::try_from(which).unwrap(),
                to: PEOPLE[usize::from(which) % 3],
                aware: self.bench.now() - u64::from(figure) * DAY / 10,
                about: 0,
                content: reason,
            }),
            22 if yes => send!(answerNoticeCall {
                number,
                accept: yes,
                content: reason
            }),
            22 => send!(lapseNoticeCall { number }),
            23 => send!(appealCall {
                fact: number,
                grounds: reason
            }),
            24 => send!(voteAppealCall {
                number,
                state: FactState::try_from(1 + which).unwrap(),
                outcome: figure
            }),
            _ => match which {
                0 => send!(settleCreditCall {
                    party: BUILDER,
                    part: Part::Executor
                }),
                1 => send!(nameSubcontractorCall {
                    number: 1,
                    subcontractor: SPLICER,
                    permille: figure
                }),
                2 => send!(agreeShareCall { number: 1 }),
                _ if yes => send!(refundCall { number: 1 }),
                _ => send!(fundCall {
                    number: 1,
                    amount: U256::from(figure) * U256::from(CENT)
                }),
            },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// `World::send` checks what always holds after every call, taken or not.
    #[test]
    fn whatever_people_do_the_law_holds(acts in acts()) {
        let mut world = World::new();
        let contract = world.contract();
        let order = world.order(contract, &["K01", "K02"]);
        for act in acts {
            world.tries(order, act);
        }
    }
}
