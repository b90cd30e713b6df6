//! Documents, transmittals, notices and the diary, on the ledger's clock.

use alloy_primitives::{Address, B256};
use commonhold_works_contract::{
    interface::IWorks::{
        AlreadySaid, Answer, Container, DocumentExists, Kind, NotYours, NoticeKind, Part, PastBar,
        Profile, Revision, Sheet, Silence, UnfitRevision, UnfitText, UnfitTime, WindowOpen,
        acknowledgeCall, acknowledgeNoticeCall, addDocumentCall, answerNoticeCall, diaryCall,
        documentCall, giveNoticeCall, lapseNoticeCall, noticeCall, reviseDocumentCall,
        revisionsCall, transmitCall, transmittalCall, writeDiaryCall,
    },
    shape::word,
};

use crate::world::{BUILDER, DAY, NOW, OPERATOR, RIVAL, STRANGER, SURVEYOR, WHY, World, refused};

fn container(number: &str) -> Container {
    Container {
        project: word("VAL1"),
        originator: word("BLD"),
        volume: word("ZZ"),
        level: word("01"),
        kind: word("DR"),
        role: word("E"),
        number: word(number),
    }
}

fn revision(revision: &str, status: &str) -> Revision {
    Revision {
        revision: word(revision),
        status: word(status),
        content: WHY,
        record: B256::ZERO,
        by: Address::ZERO,
        at: 0,
    }
}

#[test]
fn a_register_keeps_every_revision_under_one_container() {
    let mut world = World::new();
    world.package();
    let add = |number: &str, first| addDocumentCall {
        project: 1,
        container: container(number),
        first,
    };
    let number = world
        .send(BUILDER, add("0001", revision("P01", "S2")))
        .unwrap();
    let twice = DocumentExists { number };
    refused(world.send(RIVAL, add("0001", revision("P01", "S0"))), twice);
    let hyphen = add("00-02", revision("P01", "S2"));
    refused(
        world.send(BUILDER, hyphen),
        UnfitText {
            what: word("number"),
        },
    );
    // What was withdrawn is not given any more; what is shared is preliminary.
    for (name, status) in [("P01", "S7"), ("P01", "CR"), ("1", "S2"), ("P02", "A1")] {
        let revision = revision(name, status);
        let unfit = UnfitRevision {
            revision: revision.revision,
            status: revision.status,
        };
        refused(
            world.send(BUILDER, reviseDocumentCall { number, revision }),
            unfit,
        );
    }
    let own = NotYours {
        what: Kind::Document,
        number,
        caller: RIVAL,
    };
    let next = reviseDocumentCall {
        number,
        revision: revision("C01", "A1"),
    };
    refused(world.send(RIVAL, next.clone()), own);
    world.send(BUILDER, next.clone()).unwrap();
    refused(
        world.send(BUILDER, next),
        AlreadySaid {
            what: Kind::Document,
            number,
        },
    );
    let shown = world.view(documentCall { number });
    assert_eq!((shown.revisions, shown.latest.revision), (2, word("C01")));
    assert_eq!(
        world
            .view(revisionsCall {
                number,
                from: 0,
                max: 9
            })
            .total,
        2
    );
}

#[test]
fn what_is_handed_over_is_received_by_acknowledging_or_by_time() {
    let mut world = World::new();
    world.package();
    let first = revision("P01", "S2");
    let call = addDocumentCall {
        project: 1,
        container: container("0001"),
        first,
    };
    let document = world.send(BUILDER, call).unwrap();
    let sheets = vec![Sheet {
        document,
        revision: 1,
    }];
    let recipients = vec![OPERATOR, SURVEYOR];
    let call = transmitCall {
        project: 1,
        reason: word("approval"),
        sheets,
        recipients,
    };
    let other = transmitCall {
        reason: word("fun"),
        ..call.clone()
    };
    refused(
        world.send(BUILDER, other),
        UnfitText {
            what: word("reason"),
        },
    );
    let number = world.send(BUILDER, call).unwrap();
    world.wait(DAY);
    let own = NotYours {
        what: Kind::Transmittal,
        number,
        caller: RIVAL,
    };
    refused(world.send(RIVAL, acknowledgeCall { number }), own);
    world.send(OPERATOR, acknowledgeCall { number }).unwrap();
    refused(
        world.send(OPERATOR, acknowledgeCall { number }),
        AlreadySaid {
            what: Kind::Transmittal,
            number,
        },
    );
    world.wait(30 * DAY);
    world.send(SURVEYOR, acknowledgeCall { number }).unwrap();
    let receipts = world.view(transmittalCall { number }).receipts;
    let received: Vec<u64> = receipts.iter().map(|receipt| receipt.receivedAt).collect();
    assert_eq!(received, [NOW + DAY, NOW + 2 * DAY]);
}

fn claim(contract_: u64, aware: u64) -> giveNoticeCall {
    giveNoticeCall {
        contract_,
        kind: NoticeKind::Claim,
        to: SURVEYOR,
        aware,
        about: 0,
        content: WHY,
    }
}

