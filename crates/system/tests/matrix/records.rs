//! Who may do what in `records`.

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall as _;
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::{
    access::record_id,
    interface::IRecords::{
        Registration, declareOpenedCall, eraseCall, grantCall, registerCall, registerUntilCall,
        requestOpeningCall, requestOpeningForCall, revokeCall, supersedeCall,
    },
};

use crate::{
    Part, Row,
    cast::{GRANTEE, LATE_GRANTEE, MEMBER, OWNER, POLICY, PROXY, REVOKED_GRANTEE, STRANGER},
    world::{NOW, OVER, World},
};

pub(crate) const PART: Part = Part {
    module: "records",
    prepare,
    rows,
};

/// The owner's record, of which the owner decides.
const PLAIN: u8 = 1;
/// The owner's record, of which a policy decides.
const MANAGED: u8 = 2;

fn content(n: u8) -> Registration {
    Registration {
        salt: B256::ZERO,
        contentHash: B256::repeat_byte(n),
        length: 1,
        kind: "test".to_owned(),
        sealedKeyHash: B256::repeat_byte(0x80 | n),
        policy: if n == MANAGED { POLICY } else { Address::ZERO },
        custodian: MEMBER,
    }
}

fn id(n: u8) -> B256 {
    let content = content(n);
    record_id(1_337, OWNER, content.contentHash, content.salt)
}

fn grant(n: u8, grantee: Address, until: u64) -> grantCall {
    grantCall {
        id: id(n),
        grantee,
        notBefore: 0,
        until,
        uses: 0,
        headerHash: B256::ZERO,
    }
}

fn prepare(world: &mut World) {
    world.bench.at(OVER - 1);
    for n in [PLAIN, MANAGED] {
        let registration = content(n);
        world.send(OWNER, RECORDS, registerCall { registration });
        let manager = if n == MANAGED { POLICY } else { OWNER };
        world.send(manager, RECORDS, grant(n, GRANTEE, 0));
        world.send(manager, RECORDS, grant(n, LATE_GRANTEE, OVER));
        world.send(manager, RECORDS, grant(n, REVOKED_GRANTEE, 0));
        let grantee = REVOKED_GRANTEE;
        world.send(manager, RECORDS, revokeCall { id: id(n), grantee });
    }
    world.bench.at(NOW);
}

/// What became of a request, from the answer.
fn decided(output: &[u8]) -> String {
    let answer = requestOpeningCall::abi_decode_returns(output).unwrap();
    format!("taken down: {:?}", answer.access)
}

fn rows() -> Vec<Row> {
    vec![
        Row::new("register", |_| {
            let registration = content(3);
            registerCall { registration }.abi_encode()
        }),
        Row::new("registerUntil", |_| {
            registerUntilCall {
                registration: content(3),
                opensAt: 2 * NOW,
            }
            .abi_encode()
        }),
        Row::new("supersede", |_| {
            supersedeCall {
                oldId: id(PLAIN),
                registration: content(3),
            }
            .abi_encode()
        }),
        Row::new("grant", |_| grant(PLAIN, STRANGER, 0).abi_encode()),
        Row::new("grant, of a record with a policy", |_| {
            grant(MANAGED, STRANGER, 0).abi_encode()
        }),
        Row::new("revoke", |_| {
            let (id, grantee) = (id(PLAIN), GRANTEE);
            revokeCall { id, grantee }.abi_encode()
        }),
        Row::new("revoke, of a record with a policy", |_| {
            let (id, grantee) = (id(MANAGED), GRANTEE);
            revokeCall { id, grantee }.abi_encode()
        }),
        Row::new("declareOpened", |_| {
            let (id, purpose) = (id(PLAIN), B256::ZERO);
            declareOpenedCall { id, purpose }.abi_encode()
        }),
        Row::saying(
            "requestOpening",
            |_| {
                requestOpeningCall {
                    id: id(PLAIN),
                    purpose: B256::ZERO,
                    readerKey: B256::repeat_byte(7),
                }
                .abi_encode()
            },
            decided,
        ),
        Row::saying(
            "requestOpeningFor",
            |_| {
                requestOpeningForCall {
                    id: id(MANAGED),
                    reader: GRANTEE,
                    purpose: B256::ZERO,
                    readerKey: B256::repeat_byte(7),
                }
                .abi_encode()
            },
            decided,
        ),
        Row::new("requestOpeningFor, of a record without a policy", |_| {
            requestOpeningForCall {
                id: id(PLAIN),
                reader: PROXY,
                purpose: B256::ZERO,
                readerKey: B256::repeat_byte(7),
            }
            .abi_encode()
        }),
        Row::new("erase", |_| eraseCall { id: id(PLAIN) }.abi_encode()),
    ]
}
