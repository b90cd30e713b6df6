//! Anybody reads who runs the network.

use alloy_primitives::{B256, U256};
use commonhold_module::{
    Fault,
    bench::{Bench, account, genesis},
};
use commonhold_primitives::{Genesis, genesis::Member, system::MEMBERS};
use commonhold_system::members::interface::IMembers::{
    UnknownAccount, UnknownKey, isMemberCall, memberByAccountCall, memberByKeyCall,
    memberCountCall, membersCall,
};

use crate::{ANNA, Desk, refused};

#[test]
fn the_founding_members_are_readable() {
    let mut desk = Desk::of(MEMBERS);
    assert_eq!(desk.view(memberCountCall {}), Ok(4));
    let all = desk.view(membersCall { from: 0, max: 100 }).unwrap();
    assert_eq!((all.total, all.page.len()), (4, 4));
    let third = &all.page[2];
    assert_eq!((third.number, third.name.as_str()), (2, "Member 3"));
    assert_eq!(third.publicKey, B256::repeat_byte(3));
    assert_eq!(third.endpoint, "member3.example:9000");
    assert_eq!((third.account, third.since), (account(3), 1_000_000));
    assert_eq!((third.fromEpoch, third.untilEpoch), (0, 0));
    assert!(third.stands);

    assert_eq!(
        desk.view(memberByKeyCall {
            publicKey: third.publicKey
        })
        .unwrap(),
        *third
    );
    assert_eq!(
        desk.view(memberByAccountCall {
            account: account(3)
        })
        .unwrap(),
        *third
    );
    assert_eq!(
        desk.view(isMemberCall {
            account: account(3)
        }),
        Ok(true)
    );
}

#[test]
fn who_is_not_a_member_is_not_found() {
    let mut desk = Desk::of(MEMBERS);
    assert_eq!(desk.view(isMemberCall { account: ANNA }), Ok(false));
    refused(
        desk.view(memberByAccountCall { account: ANNA }),
        UnknownAccount { account: ANNA },
    );
    let key = B256::repeat_byte(9);
    refused(
        desk.view(memberByKeyCall { publicKey: key }),
        UnknownKey { publicKey: key },
    );
}

#[test]
fn a_long_list_is_read_in_pages() {
    let mut bench = Bench::new(commonhold_system::modules()).unwrap();
    bench.genesis(&genesis(100)).unwrap();
    let mut from = 0;
    let mut names = Vec::new();
    loop {
        let page = bench
            .view(MEMBERS, membersCall { from, max: 30 })
            .unwrap()
            .page;
        if page.is_empty() {
            break;
        }
        from += 30;
        names.extend(page.into_iter().map(|member| member.name));
    }
    assert_eq!(names.len(), 100);
    assert_eq!(names[99], "Member 100");
    let beyond = bench
        .view(
            MEMBERS,
            membersCall {
                from: u64::MAX,
                max: u64::MAX,
            },
        )
        .unwrap();
    assert_eq!((beyond.page.len(), beyond.total), (0, 100));
}

#[test]
fn a_genesis_document_that_contradicts_itself_founds_nothing() {
    let spoilt = |spoil: fn(&mut Member)| {
        let mut bench = Bench::new(commonhold_system::modules()).unwrap();
        let mut genesis: Genesis = genesis(4);
        spoil(&mut genesis.members[2]);
        let outcome = bench.genesis(&genesis);
        assert!(bench.stored().is_empty(), "nothing is written");
        match outcome {
            Err(Fault::Fatal(why)) => why,
            other => panic!("{other:?}"),
        }
    };
    let name = "x".repeat(65);
    assert_eq!(
        spoilt(|member| member.name = "x".repeat(65)),
        format!("member {name:?}: the name is too long")
    );
    assert_eq!(
        spoilt(|member| member.endpoint = "x".repeat(261)),
        "member \"Member 3\": the endpoint is too long"
    );
    assert_eq!(
        spoilt(|member| member.public_key = B256::repeat_byte(1)),
        "member \"Member 3\": its key is another member's"
    );
    assert_eq!(
        spoilt(|member| member.account = account(1)),
        "member \"Member 3\": its account acts for another member"
    );
    assert_eq!(
        spoilt(|member| member.name = "Member 1".to_owned()),
        "member \"Member 1\": its name is another member's"
    );
}

#[test]
fn storage_reads_as_solidity_would() {
    let desk = Desk::of(MEMBERS);
    assert_eq!(
        desk.bench.slot(MEMBERS, U256::ZERO),
        U256::from(4),
        "the count, in slot 0"
    );
}