#[test]
fn a_claim_falls_at_its_bar_to_the_second() {
    for (profile, days) in [(Profile::Nec4, 56), (Profile::Fidic, 28)] {
        let mut world = World::new();
        let package = world.package();
        let mut offer = world.offer(package, 0);
        offer.terms.profile = profile;
        let contract = world.contract_of(offer);
        let bar = NOW + days * DAY;
        world.bench.at(bar);
        world.send(BUILDER, claim(contract, NOW)).unwrap();
        world.bench.at(bar + 1);
        refused(
            world.send(BUILDER, claim(contract, NOW)),
            PastBar { bar, now: bar + 1 },
        );
        let future = UnfitTime {
            time: bar + 2,
            now: bar + 1,
        };
        refused(world.send(BUILDER, claim(contract, bar + 2)), future);
    }
}

#[test]
fn details_are_of_the_claim_that_they_go_with() {
    let mut world = World::new();
    let package = world.package();
    let mut offer = world.offer(package, 0);
    offer.terms.profile = Profile::Fidic;
    let contract = world.contract_of(offer);
    let about = world.send(BUILDER, claim(contract, NOW)).unwrap();
    let detail = |aware| giveNoticeCall {
        kind: NoticeKind::Detail,
        about,
        ..claim(contract, aware)
    };
    let bar = NOW + 84 * DAY;
    world.bench.at(bar + 1);
    refused(
        world.send(BUILDER, detail(NOW)),
        PastBar { bar, now: bar + 1 },
    );
    // Another day of knowing does not make them any younger.
    refused(
        world.send(BUILDER, detail(NOW + DAY)),
        UnfitTime {
            time: NOW + DAY,
            now: NOW,
        },
    );
}

#[test]
fn an_answer_is_in_time_or_silence_means_what_the_contract_says() {
    let mut world = World::new();
    let contract = world.contract();
    let question = giveNoticeCall {
        kind: NoticeKind::Question,
        to: OPERATOR,
        ..claim(contract, NOW)
    };
    let number = world.send(BUILDER, question.clone()).unwrap();
    let shown = world.view(noticeCall { number });
    // Received in two days at the latest, answered within a week of that.
    assert_eq!(
        (shown.receivedAt, shown.replyDue),
        (NOW + 2 * DAY, NOW + 9 * DAY)
    );
    let answer = |accept| answerNoticeCall {
        number,
        accept,
        content: WHY,
    };
    let own = NotYours {
        what: Kind::Notice,
        number,
        caller: SURVEYOR,
    };
    refused(world.send(SURVEYOR, answer(true)), own);
    world.wait(DAY);
    world
        .send(OPERATOR, acknowledgeNoticeCall { number })
        .unwrap();
    assert_eq!(world.view(noticeCall { number }).replyDue, NOW + 8 * DAY);
    world.send(OPERATOR, answer(true)).unwrap();
    let fact = world.facts(OPERATOR).pop().unwrap();
    assert_eq!(
        (fact.part, fact.dimension, fact.outcome),
        (Part::Owner, 1, 10_000)
    );

    // Nobody answers the next one: by NEC4 it goes to who stands above.
    let number = world.send(BUILDER, question).unwrap();
    let until = NOW + 10 * DAY;
    world.bench.at(until);
    refused(
        world.send(STRANGER, lapseNoticeCall { number }),
        WindowOpen { until },
    );
    world.bench.at(until + 1);
    assert_eq!(
        world.view(noticeCall { number }).silence,
        Silence::Escalates as u8 + 1
    );
    world.send(STRANGER, lapseNoticeCall { number }).unwrap();
    assert_eq!(world.view(noticeCall { number }).answer, Answer::None);
    let fact = world.facts(OPERATOR).pop().unwrap();
    assert_eq!((fact.dimension, fact.outcome), (1, 5_000));
}

#[test]
fn silence_may_be_a_refusal() {
    let mut world = World::new();
    let package = world.package();
    let mut offer = world.offer(package, 0);
    offer.terms.profile = Profile::Fidic;
    let contract = world.contract_of(offer);
    let number = world.send(BUILDER, claim(contract, NOW)).unwrap();
    world.wait(45 * DAY);
    world.send(STRANGER, lapseNoticeCall { number }).unwrap();
    assert_eq!(world.view(noticeCall { number }).answer, Answer::No);
}

#[test]
fn a_diary_only_grows_and_not_into_the_future() {
    let mut world = World::new();
    let contract_ = world.contract();
    let today = u32::try_from(NOW / DAY).unwrap();
    let page = |day| writeDiaryCall {
        contract_,
        day,
        crew: 5,
        plant: 2,
        weather: 61,
        content: WHY,
    };
    for day in [today, today] {
        world.send(BUILDER, page(day)).unwrap();
    }
    let time = u64::from(today + 1) * DAY;
    refused(
        world.send(BUILDER, page(today + 1)),
        UnfitTime { time, now: NOW },
    );
    let own = NotYours {
        what: Kind::Contract,
        number: contract_,
        caller: STRANGER,
    };
    refused(world.send(STRANGER, page(today)), own);
    assert_eq!(
        world
            .view(diaryCall {
                number: contract_,
                from: 0,
                max: 9
            })
            .total,
        2
    );
}
