//! Who may do what in `accounts`.

use alloy_primitives::B256;
use alloy_sol_types::SolCall as _;
use commonhold_system::accounts::{
    interface::IAccounts::{
        claimHandleCall, delegateCall, endGuardianshipCall, nameGuardianCall, registerCall,
        releaseHandleCall, renameCall, renounceCall, rotateEncryptionKeyCall, undelegateCall,
        withdrawCall, withdrawGuardianCall,
    },
    roles::AUDITOR,
};

use crate::{
    Part, Row,
    cast::{CONTRACT, DELEGATE, GUARDIAN, HOLDER, LONE_GUARDIAN, OWNER, PROXY, STRANGER, WARD},
    world::{NOW, NUMBER, ROLE, attest, guard},
};

pub(crate) const PART: Part = Part {
    module: "accounts",
    prepare: |_| {},
    rows,
};

fn rows() -> Vec<Row> {
    vec![
        Row::new("register", |_| {
            registerCall {
                name: "Anna".to_owned(),
                encryptionKey: B256::repeat_byte(1),
            }
            .abi_encode()
        }),
        Row::new("rename", |_| {
            let name = "Anna".to_owned();
            renameCall { name }.abi_encode()
        }),
        Row::new("rotateEncryptionKey", |_| {
            let key = B256::repeat_byte(1);
            rotateEncryptionKeyCall { key }.abi_encode()
        }),
        Row::new("claimHandle", |_| {
            let handle = "anna".to_owned();
            claimHandleCall { handle }.abi_encode()
        }),
        Row::new("releaseHandle", |_| releaseHandleCall {}.abi_encode()),
        Row::new("attest, in the member's name", |_| {
            attest(STRANGER, ROLE, 0).abi_encode()
        }),
        Row::new("attest, to whom it was attested with another end", |_| {
            attest(HOLDER, ROLE, 2 * NOW).abi_encode()
        }),
        Row::new("attest, another role", |_| {
            attest(STRANGER, AUDITOR, 0).abi_encode()
        }),
        Row::new("attest, in the name of no member", |_| {
            let member = 99;
            let mut call = attest(STRANGER, ROLE, 0);
            call.member = member;
            call.abi_encode()
        }),
        Row::new("withdraw, from the holder in the member's name", |_| {
            withdrawCall {
                member: NUMBER,
                account: HOLDER,
                role: ROLE,
                reason: B256::ZERO,
            }
            .abi_encode()
        }),
        Row::new("withdraw, what another member would have attested", |_| {
            withdrawCall {
                member: NUMBER + 1,
                account: HOLDER,
                role: ROLE,
                reason: B256::ZERO,
            }
            .abi_encode()
        }),
        Row::new("renounce", |_| renounceCall { role: ROLE }.abi_encode()),
        Row::new("delegate", |_| {
            delegateCall {
                account: CONTRACT,
                role: ROLE,
                until: 0,
            }
            .abi_encode()
        }),
        Row::new("undelegate", |_| {
            undelegateCall {
                account: DELEGATE,
                role: ROLE,
            }
            .abi_encode()
        }),
        Row::new("nameGuardian", |_| {
            nameGuardianCall {
                guardian: CONTRACT,
                notBefore: 0,
                until: 0,
            }
            .abi_encode()
        }),
        Row::new("attestGuardian, in the member's name", |_| {
            guard(NUMBER, OWNER, CONTRACT, 2 * NOW).abi_encode()
        }),
        Row::new("attestGuardian, in the name of no member", |_| {
            guard(99, OWNER, CONTRACT, 2 * NOW).abi_encode()
        }),
        Row::new("withdrawGuardian, in the member's name", |_| {
            withdrawGuardianCall {
                member: NUMBER,
                ward: WARD,
                guardian: GUARDIAN,
                reason: B256::ZERO,
            }
            .abi_encode()
        }),
        Row::new(
            "withdrawGuardian, what the other member did not attest",
            |_| {
                withdrawGuardianCall {
                    member: NUMBER + 1,
                    ward: WARD,
                    guardian: LONE_GUARDIAN,
                    reason: B256::ZERO,
                }
                .abi_encode()
            },
        ),
        Row::new("endGuardianship, of the ward's guardian", |_| {
            endGuardianshipCall {
                ward: WARD,
                guardian: GUARDIAN,
            }
            .abi_encode()
        }),
        Row::new("endGuardianship, of the owner's proxy", |_| {
            endGuardianshipCall {
                ward: OWNER,
                guardian: PROXY,
            }
            .abi_encode()
        }),
    ]
}
