//! What becomes of the word of who is no member any more, and how other modules ask.

use commonhold_module::{
    Outcome, Slot,
    bench::{Bench, account, genesis},
};
use commonhold_primitives::system::{ACCOUNTS, MEMBERS};
use commonhold_system::accounts::{
    self,
    interface::IAccounts::{Standing, UnknownMember, attestationsCall, delegationCall},
    limits::ATTESTERS_MAX,
    roles::RESEARCHER,
};

use super::{CLINIC, NOW, UNIVERSITY, attest, delegate, desk};
use crate::{ANNA, BEN, CARLA, refused};

/// Takes the last members out, as far as `members` can be made to say so.
fn leave(bench: &mut Bench, left: u64) {
    bench
        .within(CLINIC, MEMBERS, |ctx| {
            Slot::<u64>::declared(0).write(ctx, &left)
        })
        .unwrap();
}

#[test]
fn what_a_member_said_lapses_when_it_is_none_any_more() {
    let mut desk = desk();
    let last = account(4);
    desk.send(last, delegate(BEN, 0)).unwrap();
    desk.send(BEN, attest(3, ANNA, RESEARCHER, 0)).unwrap();
    desk.send(UNIVERSITY, attest(1, CARLA, RESEARCHER, 0))
        .unwrap();
    leave(&mut desk.bench, 3);
    assert_eq!(desk.standing(ANNA, 0), Standing::Lapsed);
    assert_eq!(desk.standing(CARLA, 0), Standing::Good);
    refused(
        desk.bench
            .send(BEN, ACCOUNTS, attest(3, CARLA, RESEARCHER, 0)),
        UnknownMember { member: 3 },
    );
    let of_ben = delegationCall {
        member: 3,
        role: RESEARCHER,
        account: BEN,
    };
    assert!(!desk.view(of_ben).unwrap().holds);
}

#[test]
fn a_full_list_of_members_makes_room_for_a_new_one() {
    let mut bench = Bench::new(commonhold_system::modules()).unwrap();
    bench.genesis(&genesis(101)).unwrap();
    let send = |bench: &mut Bench, member: u8| -> Outcome<()> {
        let call = attest(u64::from(member) - 1, ANNA, RESEARCHER, 0);
        bench.send(account(member), ACCOUNTS, call).map(|_| ())
    };
    for member in 2..=101 {
        send(&mut bench, member).unwrap();
    }
    // All hundred places are taken; the last member leaves, and the first one speaks up.
    leave(&mut bench, 100);
    send(&mut bench, 1).unwrap();
    let call = attestationsCall {
        account: ANNA,
        role: RESEARCHER,
        from: 0,
        max: u64::MAX,
    };
    let all = bench.view(ACCOUNTS, call).unwrap();
    assert_eq!(all.total, ATTESTERS_MAX);
    let members: Vec<_> = all.page.iter().map(|said| said.member).collect();
    assert!(members.contains(&0) && !members.contains(&100));
}

#[test]
fn other_modules_ask_through_the_rust_interface() {
    let mut desk = desk();
    desk.send(CLINIC, attest(0, ANNA, RESEARCHER, NOW + 10))
        .unwrap();
    let answer = desk.bench.within(BEN, CARLA, |ctx| {
        Ok((
            accounts::may_act(ctx, ANNA, RESEARCHER, 0)?,
            accounts::may_act(ctx, ANNA, RESEARCHER, NOW + 10)?,
            accounts::standing(ctx, BEN, RESEARCHER, 0)?,
        ))
    });
    assert_eq!(answer, Ok((true, false, Standing::None)));
}
