//! The ledger that every cell starts from: everybody has the standing that the cast gives them.

use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::SolCall;
use commonhold_module::bench::{Bench, genesis};
use commonhold_primitives::{Genesis, system::ACCOUNTS};
use commonhold_seal::{Group, Identity, SealShare, deal};
use commonhold_system::accounts::{
    interface::IAccounts::{
        attestCall, attestGuardianCall, delegateCall, nameGuardianCall, registerCall,
        undelegateCall, withdrawCall,
    },
    roles::{self, AUDITOR, GUARDIAN_REGISTRAR, RESEARCHER},
};
use commonware_utils::TestRng;

use crate::cast::{
    CALIBRATOR, DELEGATE, DISMISSED_DELEGATE, GUARDIAN, HOLDER, LATE_DELEGATE, LATE_GUARDIAN,
    LATE_HOLDER, LONE_GUARDIAN, MEMBER, OTHER_DELEGATE, OTHER_MEMBER, OWNER, PROXY, REGISTERED,
    WARD, WITHDRAWN_HOLDER, WRONG_DELEGATE,
};

/// The member's number.
pub(crate) const NUMBER: u64 = 0;
/// The other member's.
pub(crate) const OTHER_NUMBER: u64 = 1;
/// The role in question.
pub(crate) const ROLE: B256 = RESEARCHER;
/// When the world begins.
pub(crate) const BEGINNING: u64 = 1_000_000;
/// The end of whatever is over.
pub(crate) const OVER: u64 = BEGINNING + 100;
/// When everybody calls.
pub(crate) const NOW: u64 = BEGINNING + 1_000;

/// A ledger with everybody on it.
pub(crate) struct World {
    pub(crate) bench: Bench,
    group: Group,
    shares: Vec<SealShare>,
}

impl Clone for World {
    fn clone(&self) -> Self {
        Self {
            bench: self.bench.clone(),
            group: self.group.clone(),
            shares: Vec::new(),
        }
    }
}

impl World {
    /// Four members with a seal key, and the cast.
    pub(crate) fn new() -> Self {
        let (group, shares) = deal(4, &mut TestRng::new(5)).unwrap();
        let mut bench = Bench::new(commonhold_system::modules()).unwrap();
        let founding = Genesis {
            sealing: Some(group.to_bytes().into()),
            ..genesis(4)
        };
        bench.genesis(&founding).unwrap();
        let mut world = Self {
            bench,
            group,
            shares,
        };
        world.people();
        world.delegates();
        world.holders();
        world.calibrators();
        world.guardians();
        world.bench.at(NOW);
        world
    }

    /// Sends a message that must go through.
    #[track_caller]
    pub(crate) fn send<C: SolCall>(&mut self, from: Address, to: Address, call: C) -> C::Return {
        self.bench.send(from, to, call).unwrap()
    }

    /// What members make together of a time.
    pub(crate) fn opening_key(&self, time: u64) -> Bytes {
        let target = Identity::Time(time).here();
        let partials: Vec<_> = self.shares.iter().map(|s| s.partial(&target)).collect();
        let combined = self.group.combine(&target, &partials[1..]).unwrap();
        Bytes::copy_from_slice(combined.opening.to_bytes().as_slice())
    }

    fn people(&mut self) {
        for who in [REGISTERED, OWNER, WARD] {
            let call = registerCall {
                name: "Somebody".to_owned(),
                encryptionKey: B256::repeat_byte(7),
            };
            self.send(who, ACCOUNTS, call);
        }
    }

    fn delegates(&mut self) {
        for role in [ROLE, GUARDIAN_REGISTRAR] {
            let delegate = |account, until| delegateCall {
                account,
                role,
                until,
            };
            self.send(MEMBER, ACCOUNTS, delegate(DELEGATE, 0));
            self.send(OTHER_MEMBER, ACCOUNTS, delegate(OTHER_DELEGATE, 0));
            self.send(MEMBER, ACCOUNTS, delegate(LATE_DELEGATE, OVER));
            self.send(MEMBER, ACCOUNTS, delegate(DISMISSED_DELEGATE, 0));
            let account = DISMISSED_DELEGATE;
            self.send(MEMBER, ACCOUNTS, undelegateCall { account, role });
        }
        let wrong = delegateCall {
            account: WRONG_DELEGATE,
            role: AUDITOR,
            until: 0,
        };
        self.send(MEMBER, ACCOUNTS, wrong);
    }

    fn holders(&mut self) {
        for role in [ROLE, GUARDIAN_REGISTRAR] {
            for (account, until) in [
                (HOLDER, 0),
                (LATE_HOLDER, OVER),
                (WITHDRAWN_HOLDER, 0),
                (OWNER, 0),
            ] {
                self.send(MEMBER, ACCOUNTS, attest(account, role, until));
            }
            let withdraw = withdrawCall {
                member: NUMBER,
                account: WITHDRAWN_HOLDER,
                role,
                reason: B256::ZERO,
            };
            self.send(MEMBER, ACCOUNTS, withdraw);
        }
    }

    fn calibrators(&mut self) {
        let call = attest(CALIBRATOR, roles::CALIBRATOR, 0);
        self.send(MEMBER, ACCOUNTS, call);
    }

    fn guardians(&mut self) {
        let named = nameGuardianCall {
            guardian: PROXY,
            notBefore: 0,
            until: 0,
        };
        self.send(OWNER, ACCOUNTS, named);
        for (guardian, until, members) in [
            (GUARDIAN, 2 * NOW, 2),
            (LONE_GUARDIAN, 2 * NOW, 1),
            (LATE_GUARDIAN, OVER, 2),
        ] {
            for (member, account) in [(NUMBER, MEMBER), (OTHER_NUMBER, OTHER_MEMBER)]
                .into_iter()
                .take(members)
            {
                let call = guard(member, WARD, guardian, until);
                self.send(account, ACCOUNTS, call);
            }
        }
    }
}

/// The member's word for a role.
pub(crate) fn attest(account: Address, role: B256, until: u64) -> attestCall {
    attestCall {
        member: NUMBER,
        account,
        role,
        notBefore: 0,
        until,
        evidence: B256::repeat_byte(8),
    }
}

/// A member's word for a guardian.
pub(crate) fn guard(
    member: u64,
    ward: Address,
    guardian: Address,
    until: u64,
) -> attestGuardianCall {
    attestGuardianCall {
        member,
        ward,
        guardian,
        notBefore: 0,
        until,
        evidence: B256::repeat_byte(9),
    }
}
