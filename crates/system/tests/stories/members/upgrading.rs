//! Members change what the network does, and when.

use commonhold_module::bench::account;
use commonhold_system::members::{
    interface::IMembers::{
        ChangePending, EpochTooEarly, NotFixedYet, NothingChanges, Parameter, State,
        UnfitParameter, UnfitVersion, gasLimitAtCall, parameterAtCall, proposalCall,
        proposeParameterCall, proposeUpgradeCall, upgradesCall, versionAtCall,
    },
    limits::{VOTE_SECONDS_DEFAULT, VOTE_SECONDS_MAX, VOTE_SECONDS_MIN},
};

use super::{accept, desk, enter, expulsion, vote};
use crate::refused;

fn set(parameter: Parameter, value: u64) -> proposeParameterCall {
    proposeParameterCall {
        parameter,
        value,
        reason: "after the audit".to_owned(),
    }
}

fn upgrade(version: &str, epoch: u64) -> proposeUpgradeCall {
    proposeUpgradeCall {
        version: version.to_owned(),
        epoch,
        reason: "new hard disks".to_owned(),
    }
}

#[test]
fn blocks_get_larger() {
    let mut desk = desk();
    let larger = 600_000_000;
    let id = desk
        .send(account(1), set(Parameter::BlockGasLimit, larger))
        .unwrap();
    accept(&mut desk, id);
    for (epoch, gas) in [(0, 30_000_000), (3, 30_000_000)] {
        assert_eq!(desk.view(gasLimitAtCall { epoch }), Ok(gas));
    }
    let (epoch, until) = (4, 3);
    refused(
        desk.view(gasLimitAtCall { epoch }),
        NotFixedYet {
            epoch,
            fixedUntil: until,
        },
    );
    enter(&mut desk, 1);
    assert_eq!(desk.view(gasLimitAtCall { epoch: 4 }), Ok(larger));
    assert_eq!(desk.view(gasLimitAtCall { epoch: 3 }), Ok(30_000_000));
    refused(
        desk.send(account(1), set(Parameter::BlockGasLimit, larger + 1)),
        ChangePending { fromEpoch: 4 },
    );
    enter(&mut desk, 4);
    refused(
        desk.send(account(1), set(Parameter::BlockGasLimit, larger)),
        NothingChanges {},
    );
}

#[test]
fn members_take_their_time() {
    let mut desk = desk();
    let parameter = Parameter::VoteSeconds;
    for value in [0, VOTE_SECONDS_MIN - 1, VOTE_SECONDS_MAX + 1] {
        let (min, max) = (VOTE_SECONDS_MIN, VOTE_SECONDS_MAX);
        refused(
            desk.send(account(1), set(parameter, value)),
            UnfitParameter {
                parameter,
                value,
                min,
                max,
            },
        );
    }
    let id = desk
        .send(account(1), set(parameter, VOTE_SECONDS_MIN))
        .unwrap();
    accept(&mut desk, id);
    for (epoch, seconds) in [(0, VOTE_SECONDS_DEFAULT), (4, VOTE_SECONDS_MIN)] {
        enter(&mut desk, epoch);
        let id = desk.send(account(1), expulsion(3)).unwrap();
        let entry = desk.view(proposalCall { id }).unwrap();
        assert_eq!(entry.expires, entry.proposedAt + seconds);
        let call = parameterAtCall { parameter, epoch };
        assert_eq!(desk.view(call), Ok(seconds));
    }
}

#[test]
fn everybody_upgrades_by_an_epoch() {
    let mut desk = desk();
    for version in ["", "2", "2.0", "v2.0.0", "2.0.0-rc1"] {
        refused(desk.send(account(1), upgrade(version, 9)), UnfitVersion {});
    }
    let early = EpochTooEarly {
        epoch: 3,
        earliest: 4,
    };
    refused(desk.send(account(1), upgrade("2.0.0", 3)), early);
    let id = desk.send(account(1), upgrade("2.0.0", 9)).unwrap();
    accept(&mut desk, id);
    let listed = desk.view(upgradesCall { from: 0, max: 10 }).unwrap();
    assert_eq!(listed.total, 1);
    let first = &listed.page[0];
    assert_eq!((first.version.as_str(), first.fromEpoch), ("2.0.0", 9));
    enter(&mut desk, 7);
    let needed = |desk: &mut crate::Desk, epoch| desk.view(versionAtCall { epoch }).unwrap();
    assert_eq!(needed(&mut desk, 8), "");
    assert_eq!(needed(&mut desk, 9), "2.0.0");
}

#[test]
fn an_upgrade_can_be_put_off_and_comes_too_late() {
    let mut desk = desk();
    let late = desk.send(account(1), upgrade("3.0.0", 4)).unwrap();
    desk.send(account(2), vote(late, true)).unwrap();
    for (version, epoch) in [("2.0.0", 9), ("1.0.0", 9)] {
        let id = desk.send(account(1), upgrade(version, epoch)).unwrap();
        accept(&mut desk, id);
    }
    enter(&mut desk, 2);
    let early = EpochTooEarly {
        epoch: 4,
        earliest: 6,
    };
    refused(desk.send(account(3), vote(late, true)), early);
    desk.send(account(3), vote(late, false)).unwrap();
    assert_eq!(desk.send(account(4), vote(late, false)), Ok(State::Refused));
    enter(&mut desk, 9);
    // What was decided last holds.
    assert_eq!(desk.view(versionAtCall { epoch: 9 }).unwrap(), "1.0.0");
}
