#![allow(clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::{
    codes::{ALL_PURPOSES, class_bit, class_code},
    duo::{GRU, IRB, NRES},
    interface::IHealth::{Class, DataUse, Modifier, Sensitivity},
};

const RESEARCHER: B256 = B256::repeat_byte(0x11);
const LABS: u8 = class_code(Class::Labs, Sensitivity::Normal);
const SECRET: u8 = class_code(Class::Labs, Sensitivity::Restricted);
const GENOME: u8 = class_code(Class::Genomic, Sensitivity::Normal);

fn terms(codes: &[u8]) -> Terms {
    Terms {
        purposes: purpose_bit(Purpose::Research),
        classes: codes.iter().fold(0, |set, code| set | bit(*code)),
        kind: Recipient::Anyone,
        recipient: B256::ZERO,
        notBefore: 0,
        until: 0,
    }
}

fn permit(terms: Terms, manner: Manner) -> Permit {
    Permit {
        terms,
        exceptions: vec![],
        dataUse: DataUse {
            permission: GRU,
            diseases: vec![],
            modifiers: vec![],
        },
        manner,
        vetoSeconds: 60,
    }
}

fn profile() -> Profile {
    Profile {
        research: true,
        healthBiomedical: true,
        methodsDevelopment: false,
        populationAncestry: false,
        geneticStudy: false,
        clinicalCare: false,
        commercial: false,
        forProfit: false,
        willPublish: true,
        returnsResults: true,
        disease: 0,
        country: B256::ZERO,
        institution: B256::ZERO,
    }
}

struct World {
    party: Party,
    purpose: Purpose,
    date: u64,
}

impl World {
    fn new() -> Self {
        let party = Party {
            account: Address::repeat_byte(7),
            study: 3,
            roles: vec![RESEARCHER],
        };
        Self {
            party,
            purpose: Purpose::Research,
            date: 50,
        }
    }

    fn decide(&self, permits: &[Permit], class: u8) -> ClassDecision {
        let given = Circumstances {
            ethicsApproval: false,
            collaborationAgreed: false,
            user: duo::user(self.party.account),
            project: duo::project(self.party.study),
            date: self.date,
        };
        let question = Question {
            party: &self.party,
            purpose: self.purpose,
            profile: &profile(),
            given: &given,
            lineage: &[],
        };
        decide(permits, &question, class)
    }

    fn says(&self, permits: &[Permit], class: u8) -> (Verdict, Vec<Reason>) {
        let decision = self.decide(permits, class);
        (decision.verdict, decision.reasons)
    }
}

#[test]
fn the_root_denies() {
    let world = World::new();
    let outside = (Verdict::Deny, vec![Reason::OutsideConsent]);
    assert_eq!(world.says(&[], LABS), outside);
    let permits = [permit(terms(&[LABS]), Manner::Standing)];
    assert_eq!(world.says(&permits, LABS).0, Verdict::Permit);
    for class in [GENOME, SECRET] {
        assert_eq!(world.says(&permits, class), outside, "class {class}");
    }
    let mut other = World::new();
    other.purpose = Purpose::Treatment;
    assert_eq!(other.says(&permits, LABS), outside);
}

#[test]
fn exceptions_deny_within_their_permit_only() {
    let world = World::new();
    let mut narrowed = permit(terms(&[LABS, GENOME]), Manner::Standing);
    narrowed.exceptions.push(Terms {
        kind: Recipient::Study,
        recipient: duo::project(3),
        ..terms(&[GENOME])
    });
    let permits = [narrowed];
    assert_eq!(world.says(&permits, LABS).0, Verdict::Permit);
    let excluded = (Verdict::Deny, vec![Reason::ExcludedByConsent]);
    assert_eq!(world.says(&permits, GENOME), excluded);
    // A permit beside it stands on its own.
    let [narrowed] = permits;
    let both = [narrowed, permit(terms(&[GENOME]), Manner::Ask)];
    assert_eq!(world.says(&both, GENOME).0, Verdict::Permit);
}

#[test]
fn recipients_are_anyone_accounts_roles_and_studies() {
    let world = World::new();
    let account = duo::user(world.party.account);
    for (kind, recipient, applies) in [
        (Recipient::Anyone, B256::ZERO, true),
        (Recipient::Account, account, true),
        (Recipient::Account, B256::ZERO, false),
        (Recipient::Role, RESEARCHER, true),
        (Recipient::Role, B256::repeat_byte(0x22), false),
        (Recipient::Study, duo::project(3), true),
        (Recipient::Study, duo::project(4), false),
    ] {
        let rule = Terms {
            kind,
            recipient,
            ..terms(&[LABS])
        };
        let says = world.says(&[permit(rule, Manner::Standing)], LABS).0;
        assert_eq!(says == Verdict::Permit, applies, "{kind:?} {recipient}");
    }
    let mut alone = World::new();
    alone.party.study = 0;
    let rule = Terms {
        kind: Recipient::Study,
        ..terms(&[LABS])
    };
    let says = alone.says(&[permit(rule, Manner::Standing)], LABS).0;
    assert_eq!(says, Verdict::Deny, "no study is not study zero");
}

#[test]
fn a_rule_holds_from_its_first_moment_until_before_its_last() {
    let rule = Terms {
        notBefore: 50,
        until: 60,
        purposes: ALL_PURPOSES,
        ..terms(&[LABS])
    };
    let permits = [permit(rule, Manner::Standing)];
    for (date, verdict) in [
        (49, Verdict::Deny),
        (50, Verdict::Permit),
        (59, Verdict::Permit),
        (60, Verdict::Deny),
    ] {
        let mut world = World::new();
        world.date = date;
        assert_eq!(world.says(&permits, LABS).0, verdict, "at {date}");
    }
}

#[test]
fn the_best_answer_counts() {
    let world = World::new();
    let standing = permit(terms(&[LABS]), Manner::Standing);
    let asking = permit(terms(&[LABS]), Manner::Ask);
    let mut needing = permit(terms(&[LABS]), Manner::Standing);
    needing.dataUse.modifiers.push(Modifier {
        code: IRB,
        value: B256::ZERO,
        time: 0,
    });
    let mut later = permit(terms(&[LABS]), Manner::Standing);
    later.vetoSeconds = 9;
    let owner = vec![Reason::GeneralResearch, Reason::OwnerDecides];
    assert_eq!(
        world.says(&[needing.clone(), asking.clone()], LABS),
        (Verdict::Permit, owner)
    );
    let first = world.decide(&[needing, asking, standing, later], LABS);
    assert_eq!((first.manner, first.vetoSeconds), (Manner::Standing, 60));
    assert_eq!(
        class_bit(Class::Labs, Sensitivity::Normal),
        bit(first.class)
    );
}

#[test]
fn what_the_owner_must_judge_the_owner_is_asked() {
    let world = World::new();
    let mut judged = permit(terms(&[LABS]), Manner::Standing);
    judged.dataUse.modifiers.push(Modifier {
        code: duo::RS,
        value: B256::ZERO,
        time: 0,
    });
    let decision = world.decide(&[judged], LABS);
    assert_eq!(decision.verdict, Verdict::Permit);
    assert_eq!(decision.manner, Manner::Ask);
    assert_eq!(decision.reasons, [Reason::OwnersReview]);
    let mut free = permit(terms(&[LABS]), Manner::Standing);
    free.dataUse.permission = NRES;
    assert_eq!(world.says(&[free], LABS).1, [Reason::NoRestriction]);
}
